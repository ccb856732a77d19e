/// Which form of a word a whole number takes: the cardinal rules of Unicode CLDR (common/supplemental/plurals.xml, release 45)
/// for the official languages of the European Union, restricted to whole numbers.
enum PluralRule: String, Sendable, CaseIterable {
  /// Bulgarian, Danish, Dutch, English, Estonian, Finnish, German, Greek, Hungarian, Swedish.
  case oneOther = "one-other"
  /// Italian, Spanish, European Portuguese.
  case italian, spanish, portuguese
  case french, polish, czech, slovak, croatian, slovenian, lithuanian, latvian, romanian, irish, maltese
  /// No forms, as in Japanese.
  case none

  /// CLDR's names.
  enum Category: String, Sendable, CaseIterable {
    case zero, one, two, few, many, other
  }

  /// The categories that whole numbers take.
  var categories: [Category] {
    switch self {
    case .oneOther: [.one, .other]
    case .italian, .spanish, .portuguese, .french: [.one, .many, .other]
    case .polish: [.one, .few, .many]
    case .czech, .slovak, .croatian, .lithuanian, .romanian: [.one, .few, .other]
    case .slovenian: [.one, .two, .few, .other]
    case .latvian: [.zero, .one, .other]
    case .irish: [.one, .two, .few, .many, .other]
    case .maltese: [.one, .two, .few, .many, .other]
    case .none: [.other]
    }
  }

  /// The category of a whole number; its sign does not matter.
  func category(_ number: Int) -> Category {
    let n = number.magnitude
    let (ones, hundreds) = (n % 10, n % 100)
    switch self {
    case .none: return .other
    case .oneOther: return n == 1 ? .one : .other
    case .italian, .spanish, .portuguese:
      return n == 1 ? .one : n != 0 && n % 1_000_000 == 0 ? .many : .other
    case .french: return n <= 1 ? .one : n % 1_000_000 == 0 ? .many : .other
    case .polish:
      return n == 1 ? .one : (2...4).contains(ones) && !(12...14).contains(hundreds) ? .few : .many
    case .czech, .slovak: return n == 1 ? .one : (2...4).contains(n) ? .few : .other
    case .croatian:
      if ones == 1 && hundreds != 11 { return .one }
      return (2...4).contains(ones) && !(12...14).contains(hundreds) ? .few : .other
    case .slovenian:
      return hundreds == 1 ? .one : hundreds == 2 ? .two : (3...4).contains(hundreds) ? .few : .other
    case .lithuanian:
      if (11...19).contains(hundreds) { return .other }
      return ones == 1 ? .one : (2...9).contains(ones) ? .few : .other
    case .latvian:
      if ones == 0 || (11...19).contains(hundreds) { return .zero }
      return ones == 1 ? .one : .other
    case .romanian: return n == 1 ? .one : n == 0 || (1...19).contains(hundreds) ? .few : .other
    case .irish:
      return n == 1 ? .one : n == 2 ? .two : (3...6).contains(n) ? .few : (7...10).contains(n) ? .many : .other
    case .maltese:
      if n == 1 { return .one }
      if n == 2 { return .two }
      if n == 0 || (3...10).contains(hundreds) { return .few }
      return (11...19).contains(hundreds) ? .many : .other
    }
  }
}
