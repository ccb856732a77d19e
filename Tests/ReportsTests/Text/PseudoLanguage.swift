import Foundation

@testable import Reports

/// A made-up language, made from English by a function: the literal text of every message stands between ⟦ and ⟧ with accents on its
/// vowels, and numbers, days and quotation marks are written in another way. What stands outside the brackets in a document is
/// then not from the files of text.
enum PseudoLanguage {
  static func text() throws -> InterfaceText {
    let english = try InterfaceText.english()
    let facts = try LanguageFacts(
      StrictMapping(
        yaml: """
          name: "⟦pseudo⟧"
          plural-rule: one-other
          decimal-mark: ","
          group-mark: "."
          percent: "{number}%"
          not-finite: "⟦not finite⟧"
          date: "{day}/{month}/{year}"
          quote-open: "„"
          quote-close: "“"
          """, file: "text/qps/language.yaml", keys: LanguageFacts.keys))
    return InterfaceText(
      language: "qps", facts: facts, messages: english.messages.mapValues { $0.mapLiterals(changed) },
      claims: english.claims)
  }

  /// Columns are wrapped one by one; what has no letter stays as it is, with an empty pair that parts what stands around it.
  private static func changed(_ literal: String) -> String {
    literal.components(separatedBy: InterfaceText.columnMark).map { piece in
      piece.contains(where: \.isLetter) ? "⟦\(accented(piece))⟧" : "\(piece)⟦⟧"
    }.joined(separator: InterfaceText.columnMark)
  }

  private static func accented(_ text: String) -> String {
    let accents: [Character: Character] = ["a": "å", "e": "é", "i": "ï", "o": "ø", "u": "ü"]
    return String(text.map { accents[$0] ?? $0 })
  }

  /// The pieces outside the brackets that have letters, split at punctuation, without numbers at their ends. Drawings cut long
  /// labels, and with them a bracket.
  static func pieces(outsideBracketsOf text: String) -> [String] {
    let outside = text.replacing(/⟦[^⟦⟧\n]*(⟧|…)/, with: "\n")
    let separators = CharacterSet(charactersIn: ",;:()[]{}|\"“”„«»=→›–—·…%×+−<>*_`\\\n\t⟦⟧")
    return outside.components(separatedBy: separators).compactMap { piece in
      var words = piece.split(whereSeparator: \.isWhitespace).map(String.init)
      while let last = words.last, !last.contains(where: \.isLetter) { words.removeLast() }
      while let first = words.first, !first.contains(where: \.isLetter) { words.removeFirst() }
      let joined = words.joined(separator: " ").trimmingCharacters(in: CharacterSet(charactersIn: ".-/'’? "))
      return joined.isEmpty ? nil : joined
    }
  }
}
