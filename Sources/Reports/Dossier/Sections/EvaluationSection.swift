import Analysis
import Evidence
import Project

/// Performance on labelled records: overall and by group, with n and intervals.
struct EvaluationSection {
  let context: DossierContext

  /// The section; without a run it says so.
  var section: Section {
    let heading = "Performance on labelled records"
    guard let run = context.selection.evaluation, let report = context.dossier.evaluation,
      let sentences = EvaluationSentences(run.record, names: context.names, text: context.text)
    else {
      return Section(
        id: "evaluation", heading: heading, badge: English.badge(.notEstablished),
        blocks: [
          .notice(
            kind: .missing,
            [
              .text("No evaluation run of model version "), .code(context.model.version), .text(". Run "),
              .code("vitrine evaluate --model \(context.model.version)"), .text("."),
            ])
        ])
    }
    let parts = Parts(plan: sentences.plan, result: sentences.result, short: context.names.short(run.record.id))
    var blocks: [Block] = [
      .list(sentences.all.map { $0.badged(context.text) }), .definitions(setting(report, run: run)), .table(parts.decisions),
      .table(parts.scores), .figure(parts.accuracy), .figure(parts.positiveRate),
      .paragraph([
        .text(
          "The tables show associations on these records. Intervals that overlap do not show that groups are alike, and "
            + "intervals that do not overlap say nothing about the cause.")
      ]),
    ]
    blocks += refusals(report)
    blocks.append(.details(summary: "Reliability tables", parts.reliability.map { .table($0) }))
    return Section(id: "evaluation", heading: heading, badge: English.badge(.measured), blocks: blocks)
  }

  private func setting(_ report: Dossier.EvaluationReport, run: StoredRun) -> [Definition] {
    [
      Definition("Data", [.code(report.dataset)]), Definition("Positive label", [.code(report.label)]),
      Definition("Records", [.text(Numbers.count(report.records))]),
      Definition(
        "Decision",
        [
          .attributed(English.answers(report.positive)),
          .text(" where the decision value is above \(Numbers.precise(report.threshold)) logits"),
        ]),
      Definition("Run", [context.names.link(run.record.id), .text(", \(English.day(run.record.ended))")]),
    ]
  }

  private func refusals(_ report: Dossier.EvaluationReport) -> [Block] {
    report.refusals.map { group in
      .notice(
        kind: .refused,
        [
          .text(
            "\(English.counted(group.pairs.count, "record", "records")) could not be scored: "
              + "\(English.reason(group.reason)). "), .attributed(group.pairs.joined(separator: ", ")), .text("."),
        ])
    }
  }
}

/// Tables and figures of one evaluation.
private struct Parts {
  let plan: EvaluationPlan
  let result: EvaluationResult
  let short: String

  private var level: String { Numbers.level(plan.confidence) }

  private func share(_ proportion: Proportion?) -> String {
    guard let proportion else { return "–" }
    let (share, n) = (proportion.share, proportion.share.n)
    return "\(Numbers.percent(share.value)), \(proportion.count)/\(n) (\(Numbers.range(share, percent: true)))"
  }

  private func number(_ estimate: Estimate?) -> String {
    estimate.map { "\(Numbers.fixed($0.value)) (\(Numbers.range($0)))" } ?? "–"
  }

  var decisions: Table {
    .attributed(
      "Decisions by group; \(level) intervals in brackets (run \(short))",
      [
        "Group", "n", "Accuracy", "Positive decisions", "Positive labels", "True positive rate", "False positive rate",
      ],
      result.groups.map { group in
        [
          English.group(group), Numbers.count(group.n), share(group.accuracy), share(group.positiveRate),
          share(group.baseRate), share(group.truePositiveRate), share(group.falsePositiveRate),
        ]
      })
  }

  var scores: Table {
    .attributed(
      "Predicted probabilities by group; \(level) intervals in brackets (run \(short))",
      ["Group", "n", "AUC", "Brier score", "Calibration in the large", "Expected calibration error"],
      result.groups.map { group in
        [
          English.group(group), Numbers.count(group.n), number(group.areaUnderCurve), number(group.brier),
          number(group.calibrationInTheLarge), number(group.expectedCalibrationError),
        ]
      })
  }

  var accuracy: Figure { figure("accuracy", "Accuracy", \.accuracy) }

  var positiveRate: Figure { figure("positive-rate", "Share of positive decisions", \.positiveRate) }

  private func figure(_ id: String, _ title: String, _ path: KeyPath<EvaluationResult.Group, Proportion>) -> Figure {
    let estimates = result.groups.map { $0[keyPath: path].share }
    let overall = result.groups.firstIndex { $0.grouping == nil }.map { estimates[$0].value }
    let words = zip(result.groups, estimates).map { "\(English.group($0)) \(Numbers.percent($1.value))" }
    return Figure(
      id: "evaluation-\(id)",
      caption: "\(title) by group with \(level) intervals; the dashed line is the value of all records (run \(short))",
      alternative: "One point with its interval per group: \(words.joined(separator: ", ")).",
      drawing: .intervals(
        labels: zip(result.groups, estimates).map { "\(English.group($0)), n = \($1.n)" },
        estimates: estimates.map { ($0.value, $0.low, $0.high) }, reference: overall, unit: "share"),
      data: .attributed(
        "\(title) by group (run \(short))", ["Group", "n", "Count", "Share", "\(level) interval"],
        result.groups.map { group in
          let proportion = group[keyPath: path]
          return [
            English.group(group), Numbers.count(proportion.share.n), Numbers.count(proportion.count),
            Numbers.percent(proportion.share.value),
            Numbers.range(proportion.share, percent: true),
          ]
        }))
  }

  var reliability: [Table] {
    result.groups.map { group in
      .attributed(
        "Reliability, \(English.group(group)) (run \(short))",
        ["Predicted probability", "n", "Mean predicted", "Observed positive"],
        group.bins.map { bin in
          [
            "\(Numbers.fixed(bin.from, 1)) to \(Numbers.fixed(bin.to, 1))", Numbers.count(bin.n),
            bin.predicted.map { Numbers.fixed($0) } ?? "–", bin.observed.map { Numbers.percent($0) } ?? "–",
          ]
        })
    }
  }
}

extension Table {
  /// A table of data: the first column names the row in words that may be the project's, the rest are numbers.
  static func attributed(_ caption: String, _ header: [String], _ rows: [[String]]) -> Table {
    Table(
      caption: caption, header: header, alignment: header.indices.map { $0 == 0 ? .left : .right },
      rows: rows.map { row in row.enumerated().map { $0.offset == 0 ? [.attributed($0.element)] : [.text($0.element)] }
      })
  }
}
