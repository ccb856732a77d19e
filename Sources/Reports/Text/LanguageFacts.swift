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
      for name in names where text.components(separatedBy: "{\(name)}").count != 2 {
        throw section.error(.badValue, at: key, "'\(key)' must hold {\(name)} once.")
      }
      return text
    }
    name = try section.text("name")
    plural = try section.choice("plural-rule", of: PluralRule.self)
    decimalMark = try section.text("decimal-mark")
    // A space of some kind is a mark too, which StrictMapping takes for nothing.
    groupMark = try section.characters("group-mark")
    percent = try marked("percent", ["number"])
    notFinite = try section.text("not-finite")
    date = try marked("date", ["year", "month", "day"])
    quoteOpen = try section.text("quote-open")
    quoteClose = try section.text("quote-close")
  }
}
