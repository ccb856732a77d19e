/// What every renderer does to plain text before its own escaping: nothing in a text may act on the page.
enum PlainText {
  /// Makes characters visible that would otherwise act: control characters, direction overrides and isolates, tag
  /// characters and the byte order mark become `⟦U+202E⟧`. Line ends and tabs are kept; U+2028 and U+2029 become line ends.
  /// Ordinary right-to-left letters are untouched.
  static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: acts) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x2028, 0x2029: result.append("\n")
      case 0x0D: result.append("\n")
      default:
        if acts(scalar) {
          let hex = String(scalar.value, radix: 16, uppercase: true)
          let padded = String(repeating: "0", count: max(0, 4 - hex.count)) + hex
          result.append(contentsOf: "⟦U+\(padded)⟧".unicodeScalars)
        } else {
          result.append(scalar)
        }
      }
    }
    return String(result)
  }

  /// Text on one line: runs of white space become one space, ends are trimmed.
  static func oneLine(_ text: String) -> String {
    visible(text).unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }.joined(separator: " ")
  }

  /// Text for HTML content and double-quoted attributes, SVG included.
  static func html(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count + 16)
    for scalar in visible(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// At most `limit` code points, the last one `…` when something was cut; marks on the letter that is cut off go with it.
  /// - Complexity: O(limit).
  static func shortened(_ text: String, to limit: Int) -> String {
    let head = Array(text.unicodeScalars.prefix(limit + 1))
    guard head.count > limit else { return text }
    var end = max(0, limit - 1)
    while end > 0, head[end].properties.canonicalCombiningClass != .notReordered { end -= 1 }
    if end == 0 { end = max(0, limit - 1) }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: head[..<end])
    result.append("…")
    return String(result)
  }

  private static func acts(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0x00..<0x20, 0x7F..<0xA0: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: true
    case 0xE0000...0xE007F: true
    default: scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
    }
  }
}
