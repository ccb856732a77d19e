import Foundation
import Synchronization

/// Identifiers of runs: UUID version 7 (RFC 9562 section 5.7), lower case.
///
/// 48 bits of Unix time in milliseconds, a 12-bit counter, 62 random bits. Within a process each identifier is greater
/// than the one before, also when the clock stands still or goes back (RFC 9562 section 6.2, method 1).
public enum RunIdentifier {
  private static let generator = Mutex(Generator())

  /// A new identifier.
  public static func next() -> String {
    let now = UInt64(max(0, Timestamp.milliseconds()))
    return generator.withLock { generator in
      var random = SystemRandomNumberGenerator()
      return generator.next(milliseconds: now, random: &random)
    }
  }

  /// Whether a text is a UUID of version 7 and variant 10 in lower case.
  public static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 36, bytes[14] == UInt8(ascii: "7"), "89ab".utf8.contains(bytes[19]) else { return false }
    return bytes.enumerated().allSatisfy { index, byte in
      [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : "0123456789abcdef".utf8.contains(byte)
    }
  }

  /// When an identifier was given, as it says itself: UTC, RFC 3339 with milliseconds; nil if it is none.
  public static func time(_ id: String) -> String? {
    guard isValid(id), let milliseconds = Int64(id.prefix(13).replacingOccurrences(of: "-", with: ""), radix: 16) else {
      return nil
    }
    return Timestamp.text(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
  }

  /// Keeps what makes identifiers of one process rise.
  struct Generator {
    private var milliseconds: UInt64 = 0
    private var counter: UInt64 = 0

    /// The next identifier at a time.
    /// - Parameter milliseconds: Unix time; an earlier time than before counts as no time passed.
    mutating func next(milliseconds now: UInt64, random: inout some RandomNumberGenerator) -> String {
      if now > milliseconds {
        milliseconds = now
        // The counter begins in its lower half, so that there is room to count.
        counter = random.next() & 0x7FF
      } else if counter < 0xFFF {
        counter += 1
      } else {
        milliseconds += 1
        counter = 0
      }
      let high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | counter
      let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
      let digits = Self.hex(high) + Self.hex(low)
      var text = ""
      for (index, digit) in digits.enumerated() {
        if [8, 12, 16, 20].contains(index) { text.append("-") }
        text.append(digit)
      }
      return text
    }

    private static func hex(_ value: UInt64) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
  }
}
