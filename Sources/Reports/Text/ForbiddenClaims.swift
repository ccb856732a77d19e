/// Phrasings that a dossier never uses of its own accord, in one language: legal verdicts, grades, and claims that no measurement of
/// this kind supports. They stand in `claims:` of the language's files. A word ending in `*` stands for every word that begins so, `…` for
/// up to `ClaimLinter.widestGap` words between. Case, punctuation and marks on letters do not matter.
struct ForbiddenClaims: Sendable, Equatable {
  /// All of them.
  let all: [String]

  /// The kinds: verdicts about the law; judgements of persons' treatment, safety and quality; claims stronger than a measurement.
  static let keys = ["verdicts", "judgements", "overstatements"]
  /// A list with fewer of a kind has not been thought through, and would let nearly everything pass.
  static let fewest = 10

  /// Given ones.
  init(all: [String]) { self.all = all }

  /// Those of several languages together.
  init(_ parts: [ForbiddenClaims]) { self.init(all: parts.flatMap(\.all)) }

  /// Reads the section.
  /// - Throws: `ReportsError` naming file, line and key: a kind that is missing or short, a phrase that is given twice or has no word.
  init(_ section: StrictMapping) throws {
    var all: [String] = []
    for key in Self.keys {
      let phrases = try section.optionalTexts(key) ?? []
      guard phrases.count >= Self.fewest else {
        throw section.error(
          .missingKey, at: key,
          "'\(key)' has \(phrases.count) phrases; give at least \(Self.fewest) that a text in this language must not use, as in "
            + "\(InterfaceText.folderName)/\(InterfaceText.reference)/.")
      }
      for phrase in phrases {
        guard ClaimLinter.isRule(phrase), !all.contains(phrase) else {
          throw section.error(.badValue, at: key, "'\(key)' has '\(phrase)', which is there already or has no word.")
        }
        all.append(phrase)
      }
    }
    self.all = all
  }
}
