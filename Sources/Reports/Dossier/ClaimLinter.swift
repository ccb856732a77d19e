/// Refuses words of ours that claim more than a measurement can.
///
/// It reads what stands in files of text and definitions, with each placeholder as a break: what a placeholder is filled with is the
/// law's, the provider's, the model's or a number of ours, and none of these is judged. A token "p" beside a typed 0 is no claim.
struct ClaimLinter {
  /// Rules by their first word; those whose first word ends in `*` stand under `*`.
  private let rules: [Substring: [[Substring]]]

  /// A linter.
  init() {
    rules = Dictionary(grouping: ForbiddenClaims.all.map { $0.split(separator: " ") }) { rule in
      rule.first.flatMap { $0.last == "*" ? nil : $0 } ?? "*"
    }
  }

  /// The first forbidden phrase in a text, or nil.
  /// - Complexity: O(words).
  func violation(in text: String) -> String? {
    let words = Self.words(of: PlainText.oneLine(text))
    for start in words.indices {
      for rule in (rules[words[start]] ?? []) + (rules["*"] ?? []) where start + rule.count <= words.count {
        if Self.matches(words[start..<(start + rule.count)], rule) { return rule.joined(separator: " ") }
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

  private static func matches(_ words: ArraySlice<Substring>, _ rule: [Substring]) -> Bool {
    zip(words, rule).allSatisfy(matches)
  }

  /// Whether a word is a pattern's; `*` at an end of the pattern stands for any letters there.
  static func matches(_ word: Substring, _ pattern: Substring) -> Bool {
    if pattern == "*" { return true }
    if pattern.first == "*" { return word.hasSuffix(pattern.dropFirst()) }
    return pattern.last == "*" ? word.hasPrefix(pattern.dropLast()) : word == pattern
  }

  /// Lower-case words; a placeholder stays as `·`, so that no rule reaches across it. Marks on letters and what is not seen are left
  /// out, so that no word passes for another one.
  static func words(of text: String) -> [Substring] {
    let plain = text.lowercased().decomposed.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: false
      default: true
      }
    }
    return String(String.UnicodeScalarView(plain)).split { !($0.isLetter || $0.isNumber || $0 == "·") }
  }
}
