import Analysis
import Evidence
import Foundation
import Testing

@Suite("Reading of JSON (RFC 8259)")
struct JSONReadingTests {
  static let refused: [(String, JSONError.Code, Int)] = [
    ("", .syntax, 0), ("  ", .syntax, 2), ("nul", .syntax, 3), ("True", .syntax, 0), ("[1,]", .syntax, 3),
    ("[1 2]", .syntax, 3), ("{\"a\":1,}", .syntax, 7), ("{a:1}", .syntax, 1), ("{\"a\" 1}", .syntax, 5),
    ("{\"a\":1", .syntax, 6), ("'a'", .syntax, 0), ("\"a", .syntax, 2), ("\"\\x\"", .syntax, 1), ("\"\n\"", .syntax, 1),
    ("\"\\u12g4\"", .syntax, 5), ("01", .syntax, 1), ("-", .syntax, 1), ("+1", .syntax, 0), (".5", .syntax, 0),
    ("1.", .syntax, 2), ("1e", .syntax, 2), ("1e+", .syntax, 3), ("0x10", .syntax, 1), ("NaN", .syntax, 0),
    ("Infinity", .syntax, 0), ("1 1", .syntax, 2), ("[1]]", .syntax, 3), ("\u{FEFF}1", .syntax, 0),
    ("/* */ 1", .syntax, 0), ("\u{A0}1", .syntax, 0), ("{\"a\":1,\"a\":2}", .duplicateKey, 7),
    ("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7), ("[{\"b\":{},\"b\":{}}]", .duplicateKey, 9),
    ("1e999", .numberRange, 0), ("[-1e999]", .numberRange, 1), ("\"\\ud800\"", .notUnicode, 1),
    ("\"\\udc00\\ud800\"", .notUnicode, 1), ("\"x\\ud800\\u0041\"", .notUnicode, 2), ("\"\\ud800x\"", .notUnicode, 1),
  ]

  @Test("what is not JSON is refused with the byte where it goes wrong", arguments: refused)
  func refuses(text: String, code: JSONError.Code, offset: Int) {
    let error = #expect(throws: JSONError.self) { try CanonicalJSON.parse(Data(text.utf8)) }
    #expect(error?.code == code)
    #expect(error?.offset == offset)
    #expect(error?.exitStatus.rawValue == 65)
  }

  @Test(
    "strings that are not UTF-8 are refused",
    arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    for escape in ["", "\\n"] {
      let error = #expect(throws: JSONError.self) {
        try CanonicalJSON.parse(Data("[\"".utf8) + bytes + Data("\(escape)\"]".utf8))
      }
      #expect(error?.code == .notUnicode)
    }
  }

  @Test("keys that differ only in normalisation are refused, since Swift could not hold both")
  func equivalentKeys() {
    let error = #expect(throws: JSONError.self) { try CanonicalJSON.parse(Data("{\"\u{E9}\":1,\"e\u{301}\":2}".utf8)) }
    #expect(error?.code == .duplicateKey)
    // {"é":1, is 8 bytes long.
    #expect(error?.offset == 8)
  }

  @Test("-0 keeps its sign, and an integer that no double holds becomes the nearest")
  func numbers() throws {
    func number(_ text: String) throws -> Double {
      guard case .number(let number) = try CanonicalJSON.parse(Data(text.utf8)) else { return .nan }
      return number
    }
    for text in ["-0", "-0.0", "-0e5"] {
      let zero = try number(text)
      #expect(zero == 0 && zero.sign == .minus)
    }
    // IEEE 754: ties go to the even neighbour.
    #expect(try number("9007199254740993") == 0x1p53)
    #expect(try number("-9007199254740995") == -0x1p53 - 4)
    #expect(try number("9223372036854775807") == 0x1p63)
    #expect(try number("18446744073709551616") == 0x1p64)
  }

  @Test("a record may have more values than a model's file")
  func manyValues() throws {
    guard case .array(let items) = try CanonicalJSON.parse(Data("[0\(String(repeating: ",0", count: 4_000_000))]".utf8))
    else { throw NoArray() }
    #expect(items.count == 4_000_001)
  }

  private struct NoArray: Error {}

  @Test("128 levels are read, 129 are refused", arguments: ["[]", "{}"])
  func depth(brackets: String) throws {
    func nested(_ levels: Int) -> Data {
      let open = brackets == "[]" ? "[" : "{\"a\":"
      let close = brackets == "[]" ? "]" : "}"
      return Data((String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)).utf8)
    }
    #expect(throws: Never.self) { try CanonicalJSON.parse(nested(128)) }
    let error = #expect(throws: JSONError.self) { try CanonicalJSON.parse(nested(129)) }
    #expect(error?.code == .tooDeep)
    // A reader that recursed first and counted later would overflow its stack here.
    #expect(throws: JSONError.self) { try CanonicalJSON.parse(nested(1_000_000)) }
  }

  @Test("any single byte changed in a document is either read or refused, never a crash")
  func fuzz() throws {
    var random = SplitMix64(seed: 3)
    let text = Array(#"{"a":[1,-2.5e-3,"x\u00e9\n\ud83d\ude00",true,false,null,{}],"b":{"c":[[]]},"é":"😀"}"#.utf8)
    var refused = 0
    for _ in 0..<20_000 {
      var changed = text
      changed[Int.random(in: text.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      if Bool.random(using: &random) { changed.removeLast(Int.random(in: 0...text.count, using: &random)) }
      do {
        _ = try CanonicalJSON.parse(Data(changed))
      } catch let error as JSONError {
        refused += 1
        #expect((0...changed.count).contains(try #require(error.offset)))
      }
    }
    #expect(refused > 5000)
  }
}
