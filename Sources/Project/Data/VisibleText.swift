import Foundation

/// Characters that nobody sees, and how a message shows them.
enum VisibleText {
  /// A value in quotation marks, with what cannot be seen written out: `'approve\u{A0}'`.
  static func quoted(_ value: String) -> String { "'\(shown(value))'" }

  /// A value in quotation marks; the letters beyond ASCII are written out if another of the values looks the same, as `é` does in
  /// the two ways in which Unicode writes it.
  static func quoted(_ value: String, among values: [String]) -> String {
    let hasDouble = values.contains { ExactText($0) != ExactText(value) && latin($0) == latin(value) }
    return hasDouble
      ? "'\(value.unicodeScalars.prefix(60).map { $0.isASCII ? String($0) : escape($0) }.joined())'" : quoted(value)
  }

  /// Values as a list of YAML: `["1", "1.0"]`.
  static func yaml(_ values: [String]) -> String {
    let texts = values.map { value in
      value.unicodeScalars.map { scalar -> String in
        switch scalar {
        case "\"", "\\": return "\\\(scalar)"
        case "\n", "\r", "\t": return escape(scalar)
        default: break
        }
        guard name(scalar) != nil else { return String(scalar) }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let isLong = digits.utf8.count > 4
        return (isLong ? "\\U" : "\\u") + String(repeating: "0", count: (isLong ? 8 : 4) - digits.utf8.count) + digits
      }.joined()
    }
    return "[\(texts.map { "\"\($0)\"" }.joined(separator: ", "))]"
  }

  /// A text with what cannot be seen written out, cut after 60 characters.
  static func shown(_ value: String) -> String {
    let start = value.unicodeScalars.prefix(60).map { name($0) == nil ? String($0) : escape($0) }.joined()
    return value.unicodeScalars.count > 60 ? start + "…" : start
  }

  /// What the first character of a text is that nobody sees: `a no-break space (U+A0)`; nil if all can be seen.
  static func firstHidden(in text: String) -> String? {
    text.unicodeScalars.lazy.compactMap { scalar in
      name(scalar).map { "\($0) (U+\(String(scalar.value, radix: 16, uppercase: true)))" }
    }.first
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
  }

  private static func name(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": return "a line break"
    case "\t": return "a tab"
    case "\u{A0}", "\u{202F}": return "a no-break space"
    case "\u{FEFF}": return "a byte-order mark"
    case "\u{AD}": return "a soft hyphen"
    // Joiners shape letters and emoji.
    case "\u{200C}", "\u{200D}", " ": return nil
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control: return "a control character"
    case .format: return "a character without width"
    case .spaceSeparator: return "an unusual space"
    default: return nil
    }
  }

  /// Cyrillic and Greek letters that look like Latin ones, in the order of `latinLetters`.
  private static let lookAlikes = Array("асеорхуіјѕԁһАВСЕНІЈКМОРЅТХУΑΒΕΗΙΚΜΝΟΡΤΥΖΧο".unicodeScalars)
  private static let latinLetters = Array("aceopxyijsdhABCEHIJKMOPSTXYABEHIKMNOPTYZXo".unicodeScalars)

  /// A text of Latin letters with those of other scripts that look like them written as Latin; other texts as they are.
  static func latin(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }),
      text.unicodeScalars.contains(where: { $0.isASCII && $0.properties.isAlphabetic })
    else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(lookAlikes.firstIndex(of: scalar).map { latinLetters[$0] } ?? scalar)
    }
    return String(result)
  }

  /// A dash or quotation mark of word processors as the sign of a keyboard; other characters as they are.
  private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "\u{2010}"..."\u{2015}", "\u{2212}": "-"
    case "\u{2018}", "\u{2019}", "\u{201A}", "\u{2BC}", "\u{B4}", "`": "'"
    case "\u{201C}"..."\u{201E}", "\u{AB}", "\u{BB}": "\""
    default: scalar
    }
  }

  /// A value without case, hidden characters, and blanks at its ends and around dashes; other blanks become one, and dashes, quotation
  /// marks, wide letters and ligatures those of a keyboard. Two values that are alike in this are one value written twice.
  static func spelling(_ value: String) -> String {
    let isASCII = value.utf8.allSatisfy { $0 < 0x80 }
    let text = isASCII ? value : latin(value.precomposedStringWithCompatibilityMapping)
    var words: [String] = []
    var word = String.UnicodeScalarView()
    for scalar in text.lowercased().unicodeScalars.lazy.map(plain) {
      if scalar.properties.isWhitespace {
        if !word.isEmpty { words.append(String(word)) }
        word = String.UnicodeScalarView()
      } else if name(scalar) == nil {
        word.append(scalar)
      }
    }
    if !word.isEmpty { words.append(String(word)) }
    let spelling = words.joined(separator: " ")
    return spelling.contains(" -") || spelling.contains("- ")
      ? spelling.replacing(" -", with: "-").replacing("- ", with: "-") : spelling
  }
}
