import Analysis
import Evidence
import Project

/// Every group beside its reference and beside itself in the version before: all measures, with differences, ratios and what would
/// settle them.
struct GroupsSection {
  let run: RunRecord
  let comparison: GroupComparison
  let fares: WhoFaresWorse
  let words: GroupWords
  /// The superseded version's run, if the groups were compared with it.
  let before: RunRecord?
  let names: RunNames

  private var text: InterfaceText { words.text }

  /// The section's anchor.
  static let id = "evaluation-groups"

  /// The section.
  var section: Section {
    Section(
      id: Self.id, heading: text.words("groups.heading"),
      blocks: [.paragraph(words.lead(comparison))] + [undeclared].compactMap { $0 }
        + drawnMeasures.filter { $0 != pictured }.compactMap(figure) + [since].compactMap { $0 }
        + Measure.allCases.compactMap(table) + fourFifths + [.paragraph(how)])
  }

  typealias Measure = GroupComparison.Measure

  /// Which groupings have no declared reference group.
  private var undeclared: Block? {
    let groupings = comparison.rows.filter { $0.reference == nil && $0.groupings.count == 1 }.map(\.grouping).distinct
      .sorted()
    guard !groupings.isEmpty else { return nil }
    return .notice(
      kind: .note,
      text.inlines("groups.no-reference", ["groupings": .attributed(groupings.joined(separator: ", "))]))
  }

  private var how: [Inline] {
    text.inlines(
      "groups.how", ["power": .text(text.percent(comparison.power)), "level": .text(text.level(comparison.confidence))])
  }

  /// The groups that a measure was held against their reference for, worst first.
  private func rows(_ measure: Measure) -> [(GroupComparison.Row, GroupComparison.Comparison)] {
    comparison.rows.compactMap { row in row.comparison(measure).map { (row, $0) } }
      .sorted { GroupComparison.Order($0.1) < GroupComparison.Order($1.1) }
  }

  // MARK: Figure

  private var drawnMeasures: [Measure] { words.unit == nil ? [.positiveRate, .accuracy] : [.absoluteError] }

  /// The measure that the first page draws: that of the worst difference.
  var pictured: Measure {
    comparison.rows.compactMap(\.worst).first.map(\.measure).flatMap { worst in drawnMeasures.first { $0 == worst } }
      ?? drawnMeasures[0]
  }

  /// One point with its interval per group: how far it is from its reference.
  func figure(_ measure: GroupComparison.Measure) -> Block? {
    let rows = rows(measure)
    guard !rows.isEmpty else { return nil }
    let shown = rows.prefix(Self.drawn)
    let name = TextValue.text(self.name(measure))
    let isShare = measure.isShare
    func points(_ estimate: Estimate) -> (value: Double, low: Double, high: Double) {
      let factor = isShare ? 100.0 : 1
      return (estimate.value * factor, estimate.low * factor, estimate.high * factor)
    }
    let said = shown.prefix(3).map { "\(words.against($0)) \(words.inItsUnit($1.difference, isShare: isShare))" }
    let alternative = TextValue.text(said.joined(separator: "; "))
    return .figure(
      Figure(
        id: "groups-\(measure.rawValue)",
        caption: text.words("groups.figure", ["measure": name, "run": .text(names.short(run.id))]),
        alternative: isShare
          ? text.words("groups.figure-alternative", ["points": alternative])
          : text.words(
            "groups.figure-alternative-number", ["points": alternative, "unit": words.measured]),
        drawing: .intervals(
          labels: shown.map { words.group($0.0.groupings, $0.0.group) },
          estimates: shown.map { points($0.1.difference) },
          reference: 0, unit: isShare ? text.words("diff.percentage-points") : words.unit ?? ""),
        data: .attributed(
          text.words("groups.figure-table", ["measure": name]),
          isShare
            ? text.columns("groups.figure-columns")
            : text.columns("groups.figure-columns-number", ["unit": words.measured]),
          shown.map { row, comparison in
            [
              words.against(row), text.count(comparison.n), text.count(comparison.nReference),
              words.inItsUnit(comparison.difference, isShare: isShare),
            ]
          })))
  }

  /// Rows that a figure draws.
  private static let drawn = 24

  private func name(_ measure: GroupComparison.Measure) -> String {
    switch measure {
    case .positiveRate: text.words("groups.name-positive", ["answers": words.answers])
    case .accuracy: text.words("groups.name-rightly")
    case .truePositiveRate: text.words("groups.name-true-positive", ["answers": words.answers])
    case .falsePositiveRate: text.words("groups.name-false-positive", ["answers": words.answers])
    case .calibration: text.words("groups.name-calibration", ["answers": words.answers])
    case .absoluteError: text.words("groups.name-error", ["unit": words.measured])
    }
  }

  // MARK: Tables

  private func table(_ measure: GroupComparison.Measure) -> Block? {
    let rows = rows(measure)
    guard !rows.isEmpty else { return nil }
    let isShare = measure.isShare && measure != .calibration
    return .details(
      summary: name(measure),
      [
        .table(
          .attributed(
            text.words("groups.table", ["measure": .text(name(measure)), "run": .text(names.short(run.id))]),
            measure.isShare
              ? text.columns("groups.table-columns")
              : text.columns("groups.table-columns-number", ["unit": words.measured]),
            rows.map { row, comparison in
              [
                words.against(row), value(comparison.value, comparison.count, comparison.n, isShare),
                value(comparison.valueReference, comparison.countReference, comparison.nReference, isShare),
                words.inItsUnit(comparison.difference, isShare: measure.isShare), ratio(comparison.ratio),
                comparison.adjustedP.map { $0 < 0.001 ? text.pValue($0) : text.fixed($0) } ?? "–",
                comparison.loss == nil || comparison.loss == GroupComparison.Loss.none
                  ? "–" : words.settling(comparison),
              ]
            }))
      ])
  }

  private func value(_ value: Double, _ count: Int?, _ n: Int, _ isShare: Bool) -> String {
    guard isShare, let count else {
      return text.words(
        "groups.mean", ["value": .text(text.fixed(value, signed: words.unit == nil)), "n": .text(text.count(n))])
    }
    return text.words(
      "groups.share",
      ["value": .text(text.percent(value)), "count": .text(text.count(count)), "n": .text(text.count(n))])
  }

  private func ratio(_ ratio: GroupComparison.Ratio?) -> String {
    guard let ratio else { return "–" }
    let (value, low) = (TextValue.text(text.fixed(ratio.value, 2)), TextValue.text(text.fixed(ratio.low, 2)))
    return ratio.high.map {
      text.words("diff.difference", ["value": value, "low": low, "high": .text(text.fixed($0, 2))])
    } ?? text.words("groups.ratio-open", ["value": value, "low": low])
  }

  /// Every group since the version before.
  private var since: Block? {
    guard let before else { return nil }
    let rows = fares.groups.filter { !$0.changes.isEmpty }.sorted { left, right in
      guard let first = left.worstChange, let second = right.worstChange else { return false }
      return GroupComparison.Order(first) < GroupComparison.Order(second)
    }
    guard !rows.isEmpty else { return nil }
    func change(_ group: WhoFaresWorse.Group, _ measure: ChangeSettings.Measure) -> String {
      guard let row = group.changes.first(where: { $0.measure == measure }) else { return "–" }
      return text.words(
        "groups.change-by",
        [
          "change": .text(words.change(row)),
          "points": .text(words.inItsUnit(row.difference, isShare: row.measure.isShare)),
        ])
    }
    let measures: [ChangeSettings.Measure] = words.unit == nil ? [.positiveDecisions, .accuracy] : [.absoluteError]
    let (version, first, second) = (
      TextValue.text(before.modelVersion), TextValue.text(names.short(before.id)), TextValue.text(names.short(run.id))
    )
    return .table(
      Table(
        caption: words.unit == nil
          ? text.words("groups.since-caption", ["version": version, "before": first, "after": second])
          : text.words("groups.since-caption-number", ["version": version, "before": first, "after": second]),
        header: words.unit == nil
          ? text.columns("groups.since-columns", ["answers": words.answers])
          : text.columns("groups.since-columns-number", ["unit": words.measured]),
        alignment: [.left, .right] + measures.map { _ in .right } + [.left],
        rows: rows.map { group in
          let worst = group.hasLost ? group.worstChange : nil
          return [
            [.attributed(words.group(group.groupings, group.values))],
            [.text(group.changes.first.map { text.count($0.n) } ?? "–")],
          ] + measures.map { [.text(change(group, $0))] } + [
            [.text(worst.map { words.settling($0, favourable: comparison.declaration.favourable) } ?? "–")]
          ]
        }))
  }

  /// Where positive decisions fall short of four fifths: a practice of US agencies, named as that.
  private var fourFifths: [Block] {
    guard let groupings = comparison.fourFifths else { return [] }
    let items = groupings.map { found in
      text.inlines(
        "groups.four-fifths-of",
        [
          "grouping": .attributed(found.grouping), "highest": .attributed(found.highest),
          "below": .attributed(
            found.below.map { "\($0.group) \(text.fixed($0.ratio, 2))" }.joined(separator: ", ")),
        ])
    }
    guard !items.isEmpty else {
      return [.paragraph(text.inlines("groups.four-fifths-none", ["answers": words.answers]))]
    }
    return [.paragraph(text.inlines("groups.four-fifths", ["answers": words.answers])), .list(items)]
  }
}

extension GroupsSection {
  /// The section of a dossier's cited evaluation; nil without groups.
  init?(_ context: DossierContext) {
    guard let run = context.selection.evaluation?.record, let report = context.dossier.evaluation,
      let comparison = report.comparison
    else { return nil }
    self.init(
      run: run, comparison: comparison, fares: WhoFaresWorse(context),
      words: GroupWords(text: context.text, report), before: context.superseded?.evaluation?.record,
      names: context.names)
  }
}
