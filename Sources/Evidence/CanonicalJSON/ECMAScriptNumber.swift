/// How ECMAScript prints a finite double (ECMA-262, Number::toString), which RFC 8785 section 3.2.2.3 prescribes.
///
/// Swift's own `description` gives the same digits, the shortest that read back to the same double and the nearest of
/// those; only the place of the point and the form of the exponent differ.
enum ECMAScriptNumber {
  /// The canonical text of a finite number; both zeros are `0`.
  static func text(_ value: Double) -> String {
    precondition(value.isFinite)
    // Counts and indices, a third of a record's numbers: an integer below 2^53 is printed with all its digits.
    if value.magnitude < 0x1p53, value == value.rounded(.towardZero) { return String(Int64(value)) }
    let (digits, point) = decimal(value.magnitude)
    let sign = value < 0 ? "-" : ""
    let count = digits.count
    if point > 0, point <= 21 {
      if count <= point { return sign + text(digits[...]) + String(repeating: "0", count: point - count) }
      return sign + text(digits[..<point]) + "." + text(digits[point...])
    }
    if point > -6, point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + text(digits[...]) }
    let exponent = point - 1
    let mantissa = count == 1 ? text(digits[...]) : text(digits[..<1]) + "." + text(digits[1...])
    return sign + mantissa + (exponent < 0 ? "e-" : "e+") + String(exponent.magnitude)
  }

  private static func text(_ digits: ArraySlice<UInt8>) -> String { String(decoding: digits, as: UTF8.self) }

  /// The significant digits without leading or trailing zeros, and where the decimal point stands among them:
  /// value = 0.DIGITS × 10^point.
  private static func decimal(_ value: Double) -> (digits: [UInt8], point: Int) {
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    var exponentSign = 1
    var inExponent = false
    for byte in value.description.utf8 {
      switch byte {
      case UInt8(ascii: "."): point = digits.count
      case UInt8(ascii: "e"): inExponent = true
      case UInt8(ascii: "-"): exponentSign = -1
      case UInt8(ascii: "+"): break
      default:
        if inExponent {
          exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
        } else {
          digits.append(byte)
        }
      }
    }
    var place = (point ?? digits.count) + exponentSign * exponent
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(leading)
    place -= leading
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, place)
  }
}
