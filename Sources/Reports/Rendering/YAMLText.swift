import Yams

/// Texts of strangers as YAML, written by Yams and read back: a name must not be able to end its scalar, to become a number or a
/// date, or to be read as another name by another reader (YAML 1.2, 5.7 and 7.3.1; YAML 1.1 takes U+0085, U+2028 and U+2029 for line
/// ends).
enum YAMLText {
  /// A double-quoted scalar on one line.
  /// - Throws: `ReportsError` `notRendered` if it does not read back as the same scalars.
  static func quoted(_ text: String) throws -> String {
    // Letters stay readable where that is safe; else everything beyond ASCII is written as an escape.
    for allowUnicode in text.unicodeScalars.allSatisfy(isReadable) ? [true, false] : [false] {
      let node = Node.scalar(Node.Scalar(text, Tag(.str), .doubleQuoted))
      let written = try? Yams.serialize(node: node, width: -1, allowUnicode: allowUnicode)
      guard let line = written.map(firstLine), let back = try? Yams.compose(yaml: line),
        case .scalar(let scalar) = back,
        scalar.style == .doubleQuoted, scalar.string.isScalarEqual(text)
      else { continue }
      return line
    }
    throw ReportsError(
      .badValue,
      "the text '\(PlainText.shortened(PlainText.oneLine(text), to: 80))' cannot be written as YAML; change it")
  }

  /// The scalar without what the emitter puts around a whole document.
  private static func firstLine(_ document: String) -> String {
    let lines = document.splitScalars("\n")
    let line = lines.first { !$0.isEmpty } ?? ""
    return line.beginsWith("--- ") ? String(line.unicodeScalars.dropFirst(4)) : line
  }

  /// Printable in every version of YAML and no mark on the character before.
  private static func isReadable(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20..<0x7F).contains(scalar.value) { return true }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .otherNumber, .letterNumber, .initialPunctuation, .finalPunctuation, .otherPunctuation, .dashPunctuation,
      .currencySymbol, .mathSymbol, .otherSymbol, .openPunctuation, .closePunctuation:
      return true
    default: return false
    }
  }
}
