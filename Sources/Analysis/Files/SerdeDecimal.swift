/// A decimal number as Rust's crate `serde_json` reads it, which Hugging Face's `tokenizers` uses (without its feature `float_roundtrip`).
///
/// The digits, without the point, are one 64-bit whole number, as far as they fit; it is rounded to a double and then multiplied or
/// divided by a power of ten, which rounds again. Of numbers with more than 15 digits the result is often not the nearest double but the
/// one beside it. Where two ways to cut a word have the same score but for such last bits, these decide.
enum SerdeDecimal {
  /// Powers of ten with exponents up to 308; a larger one is applied in several steps.
  private static let largestPower = 308
  private static let powers: [Double] = (0...largestPower).compactMap { Double("1e\($0)") }

  /// The number, nil if it is beyond a double.
  /// - Parameter text: a number of JSON.
  /// - Complexity: O(characters).
  static func value(of text: some Sequence<UInt8>) -> Double? {
    var significand = Significand()
    var part = Part.whole
    var (isNegative, isNegativeExponent, exponent) = (false, false, 0)
    for byte in text {
      switch (part, byte) {
      case (.whole, UInt8(ascii: "-")): isNegative = true
      case (.whole, UInt8(ascii: ".")):
        part = .fraction
        significand.isFull = false
      case (.whole, UInt8(ascii: "e")), (.whole, UInt8(ascii: "E")), (.fraction, UInt8(ascii: "e")),
        (.fraction, UInt8(ascii: "E")):
        part = .exponent
      case (.exponent, UInt8(ascii: "-")): isNegativeExponent = true
      case (.exponent, UInt8(ascii: "+")): break
      // Beyond this every number is 0 or too large.
      case (.exponent, _): exponent = min(1_000_000_000, 10 * exponent + Int(digit(byte)))
      case (.whole, _): significand.append(digit(byte), isWhole: true)
      case (.fraction, _): significand.append(digit(byte), isWhole: false)
      }
    }
    let scaled = scaled(
      Double(significand.digits), by: significand.exponent + (isNegativeExponent ? -exponent : exponent))
    return scaled.isFinite ? (isNegative ? -scaled : scaled) : nil
  }

  private enum Part { case whole, fraction, exponent }

  private static func digit(_ byte: UInt8) -> UInt64 { UInt64(byte) &- UInt64(UInt8(ascii: "0")) }

  /// The digits that fit, and by what power of ten they are to be multiplied.
  private struct Significand {
    var digits: UInt64 = 0
    var exponent = 0
    /// Whether a digit did not fit: none of its part is taken any more.
    var isFull = false

    mutating func append(_ digit: UInt64, isWhole: Bool) {
      let (product, isOver) = digits.multipliedReportingOverflow(by: 10)
      let (sum, isOverToo) = product.addingReportingOverflow(digit)
      isFull = isFull || isOver || isOverToo
      if !isFull { digits = sum }
      if isWhole == isFull { exponent += isWhole ? 1 : -1 }
    }
  }

  private static func scaled(_ number: Double, by exponent: Int) -> Double {
    var (number, exponent) = (number, exponent)
    while exponent < -largestPower, number != 0 {
      number /= powers[largestPower]
      exponent += largestPower
    }
    guard number != 0 else { return 0 }
    guard exponent <= largestPower else { return .infinity }
    return exponent >= 0 ? number * powers[exponent] : number / powers[-exponent]
  }
}
