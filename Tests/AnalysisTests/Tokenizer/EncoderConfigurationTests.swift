import Testing

@testable import Analysis

/// `Tests/Reference/tokenizers/encoder_configurations.py` asked transformers 4.57.6 and 5.24.0.
@Suite("Tokens by all files of an encoder's folder")
struct EncoderConfigurationTests {
  private struct Row {
    let tokenizer: StrictJSON
    let files: [String: StrictJSON]
    /// Of each text and then of each pair; nil where transformers refuses.
    let ids: [[Int]]?
    /// Of each pair; nil where none are handed on.
    let types: [[Int]?]
    let isOtherIn5: Bool
    let note: String
  }

  private func read() throws -> (prompts: [PromptText], rows: [Row]) {
    guard case .object(let members) = try RandomTokenizerTests.json("encoder-configurations.json") else {
      return ([], [])
    }
    let file = ModelJSONObject(members, place: "encoder-configurations.json", code: .badTokenizer)
    func lists(_ object: ModelJSONObject, _ key: String) throws -> [[Int]?]? {
      try object.array(key)?.map { RandomTokenizerTests.ids($0) }
    }
    let prompts = try (file.required("texts", file.array) + file.required("pairs", file.array)).map { value in
      if case .string(let text) = value { return PromptText.text(text) }
      guard case .array(let pair) = value, case .string(let one) = pair[0], case .string(let other) = pair[1] else {
        throw file.failure("pairs", "has an entry that is no pair")
      }
      return .pair(one, other)
    }
    let tokenizers = try file.required("tokenizers", file.object)
    let rows = try file.required("rows", file.objects).map { row in
      let name = try row.required("tokenizer", row.string)
      let files = try row.required("files", row.object).members
      return Row(
        tokenizer: try #require(tokenizers.members.first { $0.key == name }?.value),
        files: Dictionary(files.map { ($0.key, $0.value) }) { $1 },
        ids: try lists(row, "ids")?.compactMap { $0 }, types: try lists(row, "types") ?? [],
        isOtherIn5: try row.string("other5") == "ids",
        note: "\(name) \(files.map { "\($0.key): \(RandomTokenizerTests.text($0.value))" })")
    }
    return (prompts, rows)
  }

  @Test("Of every configuration ids and types are those of transformers 4, or it is refused by file, key and remedy")
  func asTransformers4() throws {
    let (prompts, rows) = try read()
    var (compared, refused) = (0, [String: Int]())
    for row in rows {
      guard let expected = row.ids else { continue }
      do {
        let tokenizer = try RandomTokenizerTests.tokenizer(row.tokenizer, beside: row.files)
        compared += 1
        let encoder = try PromptEncoder(
          tokenizer: tokenizer, vocabulary: 1_000, isClassifier: true, folder: "folder", prepend: [],
          specialTokens: .auto, contexts: [])
        let made = try prompts.map { try encoder.encoding(of: $0) }
        #expect(made.count == expected.count)
        for (prompt, (ours, ids)) in zip(prompts, zip(made, expected)) {
          #expect(ours.ids == ids, "\(prompt) \(row.note)")
        }
        for (ours, types) in zip(made.suffix(row.types.count), row.types) {
          #expect(tokenizer.givesTypeIDs == (types != nil), "\(row.note)")
          #expect(ours.typeIDs == types ?? ours.ids.map { _ in 0 }, "\(row.note)")
        }
      } catch let error as AnalysisError where error.code == .badTokenizer {
        let key = error.message.split(separator: "'").dropFirst().first.map(String.init) ?? ""
        refused[key, default: 0] += 1
        #expect(error.message.contains(".json") && error.message.contains("; "), "\(error.message)")
      }
    }
    #expect(compared > 500 && refused.values.reduce(0, +) < compared / 20, "\(compared) compared, \(refused) refused")
  }

  @Test("Where transformers 5 reads texts otherwise, something is told")
  func asTransformers5() throws {
    let rows = try read().rows.filter { $0.isOtherIn5 && $0.ids != nil }
    #expect(rows.count > 200)
    for row in rows {
      guard let tokenizer = try? RandomTokenizerTests.tokenizer(row.tokenizer, beside: row.files) else { continue }
      #expect(!tokenizer.changes.isEmpty || tokenizer.remadeClass != nil, "\(row.note)")
    }
  }
}
