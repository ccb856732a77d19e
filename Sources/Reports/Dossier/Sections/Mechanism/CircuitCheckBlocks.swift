import Analysis
import Evidence

/// What stands for and against the circuit: random circuits, other prompts, what it lacks, what takes over.
struct CircuitCheckBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  private var short: String { context.names.short(record.id) }
  private var link: Inline { context.names.link(record.id) }

  /// The section, or nil if nothing of this kind was measured.
  func section(anchor: String) -> Section? {
    guard result.circuitEvidence != nil || result.forwardBackward != nil else { return nil }
    let sentences = CircuitSentences(record: record, plan: plan, result: result, link: link, text: context.text)
    var blocks: [Block] = []
    let items = sentences.sizeOnly.map { $0.badged(context.text) } + (result.circuitEvidence.map(words) ?? [])
    if !items.isEmpty { blocks.append(.list(items)) }
    blocks.append(.table(comparison))
    if let evidence = result.circuitEvidence {
      blocks.append(.details(summary: "Checks of the circuit in numbers", tables(evidence)))
    }
    if let stronger = result.forwardBackward {
      blocks.append(.details(summary: "Steps of the stronger search", search(stronger)))
    }
    return Section(
      id: anchor + "-checks", heading: "What stands for and against the circuit", isListed: false, blocks: blocks)
  }

  // MARK: In words

  /// A description without an interval: exact on the drawn pairs, so it has no standing of its own.
  private func item(_ words: String) -> [Inline] { [.text("\(words) ("), link, .text(").")] }

  private func list(_ nodes: [Node]) -> String { nodes.map(\.description).joined(separator: ", ") }

  private func words(_ evidence: CircuitEvidence) -> [[Inline]] {
    [stability(evidence.stability), completeness(evidence.checks), minimality(evidence.checks)]
      + [backups(evidence.backups)]
  }

  private func stability(_ stability: CircuitStability) -> [Inline] {
    let members = stability.inclusions.filter(\.inCircuit).map { "\($0.node) in \(Numbers.percent($0.frequency))" }
    let others = stability.inclusions.filter { !$0.inCircuit }.prefix(3)
      .map { "\($0.node) in \(Numbers.percent($0.frequency))" }
    return item(
      "The same search on \(Numbers.count(stability.resamples)) resamples of \(English.counted(stability.n, "pair", "pairs")) "
        + "selects \(members.joined(separator: ", "))"
        + (others.isEmpty ? "" : "; of the other heads most often \(others.joined(separator: ", "))")
        + "; mean overlap with the circuit \(Numbers.fixed(stability.meanJaccardWithCircuit, 2)) of 1")
  }

  private func completeness(_ checks: CircuitChecks) -> [Inline] {
    let worst = checks.completeness.first
    let removed = worst.map {
      $0.removed.isEmpty ? "nothing taken out of either" : "\(list($0.removed)) taken out of both"
    }
    return item(
      "Circuit and whole model differ most with \(removed ?? "nothing taken out"): by \(Numbers.percent(checks.worstIncompleteness)) of the heads’ joint effect, over "
        + "\(English.counted(checks.completeness.count, "subset", "subsets")) tried (0 % would be a complete circuit)")
  }

  private func minimality(_ checks: CircuitChecks) -> [Inline] {
    let members = checks.minimality.map { "\($0.node) \(Numbers.percent($0.share))" }
    return item(
      "Largest change when one head leaves the circuit, as a share of that effect: \(members.joined(separator: ", ")); a head "
        + "near 0 % may not be needed")
  }

  private func backups(_ backups: BackupNodes) -> [Inline] {
    let sign: Double = backups.conditioningEffect < 0 ? -1 : 1
    let least = 0.05 * abs(backups.conditioningEffect)
    let taking = backups.entries.filter { sign * $0.interaction >= least }.prefix(3)
    guard !taking.isEmpty else {
      return item(
        "With the circuit’s heads replaced, no other head’s own effect grows by 5 % of theirs or more: among single heads, "
          + "none was seen to take over")
    }
    let names = taking.map {
      "\($0.node) (\(Numbers.fixed($0.marginal, signed: true)) alone, \(Numbers.fixed($0.conditional, signed: true)) then)"
    }
    return item(
      "With the circuit’s heads replaced, these heads’ effects grow, as of backups: \(names.joined(separator: ", ")) logits"
    )
  }

  // MARK: In numbers

  private var comparison: Table {
    var rows: [[String]] = []
    func add(_ circuit: String, _ heads: [Node], _ nulls: [RandomCircuitNull]) {
      rows += nulls.map { null in
        [
          "\(circuit): \(list(heads))", null.kind == .matched ? "as many in each layer" : "as many in all",
          Numbers.fixed(null.observed), null.mean.map { Numbers.fixed($0) } ?? "–",
          null.quantiles.last.map { Numbers.fixed($0.value) } ?? "–", Numbers.precise(null.p.value),
          Numbers.precise(null.p.smallest),
          "\(null.reachable.map(Numbers.count) ?? "10 to the power \(Numbers.fixed(null.log10Reachable, 1))") "
            + "(\(Numbers.count(null.p.draws)))",
        ]
      }
    }
    if let circuit = result.circuit, let evidence = result.circuitEvidence {
      add("Circuit", circuit.heads, evidence.nulls)
    }
    if let stronger = result.forwardBackward { add("Stronger search", stronger.selection.nodes, stronger.nulls) }
    let pairs = result.circuitEvidence?.pairs ?? result.forwardBackward?.pairs ?? 0
    return .plain(
      "\(plan.behaviour): exact sufficiency against random circuits, \(English.counted(pairs, "drawn pair", "drawn pairs")) "
        + "(run \(short))",
      [
        "Circuit", "Random circuits with", "Its sufficiency", "Their mean", "Their largest", "p-value",
        "Smallest p-value", "In reach (compared)",
      ], numbers: 6, rows)
  }

  private func tables(_ evidence: CircuitEvidence) -> [Block] {
    let scope = "\(English.counted(evidence.pairs, "drawn pair", "drawn pairs")), run \(short)"
    let inclusions = Table.plain(
      "How often the search selects each head on resamples (\(scope))",
      ["Head", "In the circuit", "Resamples", "Share"],
      numbers: 2,
      evidence.stability.inclusions.map {
        [
          $0.node.description, $0.inCircuit ? "yes" : "no",
          "\($0.count) of \(evidence.stability.resamples)", Numbers.percent($0.frequency),
        ]
      })
    let subsets = Table.plain(
      "Completeness: mean decision values with K taken out of the circuit and of the model, worst first (logits; \(scope))",
      ["K", "Circuit without K", "Model without K", "Distance"], numbers: 3,
      evidence.checks.completeness.prefix(10).map {
        [
          $0.removed.isEmpty ? "nothing" : list($0.removed), Numbers.fixed($0.circuit), Numbers.fixed($0.model),
          Numbers.fixed($0.incompleteness),
        ]
      })
    let backups = Table.plain(
      "Heads whose effect changes most once \(list(evidence.backups.conditioning)) are replaced (logits; \(scope))",
      ["Head", "Effect alone", "Effect then", "Difference"], numbers: 3,
      evidence.backups.entries.prefix(10).map {
        [
          $0.node.description, Numbers.fixed($0.marginal, signed: true), Numbers.fixed($0.conditional, signed: true),
          Numbers.fixed($0.interaction, signed: true),
        ]
      })
    return [.table(inclusions), .table(subsets), .table(backups)] + curves(evidence, scope)
  }

  private func curves(_ evidence: CircuitEvidence, _ words: String) -> [Block] {
    evidence.curves.map { curve in
      let ranking = curve.ranking == .signed ? "work for the decision" : "matter for or against it"
      return .table(
        .plain(
          "Faithfulness of the heads that by attribution patching \(ranking), by number of heads; area under the curve "
            + "\(Numbers.fixed(curve.areaUnder)), area from 1 \(Numbers.fixed(curve.areaFromOne)) (\(words))",
          ["Share of heads", "Heads", "Faithfulness (exact)"], numbers: 3,
          curve.points.map { [Numbers.percent($0.share), Numbers.count($0.size), Numbers.fixed($0.faithfulness)] }))
    }
  }

  private func search(_ found: ForwardBackwardCircuit) -> [Block] {
    let selection = found.selection
    let rows = selection.steps.map { step in
      [
        step.added ? "in" : "out", step.node.description, Numbers.count(step.size), Numbers.fixed(step.loss),
      ]
    }
    let bound =
      selection.submodularity.upperBound.map { "at most \(Numbers.fixed($0))" } ?? "not comparable"
    let words =
      "Mean distance from the whole model’s decision value, in logits: \(Numbers.fixed(selection.emptyLoss)) with no head, "
      + "\(Numbers.fixed(selection.loss)) at the end, over \(English.counted(found.pairs, "drawn pair", "drawn pairs")). "
      + "\(English.counted(selection.evaluations, "circuit", "circuits")) evaluated exactly; stopped: "
      + "\(English.stop(selection.stop)). Submodularity ratio over the circuits visited: \(bound); near 0, heads work only "
      + "together and a search step by step may miss them ("
    return [
      .paragraph([.text(words), link, .text(").")]),
      .table(
        .plain(
          "Steps of the stronger search (run \(short))", ["Step", "Head", "Heads then", "Distance (logits)"],
          numbers: 2,
          rows)),
    ]
  }
}
