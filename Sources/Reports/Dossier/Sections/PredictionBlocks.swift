import Analysis
import Evidence

/// What predictions were held against the engine, and of which records the serving system says something else.
struct PredictionBlocks {
  private let predictions: ProviderPredictions
  private let comparison: PredictionComparison
  private let short: String
  private let text: InterfaceText

  /// Blocks of an evaluation; nil if it holds no predictions against the engine.
  init?(_ record: RunRecord, short: String, text: InterfaceText) {
    guard let predictions = record.evaluationPlan?.predictions, let comparison = record.evaluation?.predictions else {
      return nil
    }
    self.predictions = predictions
    self.comparison = comparison
    self.short = short
    self.text = text
  }

  /// The file, its columns and its digest.
  var definition: Definition {
    let columns = [predictions.score, predictions.label].compactMap { $0 }.joined(separator: ", ")
    var inlines = text.inlines(
      "predictions.given",
      ["file": .code(predictions.file), "column": .code(columns), "digest": .code(predictions.sha256)])
    if predictions.unused > 0 {
      inlines += [.text("; ")] + text.inlines("predictions.unused", ["n": .count(predictions.unused)])
    }
    return Definition(text.words("predictions.term"), inlines)
  }

  /// The records by name; nil if the predictions agree.
  var table: Table? {
    var seen: Set<String> = []
    let records = (comparison.farthest + comparison.disagreeing).filter { seen.insert($0.record).inserted }
    let shown = records.prefix(PredictionComparison.listed)
    guard !shown.isEmpty else { return nil }
    return .attributed(
      text.words(
        "predictions.caption",
        [
          "shown": .text(text.count(shown.count)), "run": .text(short),
          "all": .text(text.count(max(comparison.beyond, comparison.disagreements, shown.count))),
        ]), text.columns("predictions.columns"),
      shown.map { record in
        [
          "\(record.record), \(record.id)", number(record.provider), number(record.engine), number(record.difference),
          text.words(
            "predictions.decisions",
            ["system": .text(side(record.providerPositive)), "engine": .text(side(record.enginePositive))]),
        ]
      })
  }

  private func number(_ value: Double?) -> String { value.map { text.fixed($0, 5) } ?? "–" }

  private func side(_ positive: Bool?) -> String {
    switch positive {
    case true?: text.words("predictions.yes")
    case false?: text.words("predictions.no")
    case nil: text.words("predictions.neither")
    }
  }
}
