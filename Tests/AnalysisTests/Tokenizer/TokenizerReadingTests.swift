import Foundation
import Testing

@testable import Analysis

@Suite("Reading of tokenizer.json")
struct TokenizerReadingTests {
  // MARK: Text is bytes

  @Test("Tokens that differ only in how an accent is written are two tokens")
  func canonicalEquivalence() throws {
    // The second vocabulary key is e and U+0301, canonically equal to the first.
    let tokenizer = try tokenizer(
      json: """
        {"model": {"type": "BPE", "vocab": {"\u{E9}": 0, "e\u{301}": 1, "e": 2, "\u{301}": 3, "\\u212b": 4, "\\u00c5": 5},
        "merges": [["e", "\u{301}"]]}}
        """)
    #expect(try tokenizer.encode("\u{E9}e\u{301}e") == [0, 1, 2])
    #expect(try tokenizer.encode("\u{212B}\u{C5}") == [4, 5])
    #expect(tokenizer.texts(of: [0, 1]).map { Array($0.unicodeScalars).count } == [1, 2])
    #expect(tokenizer.vocabularySize == 6)
  }

  @Test("An added token is not found by canonical equivalence, nor across a grapheme cluster's end only")
  func addedTokensAreScalars() throws {
    let tokenizer = try tokenizer(
      json: """
        {"added_tokens": [{"id": 3, "content": "x"}], "pre_tokenizer": null,
        "model": {"type": "BPE", "vocab": {"a": 0, "\u{301}": 1, "\u{E1}": 2}, "merges": []}}
        """)
    #expect(try tokenizer.encode("ax\u{301}a\u{301}\u{E1}") == [0, 3, 1, 0, 1, 2])
  }

  @Test(
    "JSON escapes mean what RFC 8259 says",
    arguments: [
      ("\"\\u00e9\\n\\\"\\\\\\/\\ud83d\\ude00\"", "\u{E9}\n\"\\/\u{1F600}"), ("\"\u{1F600}\\t\"", "\u{1F600}\t"),
      ("\"\"", ""),
    ])
  func escapes(json: String, text: String) throws {
    guard case .string(let read) = try Array(json.utf8).withUnsafeBytes({ try StrictJSONReader.read($0) }) else {
      Issue.record("no text")
      return
    }
    #expect(Array(read.utf8) == Array(text.utf8))
  }

  static let notJSON = [
    "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", "-", "+1", ".5", "1e", "nul", "\"\\x\"",
    "\"\\u12\"",
    "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "\"a", "1 2", "[1", "\u{FEFF}1", "1e999",
    String(repeating: "[", count: 100_000),
  ]

  @Test("What is not JSON is refused", arguments: notJSON)
  func refusedJSON(json: String) {
    #expect(throws: StrictJSONError.self) {
      _ = try Array(json.utf8).withUnsafeBytes { try StrictJSONReader.read($0) }
    }
  }

  @Test("Bytes that are not UTF-8 are refused")
  func notUTF8() {
    for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
      #expect(throws: StrictJSONError.self) { _ = try bytes.withUnsafeBytes { try StrictJSONReader.read($0) } }
    }
  }

  // MARK: Models

  @Test("A continuation is what it adds to the text before it")
  func continuation() throws {
    let llama2 = try TokenizerReference.tokenizer("llama2")
    let alone = try llama2.encode("the")
    #expect(try llama2.encode(continuation: " the", after: "a") == alone)
    #expect(try llama2.encode(" the") != alone, "the normalizer puts a space before every text")
    let gpt2 = try tokenizer(
      json: """
        {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
        "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
        """)
    #expect(try gpt2.encode(continuation: "b", after: "b") == [1])
    #expect(try gpt2.encode(continuation: "b", after: "a") == nil, "a and b become one token")
  }

  @Test("Whole words: known, unknown, and unknown without a token for it")
  func words() throws {
    let json = "{\"pre_tokenizer\": {\"type\": \"WhitespaceSplit\"}, \"model\": {\"type\": \"WordLevel\", \"vocab\": "
    let known = try tokenizer(json: json + "{\"one\": 0, \"<unk>\": 1}, \"unk_token\": \"<unk>\"}}")
    #expect(try known.encode(" one two  one ") == [0, 1, 0])
    let strict = try tokenizer(json: json + "{\"one\": 0}, \"unk_token\": \"<unk>\"}}")
    expectError(.badTokenizer, ["tokenizer.json", "no token for 'two'"]) { _ = try strict.encode("one two") }
  }

  @Test("A character without token, bytes or substitute is refused, not left out")
  func missingCharacter() throws {
    let tokenizer = try tokenizer(json: "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}")
    expectError(.badTokenizer, ["tokenizer.json", "no token for U+E9 of 'a\u{E9}'"]) {
      _ = try tokenizer.encode("a\u{E9}")
    }
  }

  // MARK: Patterns

  @Test(
    "Patterns that the engine does not read are refused by what they contain",
    arguments: [
      ("(a", "a ')' is missing"), ("a)", "closes nothing"), ("[a", "a ']' is missing"), ("*a", "repeats nothing"),
      ("\\p{Runic}", "\\p{Runic}"), ("(a)\\1", "the escape \\1"), ("(?W)a", "of a kind"), ("(?~a)", "of a kind"),
      ("[[:foo:]]", "[:foo:]"), ("[]", "empty class"), ("\\X", "the escape \\X"),
      ("(?i:\(String(repeating: "f", count: 40)))", "ligature"), ("a{2000}", "1000 repeats"),
      ("((a{900}){900}){900}", "too long"), ("[z-a]", "backwards"), ("\\", "backslash"),
      (String(repeating: "(", count: 1000), "nested too deeply"),
    ])
  func refusedPatterns(pattern: String, says: String) {
    do {
      _ = try RegexProgram(pattern: pattern)
      Issue.record("'\(pattern)' was read")
    } catch let error as RegexError {
      #expect(error.reason.contains(says), "\(error.reason)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test("A pattern that runs wild is refused, with its text named")
  func wildPattern() throws {
    let tokenizer = try tokenizer(
      json: """
        {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?:a|aa)+(?:a|aa)+(?:a|aa)+b"}, "behavior": "Isolated",
        "invert": false}, "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
        """)
    expectError(.badTokenizer, ["pre_tokenizer: pattern", "(?:a|aa)+", "too many steps"]) {
      _ = try tokenizer.encode(String(repeating: "a", count: 200))
    }
  }
}
