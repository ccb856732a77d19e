import Testing

@testable import Analysis

@Suite("Numbers as tokenizers reads them")
struct SerdeDecimalTests {
  /// Probed with `tokenizers` 0.23.3: the score that a Unigram model with this number has when it is written again.
  static let probed: [(String, Double)] = [
    ("0.1", 0.1), ("-8.7265625", -8.7265625), ("-9.50", -9.5), ("-0.0", -0.0), ("1e3", 1000), ("2E-2", 0.02),
    ("-15.777500326488035", -15.777500326488036), ("-6.414372039237827e41", -6.4143720392378274e+41),
    ("-18.2483435261195537215397", -18.24834352611955), ("-12.406486498430294e-241", -1.2406486498430293e-240),
    ("-7.8259791907483378876e-166", -7.825979190748339e-166), ("2.2250738585072011e-308", 2.2250738585072014e-308),
    ("0.000000000000000000000000000012345678901234567", 1.2345678901234569e-29),
    ("9007199254740993.0", 9_007_199_254_740_994), ("1844674407370955161.69", 1.8446744073709553e+18),
    ("18446744073709551619.1", 1.8446744073709552e+19), ("184467440737095516190.1e-3", 1.8446744073709552e+17),
    ("123456789012345678901234567890", 1.2345678901234568e+29), ("18446744073709551615", 1.8446744073709552e+19),
    ("5e-324", 5e-324), ("123456789012345678e-400", 0), ("0e99999999999", 0), ("1e-99999999999", 0),
    ("1.7976931348623157e308", 1.7976931348623157e+308),
  ]

  @Test("A number is the double that the package takes it for", arguments: probed)
  func asProbed(text: String, number: Double) throws {
    let read = try #require(SerdeDecimal.value(of: text.utf8))
    #expect(read.bitPattern == number.bitPattern, "\(text): \(read)")
  }

  @Test("A number beyond a double is none", arguments: ["1e309", "-1e309", "1e99999999999", "123456789.5e301"])
  func beyond(text: String) { #expect(SerdeDecimal.value(of: text.utf8) == nil) }

  @Test("Only a reader that is asked for it reads them so")
  func reader() throws {
    func read(_ decimals: StrictJSON.Decimals) throws -> StrictJSON {
      try Array("[-15.777500326488035, 7, 1e1]".utf8).withUnsafeBytes {
        try StrictJSONReader.read($0, decimals: decimals)
      }
    }
    #expect(try read(.nearest) == .array([.number(-15.777500326488035), .integer(7), .number(10)]))
    #expect(try read(.asTokenizers) == .array([.number(-15.777500326488036), .integer(7), .number(10)]))
  }
}
