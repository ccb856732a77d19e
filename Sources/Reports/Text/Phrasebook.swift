import Foundation

/// What a language says for English words that stand outside the files of text: the catalogue's words about the law, and sentences that
/// runs have recorded.
///
/// A phrase is found by its English words; what stands for a `{name}` in them is taken over, a number with the language's decimal mark; for
/// `{n}` stands a number alone. What stands for `{words}`, or a name that begins so, is looked up in turn, so that names of the data are
/// never translated. Nothing is guessed: a text that no phrase is of is printed in English and marked as such.
struct Phrasebook: Sendable {
  /// English words and the language's own for them.
  struct Phrase: Sendable {
    var english: Message
    var own: Message
  }

  private let fixed: [String: Message]
  /// Those with placeholders, the one with most words first.
  private let patterns: [Phrase]
  private let decimalMark: String

  /// How the names of placeholders begin that stand for words of ours.
  static let words = "words"

  /// The phrasebook of a language that has none.
  static let empty = Phrasebook([], decimalMark: ".")

  /// - Precondition: no English text is given twice, and none has plurals.
  init(_ phrases: [Phrase], decimalMark: String) {
    func length(_ message: Message) -> Int { message.literals.reduce(0) { $0 + $1.text.count } }
    fixed = Dictionary(
      phrases.filter { $0.english.arguments.isEmpty }.map { ($0.english.wordings[0], $0.own) },
      uniquingKeysWith: { first, _ in first })
    patterns = phrases.filter { !$0.english.arguments.isEmpty }.sorted { length($0.english) > length($1.english) }
    self.decimalMark = decimalMark
  }

  /// The language's own message for an English text, with what stands in its placeholders; nil if there is no phrase of it.
  /// - Complexity: O(phrases with placeholders · length).
  func phrase(for english: String) -> (message: Message, values: [String: String])? {
    if let message = fixed[english] { return (message, [:]) }
    for phrase in patterns {
      if let values = Self.values(in: english, of: phrase.english.parts) {
        return (phrase.own, values.mapValues(marked))
      }
    }
    return nil
  }

  /// A number with the language's decimal mark and a minus sign; anything else as it is.
  private func marked(_ value: String) -> String {
    guard value.wholeMatch(of: /-?\d+\.\d+(e[-+]?\d+)?/) != nil else { return value }
    return (value.hasPrefix("-") ? "−" : "") + value.trimmingPrefix("-").replacing(".", with: decimalMark)
  }

  /// Whether a value can stand for a placeholder.
  private static func fits(_ value: String, _ name: String) -> Bool {
    name != "n" || value.allSatisfy { $0.isNumber || "-−.,\u{202F}".contains($0) }
  }

  /// What stands for each placeholder, each up to the first occurrence of the words that follow it; nil if the words are others.
  private static func values(in text: String, of parts: [Message.Part]) -> [String: String]? {
    var (rest, values): (Substring, [String: String]) = (text[...], [:])
    var open: String?
    for (index, part) in parts.enumerated() {
      switch part {
      case .literal(let words):
        let isLast = index == parts.count - 1
        let range =
          isLast
          ? rest.range(of: words, options: [.literal, .anchored, .backwards])
          : rest.range(of: words, options: open == nil ? [.literal, .anchored] : .literal)
        guard let range else { return nil }
        if let name = open {
          guard range.lowerBound > rest.startIndex else { return nil }
          let value = String(rest[..<range.lowerBound])
          guard fits(value, name) else { return nil }
          values[name] = value
        } else if range.lowerBound > rest.startIndex {
          return nil
        }
        (rest, open) = (rest[range.upperBound...], nil)
      case .argument(let name): open = name
      case .number, .plural: return nil
      }
    }
    if let open {
      guard !rest.isEmpty, fits(String(rest), open) else { return nil }
      values[open] = String(rest)
      return values
    }
    return rest.isEmpty ? values : nil
  }
}

extension InterfaceText {
  /// English words of the catalogue or of a record as this language says them; in English, marked as such, where it has no phrase.
  func known(_ english: String) -> [Inline] {
    guard differsFromLaw else { return [.attributed(english)] }
    guard let (message, values) = phrases.phrase(for: english) ?? measured(english) else { return [.foreign(english)] }
    var inner: [String: TextValue] = [:]
    for (name, value) in values {
      let isWords = name.hasPrefix(Phrasebook.words) && phrases.phrase(for: value) != nil
      inner[name] = isWords ? .inlines(known(value)) : .attributed(value)
    }
    return inlines(message, inner)
  }

  /// The phrase of a record's sentence that says the unit of a regression's number where others say logits.
  private func measured(_ english: String) -> (message: Message, values: [String: String])? {
    guard let unit = measuredUnit,
      let (message, values) = phrases.phrase(for: english.replacing(" \(unit)", with: " logits"))
    else { return nil }
    return (message.mapLiterals { $0.replacing("Logits", with: unit).replacing("logits", with: unit) }, values)
  }

  /// Words that are either English, as `known` takes them, or this language's own already.
  func said(_ words: String) -> [Inline] { phrases.phrase(for: words) == nil ? [.attributed(words)] : known(words) }

  /// `known` as plain words, for headings.
  func knownWords(_ english: String) -> String { known(english).plainText }

  /// Words that stay in the law's language, marked as such on a page in another one.
  func inLawLanguage(_ words: String) -> Inline { differsFromLaw ? .foreign(words) : .attributed(words) }
}
