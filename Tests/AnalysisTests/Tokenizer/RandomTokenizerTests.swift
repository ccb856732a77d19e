import Foundation
import Testing

@testable import Analysis

/// `Tests/Reference/tokenizers/random_tokenizers.py` made the tokenizers and what the package `tokenizers` says of the texts.
@Suite("Tokenizers that differ from the published kinds")
struct RandomTokenizerTests {
  static func json(_ name: String) throws -> StrictJSON {
    let data = try Data(contentsOf: TokenizerReference.folder.appendingPathComponent(name))
    return try data.withUnsafeBytes { try StrictJSONReader.read($0) }
  }

  /// A tokenizer from its file as it stands in a golden.
  static func tokenizer(_ value: StrictJSON?, configuration: StrictJSON? = nil, modelType: String? = nil) throws
    -> Tokenizer
  {
    var files = configuration.map { ["tokenizer_config": $0] } ?? [:]
    if let modelType { files["config"] = .object([StrictJSON.Member(key: "model_type", value: .string(modelType))]) }
    return try tokenizer(value, beside: files)
  }

  /// A tokenizer from its file and the others of its folder, by name without `.json`.
  static func tokenizer(_ value: StrictJSON?, beside files: [String: StrictJSON]) throws -> Tokenizer {
    let beside = TokenizerFiles(folder: "folder") { name in
      try files[String(name.dropLast(".json".count))].map { value in
        try Array(text(value).utf8).withUnsafeBytes { try ModelJSONObject($0, file: name, code: .badTokenizer) }
      }
    }
    return try Array(text(try #require(value)).utf8).withUnsafeBytes {
      try Tokenizer($0, name: "tokenizer.json", configuration: TokenizerConfiguration(beside))
    }
  }

  static func text(_ value: StrictJSON) -> String {
    func quoted(_ text: String) -> String {
      "\""
        + text.unicodeScalars.map { scalar in
          scalar.value < 0x20 || scalar == "\"" || scalar == "\\" ? "\\u" + hex(scalar.value) : String(scalar)
        }.joined() + "\""
    }
    func hex(_ value: UInt32) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }
    switch value {
    case .null: return "null"
    case .bool(let truth): return truth ? "true" : "false"
    case .integer(let number): return "\(number)"
    case .number(let number): return "\(number)"
    case .string(let string): return quoted(string)
    case .array(let items): return "[" + items.map(text).joined(separator: ",") + "]"
    case .object(let members):
      return "{" + members.map { quoted($0.key) + ":" + text($0.value) }.joined(separator: ",") + "}"
    }
  }

  static func ids(_ value: StrictJSON?) -> [Int]? {
    guard case .array(let items) = value else { return nil }
    return items.compactMap { if case .integer(let id) = $0 { id } else { nil } }
  }

  @Test("Random tokenizers read random strings and pairs as the package does")
  func random() throws {
    guard case .object(let members) = try Self.json("random.json") else { return }
    let file = ModelJSONObject(members, place: "random.json", code: .badTokenizer)
    let texts = try file.required("texts", file.array)
    let rows = try file.required("tokenizers", file.objects)
    #expect(rows.count >= 20 && texts.count >= 40)
    for (number, row) in rows.enumerated() {
      let tokenizer = try Self.tokenizer(row["tokenizer"])
      let answers = try row.required("answers", row.array)
      #expect(answers.count == texts.count)
      for (text, answer) in zip(texts, answers) {
        guard case .array(let expected) = answer else { continue }
        let prompt: PromptText
        switch text {
        case .string(let text): prompt = .text(text)
        case .array(let pair):
          guard case .string(let one) = pair[0], case .string(let other) = pair[1] else { continue }
          prompt = .pair(one, other)
        default: continue
        }
        let note = "tokenizer \(number): \(text)"
        let plain = try tokenizer.encoding(of: prompt, specialTokens: .never)
        #expect([plain.ids, plain.typeIDs] == expected.prefix(2).map { Self.ids($0) }, "\(note)")
        #expect(!plain.isSpecial.contains(true))
        let special = try tokenizer.encoding(of: prompt)
        #expect(special == (try tokenizer.encoding(of: prompt, specialTokens: .file)))
        let lists = [special.ids, special.typeIDs, special.isSpecial.map { $0 ? 1 : 0 }]
        #expect(lists == expected.dropFirst(2).map { Self.ids($0) }, "\(note)")
        if case .text(let text) = prompt { #expect(try tokenizer.encode(text) == plain.ids) }
      }
    }
  }

  /// ids by tokenizers 0.23.3 and 0.22.1.
  @Test("Classes in brackets, blank tokens that strip, models without a type, marks out of order")
  func cases() throws {
    guard case .array(let rows) = try Self.json("cases.json") else { return }
    #expect(rows.count == 4)
    for row in rows {
      guard case .object(let members) = row else { continue }
      let object = ModelJSONObject(members, place: "cases.json", code: .badTokenizer)
      let tokenizer = try Self.tokenizer(object["tokenizer"])
      for member in try object.required("ids", object.object).members {
        #expect(try tokenizer.encode(member.key) == Self.ids(member.value), "\(scalars(member.key))")
      }
    }
  }

  /// Probed with `tokenizers` 0.23.3: `Split(Regex(pattern), "isolated").pre_tokenize_str(text)`.
  static let patterns: [(String, String, [String])] = [
    ("[a-c-e]", "abc-ed", ["a", "b", "c", "-", "e", "d"]), ("[]a]", "]a", ["]", "a"]), ("[^]a]", "]ab", ["]a", "b"]),
    ("a{2}?", "aaaa", ["aa", "aa"]), ("a{2}+", "aaaaa", ["aaaa", "a"]), ("a{1,2}?", "aaa", ["a", "a", "a"]),
    ("a{1,2}+", "aaaaa", ["aaaaa"]), ("(?:a*)*", "aab", ["aa", "b"]), ("(?:a|b*)*c", "abbc", ["abbc"]),
    ("(?<=a|bc)d", "adbcd", ["a", "d", "bc", "d"]), ("(?<!a|bc)d", "adbcdd", ["adbcd", "d"]),
    ("(?<=a+)b", "aab", ["aa", "b"]), ("\\bfoo\\b", "foo\u{B2}  foo", ["foo\u{B2}  ", "foo"]),
    ("\\R", "\r\n\n\r", ["\r\n", "\n", "\r"]), ("(?i)\u{DF}", "ssSS\u{17F}s", ["ss", "SS", "\u{17F}s"]),
    ("(?i)[\u{DF}]", "ssSS", ["ss", "SS"]), ("(?i)[\u{DF}s]", "ss", ["s", "s"]), ("(?i)s+s", "\u{DF}s", ["\u{DF}s"]),
    ("(?i)ss", "\u{DF}ss\u{17F}s", ["\u{DF}", "ss", "\u{17F}s"]),
    ("(?i)asst", "a\u{DF}ta\u{17F}\u{FB06}", ["a\u{DF}t", "a\u{17F}\u{FB06}"]),
    ("(?i)[\\p{L}]+", "j\u{30C}a", ["j", "\u{30C}", "a"]), ("(?i)[^\u{DF}]", "ss\u{DF}a", ["s", "s", "\u{DF}", "a"]),
    ("(?<n>a)b", "ab", ["ab"]), ("(?x) a b # c", "ab", ["ab"]), ("(?m:.)", "\n", ["\n"]), ("(?#x)a", "a", ["a"]),
    ("(?i)[[^a]&&b]", "aAbB", ["aA", "b", "B"]), ("[a-z&&[^aeiou]]", "abe", ["a", "b", "e"]),
    ("[^a-z&&[^aeiou]]", "abe1", ["a", "b", "e", "1"]), ("(?i)i", "\u{130}\u{131}I", ["\u{130}\u{131}", "I"]),
    ("(?i)\u{130}", "i\u{307}\u{130}", ["i\u{307}", "\u{130}"]), ("(?i)[a-\\x{17f}]", "\u{212A}", ["\u{212A}"]),
    ("\\pL", "apL", ["a", "pL"]), ("(?i)\\p{Lu}", "aA", ["a", "A"]), ("(?i)[[:upper:]]", "aA1", ["a", "A", "1"]),
    ("[[:^alpha:]]+", "a12b", ["a", "12", "b"]), ("[[:punct:]]", "a+b", ["a", "+", "b"]),
    ("\\p{Punct}", "a+b", ["a+b"]),
    ("\\p{Han}+", "a\u{6F22}\u{5B57}b", ["a", "\u{6F22}\u{5B57}", "b"]), ("\\p{ l_u }", "aA", ["a", "A"]),
  ]

  @Test("Patterns cut as Oniguruma cuts", arguments: patterns)
  func cutting(pattern: String, text: String, pieces: [String]) throws {
    let scalars = Array(text.unicodeScalars)
    let made = try RegexMatcher.pieces(of: scalars, try RegexProgram(pattern: pattern), mostSteps: 100_000)
      .pieces.filter { !$0.range.isEmpty }.map { TokenText(scalars: scalars[$0.range]) }
    #expect(made == pieces.map { TokenText($0) })
  }
}
