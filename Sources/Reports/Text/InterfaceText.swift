import Foundation

/// The interface's words in one language, by key, with what the language writes in its own way.
///
/// The words stand in `Templates/text/<language>/*.yaml`, and for another language in a project's `templates/text/<language>/`. Code
/// says which message stands where and with which values; which words these are, and in which order, is the language's matter.
public struct InterfaceText: Sendable {
  /// BCP 47, e.g. `en`.
  public let language: String
  let facts: LanguageFacts
  /// By `section.key`.
  let messages: [String: Message]
  /// What it says for English words from elsewhere.
  let phrases: Phrasebook
  /// Phrasings that claim too much, in this language and in English.
  let claims: ForbiddenClaims
  /// How the language prints numbers.
  let numbers: Numbers
  /// Whether the words are a project's own, so that the program's name of each state stands beside its word.
  let isMarked: Bool
  /// The unit of the number that a regression gives, where its decision values are said; nil: they are logits.
  var measuredUnit: String?

  init(
    language: String, facts: LanguageFacts, messages: [String: Message], claims: ForbiddenClaims,
    phrases: Phrasebook = .empty, isMarked: Bool = false
  ) {
    self.language = language
    self.facts = facts
    self.messages = messages
    self.claims = claims
    self.phrases = phrases
    self.isMarked = isMarked
    numbers = Numbers(
      decimalMark: facts.decimalMark, groupMark: facts.groupMark, percentPattern: facts.percent,
      notFinite: facts.notFinite)
  }

  /// The language that the law is quoted in.
  static let lawLanguage = "en"

  /// Whether the page's language is another than the law's.
  var differsFromLaw: Bool { language.split(separator: "-").first.map(String.init) != Self.lawLanguage }

  /// A message as running text.
  /// - Precondition: the English files have the key with just these placeholders, which a test sees to.
  func inlines(_ key: StaticString, _ values: [String: TextValue] = [:]) -> [Inline] {
    inlines(message(key), values)
  }

  /// A message with its values as running text.
  func inlines(_ message: Message, _ values: [String: TextValue]) -> [Inline] {
    var result: [Inline] = []
    append(message.parts, values, to: &result)
    return result
  }

  /// A message as plain text.
  /// - Precondition: as for `inlines`.
  func words(_ key: StaticString, _ values: [String: TextValue] = [:]) -> String {
    inlines(key, values).plainText
  }

  /// Caption and headings of a method's table, under keys that the method names.
  /// - Precondition: the files have `method.<name>-caption` and `method.<name>-columns`; a test asks for those of every method.
  func words(of table: String, _ values: [String: TextValue]) -> (caption: String, columns: [String]) {
    guard let caption = messages["method.\(table)-caption"], let columns = plain("method.\(table)-columns") else {
      preconditionFailure("no interface text has the words of the table \(table)")
    }
    var inlines: [Inline] = []
    append(caption.parts, values, to: &inlines)
    return (inlines.plainText, columns.splitScalars(Self.columnMark).map { String($0) })
  }

  /// A state's word, with the program's own name of the state behind it where the words are a project's: these may call anything
  /// anything, and nobody can check a translation. No message has more square brackets than English has.
  func marked(_ word: String, _ state: String) -> String { isMarked ? "\(word) [\(state)]" : word }

  /// The headings of a table's columns, each that counts a state with the state's name.
  func marked(_ headings: [String], lastAre states: [String]) -> [String] {
    let first = headings.count - states.count
    return headings.enumerated().map { index, heading in
      states.indices.contains(index - first) ? marked(heading, states[index - first]) : heading
    }
  }

  /// A message without placeholders by a key that stands in a file, nil if there is none.
  func plain(_ key: String) -> String? {
    guard let message = messages[key], message.arguments.isEmpty else { return nil }
    var result: [Inline] = []
    append(message.parts, [:], to: &result)
    return result.plainText
  }

  /// What separates the columns of a message.
  static let columnMark = " | "

  /// A message of several columns, e.g. a table's headings or a term with its meaning. Their number is the English one's.
  /// - Precondition: as for `inlines`.
  func columns(_ key: StaticString, _ values: [String: TextValue] = [:]) -> [String] {
    var columns: [String] = []
    var current: [Inline] = []
    for part in message(key).parts {
      guard case .literal(let text) = part else {
        append([part], values, to: &current)
        continue
      }
      for (index, piece) in text.splitScalars(Self.columnMark).enumerated() {
        if index > 0 {
          columns.append(current.plainText)
          current = []
        }
        append([.literal(piece)], values, to: &current)
      }
    }
    return columns + [current.plainText]
  }

  private func message(_ key: StaticString) -> Message {
    guard let message = messages["\(key)"] else { preconditionFailure("no interface text has the key \(key)") }
    return message
  }

  private func append(_ parts: [Message.Part], _ values: [String: TextValue], to result: inout [Inline]) {
    for part in parts {
      switch part {
      case .literal(let text): append(.text(text), to: &result)
      case .argument(let name), .number(let name):
        switch values[name] {
        case .inlines(let inlines): for inline in inlines { append(inline, to: &result) }
        case .count(let number): append(.text(numbers.count(number)), to: &result)
        case nil: preconditionFailure("nothing is given for the placeholder {\(name)}")
        }
      case .plural(let name, let branches):
        guard case .count(let number) = values[name] else {
          preconditionFailure("the placeholder {\(name)} needs a number")
        }
        append(branch(branches, number)?.parts ?? [], values, to: &result)
      }
    }
  }

  private func branch(_ branches: [Message.Branch], _ number: Int) -> Message.Branch? {
    let category = facts.plural.category(number)
    return branches.first { $0.selector == .exactly(number) }
      ?? branches.first { $0.selector == .category(category) }
      ?? branches.first { $0.selector == .category(.other) }
  }

  /// Adjacent words of ours are one piece, as if they had been written together.
  private func append(_ inline: Inline, to result: inout [Inline]) {
    if case .text(let text) = inline, case .text(let before)? = result.last {
      result[result.count - 1] = .text(before + text)
    } else {
      result.append(inline)
    }
  }
}
