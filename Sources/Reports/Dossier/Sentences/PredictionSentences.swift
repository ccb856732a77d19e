import Analysis
public import Evidence
import Foundation

/// Sentences about the serving system's own predictions, held against the engine.
struct PredictionSentences {
  let comparison: PredictionComparison
  let predictions: ProviderPredictions
  let run: String
  let link: Inline
  let text: InterfaceText

  /// Sentences of an evaluation; nil if it holds no predictions against the engine.
  init?(_ record: RunRecord, link: Inline, text: InterfaceText) {
    guard let predictions = record.evaluationPlan?.predictions, let comparison = record.evaluation?.predictions else {
      return nil
    }
    self.comparison = comparison
    self.predictions = predictions
    run = record.id
    self.link = link
    self.text = text
  }

  /// Whether what is measured may not be what the system does.
  var isDoubtful: Bool { comparison.verdict != .agrees }

  /// The verdict, what explains a difference, and what could not be compared.
  var all: [Sentence] {
    ([verdict] + explanation + [left].compactMap { $0 }).map {
      Sentence(inlines: $0, standing: .measured, run: run, finding: nil)
    }
  }

  private var file: TextValue { .code(predictions.file) }

  private func name(_ record: PredictionComparison.Record) -> TextValue {
    .attributed("\(record.record), \(record.id)")
  }

  private var verdict: [Inline] {
    guard comparison.verdict != .notCompared else {
      return text.inlines("predictions.not-compared", ["file": file, "run": .inline(link)])
    }
    guard let largest = comparison.largest, let difference = largest.difference else {
      return comparison.verdict == .agrees
        ? text.inlines(
          "predictions.decisions-agree", ["file": file, "n": .count(comparison.compared), "run": .inline(link)])
        : text.inlines(
          "predictions.decisions-differ",
          [
            "file": file, "n": .count(comparison.compared), "differ": .text(text.count(comparison.disagreements)),
            "names": names, "run": .inline(link),
          ])
    }
    let (farthest, tolerance) = (
      TextValue.text(text.precise(difference)), TextValue.text(text.precise(comparison.tolerance))
    )
    guard comparison.verdict == .differs else {
      return text.inlines(
        "predictions.agree",
        [
          "file": file, "n": .count(comparison.compared), "largest": farthest, "record": name(largest),
          "tolerance": tolerance, "run": .inline(link),
        ])
    }
    return text.inlines(
      "predictions.differ",
      [
        "file": file, "n": .count(comparison.compared), "largest": farthest, "record": name(largest),
        "tolerance": tolerance, "run": .inline(link), "beyond": .text(text.count(comparison.beyond)),
        "differ": .count(comparison.disagreements),
      ])
  }

  /// The first decisions that differ.
  private var names: TextValue {
    .attributed(comparison.disagreeing.prefix(5).map { "\($0.record), \($0.id)" }.joined(separator: "; "))
  }

  private var explanation: [[Inline]] {
    comparison.explanations.enumerated().map { index, explanation in
      let causes = TextValue.inlines(Array(explanation.causes.map(cause).joined(separator: [.text("; ")])))
      guard explanation.explained > 0 else {
        switch explanation.causes.first?.kind {
        case .precision: return text.inlines("predictions.precision", ["tried": .count(comparison.tried)])
        default:
          if let fitting = explanation.causes.first?.number {
            return text.inlines(
              "predictions.fitting", ["n": .count(Int(fitting)), "tried": .count(comparison.tried)])
          }
          return comparison.tried == 0
            ? text.inlines("predictions.untried")
            : text.inlines("predictions.unknown", ["tried": .count(comparison.tried)])
        }
      }
      let explained = TextValue.text(text.count(explanation.explained))
      guard index == 0 else {
        return text.inlines(
          "predictions.also-explained", ["causes": causes, "explained": explained, "of": .count(explanation.of)])
      }
      guard let left = explanation.left else {
        return text.inlines(
          "predictions.explained-decisions", ["causes": causes, "explained": explained, "of": .count(explanation.of)])
      }
      return text.inlines(
        "predictions.explained",
        [
          "causes": causes, "explained": explained, "of": .count(explanation.of),
          "left": .text(text.precise(left)),
        ])
    }
  }

  private var left: [Inline]? {
    guard comparison.missing + comparison.refused > 0 else { return nil }
    return text.inlines(
      "predictions.left", ["missing": .count(comparison.missing), "refused": .count(comparison.refused)])
  }

  // MARK: Causes

  private func cause(_ cause: PredictionComparison.Cause) -> [Inline] {
    let detail = TextValue.inlines(text.known(cause.detail ?? ""))
    func number(_ value: Double?) -> TextValue { .text(value.map { text.precise($0) } ?? "–") }
    switch cause.kind {
    case .otherSide: return text.inlines("predictions.other-side")
    case .unit: return text.inlines("predictions.unit", ["detail": .code(cause.detail ?? "")])
    case .topClass: return text.inlines("predictions.top-class")
    case .oneOutput: return text.inlines("predictions.one-output", ["detail": .code(cause.detail ?? "")])
    case .rounded: return text.inlines("predictions.rounded", ["n": .count(Int(cause.number ?? 0))])
    case .constant: return text.inlines("predictions.constant")
    case .calibrated:
      return text.inlines("predictions.calibrated", ["slope": number(cause.low), "intercept": number(cause.high)])
    case .shifted: return text.inlines("predictions.shifted", ["n": .count(Int(abs(cause.number ?? 0)))])
    case .order: return text.inlines("predictions.order", ["detail": .attributed(cause.detail ?? "")])
    case .inverted: return text.inlines("predictions.inverted")
    case .threshold:
      return text.inlines(
        "predictions.threshold",
        [
          "low": .text(share(cause.low)), "high": .text(share(cause.high)), "from": number(cause.low),
          "to": number(cause.high),
        ])
    case .declaredOnly: return text.inlines("predictions.declared-only")
    case .specialTokens: return text.inlines("predictions.special-tokens", ["detail": .code(cause.detail ?? "")])
    case .template: return text.inlines("predictions.template", ["detail": detail])
    case .values: return text.inlines("predictions.values", ["detail": detail])
    case .truncated:
      let n = Int(cause.number ?? 0)
      return cause.detail == "beginning"
        ? text.inlines("predictions.truncated-beginning", ["n": .count(n)])
        : text.inlines("predictions.truncated-end", ["n": .count(n)])
    case .padding: return text.inlines("predictions.padding", ["detail": detail])
    case .weights: return text.inlines("predictions.weights", ["version": .code(cause.detail ?? "")])
    case .precision: return text.inlines("predictions.near")
    case .unknown: return text.inlines("predictions.nothing-found")
    }
  }

  private func share(_ m: Double?) -> String { m.map { text.percent(sigmoid($0)) } ?? "–" }
}

/// Sentences that a run's end prints as warnings, in English.
public enum PredictionText {
  /// What came of holding a run's predictions against the engine, and whether that agrees; nil if it has none.
  public static func sentences(_ record: RunRecord) throws -> (lines: [String], agrees: Bool)? {
    let text = try InterfaceText.english()
    guard let sentences = PredictionSentences(record, link: .text(record.id), text: text) else { return nil }
    return (sentences.all.map(\.inlines.plainText), !sentences.isDoubtful)
  }

  /// That the model itself would often say something else than the declared answers; nil if it would not.
  public static func ownChoice(_ record: RunRecord) throws -> String? {
    let own = OwnChoiceSentence(record, link: .text(record.id), text: try .english())
    return own.choices.isDoubtful ? own.sentence?.inlines.plainText : nil
  }
}
