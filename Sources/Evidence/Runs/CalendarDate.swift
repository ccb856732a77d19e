/// A day of the Gregorian calendar, written `2026-11-23` (ISO 8601): the law's and the provider's dates have no time of day.
public struct CalendarDate: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The year, 1 to 9999.
  public let year: Int
  /// The month, 1 to 12.
  public let month: Int
  /// The day of the month, from 1.
  public let day: Int

  /// Reads `YYYY-MM-DD`; nil if the text has another form or names a day that does not exist.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2],
      parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, dayOfMonth: day)
  }

  /// A day from its numbers; nil if there is no such day.
  init?(year: Int, month: Int, dayOfMonth day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), (1...Self.daysIn(month: month, of: year)).contains(day)
    else { return nil }
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// ISO 8601.
  public var description: String {
    func padded(_ number: Int, to width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
  }

  /// The day by this machine's clock, UTC.
  public static var today: CalendarDate {
    guard let day = CalendarDate(String(Timestamp.now().prefix(10))) else {
      preconditionFailure("a time without a day")
    }
    return day
  }

  /// The earlier day is less.
  public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  /// Whole days from this day to another; negative if that is earlier.
  public func days(until other: CalendarDate) -> Int { other.dayNumber - dayNumber }

  /// The day of the same date so many years later; if that month has no such day, its last one (Regulation (EEC, Euratom) No 1182/71,
  /// Article 3(2)(c)). Nil after the year 9999.
  public func yearsLater(_ years: Int) -> CalendarDate? {
    let last = Self.daysIn(month: month, of: year + years)
    return CalendarDate(year: year + years, month: month, dayOfMonth: min(day, last))
  }

  /// Days since 1 January of the year 1.
  private var dayNumber: Int {
    let before = year - 1
    let years = before * 365 + before / 4 - before / 100 + before / 400
    return years + (1..<month).reduce(0) { $0 + Self.daysIn(month: $1, of: year) } + day - 1
  }

  private static func daysIn(month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
