/// Prints a document's warning on every page, in the margin above the text.
///
/// An element of fixed position does not do: Chromium paints it over the text, or over the end of the page before, and leaves
/// it out of some. A margin box (CSS Paged Media Level 3, section 4) is part of each page.
enum PrintedWarning {
  /// The longest text that the margin holds, in three lines; the whole of it stands on the first page.
  static let limit = 240

  /// Rules for one page's style element.
  static func style(_ warning: String) -> String {
    """

    @media print {
      @page {
        margin-top: 34mm;
        @top-left {
          content: \(string(PlainText.shortened(PlainText.oneLine(warning), to: limit)));
          box-sizing: border-box; width: 100%; margin: 6mm 0 4mm; padding: 1mm 2mm; border: 1.5px solid #8c1d18;
          color: #8c1d18; font: 600 9pt/1.35 sans-serif; vertical-align: middle; white-space: normal; overflow-wrap: anywhere;
        }
      }
      .warning { position: static; }
    }
    """
  }

  /// A CSS string (CSS Syntax Level 3, section 4.3.5). Everything but letters, digits and spaces is written as an escape, so
  /// that no text can end the string, the rule or the element.
  static func string(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      let isPlain = scalar == " " || scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
      return isPlain ? String(scalar) : "\\" + String(scalar.value, radix: 16) + " "
    }
    return "\"\(escaped.joined())\""
  }
}
