import Analysis
import Foundation

/// A model folder that is written, opened and used once for each attempt.
struct Victim {
  let folder: URL
  let seeds: Seeds
  let seed: UInt64

  enum Outcome {
    case used
    case refused(AnalysisError.Code)
  }

  private static let texts = [
    "", "a", "The report isn't due.\n  ", "é e\u{301} 12345 漢字 😀\u{1F468}\u{200D}\u{1F469}",
    "<s> x</s>[MASK]<|endoftext|>  ",
    "\u{0}\u{1}\t\r\n \u{3000}", String(repeating: "ab ", count: 70),
  ]

  /// What attempt `number` damages, and the files that it then uses.
  func files(of number: UInt64) throws -> (damage: Damage, model: String, files: [String: [UInt8]]) {
    var draw = Draw(seed: seed, attempt: number)
    // Every third attempt a tokenizer, every third a configuration, every third a header; the rest is spread over those.
    let kinds: [Damage] = [.tokenizer, .configuration, .header]
    var damage = kinds[Int(number % 3)]
    if draw.chance(8) { damage = .bytes }
    if damage == .header, draw.chance(10) { damage = .weights }
    var model = draw.pick(seeds.models)
    if damage == .configuration, draw.chance(10) {
      damage = .index
      model = seeds.models.first { $0.files["model.safetensors.index.json"] != nil } ?? model
    }
    var files = model.files
    files["tokenizer.json"] = draw.pick(seeds.tokenizers)
    try Damage.apply(damage, to: &files, &draw)
    return (damage, model.name, files)
  }

  /// Writes the files and uses them.
  /// - Throws: anything but an `AnalysisError`, which is an outcome.
  func attempt(_ files: [String: [UInt8]], measure: Bool) throws -> Outcome {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where files[name] == nil {
      try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
    for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
    do {
      let checkpoint = try Checkpoint(folder: folder)
      var refusal: AnalysisError?
      // A refused tokenizer says nothing of the model, and the other way round: each is tried.
      do { try use(checkpoint.tokenizer()) } catch let error as AnalysisError { refusal = error }
      do { try use(Transformer.load(checkpoint), measure: measure) } catch let error as AnalysisError {
        refusal = error
      }
      if let refusal { throw refusal }
      return .used
    } catch let error as AnalysisError {
      guard error.message.count > 10 else { throw Unexplained(message: error.message) }
      return .refused(error.code)
    }
  }

  private func use(_ tokenizer: Tokenizer?) throws {
    guard let tokenizer else { return }
    for text in Self.texts {
      let ids = try tokenizer.encode(text)
      _ = tokenizer.texts(of: ids + [0, 1, -1, .max])
      _ = try tokenizer.encode(continuation: " the", after: text)
    }
    _ = tokenizer.id(ofToken: "a")
    _ = tokenizer.texts(of: tokenizer.specialTokensBefore + tokenizer.specialTokensAfter)
  }

  private func use(_ model: Transformer, measure: Bool) throws {
    guard measure else { return }
    _ = try model.measure(
      clean: [1, 2, 0], corrupted: [1, 0, 0], positive: [0], negative: [1], circuits: [[[0, 0]]], steps: 2)
  }
}

/// A refusal without a reason.
struct Unexplained: Error {
  let message: String
}
