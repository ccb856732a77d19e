/// How long documentation is kept: "for a period ending 10 years after the high-risk AI system has been placed on the market
/// or put into service" (Regulation (EU) 2024/1689, Article 18(1)).
public enum Retention {
  /// The years of Article 18(1).
  public static let years = 10

  /// The last day on which documentation is to be kept.
  ///
  /// A period in years ends on the day of the same date (`CalendarDate.yearsLater`).
  /// - Parameter date: when the system was placed on the market or put into service, `YYYY-MM-DD`.
  /// - Returns: a date in the same form; nil if `date` has not that form, or the last day lies after the year 9999.
  public static func keepUntil(placedOnMarket date: String) -> String? {
    CalendarDate(date)?.yearsLater(years)?.description
  }
}
