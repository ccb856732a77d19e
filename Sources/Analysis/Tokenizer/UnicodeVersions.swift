/// Character classes as the libraries under Hugging Face's `tokenizers` 0.22 see them.
///
/// Each of those libraries carries the tables of its own Unicode version: a letter of a later version is a letter to one and
/// unassigned to another. The standard library's tables are newer than all; with the version that assigned a scalar, and
/// the few scalars whose class changed since, they give the older answers. Measured over all 1,112,064 scalars.
enum UnicodeVersions {
  /// Whether a scalar was assigned in a version of Unicode.
  static func isAssigned(_ scalar: Unicode.Scalar, in major: Int) -> Bool {
    if scalar.isASCII { return true }
    guard let age = scalar.properties.age else { return false }
    return age.major < major || (age.major == major && age.minor == 0)
  }

  /// Oniguruma 6.9.10 (Unicode 16): the general category, nil for surrogates and what is unassigned.
  static func regexCategory(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
    // Unicode 17 made the glottal stop a letter without case.
    if scalar.value == 0x295 { return .lowercaseLetter }
    return isAssigned(scalar, in: 16) ? scalar.properties.generalCategory : .unassigned
  }

  /// Oniguruma's `\w` and `\b` outside brackets.
  static func isRegexWord(_ scalar: Unicode.Scalar) -> Bool {
    // Its table of the first 256 characters counts superscripts and fractions.
    if [0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE].contains(scalar.value) { return true }
    return isRegexWordInBrackets(scalar)
  }

  /// Oniguruma's `[\w]` and `[[:word:]]`.
  static func isRegexWordInBrackets(_ scalar: Unicode.Scalar) -> Bool {
    isWord(scalar) && !scalar.properties.isJoinControl
  }

  /// Oniguruma's `[[:lower:]]` and `\p{Lowercase}`.
  static func isRegexLowercase(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x295 || (isAssigned(scalar, in: 16) && scalar.properties.isLowercase)
  }

  /// `\w` of Rust's `regex` crate (Unicode 16; UTS #18, Annex C).
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    guard isAssigned(scalar, in: 16) else { return false }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark: return true
    default: return properties.isAlphabetic || properties.isJoinControl
    }
  }

  /// Rust's `char::is_numeric`: every kind of number.
  static func isNumeric(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  /// Punctuation as BERT's pre-tokenizer takes it: ASCII's, and Unicode 8's.
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E, 0x166D, 0x111C9: return true
    case ..<0x80: return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return isAssigned(scalar, in: 8)
    default: return false
    }
  }

  /// What BERT's normalizer drops: control, format and private-use characters of Unicode 7 but for tab and line ends.
  static func isBertControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D: return false
    case 0, 0xFFFD: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse: return isAssigned(scalar, in: 7)
    default: return false
    }
  }

  /// The accents that BERT's normalizer drops after decomposition: nonspacing marks of Unicode 8.
  static func isBertAccent(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x300: return false
    case 0x1734, 0x1171E: return true
    case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
    default: return scalar.properties.generalCategory == .nonspacingMark && isAssigned(scalar, in: 8)
    }
  }

  /// The marks that the normalizer `StripAccents` drops: all kinds of marks of Unicode 9.
  static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x300: return false
    case 0x1CF2, 0x1CF3: return true
    case 0x111C9: return false
    default: break
    }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return isAssigned(scalar, in: 9)
    default: return false
    }
  }

  /// The ideographs that BERT's normalizer puts spaces around, by the blocks that `tokenizers` lists.
  static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F, 0x2B920...0x2CEAF,
      0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
