import Foundation

/// A picture that a page can show, as its bytes say it is; the ending of a name says nothing.
///
/// SVG is none of them: it can hold scripts and ask for other files.
public struct Picture: Sendable, Equatable {
  /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
  public var mediaType: String
  /// In pixels.
  public var width: Int
  /// In pixels.
  public var height: Int

  /// Reads the header of a picture; nil if the bytes are of none of these formats, end within the header, or have no area.
  ///
  /// PNG: W3C PNG 5.2 and 11.2.1 (IHDR comes first). JPEG: ITU-T T.81 B.2.2 (frame header). GIF: GIF89a 17 and 18. WebP: RFC 9649 2.
  /// - Complexity: O(1); O(size of what comes before the frame header) for JPEG.
  init?(_ bytes: Data) {
    let bytes = Bytes(bytes)
    guard let (mediaType, size) = Self.png(bytes) ?? Self.gif(bytes) ?? Self.webp(bytes) ?? Self.jpeg(bytes),
      size.width > 0, size.height > 0
    else { return nil }
    (self.mediaType, width, height) = (mediaType, size.width, size.height)
  }

  private typealias Header = (mediaType: String, size: (width: Int, height: Int))

  private static func png(_ bytes: Bytes) -> Header? {
    guard bytes.has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0), bytes.has("IHDR", at: 12),
      let width = bytes.big(16, 4), let height = bytes.big(20, 4)
    else { return nil }
    return ("image/png", (width, height))
  }

  private static func gif(_ bytes: Bytes) -> Header? {
    guard bytes.has("GIF87a", at: 0) || bytes.has("GIF89a", at: 0), let width = bytes.little(6, 2),
      let height = bytes.little(8, 2)
    else { return nil }
    return ("image/gif", (width, height))
  }

  private static func webp(_ bytes: Bytes) -> Header? {
    guard bytes.has("RIFF", at: 0), bytes.has("WEBP", at: 8) else { return nil }
    if bytes.has("VP8X", at: 12), let width = bytes.little(24, 3), let height = bytes.little(27, 3) {
      return ("image/webp", (width + 1, height + 1))
    }
    if bytes.has("VP8L", at: 12), bytes.has([0x2F], at: 20), let packed = bytes.little(21, 4) {
      return ("image/webp", ((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1))
    }
    if bytes.has("VP8 ", at: 12), bytes.has([0x9D, 0x01, 0x2A], at: 23), let width = bytes.little(26, 2),
      let height = bytes.little(28, 2)
    {
      return ("image/webp", (width & 0x3FFF, height & 0x3FFF))
    }
    return nil
  }

  private static func jpeg(_ bytes: Bytes) -> Header? {
    guard bytes.has([0xFF, 0xD8, 0xFF], at: 0) else { return nil }
    var place = 2
    while let mark = bytes.big(place, 1), mark == 0xFF, let kind = bytes.big(place + 1, 1) {
      switch kind {
      case 0xFF: place += 1  // fill bytes before a marker
      case 0x01, 0xD0...0xD7: place += 2  // markers without a length
      case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        guard let height = bytes.big(place + 5, 2), let width = bytes.big(place + 7, 2) else { return nil }
        return ("image/jpeg", (width, height))
      case 0xD8, 0xD9, 0xDA: return nil  // the scan begins before any frame
      default:
        guard let length = bytes.big(place + 2, 2), length >= 2 else { return nil }
        place += 2 + length
      }
    }
    return nil
  }

  /// Bytes from 0, read within their bounds.
  private struct Bytes {
    private let data: Data

    init(_ data: Data) { self.data = data }

    func has(_ text: String, at place: Int) -> Bool { has(Array(text.utf8), at: place) }

    func has(_ expected: [UInt8], at place: Int) -> Bool {
      data.count >= place + expected.count && data.dropFirst(place).starts(with: expected)
    }

    func big(_ place: Int, _ count: Int) -> Int? { number(place, count) { Array($0) } }

    func little(_ place: Int, _ count: Int) -> Int? { number(place, count) { $0.reversed() } }

    private func number(_ place: Int, _ count: Int, _ order: (Data) -> [UInt8]) -> Int? {
      guard data.count >= place + count else { return nil }
      return order(data.dropFirst(place).prefix(count)).reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
