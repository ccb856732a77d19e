/// Refuses words of ours that claim more than a measurement can.
///
/// It reads what stands in files of text and definitions, with each placeholder as a break: what a placeholder is filled with is the
/// law's, the provider's, the model's or a number of ours, and none of these is judged. A token "p" beside a typed 0 is no claim.
struct ClaimLinter {
  /// Rules by their first word; those whose first word ends in `*` stand under `*`.
  private let rules: [Substring: [[Substring]]]

  /// So many words at most stand in a gap, as between the parts of a German verb: "stellt … sicher".
  static let widestGap = 6

  /// A linter with the phrasings of one language or several.
  init(_ claims: ForbiddenClaims) {
    rules = Dictionary(grouping: claims.all.map(Self.rule)) { rule in
      rule.first.flatMap { $0.last == "*" ? nil : $0 } ?? "*"
    }
  }

  /// Whether a phrase is a rule: words, none of them a gap at an end.
  static func isRule(_ phrase: String) -> Bool {
    let rule = rule(phrase)
    return !rule.isEmpty && rule.first != "…" && rule.last != "…" && rule.allSatisfy { $0 != "*" }
  }

  /// A rule's words, as those of a text are made.
  private static func rule(_ phrase: String) -> [Substring] {
    plain(phrase).split(separator: " ", omittingEmptySubsequences: true)
  }

  /// The first forbidden phrase in a text, or nil.
  /// - Complexity: O(words).
  func violation(in text: String) -> String? {
    let words = Self.words(of: PlainText.oneLine(text))
    for start in words.indices {
      for rule in (rules[words[start]] ?? []) + (rules["*"] ?? [])
      where Self.end(of: rule[...], in: words[start...], widest: Self.widestGap) != nil {
        return rule.joined(separator: " ")
      }
    }
    return nil
  }

  /// The first forbidden phrase that a message can print, whatever stands in its placeholders; each form of a plural is read with the
  /// words around it.
  func violation(in message: Message) -> String? {
    for wording in message.wordings {
      if let phrase = violation(in: wording) { return phrase }
    }
    return nil
  }

  /// Whether a word is a pattern's; `*` at an end of the pattern stands for any letters there.
  static func matches(_ word: Substring, _ pattern: Substring) -> Bool {
    if pattern == "*" { return true }
    if pattern.first == "*" { return word.hasSuffix(pattern.dropFirst()) }
    return pattern.last == "*" ? word.hasPrefix(pattern.dropLast()) : word == pattern
  }

  /// Where a rule's words end in a text that begins with them; nil if it does not. Of several ends the one with the narrowest gaps.
  /// - Parameter widest: words that `…` stands for at the most.
  static func end(of rule: ArraySlice<Substring>, in words: ArraySlice<Substring>, widest: Int) -> Int? {
    guard let pattern = rule.first else { return words.startIndex }
    if pattern == "…" {
      for gap in 0...widest {
        if let end = end(of: rule.dropFirst(), in: words.dropFirst(gap), widest: widest) { return end }
      }
      return nil
    }
    guard let word = words.first, matches(word, pattern) else { return nil }
    return end(of: rule.dropFirst(), in: words.dropFirst(), widest: widest)
  }

  /// Lower-case words; a placeholder stays as `·`, so that no rule reaches across it but in a gap.
  static func words(of text: String) -> [Substring] {
    plain(text).split { !($0.isLetter || $0.isNumber || $0 == "·") }
  }

  /// In lower case. Marks on letters and what is not seen are left out, so that no word passes for another one.
  private static func plain(_ text: String) -> String {
    let scalars = text.lowercased().decomposed.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: false
      default: true
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
