import Foundation
import Testing

@testable import Analysis

/// Tokenizer files that are made to take the machine. Each is refused by file and key, or done quickly.
@Suite("Hostile tokenizers")
struct HostileTokenizerTests {
  struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Members of the file beside the model.
    let members: String
    /// What the message names; empty if the file is to be read and used.
    let says: [String]

    init(_ description: String, _ members: String, says: [String] = []) {
      (testDescription, self.members, self.says) = (description, members, says)
    }

    static func split(_ pattern: String, _ description: String, says: [String]) -> Hostile {
      .init(
        description, "\"pre_tokenizer\": \(HostileTokenizerTests.splitter(pattern))", says: ["pre_tokenizer"] + says)
    }
  }

  fileprivate static func splitter(_ pattern: String) -> String {
    let escaped = pattern.replacingOccurrences(of: "\\", with: "\\\\")
    return
      "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\(escaped)\"}, \"behavior\": \"Isolated\", \"invert\": false}"
  }

  private static func normalizers(_ steps: [String]) -> String {
    "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [\(steps.joined(separator: ","))]}"
  }

  private static func times(_ count: Int, _ text: String) -> String {
    Array(repeating: text, count: count).joined(separator: ",")
  }

  /// Added tokens, each of which stands in the list twice.
  private static func addedTokens(_ count: Int) -> String {
    let items: [String] = (0..<count).map { "{\"id\": \(3 + $0), \"content\": \"<\($0)>\"}" }
    return "\"added_tokens\": [\((items + items).joined(separator: ","))]"
  }

  private static let megabyte = String(repeating: "a", count: 1 << 20)
  private static let doubling = #"{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}"#
  private static let prepend = #"{"type": "Prepend", "prepend": "aaaaaaaaaa"}"#

  static let patterns: [Hostile] = [
    .split("(?:(?:){1000}{1000}{1000}){1000}{1000}{1000}x", "counts of nothing", says: ["Regex", "too long"]),
    .split("(?:(?:|){1000}){1000}{1000}", "counts of empty alternatives", says: ["Regex", "too long"]),
    .split("(?:(?:(?=a)b){1000}){1000}", "counts of a look-ahead", says: ["Regex", "too long"]),
    .split("(?:(?:(?:a{0}){1000}){1000}){1000}", "counts of a repeat of nothing", says: ["Regex", "too long"]),
    .split("(?:(?:(?:a?){0,1000}){0,1000}){0,1000}", "counts of what may be empty", says: ["Regex", "too long"]),
    .split("(?:a{1000}b){1000}{1000}{1000}", "counts of counts", says: ["Regex", "too long"]),
    .split(
      "(?:[" + String(repeating: "ab", count: 2000) + "]c){1000}", "counts of a large set", says: ["Regex", "too long"]),
    .split(String(repeating: "a", count: 10_001), "a long pattern", says: ["Regex", "more than 10000 characters"]),
    .split(String(repeating: "(?:", count: 100), "deep groups", says: ["Regex", "nested too deeply"]),
    .split("(?i)" + String(repeating: "ab", count: 300), "letters of any case", says: []).with([]),
    .split("(?:a|a)+b", "alternatives that are the same", says: ["too many steps"]),
    .split("(?:a+){1,100}b", "repeats of repeats", says: ["too many steps"]),
    .split("(?:a|aa)+(?=c)", "a look-ahead that fails", says: ["too many steps"]),
    .split("(?!(?:a|aa)+b)c", "a negative look-ahead", says: ["too many steps"]),
    .split("(?i)" + String(repeating: "b", count: 990), "letters of any case, one after another", says: []).with([]),
    .split("(?:(?:a|aa)*)*b", "loops in loops whose passes may be empty", says: ["too many steps"]),
    .split("(?<=(?:a|aa){1,60}b)c", "a look-behind", says: ["too many steps"]),
    .split("(?<!(?:a|aa)+b)c", "a look-behind without end", says: ["too many steps"]),
    .split(
      "(?:[" + String(repeating: "\\p{Latin}", count: 600) + "]c)", "tables of scripts", says: ["Regex", "too long"]),
    .split("(?:a?){30}(?:a?){30}b", "what may be empty, many times", says: ["too many steps"]),
  ]

  static let sizes: [Hostile] = [
    .init(
      "40 doublings", normalizers(Array(repeating: doubling, count: 40)), says: ["normalizer", "characters of a text"]),
    .init(
      "doublings by byte characters",
      normalizers(
        [#"{"type": "Prepend", "prepend": "é"}"#]
          + Array(repeating: #"{"type": "ByteLevel"}"#, count: 100)), says: ["normalizer", "characters of a text"]),
    .init("500 prepends", normalizers(Array(repeating: prepend, count: 500)), says: ["normalizer", "129 steps"]),
    .init(
      "a prepend of a megabyte",
      "\"normalizer\": {\"type\": \"Prepend\", \"prepend\": \"\(megabyte)\"}",
      says: ["normalizer: key 'prepend' has 1048576 characters"]),
    .init(
      "a replacement of a megabyte",
      "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"\(megabyte)\"}",
      says: ["normalizer: key 'content' has 1048576 characters"]),
    .init(
      "a literal pattern of a megabyte",
      "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"String\": \"\(megabyte)\"}, \"content\": \"\"}",
      says: ["pattern: key 'String' has 1048576 characters"]),
    .init(
      "a sequence of empty sequences",
      normalizers([times(200_000, #"{"type": "Sequence", "normalizers": []}"#)]), says: ["normalizer", "129 steps"]),
    .init(
      "1,000 patterns",
      "\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [\(times(1000, splitter("a|b")))]}",
      says: ["pre_tokenizer", "129 steps"]),
    .init(
      "a template of a million ids",
      #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}, {"Sequence": {"id": "A"}}], "#
        + "\"special_tokens\": {\"x\": {\"ids\": [\(times(1_000_000, "1"))]}}}",
      says: ["post_processor", "1000000 token ids"]),
    .init(
      "a template of many entries",
      "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [\(times(100_000, #"{"SpecialToken": {"id": "x"}}"#))],"
        + #" "special_tokens": {"x": {"ids": [1]}}}"#, says: ["post_processor: key 'single' has 100000 entries"]),
    .init(
      "processors after processors",
      "\"post_processor\": {\"type\": \"Sequence\", \"processors\": [\(times(50_000, #"{"type": "BertProcessing", "cls": ["a", 1], "sep": ["b", 1]}"#))]}",
      says: ["post_processor", "token ids around a text"]),
    .init(
      "a template for pairs of many entries",
      #""post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}], "#
        + "\"pair\": [\(times(100_000, #"{"Sequence": {"id": "B"}}"#))], \"special_tokens\": {}}",
      says: ["post_processor: key 'pair' has 100000 entries"]),
    .init(
      "a special token of many ids, many times",
      "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\"}}, "
        + "\(times(200, #"{"SpecialToken": {"id": "x"}}"#))], "
        + "\"special_tokens\": {\"x\": {\"ids\": [\(times(100_000, "1"))]}}}",
      says: ["post_processor: key 'single' has 100000 token ids"]),
    .init(
      "processors that do nothing",
      "\"post_processor\": {\"type\": \"Sequence\", \"processors\": [\(times(50_000, #"{"type": "ByteLevel"}"#))]}",
      says: ["post_processor: key 'processors' has 129 steps"]),
    .init(
      "a member of a special token twice",
      #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "id": "y"}}, {"Sequence": {"id": "A"}}], "#
        + #""special_tokens": {"x": {"ids": [1]}, "y": {"ids": [2]}}}"#, says: ["'id'", "twice"]),
    .init(
      "100 decompositions",
      normalizers(
        [
          #"{"type": "Replace", "pattern": {"String": "a"}, "content": "\u0344\u0344\u0344\u0344\u0344\u0344\u0344\u0344"}"#
        ]
          + Array(repeating: #"{"type": "NFKD"}, {"type": "Nmt"}"#, count: 60)), says: []
    )
    .with(["the vocabulary has no token"]),
    .init(
      "words of one character, after 100 prepends",
      #""pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "FixedLength", "length": 1}, "#
        + "\(times(100, #"{"type": "ByteLevel", "add_prefix_space": true, "use_regex": false}"#))]}",
      says: ["pre_tokenizer", "characters of a text"]),
    .init("50,000 added tokens, each twice", addedTokens(50_000)),
    .init(
      "an added token of a megabyte",
      "\"added_tokens\": [{\"id\": 3, \"content\": \"\(megabyte)\"}]",
      says: ["added_tokens 0: key 'content' has 1048576 characters"]),
    .init(
      "doublings of added tokens",
      normalizers(Array(repeating: doubling, count: 20))
        + ", \"added_tokens\": [{\"id\": 3, \"content\": \"aaaa\", \"normalized\": true}]", says: ["normalizer"]),
    .init(
      "doublings in the decoder",
      "\"decoder\": {\"type\": \"Sequence\", \"decoders\": [\(times(60, doubling))]}"),
  ]

  private func use(_ text: String) throws -> Tokenizer {
    try Array(text.utf8).withUnsafeBytes { try Tokenizer($0, name: "tokenizer.json") }
  }

  @Test("It is refused by file and key, or read and used in a few seconds", arguments: patterns + sizes)
  func refused(hostile: Hostile) throws {
    let model = #""model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2}, "merges": []}"#
    let text = "{\(hostile.members), \(model)}"
    let clock = ContinuousClock()
    let started = clock.now
    func attempt() throws {
      let tokenizer = try use(text)
      _ = try tokenizer.encode(String(repeating: "a", count: 200))
      _ = tokenizer.texts(of: [0, 1, 2])
    }
    if hostile.says.isEmpty {
      try attempt()
    } else {
      expectError(.badTokenizer, ["tokenizer.json"] + hostile.says) { try attempt() }
    }
    // 5 seconds are allowed to the program itself; tests are not optimised and run side by side.
    #expect(clock.now - started < .seconds(30))
  }

  @Test("Unigrams divide words within bounds")
  func unigram() throws {
    func json(_ tokens: [String]) -> String {
      let entries = tokens.map { "[\"\($0)\", -1.0]" }.joined(separator: ",")
      return "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"?\", 0], \(entries)]}}"
    }
    // At each place of the text all of the token but its last character is looked at.
    let tokenizer = try use(json(["a", String(repeating: "a", count: 50_000) + "b"]))
    #expect(try tokenizer.encode("aaa") == [1, 1, 1])
    expectError(.badTokenizer, ["tokenizer.json: key 'model' needs too many steps"]) {
      _ = try tokenizer.encode(String(repeating: "a", count: 20_000))
    }
    expectError(.badTokenizer, ["tokenizer.json: model: key 'vocab'", "more than 3000000 different beginnings"]) {
      _ = try use(json([String(repeating: "a", count: 3_000_001)]))
    }
  }

  @Test("Blanks that a token takes with it are looked at once")
  func blanks() throws {
    let json =
      #"{"added_tokens": [{"id": 0, "content": "\t", "rstrip": true, "lstrip": true}], "model": {"type": "BPE", "vocab": {"\t": 0}, "merges": []}}"#
    let started = ContinuousClock.now
    #expect(try use(json).encode(String(repeating: "\t", count: 100_000)).allSatisfy { $0 == 0 })
    #expect(ContinuousClock.now - started < .seconds(20))
  }

  @Test("Words without end are divided within bounds")
  func wordPiece() throws {
    let tokens = (1...400).map { "\"\(String(repeating: "a", count: $0))b\": \($0)" }.joined(separator: ",")
    let json =
      "{\"model\": {\"type\": \"WordPiece\", \"unk_token\": \"a\", \"vocab\": {\"a\": 0, \(tokens), \"##a\": 500}, "
    expectError(.badTokenizer, ["max_input_chars_per_word", "is 1000000", "0 to 1000"]) {
      _ = try use(json + "\"max_input_chars_per_word\": 1000000}}")
    }
    let tokenizer = try use(json + "\"max_input_chars_per_word\": 1000}}")
    #expect(try tokenizer.encode("aaa") == [0, 500, 500])
    expectError(.badTokenizer, ["tokenizer.json: key 'model' needs too many steps"]) {
      _ = try tokenizer.encode(String(repeating: "a", count: 1000))
    }
  }
}

extension HostileTokenizerTests.Hostile {
  fileprivate func with(_ says: [String]) -> Self { .init(testDescription, members, says: says) }
}
