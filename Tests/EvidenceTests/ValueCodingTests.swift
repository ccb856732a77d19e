import Evidence
import Foundation
import Testing

@Suite("Swift values as canonical JSON")
struct ValueCodingTests {
  private struct Sample: Codable, Equatable {
    var mClean: Double = 1
    var rootSha256 = "r"
    var annexIIIPoint: String?
    var areaUnderCurve: Double?
    var perGroup: [String: Inner] = [:]
    var values: [Double?] = []
    var nested: [[Int]] = []
  }

  private struct Inner: Codable, Equatable {
    var firstValue: Int
    var labels: [String: String]?
  }

  private func text<Value: Encodable>(_ value: Value, keys: CanonicalJSON.KeyStyle = .snakeCase) throws -> String {
    String(decoding: try CanonicalJSON.encode(value, keys: keys), as: UTF8.self)
  }

  @Test("properties become snake_case keys; keys of dictionaries stay; absent values are omitted, in lists null")
  func keys() throws {
    var sample = Sample()
    sample.annexIIIPoint = "5(b)"
    sample.perGroup = ["ageBand": Inner(firstValue: 1, labels: ["someKey": "x", "other_key": "y"])]
    sample.values = [1.5, nil]
    sample.nested = [[1], []]
    let expected =
      #"{"annex_iii_point":"5(b)","m_clean":1,"nested":[[1],[]],"per_group":{"ageBand":{"first_value":1,"#
      + #""labels":{"other_key":"y","someKey":"x"}}},"root_sha256":"r","values":[1.5,null]}"#
    #expect(try text(sample) == expected)
    #expect(try CanonicalJSON.decode(Sample.self, from: Data(expected.utf8)) == sample)
  }

  @Test("with keys as written nothing is renamed")
  func keysAsWritten() throws {
    #expect(try text(Inner(firstValue: 2), keys: .asWritten) == #"{"firstValue":2}"#)
    let back = try CanonicalJSON.decode(Inner.self, from: Data(#"{"firstValue":2}"#.utf8), keys: .asWritten)
    #expect(back == Inner(firstValue: 2))
  }

  @Test("two properties with one key are refused, not merged")
  func clash() {
    struct Clash: Encodable { var someKey = 1, someKEY = 2 }
    let error = #expect(throws: JSONError.self) { try CanonicalJSON.encode(Clash()) }
    #expect(error?.code == .duplicateKey)
  }

  @Test("integers up to 2^53 − 1 are numbers, beyond they are strings, and both come back")
  func integers() throws {
    let limit: Int64 = 9_007_199_254_740_991
    for (value, expected) in [
      (0, "0"), (-5, "-5"), (limit, "9007199254740991"), (-limit, "-9007199254740991"),
      (limit + 1, "\"9007199254740992\""), (-limit - 1, "\"-9007199254740992\""), (.max, "\"9223372036854775807\""),
      (.min, "\"-9223372036854775808\""),
    ] as [(Int64, String)] {
      #expect(try text(value) == expected)
      #expect(try CanonicalJSON.decode(Int64.self, from: Data(expected.utf8)) == value)
    }
    #expect(try text(UInt64.max) == "\"18446744073709551615\"")
    #expect(try CanonicalJSON.decode(UInt64.self, from: Data("\"18446744073709551615\"".utf8)) == .max)
  }

  @Test(
    "an integer has one form only: others are refused",
    arguments: [
      "\"5\"", "9007199254740992", "1.5", "\"09007199254740993\"", "\"+9007199254740993\"", "-1", "1e300", "true",
    ])
  func otherForms(text: String) {
    let error = #expect(throws: JSONError.self) { try CanonicalJSON.decode(UInt64.self, from: Data(text.utf8)) }
    #expect(error?.code == .mismatch)
  }

  @Test("a number that is not finite is refused with the path to it")
  func notFinite() {
    struct Outer: Encodable { var someValues: [[String: Double]] }
    let error = #expect(throws: JSONError.self) {
      try CanonicalJSON.encode(Outer(someValues: [[:], ["theKey": .nan]]))
    }
    #expect(error?.code == .numberRange)
    #expect(error?.message.contains("some_values[1].theKey") == true)
  }

  @Test("what does not fit is refused with the path to it")
  func mismatches() {
    let cases = [
      (#"{"m_clean":"1","root_sha256":"r","per_group":{},"values":[],"nested":[]}"#, "m_clean"),
      (#"{"m_clean":1,"per_group":{},"values":[],"nested":[]}"#, "root_sha256"),
      (#"{"m_clean":1,"root_sha256":"r","per_group":{"a":{}},"values":[],"nested":[]}"#, "per_group.a"),
      (#"{"m_clean":1,"root_sha256":"r","per_group":{},"values":[],"nested":[[1],["x"]]}"#, "nested[1][0]"),
      (#"{"m_clean":1,"root_sha256":null,"per_group":{},"values":[],"nested":[]}"#, "root_sha256"),
      ("[]", "the whole document"),
    ]
    for (text, path) in cases {
      let error = #expect(throws: JSONError.self) { try CanonicalJSON.decode(Sample.self, from: Data(text.utf8)) }
      #expect(error?.code == .mismatch)
      #expect(error?.message.contains(path) == true, "\(error?.message ?? "")")
    }
  }

  @Test("enumerations with associated values come back")
  func enumerations() throws {
    enum Choice: Codable, Equatable {
      case firstChoice(someValue: Int)
      case second
    }
    for choice in [Choice.firstChoice(someValue: 3), .second] {
      #expect(try CanonicalJSON.decode(Choice.self, from: CanonicalJSON.encode(choice)) == choice)
    }
    #expect(try text(Choice.firstChoice(someValue: 3)) == #"{"first_choice":{"some_value":3}}"#)
  }

  @Test("floats come back exactly, and a number that a float does not hold is refused")
  func floats() throws {
    let value: Float = 0.1
    #expect(try text(value) == "0.10000000149011612")
    #expect(try CanonicalJSON.decode(Float.self, from: CanonicalJSON.encode(value)) == value)
    #expect(throws: JSONError.self) { try CanonicalJSON.decode(Float.self, from: Data("0.1".utf8)) }
  }
}
