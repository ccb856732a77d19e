/// The byte-level alphabet of GPT-2 (Radford et al. 2019, released `encoder.py`): each byte has one printable character.
enum ByteLevel {
  /// Character of each byte: printable Latin-1 stands for itself, the other 68 bytes for U+0100 onwards in order.
  static let scalars: [Unicode.Scalar] = {
    var next: UInt32 = 0x100
    return (0...255).map { byte -> Unicode.Scalar in
      let own = UInt32(byte)
      let printable = (0x21...0x7E).contains(own) || (0xA1...0xAC).contains(own) || (0xAE...0xFF).contains(own)
      let value = printable ? own : next
      if !printable { next += 1 }
      return Unicode.Scalar(value) ?? "?"
    }
  }()

  /// The byte that each character stands for.
  static let bytes: [Unicode.Scalar: UInt8] = Dictionary(
    uniqueKeysWithValues: scalars.enumerated().map { ($1, UInt8($0)) })

  /// Cuts text as GPT-2's pattern does:
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, first alternative that matches.
  /// - Complexity: O(scalars).
  static func words(_ text: String) -> [Substring.UnicodeScalarView] {
    let scalars = text.unicodeScalars
    var words: [Substring.UnicodeScalarView] = []
    var start = scalars.startIndex
    while start < scalars.endIndex {
      let end = wordEnd(scalars, from: start)
      words.append(scalars[start..<end])
      start = end
    }
    return words
  }

  private enum Kind { case letter, number, space, other }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    if scalar.properties.isWhitespace { return .space }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }

  private static let contractions: [[Unicode.Scalar]] = ["s", "t", "re", "ve", "m", "ll", "d"].map {
    Array($0.unicodeScalars)
  }

  private static func wordEnd(_ text: String.UnicodeScalarView, from start: String.Index) -> String.Index {
    if text[start] == "'" {
      let rest = text[text.index(after: start)...]
      if let ending = contractions.first(where: { rest.starts(with: $0) }) {
        return rest.index(rest.startIndex, offsetBy: ending.count)
      }
    }
    // One optional space, then a run of one kind.
    let second = text.index(after: start)
    let run = text[start] == " " && second < text.endIndex && kind(text[second]) != .space ? second : start
    let wanted = kind(text[run])
    var end = text.index(after: run)
    while end < text.endIndex, kind(text[end]) == wanted { end = text.index(after: end) }
    guard wanted == .space, end < text.endIndex else { return end }
    // `\s+(?!\S)` gives the last space to the word that follows; a single space of another kind than " " stays alone.
    let last = text.index(before: end)
    return last > run ? last : end
  }
}
