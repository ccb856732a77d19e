import Analysis
import Evidence

/// One analysis as the dossier and `runs show` show it: what was asked, what came out, and the words for it.
struct AnalysisView {
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult
  let names: RunNames
  let text: InterfaceText

  /// The view of a run; nil if it is not an analysis with a result.
  init?(_ record: RunRecord, names: RunNames, text: InterfaceText) {
    guard let plan = record.analysisPlan, let result = record.analysis else { return nil }
    self.record = record
    self.plan = plan
    self.result = result
    self.names = names
    self.text = text.measuring(in: plan.unit)
  }
}

/// What builds blocks, tables or sentences of one analysis.
protocol AnalysisPart {
  var view: AnalysisView { get }
}

extension AnalysisPart {
  var record: RunRecord { view.record }
  var plan: AnalysisPlan { view.plan }
  var result: AnalysisResult { view.result }
  var text: InterfaceText { view.text }
  /// What counts for a positive decision: the positive answers, or a number above the threshold.
  var positive: String { text.answers(plan.positive, unit: plan.unit, threshold: plan.threshold) }
  /// The run's short name.
  var short: String { view.names.short(record.id) }
  /// The run's name, linked.
  var link: Inline { view.names.link(record.id) }

  /// A linked number: the value, its interval and n, its run.
  func linked(_ estimate: Estimate) -> [Inline] {
    text.inlines(
      "numbers.linked",
      [
        "value": .text(text.fixed(estimate.value)), "interval": .text(text.interval(estimate)),
        "n": .count(estimate.n), "run": .inline(link),
      ])
  }
}
