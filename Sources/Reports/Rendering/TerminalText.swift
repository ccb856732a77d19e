/// What a terminal makes of text: which characters act on it, and how many columns the others take.
public enum TerminalText {
  /// A line of text by strangers without what could move the cursor, begin a line or turn the direction of writing: a name in a
  /// certificate must not be able to print a verdict. By scalars: an escape character is one whatever follows it.
  public static func harmless(_ line: String) -> String {
    guard line.unicodeScalars.contains(where: acts) else { return line }
    return line.unicodeScalars.map { acts($0) ? escape($0) : String($0) }.joined()
  }

  /// Text of ours that may quote strangers: as `harmless`, but line ends, tabs and the joiners that shape letters and emoji stay.
  public static func visible(_ text: String) -> String {
    func isLost(_ scalar: Unicode.Scalar) -> Bool {
      acts(scalar) && ![0x09, 0x0A, 0x200C, 0x200D].contains(scalar.value)
    }
    guard text.unicodeScalars.contains(where: isLost) else { return text }
    return text.unicodeScalars.map { isLost($0) ? escape($0) : String($0) }.joined()
  }

  /// Columns of a fixed-pitch terminal that a line takes: two for East Asian wide characters and emoji, none for what is written on
  /// the character before.
  /// - Complexity: O(length).
  public static func columns(of line: String) -> Int {
    line.unicodeScalars.reduce(0) { sum, scalar in
      if scalar.isASCII { return sum + 1 }
      // The vowels and finals of Hangul are written into the block of the consonant before.
      if (0x1160...0x11FF).contains(scalar.value) { return sum }
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .spacingMark, .enclosingMark, .format: return sum
      default: return sum + (isWide(scalar) ? 2 : 1)
      }
    }
  }

  private static func acts(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20..<0x7F).contains(scalar.value) { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
    default: return false
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
  }

  /// Unicode's East Asian Width W and F (UAX #11) in blocks, and what is shown as emoji without being asked to.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x20000...0x3FFFD:
      true
    default: scalar.properties.isEmojiPresentation
    }
  }
}
