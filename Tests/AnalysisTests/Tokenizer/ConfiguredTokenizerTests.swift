import Testing

@testable import Analysis

/// `Tests/Reference/tokenizers/configurations.py` asked transformers 4.57.6 and 5.24.0.
@Suite("Tokens by all files of a folder")
struct ConfiguredTokenizerTests {
  private struct Row {
    let tokenizer: StrictJSON
    var files: [String: StrictJSON] = [:]
    /// By text; nil where transformers refuses.
    let ids: [[Int]]?
    let ids5: [[Int]]?
    let isOtherIn5: Bool
    let note: String

    init(_ row: ModelJSONObject, tokenizer: StrictJSON) throws {
      self.tokenizer = tokenizer
      for member in try row.required("files", row.object).members { files[member.key] = member.value }
      ids = try Self.ids(row, "ids")
      ids5 = try Self.ids(row, "ids5")
      isOtherIn5 = row.given("ids5") != nil
      let name = row["tokenizer"].map(RandomTokenizerTests.text)?.prefix(20) ?? ""
      note = "\(name) \(files.mapValues(RandomTokenizerTests.text))"
    }

    private static func ids(_ row: ModelJSONObject, _ key: String) throws -> [[Int]]? {
      try row.array(key)?.map { try #require(RandomTokenizerTests.ids($0)) }
    }

    func opened() throws -> Tokenizer { try RandomTokenizerTests.tokenizer(tokenizer, beside: files) }
  }

  private func read() throws -> (texts: [String], rows: [Row], saved: [Row]) {
    guard case .object(let members) = try RandomTokenizerTests.json("configurations.json") else { return ([], [], []) }
    let file = ModelJSONObject(members, place: "configurations.json", code: .badTokenizer)
    let texts = try file.required("texts", file.array).map { text in
      guard case .string(let text) = text else { throw file.failure("texts", "has an entry that is no text") }
      return text
    }
    let tokenizers = try file.required("tokenizers", file.object)
    let rows = try file.required("rows", file.objects).map { row in
      let name = try row.required("tokenizer", row.string)
      return try Row(row, tokenizer: try #require(tokenizers.members.first { $0.key == name }?.value))
    }
    let saved = try file.required("saved", file.objects).map { try Row($0, tokenizer: try #require($0["tokenizer"])) }
    return (texts, rows, saved)
  }

  @Test("Of every configuration the ids are those of transformers 4, or it is refused by file, key and remedy")
  func asTransformers4() throws {
    let (texts, rows, _) = try read()
    var (compared, refused) = (0, [String: Int]())
    for row in rows {
      guard let expected = row.ids else { continue }
      do {
        let tokenizer = try row.opened()
        compared += 1
        for (text, ids) in zip(texts, expected) {
          #expect(try tokenizer.encodeWithSpecialTokens(text).ids == ids, "'\(text)' \(row.note)")
        }
      } catch let error as AnalysisError where error.code == .badTokenizer {
        let key = error.message.split(separator: "'").dropFirst().first.map(String.init) ?? ""
        refused[key, default: 0] += 1
        #expect(error.message.contains(".json") && error.message.contains("; "), "\(error.message)")
      }
    }
    // Classes that the engine does not know, ids that are not those of the vocabulary, a beginning of text that no file declares.
    let known = [
      "tokenizer_class", "add_prefix_space", "added_tokens_decoder", "<new>", "<pad>", "<sep>", "<BOS_TOKEN>",
    ]
    #expect(Set(refused.keys).isSubset(of: known), "\(refused)")
    #expect(compared > 600 && refused.values.reduce(0, +) < compared / 15, "\(compared) compared, \(refused) refused")
  }

  @Test("A folder that the remedy wrote gives the ids of the folder that it was made of")
  func remedy() throws {
    let (texts, _, saved) = try read()
    #expect(saved.count > 10)
    for row in saved {
      let tokenizer = try row.opened()
      for (text, ids) in zip(texts, try #require(row.ids)) {
        #expect(try tokenizer.encodeWithSpecialTokens(text).ids == ids, "'\(text)' \(row.note)")
      }
    }
  }

  @Test("Where transformers 5 reads texts otherwise, something is told")
  func asTransformers5() throws {
    let rows = try read().rows.filter { $0.isOtherIn5 && $0.ids != nil }
    #expect(rows.count > 300)
    for row in rows {
      guard let tokenizer = try? row.opened() else { continue }
      let isTold =
        !tokenizer.changes.isEmpty || tokenizer.remadeClass != nil
        || tokenizer.fileSpecialTokens != tokenizer.ownSpecialTokens
      #expect(isTold, "\(row.note)")
    }
  }

  @Test("What transformers 5 writes is read as it reads it")
  func writtenByTransformers5() throws {
    let (texts, rows, _) = try read()
    let five = rows.filter { $0.ids == nil && $0.ids5 != nil && $0.note.contains("TokenizersBackend") }
    #expect(five.count >= 4)
    for row in five {
      let tokenizer = try row.opened()
      for (text, ids) in zip(texts, try #require(row.ids5)) {
        #expect(try tokenizer.encodeWithSpecialTokens(text).ids == ids, "'\(text)' \(row.note)")
      }
    }
  }

  @Test(
    "Keys that make transformers read other files or run other code are refused by name",
    arguments: [
      (#"{"tokenizer_file": null}"#, "key 'tokenizer_file'"),
      (#"{"fast_tokenizer_files": ["tokenizer.json", "tokenizer.4.0.0.json"]}"#, "key 'fast_tokenizer_files'"),
      (#"{"from_slow": true}"#, "save_pretrained('NEW_FOLDER')"),
      (#"{"auto_map": {"AutoTokenizer": ["a.B", null]}}"#, "'trust_remote_code=True'"),
      (#"{"tokenizer_class": "ByT5Tokenizer"}"#, "key 'tokenizer_class' is 'ByT5Tokenizer'"),
      (#"{"pad_token": {"content": "x"}}"#, "key 'pad_token' is an object without"),
      (#"{"tokenizer_class": "LlamaTokenizer", "add_prefix_space": false}"#, "key 'add_prefix_space' is false"),
      (#"{"tokenizer_class": "TokenizersBackend", "add_bos_token": true}"#, "key 'add_bos_token' is true"),
    ])
  func refused(configuration: String, says: String) throws {
    let settings = try Array(configuration.utf8).withUnsafeBytes { try StrictJSONReader.read($0) }
    let row = try #require(try read().rows.first { $0.note.contains("legacy") })
    expectError(.badTokenizer, ["tokenizer_config.json", says]) {
      _ = try RandomTokenizerTests.tokenizer(row.tokenizer, beside: ["tokenizer_config": settings])
    }
  }

  @Test("A token that only the configuration names is read, and refused in a text if the model does not have it")
  func outside() throws {
    let row = try #require(try read().rows.first { $0.note.hasPrefix("\"bytes\"") })
    let settings = try Array(#"{"pad_token": "<pad>"}"#.utf8).withUnsafeBytes { try StrictJSONReader.read($0) }
    let tokenizer = try RandomTokenizerTests.tokenizer(row.tokenizer, beside: ["tokenizer_config": settings])
    let size = tokenizer.vocabularySize
    #expect(try tokenizer.encode("a<pad>").last == size && tokenizer.changes.count == 1)
    func encoder(_ vocabulary: Int) throws -> PromptEncoder {
      try PromptEncoder(
        tokenizer: tokenizer, vocabulary: vocabulary, isClassifier: false, folder: "folder", prepend: [],
        specialTokens: .never, contexts: [])
    }
    #expect(try encoder(size + 1).prompt("a<pad>").last == size)
    #expect(try encoder(size).prompt("ab").count == 1)
    expectError(.vocabularyMismatch, ["'<pad>'", "\(size)", "beside tokenizer.json"]) {
      _ = try encoder(size).prompt("a<pad>")
    }
  }
}
