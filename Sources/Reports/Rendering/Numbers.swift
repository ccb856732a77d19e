import Foundation

/// How numbers are printed everywhere: one form per kind, a true minus sign, the marks of one language.
public struct Numbers: Sendable, Equatable {
  /// Between whole number and decimals.
  let decimalMark: String
  /// Between groups of three digits.
  let groupMark: String
  /// A share as per cent, with `{number}` for the number.
  let percentPattern: String
  /// What stands for a value that is not finite.
  let notFinite: String

  /// As the command line prints them, and as attributes of a drawing need them.
  static let plain = Numbers(
    decimalMark: ".", groupMark: "\u{202F}", percentPattern: "{number}\u{A0}%", notFinite: "not finite")

  /// A number with a fixed count of decimals, e.g. `−0.168`. Never `-0.000`.
  func fixed(_ value: Double, _ decimals: Int = 3, signed: Bool = false) -> String {
    guard value.isFinite else { return notFinite }
    let digits = String(format: "%.\(decimals)f", abs(value))
    let isZero = digits.allSatisfy { $0 == "0" || $0 == "." }
    let marked = decimalMark == "." ? digits : digits.replacing(".", with: decimalMark)
    if isZero { return marked }
    return (value < 0 ? "−" : signed ? "+" : "") + marked
  }

  /// A share as per cent with one decimal, e.g. `80.5 %`.
  func percent(_ share: Double) -> String { withSign(fixed(share * 100, 1)) }

  private func withSign(_ number: String) -> String { percentPattern.replacing("{number}", with: number) }

  /// A small number with three significant digits, e.g. `2.44 × 10⁻⁴`, `0.0132`, `0`.
  func precise(_ value: Double) -> String {
    guard value.isFinite else { return notFinite }
    if value == 0 { return "0" }
    let size = abs(value)
    if size >= 0.001 && size < 1000 {
      let exponent = Int(floor(log10(size)))
      return fixed(value, max(0, 2 - exponent))
    }
    let parts = String(format: "%.2e", size).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return fixed(value, 6) }
    let digits = parts[0].replacing(".", with: decimalMark)
    return (value < 0 ? "−" : "") + digits + "\u{A0}×\u{A0}10" + Self.superscript(exponent)
  }

  /// A count in groups of three, e.g. `878 848` with a thin space.
  func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var groups: [Substring] = []
    var end = digits.endIndex
    while end > digits.startIndex {
      let start = digits.index(end, offsetBy: -3, limitedBy: digits.startIndex) ?? digits.startIndex
      groups.insert(digits[start..<end], at: 0)
      end = start
    }
    return (value < 0 ? "−" : "") + groups.joined(separator: groupMark)
  }

  /// The level of an interval, e.g. `95 %`.
  func level(_ confidence: Double) -> String {
    let percent = confidence * 100
    return withSign(fixed(percent, abs(percent - percent.rounded()) < 1e-9 ? 0 : 1))
  }

  private static func superscript(_ exponent: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    let text = String(abs(exponent)).compactMap { $0.wholeNumberValue.map { digits[$0] } }
    return (exponent < 0 ? "⁻" : "") + String(text)
  }
}

// MARK: For the command line, which speaks English

extension Numbers {
  /// A number with a fixed count of decimals, e.g. `−0.168`. Never `-0.000`.
  public static func fixed(_ value: Double, _ decimals: Int = 3, signed: Bool = false) -> String {
    plain.fixed(value, decimals, signed: signed)
  }

  /// A share as per cent with one decimal, e.g. `80.5 %`.
  public static func percent(_ share: Double) -> String { plain.percent(share) }

  /// A small number with three significant digits, e.g. `2.44 × 10⁻⁴`, `0.0132`, `0`.
  public static func precise(_ value: Double) -> String { plain.precise(value) }

  /// A count with thin groups of three, e.g. `878 848`.
  public static func count(_ value: Int) -> String { plain.count(value) }

  /// The level of an interval, e.g. `95 %`.
  public static func level(_ confidence: Double) -> String { plain.level(confidence) }
}
