import Analysis
import Evidence

/// What stands for and against the circuit: random circuits, other prompts, what it lacks, what takes over.
struct CircuitCheckBlocks: AnalysisPart {
  let view: AnalysisView

  /// The section, or nil if nothing of this kind was measured.
  func section(anchor: String) -> Section? {
    guard result.circuitEvidence != nil || result.forwardBackward != nil else { return nil }
    let sentences = CircuitSentences(view: view)
    var blocks: [Block] = []
    let items = sentences.sizeOnly.map { $0.badged(text) } + (result.circuitEvidence.map(words) ?? [])
    if !items.isEmpty { blocks.append(.list(items)) }
    blocks.append(.table(comparison))
    if let evidence = result.circuitEvidence {
      blocks.append(.details(summary: text.words("checks.in-numbers"), tables(evidence)))
    }
    if let stronger = result.forwardBackward {
      blocks.append(.details(summary: text.words("checks.search-steps"), search(stronger)))
    }
    return Section(
      id: anchor + "-checks", heading: text.words("checks.heading"), isListed: false, blocks: blocks)
  }

  // MARK: In words

  private func list(_ nodes: [Node]) -> String { nodes.map(\.description).joined(separator: ", ") }

  /// Descriptions without an interval: exact on the drawn pairs, so they have no standing of their own.
  private func words(_ evidence: CircuitEvidence) -> [[Inline]] {
    [stability(evidence.stability), completeness(evidence.checks), minimality(evidence.checks)]
      + [backups(evidence.backups)]
  }

  private func stability(_ stability: CircuitStability) -> [Inline] {
    func share(_ inclusion: CircuitStability.Inclusion) -> String {
      text.words(
        "checks.head-share",
        ["head": .text(inclusion.node.description), "share": .text(text.percent(inclusion.frequency))])
    }
    let members = TextValue.text(stability.inclusions.filter(\.inCircuit).map(share).joined(separator: ", "))
    let others = stability.inclusions.filter { !$0.inCircuit }.prefix(3).map(share)
    let overlap = TextValue.text(text.fixed(stability.meanJaccardWithCircuit, 2))
    return others.isEmpty
      ? text.inlines(
        "checks.stability",
        [
          "resamples": .count(stability.resamples), "n": .count(stability.n), "members": members, "overlap": overlap,
          "run": .inline(link),
        ])
      : text.inlines(
        "checks.stability-others",
        [
          "resamples": .count(stability.resamples), "n": .count(stability.n), "members": members,
          "others": .text(others.joined(separator: ", ")),
          "overlap": overlap, "run": .inline(link),
        ])
  }

  private func completeness(_ checks: CircuitChecks) -> [Inline] {
    let share = TextValue.text(text.percent(checks.worstIncompleteness))
    guard let worst = checks.completeness.first else {
      return text.inlines(
        "checks.completeness-none", ["share": share, "n": .count(checks.completeness.count), "run": .inline(link)])
    }
    guard !worst.removed.isEmpty else {
      return text.inlines(
        "checks.completeness-whole", ["share": share, "n": .count(checks.completeness.count), "run": .inline(link)])
    }
    return text.inlines(
      "checks.completeness",
      [
        "heads": .text(list(worst.removed)), "share": share, "n": .count(checks.completeness.count),
        "run": .inline(link),
      ])
  }

  private func minimality(_ checks: CircuitChecks) -> [Inline] {
    let members = checks.minimality.map { "\($0.node) \(text.percent($0.share))" }
    return text.inlines(
      "checks.minimality", ["members": .text(members.joined(separator: ", ")), "run": .inline(link)])
  }

  private func backups(_ backups: BackupNodes) -> [Inline] {
    let sign: Double = backups.conditioningEffect < 0 ? -1 : 1
    let least = 0.05 * abs(backups.conditioningEffect)
    let taking = backups.entries.filter { sign * $0.interaction >= least }.prefix(3)
    guard !taking.isEmpty else { return text.inlines("checks.no-backups", ["run": .inline(link)]) }
    let names = taking.map {
      text.words(
        "checks.backup",
        [
          "head": .text($0.node.description), "alone": .text(text.fixed($0.marginal, signed: true)),
          "then": .text(text.fixed($0.conditional, signed: true)),
        ])
    }
    return text.inlines("checks.backups", ["heads": .text(names.joined(separator: ", ")), "run": .inline(link)])
  }

  // MARK: In numbers

  private var comparison: Table {
    var rows: [[String]] = []
    if let circuit = result.circuit, let evidence = result.circuitEvidence {
      let name = text.words("checks.circuit", ["heads": .text(list(circuit.heads))])
      rows += evidence.nulls.map { row(name, $0) }
    }
    if let stronger = result.forwardBackward {
      let name = text.words("checks.stronger", ["heads": .text(list(stronger.selection.nodes))])
      rows += stronger.nulls.map { row(name, $0) }
    }
    let pairs = result.circuitEvidence?.pairs ?? result.forwardBackward?.pairs ?? 0
    return .plain(
      text.words(
        "checks.comparison-caption",
        ["behaviour": .text(plan.behaviour), "n": .count(pairs), "run": .text(short)]),
      text.columns("checks.comparison-columns"), numbers: 6, rows)
  }

  private func row(_ name: String, _ null: RandomCircuitNull) -> [String] {
    let reach =
      null.reachable.map(text.count)
      ?? text.words("checks.power-of-ten", ["power": .text(text.fixed(null.log10Reachable, 1))])
    return [
      name, null.kind == .matched ? text.words("checks.matched") : text.words("checks.of-size"),
      text.fixed(null.observed), null.mean.map { text.fixed($0) } ?? "–",
      null.quantiles.last.map { text.fixed($0.value) } ?? "–", text.pValue(null.p.value),
      text.pValue(null.p.smallest), "\(reach) (\(text.count(null.p.draws)))",
    ]
  }

  private func tables(_ evidence: CircuitEvidence) -> [Block] {
    let inclusions = Table.plain(
      text.words("checks.inclusions-caption", ["n": .count(evidence.pairs), "run": .text(short)]),
      text.columns("checks.inclusions-columns"), numbers: 2,
      evidence.stability.inclusions.map {
        [
          $0.node.description, $0.inCircuit ? text.words("words.yes") : text.words("words.no"),
          text.counted($0.count, of: evidence.stability.resamples), text.percent($0.frequency),
        ]
      })
    let subsets = Table.plain(
      text.words("checks.subsets-caption", ["n": .count(evidence.pairs), "run": .text(short)]),
      text.columns("checks.subsets-columns"),
      numbers: 3,
      evidence.checks.completeness.prefix(10).map {
        [
          $0.removed.isEmpty ? text.words("checks.nothing") : list($0.removed), text.fixed($0.circuit),
          text.fixed($0.model), text.fixed($0.incompleteness),
        ]
      })
    let backups = Table.plain(
      text.words(
        "checks.backups-caption",
        ["heads": .text(list(evidence.backups.conditioning)), "n": .count(evidence.pairs), "run": .text(short)]),
      text.columns("checks.backups-columns"), numbers: 3,
      evidence.backups.entries.prefix(10).map {
        [
          $0.node.description, text.fixed($0.marginal, signed: true), text.fixed($0.conditional, signed: true),
          text.fixed($0.interaction, signed: true),
        ]
      })
    return [.table(inclusions), .table(subsets), .table(backups)] + evidence.curves.map { .table(curve($0, evidence)) }
  }

  private func curve(_ curve: FaithfulnessCurve, _ evidence: CircuitEvidence) -> Table {
    let (under, from) = (TextValue.text(text.fixed(curve.areaUnder)), TextValue.text(text.fixed(curve.areaFromOne)))
    return .plain(
      curve.ranking == .signed
        ? text.words(
          "checks.curve-signed", ["under": under, "from": from, "n": .count(evidence.pairs), "run": .text(short)])
        : text.words(
          "checks.curve-size", ["under": under, "from": from, "n": .count(evidence.pairs), "run": .text(short)]),
      text.columns("checks.curve-columns"), numbers: 3,
      curve.points.map { [text.percent($0.share), text.count($0.size), text.fixed($0.faithfulness)] })
  }

  private func search(_ found: ForwardBackwardCircuit) -> [Block] {
    let selection = found.selection
    let rows = selection.steps.map { step in
      [
        step.added ? text.words("checks.step-in") : text.words("checks.step-out"), step.node.description,
        text.count(step.size), text.fixed(step.loss),
      ]
    }
    let bound =
      selection.submodularity.upperBound.map { text.words("checks.at-most", ["value": .text(text.fixed($0))]) }
      ?? text.words("checks.not-comparable")
    let summary = text.inlines(
      "checks.search",
      [
        "empty": .text(text.fixed(selection.emptyLoss)), "end": .text(text.fixed(selection.loss)),
        "n": .count(found.pairs), "circuits": .count(selection.evaluations), "stop": .text(text.stop(selection.stop)),
        "bound": .text(bound), "run": .inline(link),
      ])
    return [
      .paragraph(summary),
      .table(
        .plain(
          text.words("checks.steps-caption", ["run": .text(short)]), text.columns("checks.steps-columns"), numbers: 2,
          rows)),
    ]
  }
}
