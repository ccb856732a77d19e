public import Analysis
import Evidence
public import Foundation
public import Project

/// A system's behaviour over its model versions, as data: what `history.json` holds.
public struct History: Codable, Sendable, Equatable {
  /// The format. Raised when a field changes its meaning.
  public static let currentSchema = "vitrine.history/1"

  /// One measure over the versions.
  public struct Line: Codable, Sendable, Equatable {
    /// What was measured.
    public var measure: ChangeSettings.Measure
    /// The behaviour (nil for the labelled records).
    public var behaviour: String?
    /// The column by which records are grouped (nil for all).
    public var grouping: String?
    /// The group (nil for all).
    public var group: String?
    /// One value per version; nil where there is none.
    public var values: [Estimate?]
  }

  /// The format of this value.
  public var schema: String
  /// The AI system.
  public var system: String
  /// The versions, in the order of the project file.
  public var versions: [String]
  /// The measures.
  public var lines: [Line]
}

/// Builds the history of a project's versions.
public struct HistoryBuilder: Sendable {
  private let builder: DiffBuilder
  private var text: InterfaceText { builder.text }
  private let confidence: Double

  /// A builder.
  /// - Parameters:
  ///   - confidence: the level of every interval.
  ///   - templates: a folder whose files replace the installed ones; it need not exist.
  ///   - language: whose words the page uses, BCP 47.
  /// - Throws: `ReportsError` `badTemplate`.
  public init(confidence: Double, templates: URL? = nil, language: String = InterfaceText.reference) throws {
    builder = try DiffBuilder(templates: templates, language: language)
    self.confidence = confidence
  }

  /// A builder with given words.
  init(confidence: Double, text: InterfaceText) throws {
    builder = try DiffBuilder(text: text)
    self.confidence = confidence
  }

  /// Builds the history: the value and `history.md`, `history.html`, `history.json`.
  /// - Throws: `ReportsError`: `notRendered`.
  public func build(_ sources: [DiffSource]) throws
    -> (history: History, document: Document, files: [(name: String, content: Data)])
  {
    let history = History(
      schema: History.currentSchema, system: sources.last?.dossier.system.name ?? "", versions: sources.map(\.label),
      lines: lines(sources))
    let document = document(history, unit: sources.last?.dossier.unit)
    return (history, document, try builder.files(document, json: CanonicalJSON.encode(history), name: "history"))
  }

  // MARK: Values

  private struct Key: Hashable {
    var measure: ChangeSettings.Measure
    var behaviour: String?
    var grouping: String?
    var group: String?
  }

  private func lines(_ sources: [DiffSource]) -> [History.Line] {
    var order: [Key] = []
    var values: [Key: [Estimate?]] = [:]
    for (place, source) in sources.enumerated() {
      for (key, estimate) in self.values(source) {
        if values[key] == nil {
          order.append(key)
          values[key] = sources.map { _ in nil }
        }
        values[key]?[place] = estimate
      }
    }
    return order.map {
      History.Line(
        measure: $0.measure, behaviour: $0.behaviour, grouping: $0.grouping, group: $0.group, values: values[$0] ?? [])
    }
  }

  private func values(_ source: DiffSource) -> [(Key, Estimate)] {
    let evaluation = source.dossier.evaluation
    let groups = PromptGroups(source.run(evaluation?.run)?.record.evaluationPlan)
    var result: [(Key, Estimate)] = []
    for behaviour in source.dossier.behaviours {
      guard let numbers = behaviour.numbers else { continue }
      for (measure, estimate) in [(ChangeSettings.Measure.effect, numbers.totalEffect), (.flips, numbers.flips?.share)]
      {
        if let estimate { result.append((Key(measure: measure, behaviour: behaviour.id), estimate)) }
      }
      guard let record = source.run(behaviour.run)?.record, let plan = record.analysisPlan,
        let analysis = record.analysis,
        groups.describes(plan.pairs)
      else { continue }
      let pairs = analysis.pairs.filter { $0.totalEffect != nil }
      for grouping in groups.groupings {
        for (group, places) in groups.members(grouping, of: pairs.map(\.name)) {
          let key = Key(measure: .effect, behaviour: behaviour.id, grouping: grouping, group: group)
          result.append((key, mean(places.compactMap { pairs[$0].totalEffect })))
        }
      }
    }
    for group in evaluation?.errors ?? [] {
      result.append(
        (Key(measure: .absoluteError, grouping: group.grouping, group: group.name), group.meanAbsoluteError))
    }
    for group in evaluation?.groups ?? [] {
      for (measure, share) in [
        (ChangeSettings.Measure.accuracy, group.accuracy), (.positiveDecisions, group.positiveRate),
      ] {
        result.append((Key(measure: measure, grouping: group.grouping, group: group.name), share.share))
      }
    }
    return result
  }

  private func mean(_ values: [Double]) -> Estimate {
    let test = MeanDifference.paired(values)
    let interval = test.interval(confidence: confidence) ?? (test.value, test.value)
    return Estimate(
      value: test.value, low: interval.0, high: interval.1, confidence: confidence, n: test.n,
      method: test.n > 1 ? "Student's t over prompts" : "one prompt: there is no interval")
  }

  // MARK: Document

  private func document(_ history: History, unit: String?) -> Document {
    var behaviours: [String] = []
    for line in history.lines { if let id = line.behaviour, !behaviours.contains(id) { behaviours.append(id) } }
    let sections =
      behaviours.map { id in
        Section(
          id: "history-" + id.slug, heading: text.words("diff-behaviour.part", ["behaviour": .text(id)]),
          blocks: figures(
            history, history.lines.filter { $0.behaviour == id }, name: "history-" + id.slug, unit: unit))
      }
      + [
        Section(
          id: "history-records", heading: text.words("diff-behaviour.records"),
          blocks: figures(
            history, history.lines.filter { $0.behaviour == nil }, name: "history-records", unit: unit))
      ].filter { !$0.blocks.isEmpty }
    return Document(
      title: text.words("diff-history.title", ["system": .text(history.system)]),
      subtitle: text.words(
        "diff-history.subtitle",
        ["n": .count(history.versions.count), "versions": .text(history.versions.joined(separator: ", "))]),
      language: text.language,
      sections: [
        Section(
          id: "about", heading: text.words("diff-history.heading"),
          blocks: [
            .paragraph(text.inlines("diff-history.lead", ["command": .code("vitrine diff A B")]))
          ])
      ] + sections)
  }

  private func valued(_ estimate: Estimate) -> String {
    text.words(
      "diff-history.value",
      [
        "value": .text(text.fixed(estimate.value)), "range": .text(text.range(estimate)), "n": .text("\(estimate.n)"),
      ])
  }

  /// One figure for all records of each measure, one for each grouping.
  private func figures(_ history: History, _ lines: [History.Line], name: String, unit: String?) -> [Block] {
    var keys: [(ChangeSettings.Measure, String?)] = []
    for line in lines where !keys.contains(where: { $0 == (line.measure, line.grouping) }) {
      keys.append((line.measure, line.grouping))
    }
    return keys.map { measure, grouping in
      let own = lines.filter { $0.measure == measure && $0.grouping == grouping }
      let words: String =
        switch measure {
        case .effect: text.words("diff-history.effect")
        case .flips: text.words("diff-history.flips")
        case .decisionValue: text.words("diff-history.decision-value")
        case .accuracy: text.words("diff-history.accuracy")
        case .positiveDecisions: text.words("diff-history.positive-decisions")
        case .absoluteError: text.words("diff-history.absolute-error")
        }
      let what =
        grouping.map { text.words("diff-history.by", ["what": .text(words), "grouping": .text($0)]) } ?? words
      let labels = own.map { $0.group ?? text.words("diff-history.all-records") }
      let texts = zip(labels, own).map { label, line in
        let values = zip(history.versions, line.values).map { version, value in
          text.words(
            "diff-history.point",
            [
              "version": .text(version),
              "value": .text(value.map { text.fixed($0.value) } ?? text.words("diff-history.not-measured")),
            ])
        }
        return text.words(
          "diff-history.series", ["label": .text(label), "points": .text(values.joined(separator: ", "))])
      }
      return .figure(
        Figure(
          id: "\(name)-\(measure.rawValue)-\((grouping ?? "all").slug)",
          caption: text.words("diff-history.caption", ["what": .text(what)]),
          alternative: texts.joined(separator: ". ") + ".",
          drawing: .history(
            HistoryDrawing(
              versions: history.versions,
              series: zip(labels, own).map { label, line in
                HistoryDrawing.Series(
                  label: label,
                  points: line.values.map {
                    $0.map { HistoryDrawing.Point(value: $0.value, low: $0.low, high: $0.high) }
                  })
              }, reference: measure.isShare ? nil : 0,
              unit: measure.isShare ? text.words("diff-history.share") : unit ?? text.words("diff.logits"))),
          data: .attributed(
            what,
            [text.words("diff-history.columns-group")]
              + history.versions.map { text.words("diff-history.columns-version", ["version": .text($0)]) },
            zip(labels, own).map { label, line in
              [label]
                + line.values.map { $0.map(valued) ?? "–" }
            })))
    }
  }
}
