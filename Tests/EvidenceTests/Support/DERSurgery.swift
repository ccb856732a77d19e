import Foundation

/// Changes the ECDSA signature value of a CMS signature that ends with it, as those without unsigned attributes do, and mends
/// the lengths around it (X.690, the distinguished encoding rules).
enum DERSurgery {
  /// The order of P-256 (FIPS 186-5, SEC 2 section 2.4.2).
  private static let order: [UInt8] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7,
    0x17,
    0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
  ]

  /// The same signature with `n − s` in place of `s`: it holds too, and whoever has one can make the other.
  static func twin(_ der: Data) throws -> Data {
    try changing(der) { r, s in (r, trimmed(difference(order, s))) }
  }

  /// The same numbers, one of them with a zero before it that the rules forbid.
  static func notMinimal(_ der: Data) throws -> Data { try changing(der) { ($0, [0] + $1) } }

  private struct Malformed: Error {}

  private static func changing(_ der: Data, _ change: ([UInt8], [UInt8]) -> ([UInt8], [UInt8])) throws -> Data {
    Data(try replacingLast([UInt8](der), change))
  }

  /// Replaces the signature value, the innermost last element.
  private static func replacingLast(
    _ element: [UInt8], _ change: ([UInt8], [UInt8]) -> ([UInt8], [UInt8])
  ) throws -> [UInt8] {
    let (tag, content) = try split(element)
    if tag == 0x04 {
      let numbers = try children(try split(content).content).map { try split($0).content }
      guard numbers.count == 2 else { throw Malformed() }
      let (r, s) = change(numbers[0], numbers[1])
      return joined(0x04, joined(0x30, joined(0x02, r) + joined(0x02, s)))
    }
    let parts = try children(content)
    guard tag & 0x20 != 0, let last = parts.last else { throw Malformed() }
    return joined(tag, parts.dropLast().flatMap { $0 } + (try replacingLast(last, change)))
  }

  private static func split(_ element: [UInt8]) throws -> (tag: UInt8, content: [UInt8]) {
    let (header, length) = try size(element[...])
    guard header + length == element.count else { throw Malformed() }
    return (element[0], Array(element[header...]))
  }

  private static func size(_ bytes: ArraySlice<UInt8>) throws -> (header: Int, length: Int) {
    guard bytes.count >= 2 else { throw Malformed() }
    let first = bytes[bytes.startIndex + 1]
    guard first >= 0x80 else { return (2, Int(first)) }
    let count = Int(first & 0x7F)
    guard bytes.count >= 2 + count else { throw Malformed() }
    return (2 + count, bytes.dropFirst(2).prefix(count).reduce(0) { $0 << 8 | Int($1) })
  }

  private static func children(_ content: [UInt8]) throws -> [[UInt8]] {
    var (rest, found): (ArraySlice<UInt8>, [[UInt8]]) = (content[...], [])
    while !rest.isEmpty {
      let (header, length) = try size(rest)
      guard header + length <= rest.count else { throw Malformed() }
      found.append(Array(rest.prefix(header + length)))
      rest = rest.dropFirst(header + length)
    }
    return found
  }

  private static func joined(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
    let length =
      content.count < 0x100 ? [UInt8(content.count)] : [UInt8(content.count >> 8), UInt8(content.count & 0xFF)]
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }

  /// One big-endian number less another of at most as many bytes.
  private static func difference(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
    let low = Array(other.drop { $0 == 0 })
    var (result, borrow) = (one, 0)
    for place in 0..<one.count {
      let index = one.count - 1 - place
      let value = Int(one[index]) - (place < low.count ? Int(low[low.count - 1 - place]) : 0) - borrow
      (result[index], borrow) = (UInt8(truncatingIfNeeded: value), value < 0 ? 1 : 0)
    }
    return result
  }

  /// As an INTEGER has it: no needless zero, and one if the first bit would say that it is negative.
  private static func trimmed(_ number: [UInt8]) -> [UInt8] {
    let bytes = Array(number.drop { $0 == 0 })
    return bytes.first ?? 0 >= 0x80 ? [0] + bytes : bytes
  }
}
