import Foundation
import Testing

@testable import Analysis

/// Files that someone else wrote, damaged at random: the engine may refuse them or read them, never crash.
@Suite("Damaged files")
struct MutationTests {
  /// Deletes, repeats, overwrites and replaces pieces of a file.
  struct Mutator {
    var generator: SplitMix64

    private static let pieces = [
      "0", "-1", "1", "2147483648", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e999",
      "1e-999",
      "0.5", "null", "true", "\"\"", "[]", "{}", "[[", "}}", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\u{0}",
      "\u{FFFF}",
      "\"F16\"", "\"BF16\"", "\"I8\"", "../", "\"a\":1,", "\"shape\":[0,9223372036854775807]",
    ].map { Array($0.utf8) }

    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      for _ in 0..<1 + generator.index(below: 3) { change(&bytes) }
      return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
      guard !bytes.isEmpty else { return }
      let place = generator.index(below: bytes.count)
      let end = min(bytes.count, place + 1 + generator.index(below: 12))
      switch generator.index(below: 7) {
      case 0: bytes[place] ^= 1 << UInt8(generator.index(below: 8))
      case 1: bytes[place] = UInt8(generator.index(below: 256))
      case 2: bytes.removeSubrange(place..<end)
      case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 4: bytes.insert(contentsOf: piece(), at: place)
      case 5: number(&bytes, near: place)
      default: if generator.index(below: 4) == 0 { bytes.removeSubrange(place...) } else { bytes[place] &+= 1 }
      }
    }

    private mutating func piece() -> [UInt8] { Self.pieces[generator.index(below: Self.pieces.count)] }

    /// Replaces the next number, so that the file stays JSON.
    private mutating func number(_ bytes: inout [UInt8], near place: Int) {
      let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
      guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
      let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
      let small = Array("\(generator.index(below: 80))".utf8)
      bytes.replaceSubrange(start..<end, with: generator.index(below: 2) == 0 ? piece() : small)
    }
  }

  /// A model folder whose files are damaged one at a time.
  struct Victim {
    let scratch: Scratch
    let configuration: [UInt8]
    let tokenizer: [UInt8]
    let header: [UInt8]
    let data: Data

    init() throws {
      scratch = try Scratch(copying: ReferenceModel.tiny.folder)
      var vocabulary = Dictionary(
        uniqueKeysWithValues: ByteLevel.scalars.enumerated().map { (String(Character($1)), $0) })
      vocabulary["ab"] = 256
      vocabulary["abc"] = 257
      let object: [String: Any] = [
        "added_tokens": [["id": 258, "content": "<|x|>", "lstrip": false]],
        "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false],
        "model": ["type": "BPE", "vocab": vocabulary, "merges": ["a b", "ab c"]],
      ]
      tokenizer = Array(try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]))
      configuration = Array(try Data(contentsOf: scratch.file("config.json")))
      let file = try Data(contentsOf: scratch.file("model.safetensors"))
      let length = Int(UInt64(littleEndian: file.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }))
      header = Array(file[8..<8 + length])
      data = file[(8 + length)...]
    }

    /// Writes the files with one of them damaged, and uses them. Returns what was refused, nil if nothing was.
    func attempt(_ number: Int) throws -> AnalysisError? {
      var mutator = Mutator(generator: SplitMix64(seed: UInt64(number)))
      let which = number % 3
      let header = which == 0 ? mutator.mutate(header) : header
      var length = UInt64(header.count)
      if which == 0, mutator.generator.index(below: 5) == 0 { length = mutator.generator.next() >> UInt64(number % 64) }
      var file = withUnsafeBytes(of: length.littleEndian) { Data($0) }
      file += header
      file += data
      try scratch.write(file, to: "model.safetensors")
      try scratch.write(Data(which == 1 ? mutator.mutate(configuration) : configuration), to: "config.json")
      try scratch.write(Data(which == 2 ? mutator.mutate(tokenizer) : tokenizer), to: "tokenizer.json")
      do {
        let checkpoint = try Checkpoint(folder: scratch.folder)
        let model = try Transformer.load(checkpoint)
        let trace = try model.forward([1, 2, 0])
        _ = model.logits(at: trace.decisionRow(sequence: 0))
        if let tokenizer = try checkpoint.tokenizer() {
          _ = tokenizer.texts(of: try tokenizer.encode("ab abc<|x|> it's 12\n\té\u{1F600}"))
        }
        return nil
      } catch let error as AnalysisError {
        return error
      }
    }
  }

  @Test("A damaged header, configuration or tokenizer is read or refused with an AnalysisError, never a crash")
  func campaign() async {
    // In a process of its own: a crash is this test's failure and names the number to look at.
    await #expect(processExitsWith: .success) {
      let victim = try Victim()
      #expect(try Victim().scratch.folder != victim.scratch.folder)
      let count = Reference.isFull ? 20_000 : 450
      var refused: [AnalysisError.Code: Int] = [:]
      var accepted = 0
      for number in 0..<count {
        FileHandle.standardError.write(Data("\rdamage \(number) ".utf8))
        if let error = try victim.attempt(number) {
          refused[error.code, default: 0] += 1
          #expect(error.message.contains(victim.scratch.folder.lastPathComponent), "\(number): \(error.message)")
        } else {
          accepted += 1
        }
      }
      // The campaign reached every reader, and not only their first check.
      #expect(
        Set([.badCheckpoint, .badConfiguration, .badTokenizer, .missingTensor, .wrongShape]).isSubset(of: refused.keys))
      #expect(accepted > count / 50, "\(accepted) accepted; refused: \(refused)")
    }
  }
}
