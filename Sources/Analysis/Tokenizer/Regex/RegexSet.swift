/// A set of scalars in a regular expression.
indirect enum RegexSet: Sendable {
  case range(ClosedRange<UInt32>)
  /// General categories, one bit each in the order of `RegexSet.categories`.
  case categories(UInt32)
  case whiteSpace
  case word
  /// `\w` outside brackets.
  case wordOutsideBrackets
  case alphabetic
  case uppercase
  case lowercase
  /// Of a script, or another property that has a table of its own.
  case table([ClosedRange<UInt32>])
  case any([RegexSet])
  case both(RegexSet, RegexSet)
  case not(RegexSet)
  /// A scalar belongs if it or another case of it does.
  case ignoringCase(RegexSet)

  static func scalar(_ scalar: Unicode.Scalar) -> RegexSet { .range(scalar.value...scalar.value) }

  static let digit = RegexSet.named("Nd") ?? .any([])
  static let everything = RegexSet.range(0...0x10FFFF)
  static let hexadecimalDigit = RegexSet.any([.range(0x30...0x39), .range(0x41...0x46), .range(0x61...0x66)])

  /// - Complexity: O(parts of the set).
  func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .range(let range): return range.contains(scalar.value)
    case .categories(let bits): return bits >> Self.bit(UnicodeVersions.regexCategory(scalar)) & 1 == 1
    case .whiteSpace: return scalar.properties.isWhitespace
    case .word: return UnicodeVersions.isRegexWordInBrackets(scalar)
    case .wordOutsideBrackets: return UnicodeVersions.isRegexWord(scalar)
    case .alphabetic: return UnicodeVersions.isAssigned(scalar, in: 16) && scalar.properties.isAlphabetic
    case .uppercase: return UnicodeVersions.isAssigned(scalar, in: 16) && scalar.properties.isUppercase
    case .lowercase: return UnicodeVersions.isRegexLowercase(scalar)
    case .table(let ranges): return ranges.contains { $0.contains(scalar.value) }
    case .any(let sets): return sets.contains { $0.contains(scalar) }
    case .both(let left, let right): return left.contains(scalar) && right.contains(scalar)
    case .not(let set): return !set.contains(scalar)
    case .ignoringCase(let set): return CaseFolding.cases(of: scalar).contains { set.contains($0) }
    }
  }

  /// How many sets it is made of; each other case of a scalar counts as one more look, and so do four ranges of a table.
  var parts: Int {
    switch self {
    case .range, .categories, .whiteSpace, .word, .wordOutsideBrackets, .alphabetic, .uppercase, .lowercase: 1
    case .table(let ranges): 1 + ranges.count / 4
    case .any(let sets): 1 + sets.reduce(0) { $0 + $1.parts }
    case .both(let left, let right): 1 + left.parts + right.parts
    case .not(let set): 1 + set.parts
    case .ignoringCase(let set): 1 + 4 * set.parts
    }
  }

  private static let categories: [String] = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
    "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  private static func bit(_ category: Unicode.GeneralCategory) -> UInt32 {
    switch category {
    case .uppercaseLetter: 0
    case .lowercaseLetter: 1
    case .titlecaseLetter: 2
    case .modifierLetter: 3
    case .otherLetter: 4
    case .nonspacingMark: 5
    case .spacingMark: 6
    case .enclosingMark: 7
    case .decimalNumber: 8
    case .letterNumber: 9
    case .otherNumber: 10
    case .connectorPunctuation: 11
    case .dashPunctuation: 12
    case .openPunctuation: 13
    case .closePunctuation: 14
    case .initialPunctuation: 15
    case .finalPunctuation: 16
    case .otherPunctuation: 17
    case .mathSymbol: 18
    case .currencySymbol: 19
    case .modifierSymbol: 20
    case .otherSymbol: 21
    case .spaceSeparator: 22
    case .lineSeparator: 23
    case .paragraphSeparator: 24
    case .control: 25
    case .format: 26
    case .surrogate: 27
    case .privateUse: 28
    default: 29
    }
  }

  /// The set of `\p{name}` for a general category, `L` or `Lu` and so on; nil for another name.
  static func named(_ name: String) -> RegexSet? {
    let wanted = name.lowercased()
    guard (1...2).contains(wanted.utf8.count) else { return nil }
    var bits: UInt32 = 0
    for (number, category) in categories.enumerated() where category.lowercased().hasPrefix(wanted) {
      bits |= 1 << UInt32(number)
    }
    return bits == 0 ? nil : .categories(bits)
  }
}

/// A set with its answers for ASCII worked out.
struct CompiledRegexSet: Sendable {
  private let low: UInt64
  private let high: UInt64
  private let set: RegexSet

  init(_ set: RegexSet) {
    var words: [UInt64] = [0, 0]
    for value in 0..<128 where set.contains(Unicode.Scalar(UInt8(value))) {
      words[value >> 6] |= 1 << UInt64(value & 63)
    }
    (low, high) = (words[0], words[1])
    self.set = set
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 64 { return low >> UInt64(value) & 1 == 1 }
    if value < 128 { return high >> UInt64(value - 64) & 1 == 1 }
    return set.contains(scalar)
  }
}
