public import Analysis

extension RunRecord {
  /// The measured rank correlation of the first-order scores of heads and MLPs with their exact effects; nil if undefined or not measured.
  public var rankCorrelation: Double? {
    approximations.first { $0.method == "attribution patching" }?.spearman
  }

  /// What the model itself would say, by prompt: both of each pair of an analysis, or each record of an evaluation; nil where it
  /// could not be read, and everywhere in records of before version 0.2.
  public var ownChoices: [OwnChoice?] {
    analysis.map { $0.pairs.flatMap { [$0.cleanChoice, $0.counterfactualChoice] } }
      ?? evaluation.map { $0.scores.map(\.choice) } ?? []
  }
}
