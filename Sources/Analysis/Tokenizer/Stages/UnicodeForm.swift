import Foundation

/// A Unicode normalization form (UAX #15) as Hugging Face's `tokenizers` computes it.
enum UnicodeForm: String, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  /// The text in this form. The library's tables are those of Unicode 9: later scalars are left as they are and nothing
  /// composes or reorders across them.
  /// - Complexity: O(scalars).
  func callAsFunction(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    // Nothing below these changes, alone or after another.
    let stable: UInt32 = self == .nfc ? 0x300 : 0x80
    guard text.contains(where: { $0.value >= stable }) else { return text }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var known = String.UnicodeScalarView()
    for scalar in text {
      if UnicodeVersions.isAssigned(scalar, in: 9) {
        known.append(scalar)
      } else {
        result.append(contentsOf: normalized(String(known)))
        known = String.UnicodeScalarView()
        result.append(scalar)
      }
    }
    result.append(contentsOf: normalized(String(known)))
    return result
  }

  /// Foundation's composition leaves a Hangul syllable apart from a final consonant that follows it (U+D68C U+11AB); from
  /// decomposed text it composes them, as UAX #15 has it. So it is decomposed first.
  private func normalized(_ text: String) -> String.UnicodeScalarView {
    let decomposed =
      switch self {
      case .nfc, .nfd: text.decomposedStringWithCanonicalMapping
      case .nfkc, .nfkd: text.decomposedStringWithCompatibilityMapping
      }
    return switch self {
    case .nfc, .nfkc: decomposed.precomposedStringWithCanonicalMapping.unicodeScalars
    case .nfd, .nfkd: decomposed.unicodeScalars
    }
  }
}
