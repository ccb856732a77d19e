import Foundation

/// A Unicode normalization form (UAX #15) as Hugging Face's `tokenizers` computes it.
enum UnicodeForm: String, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  /// The text in this form. The library's tables are those of Unicode 9: later scalars are left as they are and nothing
  /// composes or reorders across them.
  /// - Complexity: O(scalars), and O(n log n) in the marks of one character.
  func callAsFunction(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    // Nothing below these changes, alone or after another.
    let stable: UInt32 = self == .nfc ? 0x300 : 0x80
    guard text.contains(where: { $0.value >= stable }) else { return text }
    var decomposed: [Unicode.Scalar] = []
    decomposed.reserveCapacity(text.count)
    for scalar in text { append(scalar, to: &decomposed) }
    Self.reorder(&decomposed)
    return self == .nfc || self == .nfkc ? CanonicalComposition.composed(decomposed) : decomposed
  }

  /// Appends what a scalar decomposes to.
  private func append(_ scalar: Unicode.Scalar, to result: inout [Unicode.Scalar]) {
    // Nothing below decomposes, and no ideograph of these blocks.
    guard scalar.value >= 0xA0, !(0x3400...0x9FFF).contains(scalar.value), UnicodeVersions.isAssigned(scalar, in: 9)
    else { return result.append(scalar) }
    let text = String(scalar)
    result.append(
      contentsOf: (self == .nfc || self == .nfd
        ? text.decomposedStringWithCanonicalMapping : text.decomposedStringWithCompatibilityMapping).unicodeScalars)
  }

  /// The canonical combining class; 0 for what Unicode 9 does not know.
  static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    guard scalar.value >= 0x300, UnicodeVersions.isAssigned(scalar, in: 9) else { return 0 }
    return scalar.properties.canonicalCombiningClass.rawValue
  }

  /// Puts each run of marks in the order of their classes, those of one class as they stand (canonical ordering, D109). Foundation
  /// does so scalar by scalar of the text, and leaves the marks apart that one scalar decomposes to (U+0F73).
  private static func reorder(_ text: inout [Unicode.Scalar]) {
    var start = 0
    while start < text.count {
      guard combiningClass(text[start]) != 0 else {
        start += 1
        continue
      }
      var end = start + 1
      while end < text.count, combiningClass(text[end]) != 0 { end += 1 }
      if end - start > 1 {
        // Swift's sort is stable only in practice; the position makes it so by rule.
        let marks = text[start..<end].enumerated().map {
          (order: combiningClass($0.element), place: $0.offset, scalar: $0.element)
        }
        text.replaceSubrange(
          start..<end, with: marks.sorted { ($0.order, $0.place) < ($1.order, $1.place) }.map(\.scalar))
      }
      start = end
    }
  }
}

/// Canonical composition (UAX #15, D117) of decomposed, ordered text.
enum CanonicalComposition {
  private struct Pair: Hashable {
    let first: Unicode.Scalar
    let second: Unicode.Scalar
  }

  /// Where characters are that two others compose to, in Unicode 9.
  private static let ranges: [ClosedRange<UInt32>] = [0xC0...0x233, 0x340...0x1200, 0x1B00...0x30FF, 0x11000...0x11FFF]

  /// Primary composites by the two scalars that they are made of.
  private static let composites: [Pair: Unicode.Scalar] = {
    var wholes: [[Unicode.Scalar]: Unicode.Scalar] = [:]
    for scalar in ranges.joined().compactMap(Unicode.Scalar.init)
    where UnicodeVersions.isAssigned(scalar, in: 9) && !scalar.properties.isFullCompositionExclusion {
      let parts = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
      if parts.count > 1 { wholes[parts] = scalar }
    }
    var pairs: [Pair: Unicode.Scalar] = [:]
    for (parts, scalar) in wholes {
      guard let last = parts.last else { continue }
      let rest = Array(parts.dropLast())
      if let first = rest.count == 1 ? rest[0] : wholes[rest] { pairs[Pair(first: first, second: last)] = scalar }
    }
    return pairs
  }()

  private static func composite(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    let (a, b) = (first.value, second.value)
    if (0x1100..<0x1113).contains(a), (0x1161..<0x1176).contains(b) {
      return Unicode.Scalar(0xAC00 + ((a - 0x1100) * 21 + b - 0x1161) * 28)
    }
    if (0xAC00...0xD7A3).contains(a), (a - 0xAC00).isMultiple(of: 28), (0x11A8..<0x11C3).contains(b) {
      return Unicode.Scalar(a + b - 0x11A7)
    }
    guard b >= 0x300 else { return nil }
    return composites[Pair(first: first, second: second)]
  }

  /// - Complexity: O(scalars).
  static func composed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var starter: Int?
    var last: UInt8 = 0
    for scalar in text {
      let order = UnicodeForm.combiningClass(scalar)
      // Blocked if a mark of the same or a higher class, or another starter, stands between.
      if let place = starter, place == result.count - 1 || last < order && last != 0,
        let whole = composite(result[place], scalar)
      {
        result[place] = whole
        continue
      }
      if order == 0 { starter = result.count }
      last = order
      result.append(scalar)
    }
    return result
  }
}
