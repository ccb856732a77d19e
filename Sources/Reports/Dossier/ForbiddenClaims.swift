/// Phrasings that a dossier never uses of its own accord: legal verdicts, grades, and claims that no measurement of this
/// kind supports. A word ending in `*` stands for every word that begins so. Case and punctuation do not matter.
enum ForbiddenClaims {
  /// Verdicts about the law.
  static let verdicts = [
    "meets article", "meet article", "meets the requirement*", "meet the requirement*", "meets all", "meets every",
    "complies with", "comply with", "complied with", "complying with", "in compliance with", "is compliant",
    "are compliant",
    "compliant with", "fully compliant", "act compliant", "conforms to", "conforms with", "conform to",
    "in conformity with",
    "is conformant", "satisfies article", "satisfies the requirement*", "satisfy the requirement*", "satisfies all",
    "fulfils", "fulfills", "fulfil", "fulfill", "is certified", "are certified", "certifies", "is lawful", "is legal",
    "legally sound", "legally compliant", "no infringement", "not infringe*", "passes the audit", "audit ready",
    "audit proof",
    "as required by law", "presumed to conform", "presumption of conformity", "not prohibited", "no further action",
  ]

  /// Judgements of persons' treatment, safety and quality.
  static let judgements = [
    "fair", "unfair", "fairness", "fairly", "equitable", "unbiased", "biased", "bias free", "free of bias",
    "free from bias",
    "no bias", "without bias", "debiased", "non discriminatory", "not discriminatory", "discriminates",
    "not discriminate*",
    "no discrimination", "free of discrimination", "is safe", "are safe", "harmless", "no risk", "without risk",
    "risk free",
    "low risk", "acceptable", "trustworthy", "is reliable", "reliably", "is robust", "robustly", "is accurate",
    "highly accurate", "well calibrated", "high quality", "good performance", "poor performance", "excellent",
    "ethical",
    "responsible ai", "best practice", "state of the art", "is transparent", "fully transparent", "is explainable",
  ]

  /// Claims stronger than a measurement.
  static let overstatements = [
    "guarantee*", "prove", "proves", "proved", "proven", "proof", "ensures", "ensure", "ensured", "assures",
    "undoubtedly",
    "certainly", "clearly shows", "demonstrates that", "confirms that", "no effect", "has no influence",
    "does not affect",
    "does not influence", "does not depend on", "is independent of", "ignores", "fully explains", "completely explains",
    "explains the decision*", "the reason for the decision*", "is caused by", "caused by the", "because the applicant",
    "because of the applicant", "the mechanism is", "is responsible for", "implements the", "understands", "thinks",
    "knows",
    "believes", "in all cases", "under all circumstances", "statistically significant", "highly significant",
    "significantly", "p 0", "100 accurate", "always", "the circuit is unique", "the only circuit",
  ]

  /// All of them.
  static let all = verdicts + judgements + overstatements
}
