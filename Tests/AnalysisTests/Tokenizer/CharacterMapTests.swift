import Foundation
import Testing

@testable import Analysis

/// What maps do to texts is in `tokenizers/xlm-roberta` and its like, and in `random.json`; here stand maps that are none.
@Suite("Character maps of SentencePiece")
struct CharacterMapTests {
  /// A map as its file writes it: the trie's units, and what stands after them.
  private static func map(units: [UInt32], _ replacements: [UInt8], says count: UInt32? = nil) -> String {
    let words = [count ?? UInt32(4 * units.count)] + units
    let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    return Data(bytes + replacements).base64EncodedString()
  }

  /// A trie that replaces each character "a" by what begins at a place.
  private static func letter(replacement place: UInt32, leaf: UInt32 = 512) -> [UInt32] {
    var units = Array(repeating: UInt32(0), count: 600)
    let node = 256 ^ UInt32(UInt8(ascii: "a"))
    units[0] = 256 << 10
    units[Int(node)] = UInt32(UInt8(ascii: "a")) | 1 << 8 | (node ^ leaf) << 10
    if leaf < 600 { units[Int(leaf)] = 1 << 31 | place }
    return units
  }

  private static func tokenizer(_ map: String) throws -> Tokenizer {
    try AnalysisTests.tokenizer(json: file("\"\(map)\""))
  }

  private static func file(_ value: String) -> String {
    """
    {"normalizer": {"type": "Precompiled", "precompiled_charsmap": \(value)},
    "model": {"type": "WordLevel", "vocab": {"b": 0, "xyb": 1, "xyxyxy": 2, "": 3, "<unk>": 4}, "unk_token": "<unk>"}}
    """
  }

  @Test("A trie that is made by hand replaces what it says")
  func byHand() throws {
    let tokenizer = try Self.tokenizer(Self.map(units: Self.letter(replacement: 2), Array("b\0xy\0".utf8)))
    #expect(try tokenizer.encode("aaa") == [2])
    #expect(try tokenizer.encode("ab") == [1] && tokenizer.encode("b") == [0])
    // A cluster goes as a whole with its beginning, if it has no more than five bytes.
    #expect(try tokenizer.encode("a\u{301}b") == [1] && tokenizer.encode("a\u{301}\u{301}b") == [1])
    #expect(try tokenizer.encode("a\u{301}\u{301}\u{301}b") == [4])
    // The last needs no zero byte after it; one may be empty.
    #expect(
      try Self.tokenizer(Self.map(units: Self.letter(replacement: 0), Array("xy".utf8))).encode("aaa") == [2])
    #expect(try Self.tokenizer(Self.map(units: Self.letter(replacement: 2), Array("xy".utf8))).encode("aba") == [0])
  }

  private static let damaged: [(String, String)] = [
    ("null", "is missing"), ("7", "is a number"), ("{}", "is an object"), ("\"\"", "has 0 bytes"),
    ("\"BAAA\"", "has 3 bytes"), ("\"*\"", "is not in base 64"),
    ("\"\(map(units: [], []))\"", "says that its trie has 0"),
    ("\"\(map(units: [0, 0], [], says: 400))\"", "cut off"),
    ("\"\(map(units: [0, 0], [], says: .max))\"", "says that its trie has 4294967295"),
    ("\"\(map(units: [0, 0], [0xFF]))\"", "not UTF-8"),
  ]

  @Test("What is no map is refused by key", arguments: damaged)
  func refused(value: String, says: String) throws {
    expectError(.badTokenizer, ["tokenizer.json: normalizer: key 'precompiled_charsmap'", says]) {
      _ = try AnalysisTests.tokenizer(json: Self.file(value))
    }
  }

  @Test(
    "A map that leads outside itself, or into itself, is told where a text meets it",
    arguments: [
      (map(units: [256 << 10], []), "leads to unit"), (map(units: [.max], []), "leads to unit"),
      (map(units: letter(replacement: 0, leaf: 100_000), []), "leads to unit"),
      (map(units: letter(replacement: 9), Array("b\0".utf8)), "none begins at 9"),
      (map(units: letter(replacement: 0x7FFF_FFFF), Array("b\0".utf8)), "none begins at"),
      (map(units: letter(replacement: 1), Array("é\0".utf8)), "none begins at 1"),
    ])
  func leadsOutside(map: String, says: String) throws {
    let tokenizer = try Self.tokenizer(map)
    expectError(.badTokenizer, ["tokenizer.json: normalizer: key 'precompiled_charsmap' is damaged", says]) {
      _ = try tokenizer.encode("a")
    }
  }

  @Test("A trie whose units are all alike ends")
  func circle() throws {
    // Each unit is reached by the byte "a" and leads to itself or its neighbour.
    let units = Array(repeating: UInt32(UInt8(ascii: "a")) | UInt32(UInt8(ascii: "a")) << 10, count: 256)
    #expect(try Self.tokenizer(Self.map(units: units, [])).encode(String(repeating: "a", count: 5_000)) == [4])
  }

  @Test("Long replacements are told before they take the machine")
  func long() throws {
    let replacements = Array(repeating: UInt8(ascii: "b"), count: 1 << 20)
    let tokenizer = try Self.tokenizer(Self.map(units: Self.letter(replacement: 0), replacements))
    expectError(.badTokenizer, ["tokenizer.json: key 'normalizer'", "too many steps"]) {
      _ = try tokenizer.encode(String(repeating: "a", count: 200))
    }
    let some = try Self.tokenizer(Self.map(units: Self.letter(replacement: 0), Array(replacements.prefix(500))))
    expectError(.badTokenizer, ["tokenizer.json: key 'normalizer'", "characters of a text"]) {
      _ = try some.encode(String(repeating: "a", count: 200))
    }
  }
}
