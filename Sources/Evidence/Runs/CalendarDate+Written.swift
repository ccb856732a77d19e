import Foundation

extension CalendarDate {
  /// Why a text is not read as a day.
  public enum Misreading: Error, Equatable, CustomStringConvertible {
    /// It has the form of no date.
    case noDate
    /// It has the form of a date, but the calendar has no such day.
    case noSuchDay
    /// The year has not four digits, so that nobody can tell it from a day.
    case shortYear
    /// Day and month may be exchanged: both readings.
    case ambiguous(CalendarDate, CalendarDate)

    /// The end of a sentence that began with the text, e.g. `which is no date; write it as 2026-03-31 or 31 March 2026`.
    public var description: String {
      switch self {
      case .noDate: "which is no date; write it as YYYY-MM-DD or as 31 March 2026"
      case .noSuchDay: "which is no day of the calendar; write it as YYYY-MM-DD or as 31 March 2026"
      case .shortYear: "whose year has not four digits; write it as YYYY-MM-DD or as 31 March 2026"
      case .ambiguous(let first, let second):
        "which can be read as \(first) (day first) and as \(second) (month first); write the one that is meant"
      }
    }
  }

  /// Reads a date as people write it: `2026-03-31`, `2026/03/31`, `31.03.2026`, `31 March 2026`, `March 31, 2026`, `31. März 2026`,
  /// `31/03/2026`. Names of months are English or German, whole or shortened to three letters or more.
  ///
  /// With full stops the day stands first (DIN 5008; nobody writes the month first so). With `/` or `-` and the year last, both orders
  /// are in use: the text is read only if one of them is a day, or if both are the same.
  /// - Throws: why not.
  public static func read(_ text: String) throws(Misreading) -> CalendarDate {
    if let date = CalendarDate(text) { return date }
    let text = text.trimmed
    guard text.utf8.count <= 40 else { throw .noDate }
    for mark in ["-", "/", "."] as [Character] {
      let parts = text.split(separator: mark, omittingEmptySubsequences: false).map { String($0).trimmed }
      guard parts.count == 3, let numbers = Self.numbers(parts) else { continue }
      return try read(numbers, mark: mark)
    }
    return try readWithName(text)
  }

  /// Three numbers between marks.
  private static func read(_ numbers: [Number], mark: Character) throws(Misreading) -> CalendarDate {
    if numbers[0].digits == 4 { return try day(numbers[0], numbers[1].value, numbers[2]) }
    if mark == "." { return try day(numbers[2], numbers[1].value, numbers[0]) }
    guard numbers[2].digits == 4 else { throw numbers[2].digits == 2 ? .shortYear : .noDate }
    let dayFirst = try? day(numbers[2], numbers[1].value, numbers[0])
    let monthFirst = try? day(numbers[2], numbers[0].value, numbers[1])
    guard let dayFirst, let monthFirst else {
      guard let only = dayFirst ?? monthFirst else { throw .noSuchDay }
      return only
    }
    guard dayFirst == monthFirst else { throw .ambiguous(dayFirst, monthFirst) }
    return dayFirst
  }

  /// A day, the name of a month and a year, or the name first.
  private static func readWithName(_ text: String) throws(Misreading) -> CalendarDate {
    let words = text.split { $0.isWhitespace || $0 == "," }.map(String.init)
    guard words.count == 3, let year = Number(words[2]) else { throw .noDate }
    for (name, number) in [(words[1], words[0]), (words[0], words[1])] {
      guard let month = month(named: name), let day = Number(withoutEnding(number)) else { continue }
      return try self.day(year, month, day)
    }
    throw .noDate
  }

  /// A day's number without what makes it an ordinal: `3.`, `3rd`.
  private static func withoutEnding(_ number: String) -> String {
    for ending in [".", "st", "nd", "rd", "th"] where number.lowercased().hasSuffix(ending) {
      return String(number.dropLast(ending.count))
    }
    return number
  }

  private static func day(_ year: Number, _ month: Int, _ day: Number) throws(Misreading) -> CalendarDate {
    guard year.digits == 4 else { throw year.digits == 2 ? .shortYear : .noDate }
    guard day.digits <= 2 else { throw .noDate }
    guard let date = CalendarDate(year: year.value, month: month, dayOfMonth: day.value) else { throw .noSuchDay }
    return date
  }

  /// Digits as written.
  private struct Number {
    let value: Int
    let digits: Int

    init?(_ text: String) {
      guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let value = Int(text)
      else { return nil }
      (self.value, digits) = (value, text.utf8.count)
    }
  }

  private static func numbers(_ texts: [String]) -> [Number]? {
    let numbers = texts.compactMap(Number.init)
    return numbers.count == texts.count ? numbers : nil
  }

  private static let months: [[String]] = [
    ["january", "januar", "jänner"], ["february", "februar"], ["march", "märz", "maerz"], ["april"], ["may", "mai"],
    ["june", "juni"], ["july", "juli"], ["august"], ["september"], ["october", "oktober"], ["november"],
    ["december", "dezember"],
  ]

  /// The month whose name this is, whole or its first three letters or more, with or without a full stop; 1 to 12.
  private static func month(named name: String) -> Int? {
    let name = name.lowercased().precomposedStringWithCanonicalMapping
    let letters = name.hasSuffix(".") ? String(name.dropLast()) : name
    guard letters.count >= 3 else { return nil }
    return months.firstIndex { $0.contains { $0.hasPrefix(letters) } }.map { $0 + 1 }
  }
}

extension String {
  /// Without white space at its ends.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
