import Testing

@testable import Analysis

@Suite("The strict JSON reader")
struct StrictJSONTests {
  private static func read(
    _ text: String, mostDepth: Int = 64, mostValues: Int = 1000, wholeNumbers: StrictJSON.WholeNumbers = .asWritten
  ) throws -> StrictJSON {
    try Array(text.utf8).withUnsafeBytes {
      try StrictJSONReader.read($0, mostDepth: mostDepth, mostValues: mostValues, wholeNumbers: wholeNumbers)
    }
  }

  @Test(
    "What is wrong is told by a code and by the byte where it is",
    arguments: [
      ("[1,]", .syntax, 3), ("{\"a\" 1}", .syntax, 5), ("[1", .syntax, 2), ("[[[1]]]", .tooDeep, 2),
      ("[0,1e999]", .numberRange, 3), ("[\"\\ud800\"]", .notUnicode, 2), ("{\"a\":1, \"\\u0061\":2}", .repeatedKey, 8),
      ("[1,2,3,4]", .tooManyValues, 7),
    ] as [(String, StrictJSONError.Code, Int)])
  func errors(text: String, code: StrictJSONError.Code, offset: Int) {
    let error = #expect(throws: StrictJSONError.self) { try Self.read(text, mostDepth: 2, mostValues: 4) }
    #expect(error?.code == code)
    #expect(error?.offset == offset)
  }

  @Test(
    "A person is told the byte and what stands there, or where the key is that stands twice",
    arguments: [
      ("{\"a\": [1,]}", "config.json: not a JSON object (byte 9: ']' where a value should be); copy the file again"),
      ("{\"a\": 1", "config.json: not a JSON object (byte 7: the text ends where ',' or '}' should be)"),
      ("[1]", "config.json: not a JSON object (byte 0: it is a list)"),
      ("{\"a\": -1e999}", "config.json: not a JSON object (byte 6: -1e999 is beyond what a double can hold)"),
      (
        "{\"a\": [0, [{\"b\": {\"c\": 1, \"c\": 2}}]]}",
        "config.json: a 1 0: b: key 'c' is given twice; which of the two counts"
      ),
    ])
  func messages(text: String, says: String) {
    let error = #expect(throws: AnalysisError.self) {
      try Array(text.utf8).withUnsafeBytes {
        try ModelJSONObject($0, file: "config.json", code: .badConfiguration)
      }
    }
    #expect(error?.code == .badConfiguration)
    #expect(error?.message.hasPrefix(says) == true, "\(error?.message ?? "")")
  }

  @Test("As many levels and values as the limits say are read")
  func limits() throws {
    #expect(try Self.read("[[1]]", mostDepth: 2, mostValues: 3) == .array([.array([.integer(1)])]))
  }

  // As written: serde_json, which reads tokenizer.json and the headers of safetensors, and of which -0 is a float.
  // By value: Python's json, where 12.0 == 12.
  @Test(
    "Which numbers are whole is the caller's choice",
    arguments: [
      ("12", .integer(12), .integer(12)), ("12.0", .number(12), .integer(12)), ("1.2e1", .number(12), .integer(12)),
      ("12.5", .number(12.5), .number(12.5)), ("-0", .number(-0.0), .integer(0)), ("-0.0", .number(-0.0), .integer(0)),
      ("9007199254740993", .integer(9_007_199_254_740_993), .integer(9_007_199_254_740_993)),
      ("9007199254740992.0", .number(0x1p53), .number(0x1p53)),
      ("-9223372036854775808", .integer(.min), .integer(.min)),
      ("9223372036854775808", .number(0x1p63), .number(0x1p63)),
    ] as [(String, StrictJSON, StrictJSON)])
  func wholeNumbers(text: String, asWritten: StrictJSON, byValue: StrictJSON) throws {
    #expect(try Self.read(text) == asWritten)
    #expect(try Self.read(text, wholeNumbers: .byValue) == byValue)
  }

  @Test("Values are equal whatever the order of keys, and texts only if their bytes are")
  func equality() throws {
    #expect(
      try Self.read(#"{"a": [1, null], "b": {"c": true, "d": 0.5}}"#)
        == Self.read(#"{"b": {"d": 0.5, "c": true}, "a": [1, null]}"#))
    for (one, other) in [
      (#"{"a": 1}"#, #"{"a": 2}"#), (#"{"a": 1}"#, #"{"a": 1, "b": null}"#), ("[1, 2]", "[2, 1]"), ("null", "false"),
      ("\"\u{E9}\"", "\"e\u{301}\""), ("{\"\u{E9}\": 1}", "{\"e\u{301}\": 1}"),
    ] {
      #expect(try Self.read(one) != Self.read(other))
    }
  }

  @Test("A key is found by its bytes among few members and among many", arguments: [0, 1000])
  func lookup(others: Int) throws {
    let more = (0..<others).map { ", \"key \($0)\": \($0)" }.joined()
    let text = "{\"\u{E9}\": 1, \"e\u{301}\": 2, \"none\": null\(more)}"
    let object = try Array(text.utf8).withUnsafeBytes {
      try ModelJSONObject($0, file: "config.json", code: .badConfiguration)
    }
    #expect(try object.integer("\u{E9}", in: 0...9) == 1)
    #expect(try object.integer("e\u{301}", in: 0...9) == 2)
    #expect(object.given("none") == .null)
    #expect(object["none"] == nil)
    #expect(object.given("other") == nil)
    #expect(try object.replacing("\u{E9}", .integer(3)).integer("\u{E9}", in: 0...9) == 3)
    #expect(try object.replacing("\u{E9}", .integer(3)).integer("e\u{301}", in: 0...9) == 2)
    if others > 0 { #expect(try object.integer("key \(others - 1)", in: 0...others) == others - 1) }
  }
}
