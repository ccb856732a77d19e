/// How long documentation is kept: "for a period ending 10 years after the high-risk AI system has been placed on the market
/// or put into service" (Regulation (EU) 2024/1689, Article 18(1)).
public enum Retention {
  /// The years of Article 18(1).
  public static let years = 10

  /// The last day on which documentation is to be kept.
  ///
  /// A period in years ends on the day of the same date; if the last month has no such day, on its last day (Regulation
  /// (EEC, Euratom) No 1182/71, Article 3(2)(c)).
  /// - Parameter date: when the system was placed on the market or put into service, `YYYY-MM-DD`.
  /// - Returns: a date in the same form; nil if `date` has not that form.
  public static func keepUntil(placedOnMarket date: String) -> String? {
    let parts = date.split(separator: "-", omittingEmptySubsequences: false)
    guard Timestamp.isValid("\(date)T00:00:00.000Z"), let year = Int(parts[0]) else { return nil }
    let last = year + years
    let isLeap = last % 4 == 0 && (last % 100 != 0 || last % 400 == 0)
    return "\(last)-\(parts[1])-\(parts[1] == "02" && parts[2] == "29" && !isLeap ? "28" : parts[2])"
  }
}
