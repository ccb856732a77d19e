public import Analysis
import Foundation

/// How numbers are printed everywhere: one form per kind, a true minus sign, no locale.
public enum Numbers {
  /// A number with a fixed count of decimals, e.g. `−0.168`. Never `-0.000`.
  public static func fixed(_ value: Double, _ decimals: Int = 3, signed: Bool = false) -> String {
    guard value.isFinite else { return "not finite" }
    let digits = String(format: "%.\(decimals)f", abs(value))
    let isZero = digits.allSatisfy { $0 == "0" || $0 == "." }
    if isZero { return digits }
    return (value < 0 ? "−" : signed ? "+" : "") + digits
  }

  /// A share as per cent with one decimal, e.g. `80.5 %`.
  public static func percent(_ share: Double) -> String { fixed(share * 100, 1) + "\u{A0}%" }

  /// A small number with three significant digits, e.g. `2.44 × 10⁻⁴`, `0.0132`, `0`.
  public static func precise(_ value: Double) -> String {
    guard value.isFinite else { return "not finite" }
    if value == 0 { return "0" }
    let size = abs(value)
    if size >= 0.001 && size < 1000 {
      let exponent = Int(floor(log10(size)))
      return fixed(value, max(0, 2 - exponent))
    }
    let parts = String(format: "%.2e", size).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return fixed(value, 6) }
    return (value < 0 ? "−" : "") + parts[0] + "\u{A0}×\u{A0}10" + superscript(exponent)
  }

  /// A count with thin groups of three, e.g. `878 848`.
  public static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var groups: [Substring] = []
    var end = digits.endIndex
    while end > digits.startIndex {
      let start = digits.index(end, offsetBy: -3, limitedBy: digits.startIndex) ?? digits.startIndex
      groups.insert(digits[start..<end], at: 0)
      end = start
    }
    return (value < 0 ? "−" : "") + groups.joined(separator: "\u{202F}")
  }

  /// `95 % interval −0.190 to −0.146`.
  public static func interval(_ estimate: Estimate, percent asPercent: Bool = false) -> String {
    "\(level(estimate.confidence)) interval \(range(estimate, percent: asPercent))"
  }

  /// `−0.190 to −0.146`, kept on one line; `no interval` where there is none.
  public static func range(_ estimate: Estimate, percent asPercent: Bool = false) -> String {
    guard estimate.hasInterval else { return "no interval" }
    let ends = [estimate.low, estimate.high].map { asPercent ? percent($0) : fixed($0) }
    return ends.joined(separator: "\u{A0}to\u{A0}")
  }

  /// The level of an interval, e.g. `95 %`.
  public static func level(_ confidence: Double) -> String {
    let percent = confidence * 100
    return fixed(percent, abs(percent - percent.rounded()) < 1e-9 ? 0 : 1) + "\u{A0}%"
  }

  /// `9 of 200 pairs (4.5 %, 95 % interval 2.4 % to 8.3 %)`.
  /// - Parameter noun: what is counted, in the plural; empty to leave it out.
  public static func proportion(_ proportion: Proportion, _ noun: String = "") -> String {
    "\(proportion.count) of \(proportion.share.n)\(noun.isEmpty ? "" : " " + noun) (\(percent(proportion.share.value)), "
      + "\(interval(proportion.share, percent: true)))"
  }

  private static func superscript(_ exponent: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    let text = String(abs(exponent)).compactMap { $0.wholeNumberValue.map { digits[$0] } }
    return (exponent < 0 ? "⁻" : "") + String(text)
  }
}
