import Analysis

/// What the dossier explains in plain words: how to read the numbers, what the methods cannot show, and its terms.
extension InterfaceText {
  /// How to read the evidence, one paragraph each.
  var howToRead: [String] {
    let value =
      measuredUnit.map { words("how-to-read.number", ["unit": .text($0)]) } ?? words("how-to-read.decision-value")
    return [value, words("how-to-read.question"), words("how-to-read.numbers")]
  }

  /// The three standings with their meanings.
  var standings: [(badge: Badge, meaning: String)] {
    [
      (badge(.measured), words("how-to-read.measured")), (badge(.screened), words("how-to-read.screened")),
      (badge(.notEstablished), words("how-to-read.not-established")),
    ]
  }

  /// What the methods cannot show.
  var limits: [(title: String, text: String)] {
    [
      columns("limits.changed-records"),
      columns("limits.words-not-attributes"),
      columns("limits.other-parts"),
      columns("limits.random-circuits"),
      columns("limits.single-heads"),
      columns("limits.stronger-search"),
      columns("limits.where-a-head-looks"),
      columns("limits.lenses"),
      columns("limits.first-order"),
      columns("limits.coarse-parts"),
      columns("limits.means"),
      columns("limits.disturbance"),
      columns("limits.approximations"),
      columns("limits.labels"),
      columns("limits.small-groups"),
    ].map(Self.pair)
  }

  /// Terms in the order of the alphabet.
  var glossary: [(term: String, meaning: String)] {
    [
      columns("glossary.attribution-patching"),
      columns("glossary.auc"),
      columns("glossary.base-rate"),
      columns("glossary.brier-score"),
      columns("glossary.calibration-in-the-large"),
      columns("glossary.backup"),
      columns("glossary.circuit"),
      columns("glossary.clean-and-counterfactual-prompt"),
      columns("glossary.completeness-minimality"),
      columns("glossary.comprehensiveness"),
      measuredUnit.map { columns("glossary.number", ["unit": .text($0)]) } ?? columns("glossary.decision-value"),
      columns("glossary.denoising"),
      columns("glossary.digest"),
      columns("glossary.edge"),
      columns("glossary.edge-attribution-patching"),
      columns("glossary.expected-calibration-error"),
      columns("glossary.false-positive-rate"),
      columns("glossary.finding"),
      columns("glossary.gradient-times-input"),
      columns("glossary.head-mlp-layer"),
      columns("glossary.integrated-gradients"),
      columns("glossary.interval"),
      columns("glossary.logit-lens"),
      columns("glossary.noising"),
      columns("glossary.p-value"),
      columns("glossary.random-circuit"),
      columns("glossary.reliability-table"),
      columns("glossary.run"),
      columns("glossary.sufficiency"),
      columns("glossary.token"),
      columns("glossary.total-effect"),
      columns("glossary.true-positive-rate"),
    ].map(Self.pair).sorted { $0.term.lowercased() < $1.term.lowercased() }
  }

  private static func pair(_ columns: [String]) -> (String, String) {
    precondition(columns.count == 2, "such a text has two columns")
    return (columns[0], columns[1])
  }
}
