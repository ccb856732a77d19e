import Analysis
import Evidence
import Project

/// The YAML head of a model card, as the Hugging Face hub reads it: `library_name`, `pipeline_tag`, `tags`, and `model-index` with
/// the measured performance (hub documentation, "Model Cards": model card metadata and evaluation results).
///
/// Licence, language and base model are the provider's to state; nothing here guesses them.
struct ModelCardMetadata {
  let context: DossierContext

  /// The head with its two fences.
  /// - Throws: `ReportsError` if a name cannot be written as YAML.
  func yaml() throws -> String {
    var lines = ["---", "library_name: transformers", "pipeline_tag: \(task)", "tags:", "- vitrine"]
    lines += try results()
    return (lines + ["---"]).joined(separator: "\n") + "\n\n"
  }

  /// A task of the hub's list, by the model's head.
  private var task: String {
    let records = context.selection.cited.map(\.record)
    let isClassifier =
      switch records.lazy.compactMap(\.model.head).first {
      case .classifier, .multiLabelClassifier, .regression: true
      case .languageModel, .maskedLanguageModel: false
      // Records of before version 0.2 do not say it; of them, only a classifier is evaluated by its first choice.
      case nil: records.contains { $0.evaluation?.rule == .firstChoice }
      }
    return isClassifier ? "text-classification" : "text-generation"
  }

  private func results() throws -> [String] {
    guard let report = context.dossier.evaluation else { return [] }
    let metrics = metrics(report)
    guard !metrics.isEmpty else { return [] }
    let dataset = try quoted(report.dataset)
    var lines = [
      "model-index:", "- name: \(try quoted("\(context.project.system.name) \(context.model.version)"))", "  results:",
      "  - task:", "      type: \(task)", "    dataset:", "      name: \(dataset)", "      type: \(dataset)",
      "    metrics:",
    ]
    for metric in metrics {
      guard let value = metric.value, value.isFinite else { continue }
      lines += [
        "    - type: \(metric.type)", "      name: \(try quoted(metric.name))", "      value: \(decimal(value))",
      ]
    }
    return lines
  }

  private typealias Metric = (type: String, name: String, value: Double?)

  /// What was measured over all records, by the hub's names of metrics.
  private func metrics(_ report: Dossier.EvaluationReport) -> [Metric] {
    if let overall = report.groups.first(where: { $0.grouping == nil }) {
      return [
        ("accuracy", context.text.words("extract.accuracy"), overall.accuracy.share.value),
        ("roc_auc", context.text.words("extract.area"), overall.areaUnderCurve?.value),
        ("brier_score", context.text.words("extract.brier"), overall.brier.value),
      ]
    }
    guard let overall = report.errors?.first(where: { $0.grouping == nil }) else { return [] }
    return [("mae", context.text.words("diff-history.absolute-error"), overall.meanAbsoluteError.value)]
  }

  /// Six decimals, without an exponent: YAML 1.1 readers disagree on those.
  private func decimal(_ value: Double) -> String { Numbers.fixed(value, 6).replacing("−", with: "-") }

  /// A name on one line, shortened, as YAML.
  private func quoted(_ text: String) throws -> String {
    try YAMLText.quoted(PlainText.shortened(PlainText.oneLine(text), to: 200))
  }
}
