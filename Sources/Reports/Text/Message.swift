import Foundation

/// One message of the interface: text with placeholders, in a small part of ICU MessageFormat.
///
/// `{name}` is a placeholder. `{name, plural, one {# pair} other {# pairs}}` chooses by a number: a plural category of the language
/// (CLDR) or an exact number (`=0`); `#` is that number. Branches may hold placeholders and plurals. A brace or number sign that is
/// meant as such stands between apostrophes (`'{'`); an apostrophe elsewhere is an apostrophe, and two are one.
struct Message: Sendable, Equatable {
  /// A piece of a message.
  indirect enum Part: Sendable, Equatable {
    case literal(String)
    case argument(String)
    case plural(String, [Branch])
    /// The number of the plural around it.
    case number(String)
  }

  /// One form of a plural.
  struct Branch: Sendable, Equatable {
    /// When it is taken.
    enum Selector: Sendable, Equatable {
      case exactly(Int)
      case category(PluralRule.Category)
    }

    var selector: Selector
    var parts: [Part]
  }

  /// How a placeholder is used.
  enum Use: String, Sendable {
    case text, number
  }

  /// Its pieces, in order.
  var parts: [Part]

  /// The placeholders, and whether any place needs them to be a number.
  var arguments: [String: Use] {
    var uses: [String: Use] = [:]
    Self.collect(parts, into: &uses)
    return uses
  }

  /// How many columns it has (`InterfaceText.columns`).
  var columns: Int {
    parts.reduce(1) { count, part in
      guard case .literal(let text) = part else { return count }
      return count + text.splitScalars(InterfaceText.columnMark).count - 1
    }
  }

  private static func collect(_ parts: [Part], into uses: inout [String: Use]) {
    for part in parts {
      switch part {
      case .literal, .number: break
      case .argument(let name): uses[name] = uses[name] ?? .text
      case .plural(let name, let branches):
        uses[name] = .number
        for branch in branches { collect(branch.parts, into: &uses) }
      }
    }
  }

  /// Why a text is no message, in words that follow `key: `.
  struct Problem: Error, Equatable {
    var description: String
  }

  /// Reads a message.
  /// - Parameter rule: which plural categories the language has.
  /// - Throws: `Problem`.
  init(_ text: String, rule: PluralRule) throws(Problem) {
    var parser = MessageParser(text, rule: rule)
    parts = try parser.parts(plural: nil)
  }

  /// A message from its pieces.
  init(parts: [Part]) { self.parts = parts }

  /// The same message with another literal text, e.g. to make a pseudo-language for tests.
  func mapLiterals(_ change: (String) -> String) -> Message {
    Message(parts: Self.map(parts, change))
  }

  private static func map(_ parts: [Part], _ change: (String) -> String) -> [Part] {
    parts.map { part in
      switch part {
      case .literal(let text): .literal(change(text))
      case .argument, .number: part
      case .plural(let name, let branches):
        .plural(name, branches.map { Branch(selector: $0.selector, parts: map($0.parts, change)) })
      }
    }
  }
}

/// Reads one message from left to right.
private struct MessageParser {
  /// By scalars: a brace with a combining mark after it is a brace.
  private let characters: [Unicode.Scalar]
  private let rule: PluralRule
  private var index = 0

  init(_ text: String, rule: PluralRule) {
    characters = Array(text.unicodeScalars)
    self.rule = rule
  }

  /// The pieces up to the end, or up to the brace that closes a branch of `plural`.
  mutating func parts(plural: String?) throws(Message.Problem) -> [Message.Part] {
    var parts: [Message.Part] = []
    var literal = String.UnicodeScalarView()
    func closed() -> [Message.Part] { literal.isEmpty ? parts : parts + [.literal(String(literal))] }
    while index < characters.count {
      let character = characters[index]
      switch character {
      case "'":
        literal.append(contentsOf: quoted(insidePlural: plural != nil).unicodeScalars)
        continue
      case "{":
        parts = closed()
        literal = String.UnicodeScalarView()
        index += 1
        parts.append(try placeholder())
        continue
      case "}":
        guard plural != nil else {
          throw Message.Problem(description: "a '}' closes nothing; write '}' between apostrophes")
        }
        index += 1
        return closed()
      case "#":
        guard let plural else { fallthrough }
        parts = closed() + [.number(plural)]
        literal = String.UnicodeScalarView()
      default: literal.append(character)
      }
      index += 1
    }
    guard plural == nil else { throw Message.Problem(description: "a '{' is not closed") }
    return closed()
  }

  /// An apostrophe: quoted syntax, a doubled apostrophe, or itself.
  private mutating func quoted(insidePlural: Bool) -> String {
    index += 1
    guard index < characters.count else { return "'" }
    let next = characters[index]
    if next == "'" {
      index += 1
      return "'"
    }
    guard next == "{" || next == "}" || (insidePlural && next == "#") else { return "'" }
    var text = String.UnicodeScalarView()
    while index < characters.count, characters[index] != "'" {
      text.append(characters[index])
      index += 1
    }
    index += 1
    return String(text)
  }

  /// What follows an opening brace.
  private mutating func placeholder() throws(Message.Problem) -> Message.Part {
    let name = word()
    guard let first = name.first, first.isASCII, first.isLetter else {
      throw Message.Problem(description: "'{' is followed by '\(name)', which is no name of a placeholder")
    }
    if take("}") { return .argument(name) }
    guard take(","), word() == "plural", take(",") else {
      throw Message.Problem(
        description: "after '{\(name)' either '}' or ', plural, …' follows; nothing else of MessageFormat is read here")
    }
    return .plural(name, try branches(of: name))
  }

  private mutating func branches(of name: String) throws(Message.Problem) -> [Message.Branch] {
    var branches: [Message.Branch] = []
    while !take("}") {
      guard index < characters.count else {
        throw Message.Problem(description: "the plural of '\(name)' is not closed")
      }
      let selector = try selector(of: name)
      guard !branches.contains(where: { $0.selector == selector }) else {
        throw Message.Problem(description: "the plural of '\(name)' has one form twice; keep one")
      }
      guard take("{") else {
        throw Message.Problem(description: "in the plural of '\(name)', each form is followed by its text in braces")
      }
      branches.append(Message.Branch(selector: selector, parts: try parts(plural: name)))
    }
    let missing = rule.categories.filter { category in
      !branches.contains { $0.selector == .category(category) }
    }
    guard missing.isEmpty else {
      throw Message.Problem(
        description:
          "the plural of '\(name)' lacks \(missing.map(\.rawValue).joined(separator: ", ")); whole numbers in this "
          + "language (plural-rule: \(rule.rawValue)) need \(rule.categories.map(\.rawValue).joined(separator: ", "))")
    }
    return branches
  }

  private mutating func selector(of name: String) throws(Message.Problem) -> Message.Branch.Selector {
    if take("=") {
      let digits = word()
      guard let number = Int(digits) else {
        throw Message.Problem(description: "in the plural of '\(name)', '=\(digits)' is no whole number")
      }
      return .exactly(number)
    }
    let found = word()
    guard let category = PluralRule.Category(rawValue: found),
      category == .other || rule.categories.contains(category)
    else {
      throw Message.Problem(
        description:
          "in the plural of '\(name)', '\(found)' is no form of this language (plural-rule: \(rule.rawValue)); it has "
          + rule.categories.map(\.rawValue).joined(separator: ", "))
    }
    return .category(category)
  }

  private mutating func skipSpace() {
    while index < characters.count, characters[index].properties.isWhitespace { index += 1 }
  }

  /// A word of ASCII letters, digits and hyphens; empty if there is none.
  private mutating func word() -> String {
    skipSpace()
    var word = ""
    while index < characters.count, characters[index].isASCII,
      Character(characters[index]).isLetter || Character(characters[index]).isNumber || characters[index] == "-"
    {
      word.unicodeScalars.append(characters[index])
      index += 1
    }
    return word
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard index < characters.count, characters[index] == character else { return false }
    index += 1
    return true
  }
}
