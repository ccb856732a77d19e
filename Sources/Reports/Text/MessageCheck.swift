/// What a project's own wording of a message must keep, so that words cannot lie about what code has counted and decided.
///
/// A translation cannot be checked for its meaning; the program's own names of states stand beside it (`InterfaceText.marked`). In an
/// installed language, what names a state or carries a value stays as it is installed.
struct MessageCheck {
  let key: String
  let english: Message
  /// The message as it is installed in the language; nil if the language is not.
  let installed: Message?
  let claims: ForbiddenClaims

  init(_ key: String, english: Message, installed: Message? = nil, claims: ForbiddenClaims) {
    self.key = key
    self.english = english
    self.installed = installed
    self.claims = claims
  }

  /// What is wrong, in words that follow the key; nil if nothing is.
  func problem(in message: Message, _ text: String) -> String? {
    if let problem = Self.unprintable(text) { return problem }
    let lost = english.alwaysPrinted.subtracting(message.alwaysPrinted).sorted()
    if let name = lost.first {
      return "does not print {\(name)} in every form of its plurals; each form needs it, or '#' for the number itself"
    }
    if let problem = numbers(in: message) ?? brackets(in: message) ?? marks(in: message) { return problem }
    if let claim = ClaimLinter(claims).violation(in: message) {
      return "says \"\(claim)\", which no measurement supports; say it in other words"
    }
    if let installed, isFixed, message != installed {
      return
        "names a state, carries a value or explains one, and this language is installed: it reads \(Self.shown(installed)); put "
        + "that back, or take away the project's files of the language"
    }
    return nil
  }

  /// Characters that act on a page or are not seen, and what looks like markup.
  static func unprintable(_ text: String) -> String? {
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let name = "U+" + String(scalar.value, radix: 16, uppercase: true)
      switch scalar.properties.generalCategory {
      case .control where scalar != "\n", .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        return "holds the character \(name), which is no part of a text; take it out"
      case .format:
        return "holds the character \(name), which is not seen or turns the direction of writing; take it out"
      case .nonspacingMark, .spacingMark, .enclosingMark:
        let before = index > 0 ? scalars[index - 1] : " "
        if !before.properties.isAlphabetic && before.properties.generalCategory != .nonspacingMark {
          return "holds the combining mark \(name) on no letter; take it out"
        }
      default: break
      }
      if scalar == "<", index + 1 < scalars.count, isMarkup(scalars[index + 1]) {
        return "holds markup; it would be printed as it stands, so write plain text"
      }
    }
    return nil
  }

  private static func isMarkup(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || ["/", "!", "?"].contains(scalar)
  }

  private static func shown(_ message: Message) -> String {
    "'" + PlainText.shortened(PlainText.oneLine(message.wordings[0].replacingScalars(gap, with: "…")), to: 80) + "'"
  }

  private static let gap = Message.gap

  // MARK: Values

  /// A digit beside a value makes it another value, and a number that English has not is none of code's.
  private func numbers(in message: Message) -> String? {
    let known = Set(english.literals.flatMap { Self.numbers($0.text) })
    let ours = english.literals.contains { Self.touches($0) }
    for literal in message.literals {
      if Self.touches(literal), !ours {
        return "has a digit right beside a placeholder; the number would be another one"
      }
      if let number = Self.numbers(literal.text).first(where: { !known.contains($0) }) {
        return "has the number \(number), which English has not; numbers come from code, so use the placeholders"
      }
    }
    return nil
  }

  private static func touches(_ literal: (text: String, afterValue: Bool, beforeValue: Bool)) -> Bool {
    let scalars = literal.text.unicodeScalars
    return literal.afterValue && scalars.first.map(isNumeric) == true
      || literal.beforeValue && scalars.last.map(isNumeric) == true
  }

  private static func numbers(_ text: String) -> [String] {
    text.unicodeScalars.split { !isNumeric($0) }.map { String($0) }
  }

  /// Digits of any script and what else stands for a number, but for letters and ideographs that do.
  private static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .decimalNumber, .otherNumber, .letterNumber: true
    default: false
    }
  }

  /// Square brackets are the program's marks.
  private func brackets(in message: Message) -> String? {
    let allowed = english.literals.reduce(0) { $0 + Self.brackets($1.text) }
    guard message.literals.contains(where: { Self.brackets($0.text) > allowed }) else { return nil }
    return "has a square bracket, which is kept for the program’s own names of states; use other brackets"
  }

  private static func brackets(_ text: String) -> Int {
    text.unicodeScalars.count { "[]［］【】〔〕⟦⟧〚〛⁅⁆".unicodeScalars.contains($0) }
  }

  /// A mark at the beginning of a piece would change the value before it.
  private func marks(in message: Message) -> String? {
    for literal in message.literals {
      switch literal.text.unicodeScalars.first?.properties.generalCategory {
      case .nonspacingMark, .spacingMark, .enclosingMark:
        return "has a combining mark behind a placeholder; take it out"
      default: break
      }
      // A minus sign or a decimal mark before a value does the same.
      if literal.beforeValue, let last = literal.text.unicodeScalars.last, "−-+.,±".unicodeScalars.contains(last),
        !english.literals.contains(where: { $0.beforeValue && $0.text.unicodeScalars.last == last })
      {
        return "has '\(last)' right before a placeholder; the number would be another one"
      }
    }
    return nil
  }

  // MARK: Installed languages

  /// Whether the message stays as it is installed: all but headings and the furniture of a page name states and verdicts, carry values
  /// or explain them.
  private var isFixed: Bool {
    guard english.arguments.isEmpty, english.columns == 1 else { return true }
    return
      !(key.endsWith(".heading") || key.endsWith("-link") || key.endsWith("-summary") || Self.furniture.contains(key))
  }

  private static let furniture: Set = ["page.skip-to-content", "page.contents", "page.in-words"]
}
