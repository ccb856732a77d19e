/// Phrasings by which a provider claims conformity or freedom from bias, in one language.
///
/// A phrase is words as `ClaimLinter` reads them: small letters without marks; `*` at an end of a word stands for any letters there, and
/// `…` for up to three words between.
struct ClaimRules {
  /// One phrasing.
  struct Rule {
    /// Its words.
    let phrase: [Substring]
    /// Words of which one must follow, within eight words (empty: none must).
    let about: [Substring]

    init(_ phrase: String, about: String = "") {
      self.phrase = phrase.split(separator: " ")
      self.about = about.split(separator: " ")
    }
  }

  /// Words that `…` stands for at the most.
  static let widestGap = 3

  /// The phrasings.
  let rules: [Rule]
  /// Words that turn a clause into no claim if they stand before the phrase.
  let negations: Set<Substring>
  /// Word pairs that only look like a negation, e.g. `not only`.
  let falseNegations: [[Substring]]
  /// Words that turn it into a demand or an aim if they stand at most three words before the phrase.
  let demands: Set<Substring>
  /// Words after which `to` begins no demand, e.g. `shown to be`.
  let assertions: Set<Substring>
  /// Words around which `bias` is a part of a model or a property of an estimator.
  let technical: [Substring]
  /// Whether a negation may also stand behind the phrase.
  let negatesBehind: Bool

  /// Every language that is known. What language a statement is in is not asked: each is tried.
  static let all = [english, german]

  private static func rules(_ phrases: [String], about: String = "") -> [Rule] {
    phrases.map { Rule($0, about: about) }
  }

  private static let laws =
    "act* regulation* directive* law* legislation gdpr article* art annex* chapter requirement* obligation* provision* standard* iso iec "
    + "en ce rule* criteria code* norm*"

  private static let english = ClaimRules(
    rules: rules(
      [
        "complies with", "comply with", "complied with", "complying with", "conforms to", "conform to", "conforms with",
        "conform with", "meets", "meet", "satisfies", "satisfy", "fulfils", "fulfills", "fulfil", "fulfill",
        "adheres to",
        "in accordance with all", "in line with all",
      ], about: laws)
      + rules(
        [
          "in compliance with", "compliant",
          "complies fully",
          "fully complies", "in conformity with", "is conformant", "is in conformity", "ce conform*",
          "conformity is given",
          "conformity is established", "is lawful", "is legal", "legally sound",
        ])
      + rules(
        [
          "unbiased", "bias free", "biasfree", "free of … bias*", "free from … bias*", "no … bias", "no biases",
          "without … bias",
          "without biases", "not biased", "never biased", "isn t biased", "zero bias", "debiased", "eliminates … bias*",
          "removes … bias*", "bias* … eliminated", "bias* … removed", "bias* … ruled out", "excludes … bias*",
          "non discriminatory",
          "nondiscriminatory", "not discriminatory", "not discriminate*", "never discriminate*", "no … discrimination",
          "no … discriminated", "nobody … discriminated",
          "without … discrimination", "free of … discrimination", "free from … discrimination", "free of … prejudice*",
          "free from … prejudice*", "is fair", "are fair", "fully fair", "fair decisions", "fair treatment",
          "fairness is ensured",
          "fairness is guaranteed", "treats … equally", "treats … fairly", "treats … alike", "treated … equally",
          "treated … fairly",
        ]),
    negations: [
      "not", "no", "never", "nobody", "none", "nor", "neither", "cannot", "t", "without", "whether", "if", "unless",
      "until",
      "nothing", "non", "require", "requires",
    ],
    falseNegations: [
      ["not", "only"], ["no", "doubt"], ["without", "doubt"], ["nothing", "but"], ["without", "exception"],
    ],
    demands: ["must", "shall", "should", "would", "could", "may", "might", "to"],
    assertions: [
      "shown", "proven", "proved", "found", "known", "demonstrated", "verified", "confirmed", "considered", "certified",
      "believed",
      "guaranteed",
    ],
    technical: [
      "term*", "vector*", "parameter*", "weight*", "tensor*", "layer*", "projection*", "linear", "estimat*", "variance",
      "sampl*",
      "neuron*", "unit*",
    ], negatesBehind: false)

  private static let german = ClaimRules(
    rules: rules(
      [
        "entspricht", "entsprechen", "erfullt", "erfullen", "genugt", "genugen", "im einklang mit", "steht im einklang",
      ],
      about:
        "anforderung* vorgabe* vorschrift* verordnung* gesetz* recht* richtlinie* artikel* art anhang* anhangs ki* dsgvo norm* iso iec "
        + "bestimmung* pflicht*")
      + rules([
        "*konform", "*konforme", "*konformes", "*konformen", "konform mit", "rechtmassig", "unvoreingenommen*",
        "vorurteilsfrei*",
        "diskriminierungsfrei*", "verzerrungsfrei*", "biasfrei*", "bias frei*", "frei von … verzerrung*",
        "frei von … diskriminierung*",
        "frei von … bias", "frei von … vorurteil*", "frei von … voreingenommenheit", "keine … diskriminierung*",
        "keinerlei … diskriminierung*", "keine … verzerrung*", "keinen … bias", "kein … bias",
        "ohne … diskriminierung*",
        "ohne … verzerrung*", "ohne … bias", "diskriminiert nicht", "diskriminiert niemanden",
        "benachteiligt niemanden",
        "benachteiligt keine*", "unverzerrt", "ist fair", "sind fair", "faire entscheidungen", "behandelt … gleich",
      ]),
    negations: [
      "nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "niemand", "ob", "falls", "wenn",
      "weder", "ohne",
      "sofern",
    ],
    falseNegations: [["nicht", "nur"], ["ohne", "zweifel"], ["kein", "zweifel"], ["ohne", "ausnahme"]],
    demands: ["muss", "mussen", "soll", "sollen", "sollte", "sollten", "zu", "um", "konnte", "konnten", "durfte"],
    assertions: [],
    technical: [
      "term*", "vektor*", "parameter*", "gewicht*", "schicht*", "projektion*", "schatz*", "varianz", "stichprobe*",
      "neuron*",
    ], negatesBehind: true)
}
