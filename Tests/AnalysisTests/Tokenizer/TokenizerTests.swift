import Foundation
import Testing

@testable import Analysis

/// Ids and texts of Hugging Face's `tokenizers`.
private struct TokenizerGoldens: Decodable {
  struct Text: Decodable {
    let text: String
    let credit: [Int]
    let ioi: [Int]
    let dense: [Int]

    func ids(_ name: String) -> [Int] { name == "credit" ? credit : name == "ioi" ? ioi : dense }
  }
  struct Decoding: Decodable {
    let tokenizer: String
    let ids: [Int]
    let text: String
  }
  let strings: [Text]
  let decodings: [Decoding]
  let pieces: [String: [String]]
}

@Suite("Tokenizer")
struct TokenizerTests {
  static let names = ["credit", "ioi", "dense"]

  private static func tokenizer(_ name: String) throws -> Tokenizer {
    let folder =
      switch name {
      case "credit": ReferenceModel.credit10.folder
      case "ioi": ReferenceModel.ioi.folder
      default: Reference.folder.appendingPathComponent("models/dense-tokenizer")
      }
    return try Tokenizer(
      file: try ModelFile(url: folder.appendingPathComponent("tokenizer.json"), path: "tokenizer.json"))
  }

  @Test("Every string has the ids that Hugging Face gives it", arguments: names)
  func goldens(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let goldens = try Reference.read(TokenizerGoldens.self, "tokenizer-goldens.json")
    #expect(goldens.strings.count == 604)
    for golden in goldens.strings {
      let ids = try tokenizer.encode(golden.text)
      #expect(ids == golden.ids(name), "\(golden.text.unicodeScalars.map { String($0.value, radix: 16) })")
    }
  }

  @Test("Every id has the text that Hugging Face gives it", arguments: names)
  func pieces(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let pieces = try #require(
      try Reference.read(TokenizerGoldens.self, "tokenizer-goldens.json").pieces[name])
    #expect(tokenizer.vocabularySize == pieces.count)
    let ours = tokenizer.texts(of: Array(pieces.indices))
    for (id, piece) in pieces.enumerated() { #expect(Array(ours[id].utf8) == Array(piece.utf8), "token \(id)") }
  }

  @Test(
    "The texts of ids, put together, are Hugging Face's decoding where no token ends inside a character",
    arguments: names)
  func decodings(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let goldens = try Reference.read(TokenizerGoldens.self, "tokenizer-goldens.json").decodings
    var compared = 0
    for golden in goldens where golden.tokenizer == name && !golden.text.contains("\u{FFFD}") {
      let texts = tokenizer.texts(of: golden.ids)
      guard texts.allSatisfy({ !$0.contains("\u{FFFD}") }) else { continue }
      #expect(Array(texts.joined().utf8) == Array(golden.text.utf8))
      compared += 1
    }
    #expect(compared >= 2)
  }

  @Test("An id that no token has is shown as such")
  func unknownID() throws {
    #expect(try Self.tokenizer("ioi").texts(of: [509, 418]) == ["⟨509⟩", " John"])
  }

  // MARK: Files

  /// A tokenizer with the tokens a, b, ab and what the changes say.
  private func tokenizer(_ changes: [String: Any?], model: [String: Any?] = [:]) throws -> Tokenizer {
    let scratch = try Scratch()
    var object: [String: Any] = ["pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false]]
    var inner: [String: Any] = ["type": "BPE", "vocab": ["a": 0, "b": 1, "ab": 2, "Ġ": 3], "merges": ["a b"]]
    for (key, value) in model { inner[key] = value }
    object["model"] = inner
    for (key, value) in changes { object[key] = value }
    try scratch.write(try JSONSerialization.data(withJSONObject: object), to: "tokenizer.json")
    return try Tokenizer(file: try ModelFile(url: scratch.file("tokenizer.json"), path: "tokenizer.json"))
  }

  @Test("A small tokenizer does as it says")
  func small() throws {
    #expect(try tokenizer([:]).encode("ab ba") == [2, 3, 1, 0])
    #expect(try tokenizer([:], model: ["merges": [["a", "b"]]]).encode("ab") == [2])
    #expect(try tokenizer([:], model: ["merges": [[String]]()]).encode("ab") == [0, 1])
    #expect(try tokenizer([:], model: ["type": nil]).encode("ab") == [2])
    #expect(
      try tokenizer(["pre_tokenizer": ["type": "ByteLevel"]]).encode("ab") == [3, 2], "a space is added by default")
    #expect(try tokenizer(["pre_tokenizer": ["type": "ByteLevel"]]).encode(" ab") == [3, 2])
    #expect(try tokenizer([:]).encode("") == [])
  }

  @Test("Added tokens are cut out first, the longest where two begin at one place, and never by canonical equivalence")
  func addedTokens() throws {
    let tokenizer = try tokenizer([
      "added_tokens": [
        ["id": 4, "content": "<x>"], ["id": 5, "content": "<x>b"], ["id": 6, "content": "\u{E9}"],
      ]
    ])
    #expect(try tokenizer.encode("a<x>b<x>a") == [0, 5, 4, 0])
    #expect(try tokenizer.encode("<x><x>") == [4, 4])
    #expect(try tokenizer.encode("a\u{E9}b") == [0, 6, 1])
    #expect(throws: AnalysisError.self) { try tokenizer.encode("e\u{301}") }
    #expect(tokenizer.vocabularySize == 7)
    #expect(tokenizer.texts(of: [5, 6, 3]) == ["<x>b", "\u{E9}", " "])
  }

  @Test("A byte without a token is refused with the byte and the word")
  func unknownByte() throws {
    let tokenizer = try tokenizer([:])
    expectError(.badTokenizer, ["no token for byte 99 of 'abc'", "tokenizer.json"]) { _ = try tokenizer.encode("abc") }
  }

  struct Refused: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let changes: String
    let model: String
    let says: String
  }

  static let refused: [Refused] = [
    .init(testDescription: "no model", changes: "{\"model\": null}", model: "{}", says: "key 'model' is missing"),
    .init(
      testDescription: "a model that is a list", changes: "{\"model\": []}", model: "{}",
      says: "key 'model' is a list, not an object"),
    .init(
      testDescription: "another model", changes: "{}", model: "{\"type\": \"Trigram\"}",
      says: "key 'type' is 'Trigram'; the engine reads BPE, WordPiece, WordLevel and Unigram"),
    .init(
      testDescription: "another normalizer", changes: "{\"normalizer\": {\"type\": \"Uppercase\"}}", model: "{}",
      says: "normalizer: key 'type' is 'Uppercase'; the engine reads"),
    .init(
      testDescription: "a normalizer in a list",
      changes:
        "{\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}, {\"type\": \"Uppercase\"}]}}",
      model: "{}",
      says: "normalizer: normalizers 1: key 'type' is 'Uppercase'"),
    .init(
      testDescription: "another pre-tokenizer", changes: "{\"pre_tokenizer\": {\"type\": \"UnicodeScripts\"}}",
      model: "{}", says: "pre_tokenizer: key 'type' is 'UnicodeScripts'; the engine reads"),
    .init(
      testDescription: "another decoder", changes: "{\"decoder\": {\"type\": \"CTC\"}}", model: "{}",
      says: "decoder: key 'type' is 'CTC'; the engine reads"),
    .init(
      testDescription: "another post-processor", changes: "{\"post_processor\": {\"type\": \"X\"}}", model: "{}",
      says: "post_processor: key 'type' is 'X'; the engine reads"),
    .init(
      testDescription: "a Metaspace of two minds",
      changes: "{\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"_\", \"add_prefix_space\": false}}",
      model: "{}",
      says: "key 'add_prefix_space' is false, but prepend_scheme is not 'never'"),
    .init(
      testDescription: "a Metaspace of two characters",
      changes: "{\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"e\u{301}\"}}",
      model: "{}",
      says: "key 'replacement' is 'e\u{301}', not one character"),
    .init(
      testDescription: "chance", changes: "{}", model: "{\"dropout\": 0.1}", says: "key 'dropout' is 0.1"),
    .init(
      testDescription: "no vocabulary", changes: "{}", model: "{\"vocab\": {}}", says: "key 'vocab' is missing or empty"
    ),
    .init(
      testDescription: "a negative id", changes: "{}", model: "{\"vocab\": {\"a\": -1}}",
      says: "key 'vocab' has an entry that is not a token id"),
    .init(
      testDescription: "an id beyond 31 bits", changes: "{}", model: "{\"vocab\": {\"a\": 2147483648}}",
      says: "not a token id"),
    .init(
      testDescription: "a text for an id", changes: "{}", model: "{\"vocab\": {\"a\": \"1\"}}", says: "not a token id"),
    .init(
      testDescription: "a merge of unknown tokens", changes: "{}", model: "{\"merges\": [\"a b\", \"a c\"]}",
      says: "key 'merges' has an entry (number 1) that does not name tokens"),
    .init(
      testDescription: "a merge of one token", changes: "{}", model: "{\"merges\": [\"ab\"]}", says: "entry (number 0)"),
    .init(
      testDescription: "a merge of three", changes: "{}", model: "{\"merges\": [[\"a\", \"b\", \"ab\"]]}",
      says: "entry (number 0)"),
    .init(
      testDescription: "a merge that is a number", changes: "{}", model: "{\"merges\": [7]}", says: "entry (number 0)"),
    .init(testDescription: "no merges", changes: "{}", model: "{\"merges\": null}", says: "key 'merges' is missing"),
    .init(
      testDescription: "an added token without text", changes: "{\"added_tokens\": [{\"id\": 5}]}", model: "{}",
      says: "added_tokens 0: key 'content' is missing"),
    .init(
      testDescription: "an added token without id", changes: "{\"added_tokens\": [{\"content\": \"x\"}]}", model: "{}",
      says: "added_tokens 0: key 'id' is missing"),
    .init(
      testDescription: "an added token with another id than the vocabulary gives it",
      changes: "{\"added_tokens\": [{\"id\": 5, \"content\": \"x\"}]}", model: "{}",
      says: "key 'id' gives 'x' the id 5, but the vocabulary gives it 4"),
    .init(
      testDescription: "an added token twice, in two ways",
      changes:
        "{\"added_tokens\": [{\"id\": 4, \"content\": \"x\"}, {\"id\": 4, \"content\": \"x\", \"lstrip\": true}]}",
      model: "{}",
      says: "added_tokens 1: key 'content' 'x' is there twice"),
    .init(
      testDescription: "an added token that is a text", changes: "{\"added_tokens\": [\"x\"]}", model: "{}",
      says: "has an entry that is not an object"),
  ]

  @Test("A tokenizer that the engine does not read is refused by key", arguments: refused)
  func refusal(refused: Refused) throws {
    func object(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
    let (changes, model) = (try object(refused.changes), try object(refused.model))
    expectError(.badTokenizer, ["tokenizer.json", refused.says]) { _ = try tokenizer(changes, model: model) }
  }

  @Test("What is no JSON object is refused", arguments: ["", "[]", "{\"model\":"])
  func noObject(text: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.tiny.folder)
    try scratch.write(text, to: "tokenizer.json")
    expectError(.badTokenizer, ["tokenizer.json: not a JSON object"]) {
      _ = try Checkpoint(folder: scratch.folder).tokenizer()
    }
  }

  @Test("A folder without a tokenizer has none")
  func none() throws { #expect(try ReferenceModel.tiny.checkpoint().tokenizer() == nil) }
}
