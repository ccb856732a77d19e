/// Compares headings as a reader would: letter case, spacing and a full stop or colon at the end do not count.
enum HeadingName {
  /// The form that is compared.
  static func normalise(_ heading: String) -> String {
    let words = heading.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.hasSuffix(".") || words.hasSuffix(":") ? String(words.dropLast()) : words
  }

  /// The element that a heading names, by its title or its id.
  static func element(_ heading: String, in item: LawItem) -> LawElement? {
    let wanted = normalise(heading)
    return item.elements.first { normalise($0.title) == wanted || $0.id == wanted }
  }
}
