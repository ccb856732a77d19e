import Analysis
import Project

/// Every measure with its difference, its interval and its verdict; by group below.
struct DiffBehaviourSection {
  let context: DiffDocument
  private var diff: Diff { context.diff }
  private var text: InterfaceText { context.text }
  private var words: DiffWords { context.words }

  var section: Section {
    let overall = diff.rows.filter { !$0.isGroup }
    var blocks: [Block] = [.paragraph(reading)]
    if let note = words.tokenizers(diff) { blocks.append(.notice(kind: .note, [.text(note)])) }
    if let figure = figure(overall.filter { !$0.measure.isShare && $0.difference != nil }) { blocks.append(figure) }
    let tables = [
      (text.words("diff-behaviour.values-caption"), overall.filter { !$0.measure.isShare }),
      (text.words("diff-behaviour.shares-caption"), overall.filter(\.measure.isShare)),
    ]
    blocks += tables.filter { !$0.1.isEmpty }.map { table($0.0, $0.1) }
    if overall.isEmpty { blocks.append(.notice(kind: .missing, text.inlines("diff-behaviour.nothing"))) }
    if !diff.notCompared.isEmpty {
      blocks.append(
        .list(
          diff.notCompared.map {
            text.inlines(
              "diff-behaviour.not-compared",
              ["subject": .inlines(text.said($0.subject)), "reason": .inlines(text.known($0.reason))])
          }))
    }
    return Section(id: "behaviour", heading: text.words("diff-behaviour.heading"), blocks: blocks, sections: parts)
  }

  /// How verdicts come about.
  private var reading: [Inline] {
    let settings = diff.settings
    let level = text.percent(1 - settings.confidence)
    let rule =
      settings.correction == .holm
      ? text.words("diff-behaviour.holm", ["level": .text(level)])
      : text.words("diff-behaviour.benjamini-hochberg", ["level": .text(level)])
    let declared =
      settings.isDeclared ? text.words("diff-behaviour.declared") : text.words("diff-behaviour.defaults")
    return text.inlines(
      "diff-behaviour.reading",
      [
        "logits": .text(text.fixed(settings.decisionValueMargin)),
        "points": .text(text.fixed(settings.shareMargin * 100, 1)), "declared": .text(declared), "rule": .text(rule),
        "level": .text(text.level(settings.confidence)),
      ])
  }

  /// What a row says, without its subject.
  func sentence(_ row: Diff.Row) -> String {
    if row.measure.isShare, let counts = row.discordant, row.pairing == .paired {
      return text.words(
        "diff-behaviour.share-sentence",
        [
          "before": .text("\(counts.countBefore)"), "after": .text("\(counts.countAfter)"),
          "n": .text(text.count(row.n)), "only-before": .text("\(counts.onlyBefore)"),
          "only-after": .text("\(counts.onlyAfter)"), "difference": .text(words.difference(row)),
          "unit": .text(words.unit(row.measure)), "p": .text(words.p(row.p)),
        ])
    }
    let sentence = text.words(
      "diff-behaviour.value-sentence",
      [
        "before": .text(words.value(row.before, row)), "after": .text(words.value(row.after, row)),
        "difference": .text(words.difference(row)), "unit": .text(words.unit(row.measure)),
        "n": .text(text.count(row.n)), "p": .text(words.p(row.adjustedP)),
      ])
    if row.verdict != .changed, let size = row.smallestDetectable {
      return text.words(
        "diff-behaviour.detectable",
        [
          "sentence": .text(sentence), "size": .text(text.fixed(size)),
          "power": .text(text.percent(diff.settings.power)),
        ])
    }
    // Whether an effect that changed is nearer to none: a sign alone is easily misread.
    guard row.measure == .effect, row.verdict == .changed, row.before * row.after > 0 else { return sentence }
    return abs(row.after) < abs(row.before)
      ? text.words("diff-behaviour.nearer", ["sentence": .text(sentence)])
      : text.words("diff-behaviour.farther", ["sentence": .text(sentence)])
  }

  private func table(_ caption: String, _ rows: [Diff.Row]) -> Block {
    let isShare = rows.first?.measure.isShare ?? false
    return .table(
      Table(
        caption: caption,
        header: isShare
          ? text.columns("diff-behaviour.share-columns") : text.columns("diff-behaviour.value-columns"),
        alignment: [.left, .left, .right, .right, .right, .right, .right, .right, .right, .right, .left],
        rows: rows.map { row in
          [
            [.attributed(words.subject(row))], [.badge(words.badge(row.verdict))],
            [.text(counted(row, after: false))], [.text(counted(row, after: true))],
            [.text(words.difference(row))], [.text(text.count(row.n))], [.text(words.p(row.p))],
            [.text(words.p(row.adjustedP))], [.text(words.p(row.adjustedEquivalenceP))],
            [.text(isShare ? words.p(row.smallestP) : row.smallestDetectable.map { text.fixed($0) } ?? "–")],
            [.text(words.envelope(row))],
          ]
        }))
  }

  private func counted(_ row: Diff.Row, after: Bool) -> String {
    let value = words.value(after ? row.after : row.before, row)
    guard let counts = row.discordant else { return value }
    return "\(value) (\(after ? counts.countAfter : counts.countBefore))"
  }

  private func figure(_ rows: [Diff.Row]) -> Block? {
    let estimates = rows.compactMap(\.difference)
    guard !rows.isEmpty, estimates.count == rows.count else { return nil }
    let points = zip(rows, estimates).map { "\(words.subject($0)) \(text.fixed($1.value, signed: true))" }
    return .figure(
      Figure(
        id: "differences",
        caption: text.words("diff-behaviour.figure"),
        alternative: text.words(
          "diff-behaviour.figure-alternative", ["points": .text(points.joined(separator: ", "))]),
        drawing: .intervals(
          labels: rows.map { words.subject($0) }, estimates: estimates.map { ($0.value, $0.low, $0.high) },
          reference: 0, unit: text.words("diff.logits")),
        data: .attributed(
          text.words("diff-behaviour.figure-table"), text.columns("diff-behaviour.figure-columns"),
          zip(rows, estimates).map {
            [words.subject($0), text.count($0.n), text.fixed($1.value, signed: true), text.range($1)]
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
    var blocks: [Block] = [.list(main.map(context.finding))]
    blocks += main.compactMap(pairing)
    let question = context.after.dossier.behaviours.first { $0.id == behaviour }?.question
    if let question { blocks.insert(.paragraph([.attributed(question)]), at: 0) }
    blocks += main.compactMap { worst($0, behaviour) }
    let groups = rows.filter(\.isGroup)
    let tables = [groups.filter { !$0.measure.isShare }, groups.filter(\.measure.isShare)].filter { !$0.isEmpty }.map {
      table(
        $0.first?.measure.isShare == true
          ? text.words("diff-behaviour.group-shares") : text.words("diff-behaviour.group-values"), $0)
    }
    if !tables.isEmpty { blocks.append(.details(summary: text.words("diff-behaviour.by-group"), tables)) }
    return Section(
      id: behaviour.map { "diff-behaviour-" + $0.slug } ?? "diff-records",
      heading: behaviour.map { text.words("diff-behaviour.part", ["behaviour": .text($0)]) }
        ?? text.words("diff-behaviour.records"), blocks: blocks)
  }

  private func pairing(_ row: Diff.Row) -> Block? {
    if row.pairing == .independent, row.measure != .flips {
      return .notice(
        kind: .note,
        text.inlines("diff-behaviour.independent", ["subject": .text(words.subject(row))]))
    }
    guard row.pairing == .paired, row.leftOut > 0, row.measure == .effect || row.measure == .accuracy else {
      return nil
    }
    return .notice(
      kind: .note,
      text.inlines(
        "diff-behaviour.paired", ["n": .text(text.count(row.n)), "alone": .text(text.count(row.leftOut))]))
  }

  private func worst(_ row: Diff.Row, _ behaviour: String?) -> Block? {
    guard !row.worst.isEmpty else { return nil }
    let isShare = row.measure.isShare
    let states = words.states(row.measure)
    func value(_ value: Double) -> String {
      isShare ? (value == 1 ? states.one : states.zero) : text.fixed(value, signed: true)
    }
    let subject = TextValue.text(words.subject(row))
    let all = row.discordant.map { $0.onlyBefore + $0.onlyAfter } ?? 0
    let caption =
      isShare && all > row.worst.count
      ? text.words(
        "diff-behaviour.worst-first",
        ["subject": subject, "shown": .text(text.count(row.worst.count)), "all": .text(text.count(all))])
      : text.words("diff-behaviour.worst", ["subject": subject])
    return .details(
      summary: isShare
        ? text.words("diff-behaviour.records-differ", ["subject": subject])
        : text.words("diff-behaviour.prompts-differ", ["subject": subject]),
      [
        .table(
          Table(
            caption: caption, header: text.columns("diff-behaviour.worst-columns"),
            alignment: [.left, .right, .right],
            rows: row.worst.map { [[.attributed($0.name)], [.text(value($0.before))], [.text(value($0.after))]] }))
      ])
  }
}
