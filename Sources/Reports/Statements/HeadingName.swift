/// Compares headings as a reader would: letter case, spacing and a full stop or colon at the end do not count.
enum HeadingName {
  /// The form that is compared.
  static func normalise(_ heading: String) -> String {
    let words = heading.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.hasSuffix(".") || words.hasSuffix(":") ? String(words.dropLast()) : words
  }

  /// The element that a heading names, by its title, in English or in an installed language, or by its id.
  static func element(_ heading: String, in item: LawItem) -> LawElement? {
    let wanted = normalise(heading)
    let elements = item.elements + item.further
    return elements.first { normalise($0.title) == wanted || $0.id == wanted }
      ?? elements.first { titles($0.title).contains(wanted) }
  }

  /// How installed languages call an element.
  private static func titles(_ title: String) -> [String] { languages.map { normalise($0.knownWords(title)) } }

  /// Read once: the files are part of the program.
  private static let languages = InterfaceText.installedLanguages.compactMap { try? InterfaceText.read(language: $0) }
}
