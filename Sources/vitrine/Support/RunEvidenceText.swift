import Analysis
import Evidence
import Foundation

/// What an analysis found beyond effects and circuit, in words: tests, random circuits, other prompts, lenses, edges.
struct RunEvidenceText {
  private let plan: AnalysisPlan
  let result: AnalysisResult
  let approximations: [Approximation]

  /// The text of a run's record (nil if it is not an analysis with a result).
  init?(_ record: RunRecord) {
    guard let plan = record.analysisPlan, let result = record.analysis else { return nil }
    self.plan = plan
    self.result = result
    approximations = record.approximations
  }

  var text: String {
    [tests, spread, ablation, circuit, stronger, lenses, heads, edges, paths, estimates, inputs].filter { !$0.isEmpty }
      .joined(
        separator: "\n")
  }

  // MARK: Form

  func section(_ title: String, _ lines: [(String, String)]) -> String {
    lines.isEmpty
      ? ""
      : "\n\(title)\n"
        + lines.map { "  \($0.0.padding(toLength: max(18, $0.0.count + 1), withPad: " ", startingAt: 0)) \($0.1)" }
        .joined(separator: "\n")
  }

  func interval(_ estimate: Estimate) -> String { RunText.interval(estimate) }

  private func names(_ nodes: [Node]) -> String {
    nodes.isEmpty ? "none" : nodes.map(\.description).joined(separator: " ")
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }

  func number(_ value: Double) -> String { String(format: "%.4g", value) }

  // MARK: Effects

  private var tests: String {
    guard let significance = result.significance else { return "" }
    let level = 1 - plan.confidence
    let passing = significance.entries.filter { $0.benjaminiHochberg <= level + 1e-12 && $0.node.isHead }
    let heads = significance.entries.filter(\.node.isHead)
    let smallest = significance.entries.map(\.p.smallest).min() ?? 1
    let effects = Dictionary(result.nodeEffects.map { ($0.node, $0.noising) }, uniquingKeysWith: { first, _ in first })
    func size(_ node: Node) -> Double { abs(effects[node]??.value ?? 0) }
    let ranked = passing.sorted { (size($1.node), $0.node) < (size($0.node), $1.node) }
    let shown = ranked.prefix(8).map { "\($0.node) (adjusted p \(number($0.benjaminiHochberg)))" }
    let rest = ranked.count > 8 ? ", and \(ranked.count - 8) more" : ""
    let carrying = result.carrying(plan).map { nodes in
      (
        "share of change",
        "above the floor of \(number(result.shareFloor(plan) ?? 0)) in \(nodes.count) of \(result.nodeEffects.count) heads and MLPs, pairs counted in the direction of their own change: \(names(nodes))"
      )
    }
    return section(
      carrying == nil
        ? "WHICH HEADS' EFFECTS ARE ESTABLISHED (p adjusted for testing every head and MLP, Benjamini-Hochberg)"
        : "WHICH HEADS' EFFECTS ARE ESTABLISHED (by a common direction: p adjusted for testing every head and MLP, Benjamini-Hochberg; or by their share of the change)",
      [
        (
          carrying == nil ? "established" : "one way on average",
          "\(passing.count) of \(heads.count) heads at \(number(level)): \(shown.isEmpty ? "none" : shown.joined(separator: ", "))\(rest)"
        )
      ] + [carrying].compactMap { $0 } + [
        ("smallest possible p", "\(number(smallest)) before adjusting, with n = \(significance.n)"),
        ("read with care", "a tiny effect of one sign on every pair passes too; the size is in the numbers above"),
      ])
  }

  private var spread: String {
    guard let spread = result.spread else { return "" }
    let quantiles = spread.quantiles.map { "\(percent($0.q)): \(number($0.value))" }.joined(separator: ", ")
    let worst = spread.worst.map { "\($0.name) (\(number($0.value)))" }.joined(separator: ", ")
    return section(
      "HOW THE CHANGE VARIES FROM PAIR TO PAIR (its size in logits)",
      [("quantiles", quantiles), ("largest", worst)])
  }

  private var ablation: String {
    guard let ablation = result.ablation else { return "" }
    let name = ablation.value.rawValue
    var lines = [
      (
        "moved by \(name) alone",
        ablation.artefacts.isEmpty ? "nothing" : names(ablation.artefacts) + " (not by the counterfactual)"
      )
    ]
    if let circuit = ablation.circuit {
      lines.append(
        (
          "circuit",
          "\(names(circuit.heads)); sufficiency \(RunText.share(circuit.sufficiency)), comprehensiveness \(RunText.share(circuit.comprehensiveness))"
        ))
    }
    return section("BY \(name.uppercased()) ABLATION (outside the distribution the model was trained on)", lines)
  }

  private var paths: String {
    section(
      "PATHS (each replaced by itself, exact, logits)",
      (result.paths ?? []).map { path in
        (
          path.path.description,
          "\(interval(path.noising)) in the clean run, \(interval(path.denoising)) in the counterfactual run, n = \(path.noising.n)"
        )
      })
  }

  // MARK: Circuits

  private func line(_ null: RandomCircuitNull) -> (String, String) {
    let kind = null.kind == .matched ? "as many in each layer" : "as many in all"
    let reachable = null.reachable.map(String.init) ?? "10^\(number(null.log10Reachable))"
    let compared = null.p.exact ? "all \(null.p.draws) others" : "\(null.p.draws) of them, drawn"
    let verdict =
      null.p.rejects(at: plan.confidence)
      ? "better than random circuits"
      : null.p.canReject(at: plan.confidence)
        ? "not established that it is better than random circuits"
        : "so few circuits that nothing could be established"
    return (
      kind,
      "p \(number(null.p.value)), smallest possible \(number(null.p.smallest)); \(null.p.exceedances) of \(compared) do as well; \(reachable) circuits reachable: \(verdict)"
    )
  }

  private var circuit: String {
    guard let evidence = result.circuitEvidence, let circuit = result.circuit else { return "" }
    let stability = evidence.stability
    let inclusions = stability.inclusions.prefix(8).map {
      "\($0.node) \(percent($0.frequency))\($0.inCircuit ? "" : " (not in it)")"
    }
    let worst = evidence.checks.completeness.first?.removed ?? []
    let needed = evidence.checks.minimality.map { "\($0.node) \(percent($0.share))" }
    return section(
      "THE CIRCUIT \(names(circuit.heads)) AGAINST RANDOM CIRCUITS, AND WHAT ELSE SPEAKS FOR OR AGAINST IT (\(evidence.pairs) pairs)",
      evidence.nulls.map(line) + [
        (
          "on other prompts",
          "the same search on \(stability.resamples) resamples selects \(inclusions.joined(separator: ", "))"
        ),
        (
          "completeness",
          "worst difference to the whole model \(percent(evidence.checks.worstIncompleteness)) of the heads' effect, with \(names(worst)) taken out of both (0 % is complete)"
        ),
        ("minimality", "largest change when a head leaves: \(needed.joined(separator: ", ")) of that effect"),
        ("backups", backups(evidence.backups)),
        ("rival", rival(evidence.rival)),
      ])
  }

  private func backups(_ backups: BackupNodes) -> String {
    let sign: Double = backups.conditioningEffect < 0 ? -1 : 1
    let taking = backups.entries.filter { sign * $0.interaction >= 0.05 * abs(backups.conditioningEffect) }
    guard !taking.isEmpty else { return "no other head's effect grows by 5 % of the circuit's once it is replaced" }
    return "once the circuit is replaced, these heads matter more: "
      + taking.prefix(5).map {
        "\($0.node) (\(Format.logit($0.marginal)) alone, \(Format.logit($0.conditional)) then)"
      }.joined(separator: ", ")
  }

  private func rival(_ rival: RivalCircuit?) -> String {
    guard let rival else { return "not searched: every head is in the circuit" }
    let losses = "distance from the whole model \(number(rival.loss)) against \(number(rival.circuitLoss)) logits"
    return rival.isRival
      ? "another set of heads is at least as faithful: \(names(rival.nodes)) (\(losses)); shared: \(names(rival.shared))"
      : "no other set as faithful was found; the best met: \(names(rival.nodes)) (\(losses)). One may exist"
  }

  private var stronger: String {
    guard let found = result.forwardBackward else { return "" }
    return section(
      "THE STRONGER SEARCH'S CIRCUIT (every step exact, \(found.pairs) pairs; no assurance that it is the best)",
      [
        ("heads", names(found.selection.nodes)),
        ("sufficiency", "\(RunText.share(found.sufficiency)), n = \(found.sufficiency.n)"),
        ("comprehensiveness", "\(RunText.share(found.comprehensiveness)), n = \(found.comprehensiveness.n)"),
      ] + found.nulls.map(line))
  }

  // MARK: Lenses

  private var lenses: String {
    guard let lenses = result.lenses else { return "" }
    return section(
      "WHEN THE DECISION FORMS (decision value of the clean prompts read after each layer, logits)",
      lenses.depths.map { depth in
        (
          depth.depth == 0 ? "input" : "after L\(depth.depth - 1)",
          "\(interval(depth.value)), first choice as the model's own in \(depth.agreement.count) of \(depth.agreement.share.n)"
        )
      })
  }

  private var heads: String {
    guard let lenses = result.lenses else { return "" }
    let members = Set((result.circuit?.heads ?? []) + (result.forwardBackward?.selection.nodes ?? []))
    let direct = Dictionary(lenses.direct.nodes.map { ($0.node, $0.value) }, uniquingKeysWith: { first, _ in first })
    let lines = lenses.roles.filter { members.contains($0.head) }.map { head in
      let places: [(String, RoleScore?)] = [
        ("the token before", head.previousToken), ("earlier copies of the token", head.duplicateToken),
        ("what followed earlier copies", head.induction), ("the first token", head.firstToken),
        ("answers for", head.positiveAnswer), ("answers against", head.negativeAnswer),
      ]
      let attention = places.compactMap { place, score in
        score.map { String(format: "\(place) %.2f (%.2f)", $0.value, $0.baseline) }
      }
      let copies = head.copying.map { ", raises \(percent($0.raisedShare)) of what it looks at" } ?? ""
      let writes = direct[head.head].map { "; writes \(Format.logit($0.value)) directly" } ?? ""
      return (head.head.description, attention.joined(separator: ", ") + copies + writes)
    }
    return section("WHERE THE CIRCUITS' HEADS LOOK (share of attention; in brackets what even attention gives)", lines)
  }

  // MARK: Edges

  private var edges: String {
    guard let edges = result.edges else { return "" }
    var lines = edges.strongest.prefix(8).map { score in
      (
        score.edge.description,
        "exact \(interval(score.exact))\(score.share.map { ", share of the change \(interval($0))" } ?? ""), approximate \(Format.logit(score.pathAttribution)) (along \(edges.steps) points), \(Format.logit(score.attribution)) (one gradient)"
      )
    }
    lines += edges.grown.map {
      ("\($0.size) edges", "keep \(RunText.share($0.sufficiency)) of the effect, n = \($0.sufficiency.n)")
    }
    if let pruned = edges.pruned {
      lines.append(
        (
          "exact pruning",
          "leaves \(pruned.edges.count) edges, \(number(pruned.loss)) logits from the whole model (\(pruned.pairs) pairs): \(pruned.edges.prefix(12).map(\.description).joined(separator: ", "))\(pruned.edges.count > 12 ? " …, all with --json" : "")"
        ))
    }
    return section(
      "WHICH CONNECTIONS CARRY IT (\(edges.graphEdges) edges, \(edges.pairs) pairs; effect of replacing one, logits)",
      lines)
  }
}
