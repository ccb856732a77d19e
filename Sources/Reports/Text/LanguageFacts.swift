import Foundation

/// What a language writes in its own way besides words.
struct LanguageFacts: Sendable, Equatable {
  /// Its own name, e.g. `English`.
  var name: String
  /// Which form of a word a number takes.
  var plural: PluralRule
  /// Between whole number and decimals, e.g. `.`.
  var decimalMark: String
  /// Between groups of three digits.
  var groupMark: String
  /// A share as per cent: `{number}` with the sign.
  var percent: String
  /// What stands for a value that is not finite.
  var notFinite: String
  /// A day: `{year}`, `{month}` and `{day}`, each in digits.
  var date: String
  /// Before a quoted word.
  var quoteOpen: String
  /// After a quoted word.
  var quoteClose: String

  /// The keys of the section `language`, in the order of the fields.
  static let keys = [
    "name", "plural-rule", "decimal-mark", "group-mark", "percent", "not-finite", "date",
    "quote-open", "quote-close",
  ]

  /// Reads the section.
  /// - Throws: `ReportsError` naming file, line and key.
  init(_ section: StrictMapping) throws {
    func marked(_ key: String, _ names: [String]) throws -> String {
      let text = try section.text(key)
      for name in names where text.splitScalars("{\(name)}").count != 2 {
        throw section.error(.badValue, at: key, "'\(key)' must hold {\(name)} once.")
      }
      let rest = names.reduce(text) { $0.replacingScalars("{\($1)}", with: "") }
      guard
        !rest.unicodeScalars.contains(where: { $0.properties.numericType != nil || "{}".unicodeScalars.contains($0) })
      else { throw section.error(.badValue, at: key, "'\(key)' holds a digit or a brace of its own; leave it out.") }
      return text
    }
    name = try section.text("name")
    plural = try section.choice("plural-rule", of: PluralRule.self)
    decimalMark = try Self.one(of: Self.decimalMarks, try section.text("decimal-mark"), "decimal-mark", section)
    // A space of some kind is a mark too, which StrictMapping takes for nothing.
    groupMark = try Self.one(of: Self.groupMarks, try section.characters("group-mark"), "group-mark", section)
    guard groupMark != decimalMark else {
      throw section.error(
        .badValue, at: "group-mark", "'group-mark' is the same as 'decimal-mark'; a number would be another.")
    }
    percent = try marked("percent", ["number"])
    let sign = percent.replacingScalars("{number}", with: "").unicodeScalars.filter { !$0.properties.isWhitespace }
    guard ["%", "\u{66A}"].contains(String(String.UnicodeScalarView(sign))) else {
      throw section.error(
        .badValue, at: "percent", "'percent' is {number}, one per cent sign and spaces, nothing else.")
    }
    notFinite = try section.text("not-finite")
    guard !notFinite.unicodeScalars.contains(where: { $0.properties.numericType != nil }) else {
      throw section.error(.badValue, at: "not-finite", "'not-finite' looks like a number; say it in words.")
    }
    date = try marked("date", ["year", "month", "day"])
    quoteOpen = try Self.quote("quote-open", section)
    quoteClose = try Self.quote("quote-close", section)
  }

  private static let decimalMarks = [".", ",", "\u{66B}"]
  private static let groupMarks = [" ", "\u{A0}", "\u{2009}", "\u{202F}", ".", ",", "'", "\u{2019}", "\u{66C}"]

  /// A mark that stands inside numbers: a digit there would make it another number.
  private static func one(of marks: [String], _ mark: String, _ key: String, _ section: StrictMapping) throws -> String
  {
    guard marks.contains(where: mark.isScalarEqual) else {
      let known = marks.map { $0.unicodeScalars.map { String($0.value, radix: 16, uppercase: true) }.joined() }
      throw section.error(
        .badValue, at: key,
        "'\(key)' is no mark that a language writes there; use one of these characters: U+\(known.joined(separator: ", U+"))."
      )
    }
    return mark
  }

  /// A quotation mark of some language, with a space if it has one.
  private static func quote(_ key: String, _ section: StrictMapping) throws -> String {
    let text = try section.text(key)
    let marks = Set("\"'«»‹›“”„‟‘’‚‛「」『』".unicodeScalars)
    guard text.unicodeScalars.count <= 3,
      text.unicodeScalars.allSatisfy({ marks.contains($0) || $0.properties.isWhitespace })
    else { throw section.error(.badValue, at: key, "'\(key)' is no quotation mark.") }
    return text
  }
}
