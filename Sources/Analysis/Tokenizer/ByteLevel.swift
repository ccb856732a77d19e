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

  /// The byte characters of the text's UTF-8.
  static func encoded(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for scalar in text {
      if scalar.isASCII {
        result.append(scalars[Int(scalar.value)])
      } else {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { result.append(scalars[Int(byte)]) }
      }
    }
    return result
  }

  /// The bytes that the characters stand for, nil if one stands for none.
  static func decoded<Scalars: Collection<Unicode.Scalar>>(_ text: Scalars) -> [UInt8]? {
    let bytes = text.compactMap { self.bytes[$0] }
    return bytes.count == text.count ? bytes : nil
  }

  /// Cuts text as GPT-2's pattern does:
  /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, first alternative that matches.
  /// - Complexity: O(scalars).
  static func words(_ text: [Unicode.Scalar]) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start = 0
    while start < text.count {
      let end = wordEnd(text, from: start)
      words.append(start..<end)
      start = end
    }
    return words
  }

  private enum Kind { case letter, number, space, other }

  private static func kind(_ scalar: Unicode.Scalar) -> Kind {
    if scalar.properties.isWhitespace { return .space }
    switch UnicodeVersions.regexCategory(scalar) {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .number
    default: return .other
    }
  }

  private static let contractions: [[Unicode.Scalar]] = ["s", "t", "re", "ve", "m", "ll", "d"].map {
    Array($0.unicodeScalars)
  }

  private static func wordEnd(_ text: [Unicode.Scalar], from start: Int) -> Int {
    if text[start] == "'" {
      let rest = text[(start + 1)...]
      if let ending = contractions.first(where: { rest.starts(with: $0) }) { return start + 1 + ending.count }
    }
    // One optional space, then a run of one kind.
    let run = text[start] == " " && start + 1 < text.count && kind(text[start + 1]) != .space ? start + 1 : start
    let wanted = kind(text[run])
    var end = run + 1
    while end < text.count, kind(text[end]) == wanted { end += 1 }
    guard wanted == .space, end < text.count else { return end }
    // `\s+(?!\S)` gives the last space to the word that follows; a single space of another kind than " " stays alone.
    return end - 1 > run ? end - 1 : end
  }
}
