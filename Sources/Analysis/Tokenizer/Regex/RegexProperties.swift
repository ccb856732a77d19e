extension RegexSet {
  /// `[:name:]`, nil for a name that Oniguruma does not have.
  static func posix(_ name: String) -> RegexSet? {
    switch name {
    case "alnum": return .any([.alphabetic, digit])
    case "alpha": return .alphabetic
    case "ascii": return .range(0...0x7F)
    case "blank": return categories("Zs").map { .any([$0, .scalar("\t")]) }
    case "cntrl": return categories("Cc")
    case "digit": return digit
    case "graph": return categories("Cc", "Cn", "Cs", "Zs", "Zl", "Zp").map { .not($0) }
    case "lower": return .lowercase
    case "print": return categories("Cc", "Cn", "Cs", "Zl", "Zp").map { .not($0) }
    case "punct": return categories("P", "S")
    case "space": return .whiteSpace
    case "upper": return .uppercase
    case "word": return .word
    case "xdigit": return hexadecimalDigit
    default: return nil
    }
  }

  private static func categories(_ names: String...) -> RegexSet? {
    let sets = names.compactMap { named($0) }
    return sets.count == names.count ? .any(sets) : nil
  }

  private static let longNames: [String: String] = [
    "other": "C", "control": "Cc", "format": "Cf", "unassigned": "Cn", "privateuse": "Co", "surrogate": "Cs",
    "letter": "L",
    "lowercaseletter": "Ll", "modifierletter": "Lm", "otherletter": "Lo", "titlecaseletter": "Lt",
    "uppercaseletter": "Lu",
    "mark": "M", "combiningmark": "M", "spacingmark": "Mc", "enclosingmark": "Me", "nonspacingmark": "Mn",
    "number": "N",
    "decimalnumber": "Nd", "letternumber": "Nl", "othernumber": "No", "punctuation": "P", "punct": "P",
    "connectorpunctuation": "Pc", "dashpunctuation": "Pd", "closepunctuation": "Pe", "finalpunctuation": "Pf",
    "initialpunctuation": "Pi", "otherpunctuation": "Po", "openpunctuation": "Ps", "symbol": "S",
    "currencysymbol": "Sc",
    "modifiersymbol": "Sk", "mathsymbol": "Sm", "othersymbol": "So", "separator": "Z", "lineseparator": "Zl",
    "paragraphseparator": "Zp", "spaceseparator": "Zs",
  ]

  /// `\p{name}`: a general category, a class of `[:…:]`, a script or another property; nil for what the engine has no table of.
  static func property(_ name: String, inClass: Bool) -> RegexSet? {
    // Oniguruma passes over blanks, hyphens and low lines.
    let wanted = String(name.lowercased().filter { !" -_".contains($0) })
    if let category = named(longNames[wanted] ?? wanted) { return category }
    switch wanted {
    case "any": return everything
    case "assigned": return named("Cn").map { .not($0) }
    case "lc", "casedletter": return categories("Lu", "Ll", "Lt")
    case "alphabetic": return .alphabetic
    case "uppercase": return .uppercase
    case "lowercase": return .lowercase
    case "whitespace": return .whiteSpace
    case "word" where !inClass: return .wordOutsideBrackets
    default: return posix(wanted) ?? script(wanted)
    }
  }
}
