public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Points in time as records have them: UTC, RFC 3339 with milliseconds, e.g. `2026-11-23T09:41:07.250Z`.
public enum Timestamp {
  /// Now.
  public static func now() -> String { text(milliseconds: milliseconds()) }

  /// A date, to the millisecond at or before it.
  public static func text(_ date: Date) -> String {
    text(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded(.down)))
  }

  /// Whether a text has this form and names a moment that exists (a leap second excepted).
  public static func isValid(_ text: String) -> Bool {
    guard text.utf8.count == 24, text.hasSuffix("Z"), isPrefix(String(text.dropLast())) else { return false }
    let numbers = text.split(whereSeparator: { "-T:.Z".contains($0) }).compactMap { Int($0) }
    return numbers.count == 7 && CalendarDate(String(text.prefix(10))) != nil && numbers[3] < 24 && numbers[4] < 60
      && numbers[5] < 60
  }

  /// The moment that a text of this form names; nil for another text.
  public static func date(_ text: String) -> Date? {
    guard isValid(text) else { return nil }
    let numbers = text.split(whereSeparator: { "-T:.Z".contains($0) }).compactMap { Int($0) }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(numbers[0] - 1900), Int32(numbers[1] - 1), Int32(numbers[2]))
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(numbers[3]), Int32(numbers[4]), Int32(numbers[5]))
    return Date(timeIntervalSince1970: Double(timegm(&parts)) + Double(numbers[6]) / 1000)
  }

  /// Whether a text is the beginning of such a text that ends with a whole part: `2026`, `2026-11-23`, `2026-11-23T09:41`.
  static func isPrefix(_ text: String) -> Bool {
    let pattern = Array("0000-00-00T00:00:00.000".utf8)
    let bytes = Array(text.utf8)
    guard [4, 7, 10, 13, 16, 19, 23].contains(bytes.count) else { return false }
    return zip(bytes, pattern).allSatisfy { byte, model in
      model == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == model
    }
  }

  /// Unix time in milliseconds.
  static func milliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private static func text(milliseconds: Int64) -> String {
    let (seconds, rest) = (
      Int64((Double(milliseconds) / 1000).rounded(.down)), (milliseconds % 1000 + 1000) % 1000
    )
    var moment = time_t(seconds)
    var parts = tm()
    gmtime_r(&moment, &parts)
    func padded(_ number: some BinaryInteger, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return padded(parts.tm_year + 1900, 4) + "-" + padded(parts.tm_mon + 1, 2) + "-" + padded(parts.tm_mday, 2) + "T"
      + padded(parts.tm_hour, 2) + ":" + padded(parts.tm_min, 2) + ":" + padded(parts.tm_sec, 2) + "."
      + padded(rest, 3) + "Z"
  }
}
