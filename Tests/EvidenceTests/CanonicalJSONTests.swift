import Evidence
import Foundation
import Testing

@Suite("Canonical JSON (RFC 8785)")
struct CanonicalJSONTests {
  /// RFC 8785, appendix B.
  static let appendixB: [(UInt64, String)] = [
    (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
    (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
    (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
    (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
    (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
    (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
    (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
    (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
    (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
    (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
    (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
    (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
  ]

  private func text(_ value: JSONValue) throws -> String {
    String(decoding: try CanonicalJSON.write(value), as: UTF8.self)
  }

  @Test("numbers are written as in the RFC's appendix B", arguments: appendixB)
  func rfcNumbers(bits: UInt64, expected: String) throws {
    #expect(try text(.number(Double(bitPattern: bits))) == expected)
  }

  @Test("what is not finite cannot be written", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(value: Double) {
    let error = #expect(throws: JSONError.self) { try CanonicalJSON.write(.array([.number(1), .number(value)])) }
    #expect(error?.code == .numberRange)
    #expect(error?.message.contains("[1]") == true)
  }

  @Test("numbers are written as Node.js writes them, and read back to the same bits")
  func nodeNumbers() throws {
    let cases: [[String]] = try Golden.read("numbers.json")
    #expect(cases.count > 1500)
    for pair in cases {
      let value = Double(bitPattern: try #require(UInt64(pair[0], radix: 16)))
      #expect(try text(.number(value)) == pair[1])
      guard case .number(let back) = try CanonicalJSON.parse(Data(pair[1].utf8)) else {
        Issue.record("\(pair[1]) is not read as a number")
        continue
      }
      #expect(back.bitPattern == value.bitPattern)
    }
  }

  @Test("documents become the text that an independent implementation makes of them")
  func nodeDocuments() throws {
    struct Case: Decodable { let input: String, canonical: String }
    let cases: [Case] = try Golden.read("documents.json")
    #expect(cases.count == 150)
    for one in cases {
      let written = try text(CanonicalJSON.parse(Data(one.input.utf8)))
      // Compared as bytes: Swift's strings would forgive another normalisation.
      #expect(Array(written.utf8) == Array(one.canonical.utf8))
      #expect(try CanonicalJSON.isCanonical(Data(one.canonical.utf8)))
      if one.input != one.canonical { #expect(try !CanonicalJSON.isCanonical(Data(one.input.utf8))) }
    }
  }

  @Test("the RFC's example document (section 3.2.2) becomes the RFC's text")
  func rfcExample() throws {
    let input = #"""
      {
        "numbers": [333333333.33333329, 1E30, 4.50,
                    2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      }
      """#
    let expected =
      #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
      + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
    #expect(try text(CanonicalJSON.parse(Data(input.utf8))) == expected)
  }

  @Test("keys stand in the order of their UTF-16 code units (the RFC's example in section 3.2.3)")
  func rfcKeyOrder() throws {
    let input = #"""
      {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
       "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
      """#
    let written = try text(CanonicalJSON.parse(Data(input.utf8)))
    let order = [
      "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign", "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]
    let places = try order.map { try #require(written.range(of: $0)).lowerBound }
    #expect(places == places.sorted())
  }
}
