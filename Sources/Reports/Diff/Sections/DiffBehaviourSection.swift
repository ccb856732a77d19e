import Analysis
import Project

/// Every measure with its difference, its interval and its verdict; by group below.
struct DiffBehaviourSection {
  let context: DiffDocument
  private var diff: Diff { context.diff }

  var section: Section {
    let overall = diff.rows.filter { !$0.isGroup }
    var blocks: [Block] = [.paragraph([.text(Self.reading(diff.settings))])]
    if let note = DiffWords.tokenizers(diff) { blocks.append(.notice(kind: .note, [.text(note)])) }
    if let figure = figure(overall.filter { !$0.measure.isShare && $0.difference != nil }) { blocks.append(figure) }
    let tables = [
      ("Decision values: differences (later − earlier) in logits", overall.filter { !$0.measure.isShare }),
      ("Decisions: differences (later − earlier) in percentage points", overall.filter(\.measure.isShare)),
    ]
    blocks += tables.filter { !$0.1.isEmpty }.map { table($0.0, $0.1) }
    if overall.isEmpty { blocks.append(.notice(kind: .missing, [.text("There is nothing to compare: see below.")])) }
    if !diff.notCompared.isEmpty {
      blocks.append(
        .list(
          diff.notCompared.map {
            [.text("Not compared: "), .attributed($0.subject), .text(": "), .attributed($0.reason), .text(".")]
          }))
    }
    return Section(id: "behaviour", heading: "Behaviour", blocks: blocks, sections: parts)
  }

  /// How verdicts come about.
  static func reading(_ settings: Diff.Settings) -> String {
    let level = Numbers.percent(1 - settings.confidence)
    let adjusted =
      settings.correction == .holm
      ? "Holm’s rule: the chance that any “changed” of a family is false is at most \(level)"
      : "Benjamini and Hochberg’s rule: of the “changed” of a family at most \(level) are expected to be false"
    return
      "Changed: a difference is established. Unchanged: a difference as large as the margin is rejected by two one-sided tests; "
      + "“within the margin” if a difference is established all the same. Unsettled: neither. So changed does not mean large, and "
      + "unsettled does not mean the same. Margins: "
      + "\(Numbers.fixed(settings.decisionValueMargin, 3)) logits and \(Numbers.fixed(settings.shareMargin * 100, 1)) percentage points "
      + "(\(settings.isDeclared ? "declared in vitrine.yaml" : "the program’s defaults: no declared ones are at hand")). p-values are adjusted by "
      + "\(adjusted). The rows over all records are one family, those by group another. In the tables, p is that of no difference, and the p of the margin "
      + "that of a difference as large as the margin. Intervals are at \(Numbers.level(settings.confidence)) each and not adjusted, so that one may "
      + "leave out 0 where the verdict is unsettled."
  }

  /// What a row says, without its subject.
  static func sentence(_ row: Diff.Row, _ settings: Diff.Settings) -> String {
    if row.measure.isShare, let counts = row.discordant, row.pairing == .paired {
      let interval = "difference \(DiffWords.difference(row)) \(DiffWords.unit(row))"
      return
        "\(counts.countBefore) before and \(counts.countAfter) after, of \(Numbers.count(row.n)); \(counts.onlyBefore) only before, "
        + "\(counts.onlyAfter) only after; \(interval); McNemar’s exact p-value \(DiffWords.p(row.p))"
    }
    let detectable = (row.verdict == .changed ? nil : row.smallestDetectable).map {
      "; a difference of \(Numbers.fixed($0)) would have been found with a probability of \(Numbers.percent(settings.power))"
    }
    return
      "\(DiffWords.value(row.before, row)) before, \(DiffWords.value(row.after, row)) after, difference \(DiffWords.difference(row)) "
      + "\(DiffWords.unit(row)), n = \(Numbers.count(row.n)), adjusted p-value \(DiffWords.p(row.adjustedP))\(detectable ?? "")\(direction(row))"
  }

  /// Whether an effect that changed is nearer to none: a sign alone is easily misread.
  private static func direction(_ row: Diff.Row) -> String {
    guard row.measure == .effect, row.verdict == .changed, row.before * row.after > 0 else { return "" }
    return abs(row.after) < abs(row.before) ? "; nearer to 0 than before" : "; farther from 0 than before"
  }

  private func table(_ caption: String, _ rows: [Diff.Row]) -> Block {
    let isShare = rows.first?.measure.isShare ?? false
    let last = isShare ? "Smallest p possible" : "Detectable"
    return .table(
      Table(
        caption: caption,
        header: [
          "Measure", "Verdict", "Before", "After", "Difference (interval)", "n", "p", "Adjusted p",
          "Adjusted p (margin)", last,
          "Envelope",
        ],
        alignment: [.left, .left, .right, .right, .right, .right, .right, .right, .right, .right, .left],
        rows: rows.map { row in
          [
            [.attributed(DiffWords.subject(row))], [.badge(DiffWords.badge(row.verdict))],
            [.text(counted(row, after: false))],
            [.text(counted(row, after: true))], [.text(DiffWords.difference(row))], [.text(Numbers.count(row.n))],
            [.text(DiffWords.p(row.p))], [.text(DiffWords.p(row.adjustedP))],
            [.text(DiffWords.p(row.adjustedEquivalenceP))],
            [.text(isShare ? DiffWords.p(row.smallestP) : row.smallestDetectable.map { Numbers.fixed($0) } ?? "–")],
            [.text(DiffWords.envelope(row.envelope, row))],
          ]
        }))
  }

  private func counted(_ row: Diff.Row, after: Bool) -> String {
    let value = DiffWords.value(after ? row.after : row.before, row)
    guard let counts = row.discordant else { return value }
    return "\(value) (\(after ? counts.countAfter : counts.countBefore))"
  }

  private func figure(_ rows: [Diff.Row]) -> Block? {
    let estimates = rows.compactMap(\.difference)
    guard !rows.isEmpty, estimates.count == rows.count else { return nil }
    let words = zip(rows, estimates).map { "\(DiffWords.subject($0)) \(Numbers.fixed($1.value, signed: true))" }
    return .figure(
      Figure(
        id: "differences",
        caption:
          "Differences of decision values, later − earlier, with their intervals; the dashed line is no difference",
        alternative: "One point with its interval per measure: \(words.joined(separator: ", ")).",
        drawing: .intervals(
          labels: rows.map { DiffWords.subject($0) }, estimates: estimates.map { ($0.value, $0.low, $0.high) },
          reference: 0,
          unit: "logits"),
        data: .attributed(
          "Differences of decision values", ["Measure", "n", "Difference", "Interval"],
          zip(rows, estimates).map {
            [DiffWords.subject($0), Numbers.count($0.n), Numbers.fixed($1.value, signed: true), Numbers.range($1)]
          })))
  }

  // MARK: Behaviour by behaviour

  private var parts: [Section] {
    var ids: [String?] = []
    for row in diff.rows where !ids.contains(row.behaviour) { ids.append(row.behaviour) }
    return ids.map(part)
  }

  private func part(_ behaviour: String?) -> Section {
    let rows = diff.rows.filter { $0.behaviour == behaviour }
    let main = rows.filter { !$0.isGroup }
    var blocks: [Block] = [
      .list(
        main.map { row in
          [
            .badge(DiffWords.badge(row.verdict)), .text(" "), .attributed(DiffWords.subject(row)),
            .text(": \(Self.sentence(row, diff.settings)) ("),
          ] + context.links(row.runBefore, row.runAfter) + [.text(").")]
        })
    ]
    blocks += main.compactMap(pairing)
    let question = context.after.dossier.behaviours.first { $0.id == behaviour }?.question
    if let question { blocks.insert(.paragraph([.attributed(question)]), at: 0) }
    blocks += main.compactMap { worst($0, behaviour) }
    let groups = rows.filter(\.isGroup)
    let tables = [groups.filter { !$0.measure.isShare }, groups.filter(\.measure.isShare)].filter { !$0.isEmpty }.map {
      table(
        "By group\($0.first?.measure.isShare == true ? ": decisions, percentage points" : ": decision values, logits")",
        $0)
    }
    if !tables.isEmpty { blocks.append(.details(summary: "By group", tables)) }
    return Section(
      id: behaviour.map { "diff-behaviour-" + $0.slug } ?? "diff-records",
      heading: behaviour.map { "Behaviour \($0)" } ?? "Labelled records", blocks: blocks)
  }

  private func pairing(_ row: Diff.Row) -> Block? {
    if row.pairing == .independent, row.measure != .flips {
      return .notice(
        kind: .note,
        [
          .text(
            "The two sides share no prompt, so \(DiffWords.subject(row)) is compared as two independent samples, which finds less "
              + "than a comparison on the same prompts.")
        ])
    }
    guard row.pairing == .paired, row.leftOut > 0, row.measure == .effect || row.measure == .accuracy else {
      return nil
    }
    return .notice(
      kind: .note,
      [
        .text(
          "Compared on the \(Numbers.count(row.n)) prompts that both sides have; \(Numbers.count(row.leftOut)) without a partner are left out."
        )
      ])
  }

  private func worst(_ row: Diff.Row, _ behaviour: String?) -> Block? {
    guard !row.worst.isEmpty else { return nil }
    let isShare = row.measure.isShare
    let words = DiffWords.states(row.measure)
    func value(_ value: Double) -> String {
      isShare ? (value == 1 ? words.one : words.zero) : Numbers.fixed(value, signed: true)
    }
    let all = row.discordant.map { $0.onlyBefore + $0.onlyAfter } ?? 0
    let shown = isShare && all > row.worst.count ? ", the first \(row.worst.count) of \(Numbers.count(all))" : ""
    return .details(
      summary: isShare
        ? "Records that differ: \(DiffWords.subject(row))" : "Prompts that differ most: \(DiffWords.subject(row))",
      [
        .table(
          Table(
            caption: "\(DiffWords.subject(row)), prompt by prompt\(shown)", header: ["Prompt", "Before", "After"],
            alignment: [.left, .right, .right],
            rows: row.worst.map { [[.attributed($0.name)], [.text(value($0.before))], [.text(value($0.after))]] }))
      ])
  }
}
