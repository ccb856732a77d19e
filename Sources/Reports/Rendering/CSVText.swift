/// Tables as CSV (RFC 4180, in UTF-8): every field in quotation marks, lines that end in CRLF.
enum CSVText {
  /// Lines of fields. What a spreadsheet would take for a formula is made a text by an apostrophe before it, and what acts on a page
  /// is made visible.
  static func lines(_ rows: [[String]]) -> String {
    rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func field(_ text: String) -> String {
    "\"\(harmless(PlainText.visible(text)).replacingScalars("\"", with: "\"\""))\""
  }

  /// Spreadsheets compute what begins with one of these, also after white space, whatever the quotation marks.
  private static let beginsFormula: Set<Unicode.Scalar> = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%"]

  private static func harmless(_ text: String) -> String {
    let first = text.unicodeScalars.first { !$0.properties.isWhitespace }
    let beginsWithMark = text.unicodeScalars.first.map { ["\t", "\r", "\n"].contains($0) } ?? false
    return beginsWithMark || first.map(beginsFormula.contains) == true ? "'" + text : text
  }
}
