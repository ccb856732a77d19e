/// Columns that tell records apart, by their names or by their values.
enum Identifier {
  /// Whether a column is named as one, and its values are codes or numbers unless the name is clear.
  static func isNamed(_ column: String, _ values: some Collection<String>) -> Bool {
    isSurelyNamed(column) || isNamed(column) && values.allSatisfy { $0.utf8.contains { (48...57).contains($0) } }
  }

  private static func isNamed(_ column: String) -> Bool {
    ["no", "nr", "number", "num", "ref", "reference", "key"].contains(DataPart.words(column).last)
      || ["applicant", "customer", "client", "patient", "person", "case", "row", "index"].contains(column.lowercased())
  }

  /// Whether a column's name says that each of its values stands once, but for one that names another table's record.
  static func isSurelyNamed(_ column: String) -> Bool {
    let words = DataPart.words(column)
    return words == ["record"] || ["id", "uuid", "guid", "identifier"].contains(words.last) || column.hasSuffix("ID")
  }

  /// Whether a value looks like a code: letters and digits without a blank, as `A-1017`; no date and no number.
  static func isCode(_ value: String) -> Bool {
    let scalars = value.unicodeScalars
    return (3...40).contains(scalars.count) && scalars.contains { ("0"..."9").contains($0) }
      && scalars.contains { ("a"..."z").contains($0) || ("A"..."Z").contains($0) }
      && scalars.allSatisfy { $0.isASCII && $0 != " " && $0 != "%" } && ValueDoubts.number(value) == nil
  }
}
