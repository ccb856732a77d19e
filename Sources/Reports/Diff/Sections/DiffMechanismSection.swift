import Analysis
import Project

/// Circuits side by side, which heads carried the change, and how far names of heads can be trusted.
struct DiffMechanismSection {
  let context: DiffDocument
  private var diff: Diff { context.diff }

  var section: Section {
    let blocks: [Block] =
      diff.mechanisms.isEmpty
      ? [.notice(kind: .missing, [.text("No behaviour has runs of both sides whose records are at hand.")])]
      : [
        .paragraph([
          .text(
            "Effects of heads and MLPs are exact: one node of the clean run set to its counterfactual value. A circuit is what a search "
              + "found, not the only one that could be found; overlap of names says little by itself.")
        ])
      ]
    return Section(id: "mechanism", heading: "Mechanism", blocks: blocks, sections: diff.mechanisms.map(part))
  }

  private func part(_ mechanism: Diff.Mechanism) -> Section {
    var blocks = sameFunction(mechanism) + [identity(mechanism)]
    if let figure = figure(mechanism) { blocks.append(figure) }
    blocks += membership(mechanism) + nodes(mechanism) + [transfer(mechanism)] + alignment(mechanism)
    return Section(
      id: "mechanism-" + mechanism.behaviour.slug, heading: "Mechanism of \(mechanism.behaviour)", blocks: blocks)
  }

  private func sameFunction(_ mechanism: Diff.Mechanism) -> [Block] {
    guard mechanism.isSameFunction else { return [] }
    let moved = mechanism.moved.map { "\($0.before) is now \($0.after)" }.joined(separator: ", ")
    let difference = Numbers.precise(mechanism.largestDifference ?? 0)
    let limit = Numbers.precise(MechanismComparison.tolerance)
    return [
      .notice(
        kind: .note,
        [
          .strong("The same function on these prompts. "),
          .text(
            "The weights differ, but no decision value differs by more than \(difference) relative to max(1, |value|), which is rounding "
              + "(limit \(limit))"
              + (moved.isEmpty ? "." : "; heads stand in other places: ")),
          .code(moved), .text(moved.isEmpty ? "" : "."),
        ])
    ]
  }

  private func identity(_ mechanism: Diff.Mechanism) -> Block {
    let shapes = mechanism.shapes
    let shape =
      shapes.count == 2 && shapes[0] != shapes[1]
      ? "The models have different shapes: \(shapes.map { "\($0.layers) layers of \($0.heads) heads" }.joined(separator: " and ")). "
      : ""
    switch mechanism.identity {
    case .byName: return .paragraph([.strong("Heads by name. "), .text(shape + mechanism.identityNote)])
    case .byProfile:
      return .notice(kind: .note, [.strong("Heads by effect, not by name. "), .text(shape + mechanism.identityNote)])
    case .notEstablished:
      return .notice(
        kind: .refused, [.strong("Identity of heads not established. "), .text(shape + mechanism.identityNote)])
    }
  }

  // MARK: Circuits

  private func figure(_ mechanism: Diff.Mechanism) -> Block? {
    guard let first = mechanism.circuitBefore, let second = mechanism.circuitAfter, mechanism.shapes.count == 2,
      mechanism.shapes.allSatisfy({ $0.heads <= 32 && $0.layers <= 48 })
    else { return nil }
    let members = CircuitMembers(mechanism, first, second)
    func panel(_ title: String, _ shape: Diff.Shape, _ own: [Node], _ other: [Node], _ edges: [Edge])
      -> CircuitDrawing.Panel
    {
      CircuitDrawing.Panel(
        title: title, layers: shape.layers, heads: shape.heads,
        nodes: Dictionary(own.map { ($0, other.contains($0) ? .kept : .own) }) { first, _ in first },
        edges: Dictionary(edges.map { ($0, mechanism.edges?.shared.contains($0) == true ? .kept : .own) }) { first, _ in
          first
        })
    }
    // Many edges are a thicket: beyond a few dozen only those that one circuit has are drawn.
    let shared = mechanism.edges?.shared ?? []
    let (lost, gained) = (mechanism.edges?.lost ?? [], mechanism.edges?.gained ?? [])
    let drawn = shared.count + max(lost.count, gained.count) <= 60 ? shared : []
    let isDrawn = max(lost.count, gained.count) <= 60
    let alternative =
      "Version \(diff.before.label): \(list(first)). Version \(diff.after.label): \(list(second)). Both: \(members.sharedNames)."
    return .figure(
      Figure(
        id: "circuits-" + mechanism.behaviour.slug,
        caption: "Circuits of \(mechanism.behaviour), layers from below upwards"
          + (isDrawn && mechanism.edges != nil
            ? "; dashed: edges of one circuit of edges only" + (drawn.isEmpty ? "" : ", solid: of both") : ""),
        alternative: alternative,
        drawing: .circuits(
          CircuitDrawing(panels: [
            panel(
              "version \(diff.before.label)", mechanism.shapes[0], first, members.shared.map(\.before),
              isDrawn ? drawn + lost : []),
            panel(
              "version \(diff.after.label)", mechanism.shapes[1], second, members.shared.map(\.after),
              isDrawn ? drawn + gained : []),
          ])),
        data: .plain(
          "Heads of the circuits of \(mechanism.behaviour)",
          ["Head", "Version \(diff.before.label)", "Version \(diff.after.label)"],
          Set(first + second).sorted().map {
            [$0.description, first.contains($0) ? "yes" : "no", second.contains($0) ? "yes" : "no"]
          })))
  }

  private func list(_ nodes: [Node]) -> String { CircuitMembers.list(nodes.map(\.description)) }

  private func membership(_ mechanism: Diff.Mechanism) -> [Block] {
    guard let first = mechanism.circuitBefore, let second = mechanism.circuitAfter else {
      let which = mechanism.circuitBefore == nil ? diff.before.label : diff.after.label
      return [
        .notice(
          kind: .refused,
          [.text("Version \(which) has no circuit of heads for this behaviour, so none can be compared.")])
      ]
    }
    let members = CircuitMembers(mechanism, first, second)
    var definitions = [
      Definition("Heads in both", [.code(members.sharedNames)]), Definition("Lost", [.code(list(members.lost))]),
      Definition("Gained", [.code(list(members.gained))]),
    ]
    if let jaccard = members.jaccard {
      let kind = mechanism.identity == .byProfile ? "paired by effect" : "by name"
      definitions.append(Definition("Jaccard index of the heads, \(kind)", [.text(Numbers.fixed(jaccard))]))
    }
    guard let edges = mechanism.edges else { return [.definitions(definitions)] }
    definitions.append(
      Definition(
        "Circuits of edges, by name",
        [.text("\(edges.shared.count) edges in both, \(edges.lost.count) lost, \(edges.gained.count) gained")]))
    return [.definitions(definitions)] + listed(edges, mechanism)
  }

  /// Which edges were lost and gained; of very many the first ones.
  private func listed(_ edges: Diff.EdgeChange, _ mechanism: Diff.Mechanism) -> [Block] {
    let limit = 100
    let rows = edges.lost.map { ($0, "lost") } + edges.gained.map { ($0, "gained") }
    guard !rows.isEmpty else { return [] }
    let shown =
      rows.count > limit ? "; the first \(limit) of \(Numbers.count(rows.count)), all of them are in diff.json" : ""
    return [
      .details(
        summary: "Edges lost and gained",
        [
          .table(
            Table(
              caption: "Edges of \(mechanism.behaviour) that one circuit of edges has\(shown)",
              header: ["Edge", "Change"],
              alignment: [.left, .left],
              rows: rows.prefix(limit).map { [[.code($0.0.description)], [.text($0.1)]] }))
        ])
    ]
  }

  // MARK: Heads

  private func nodes(_ mechanism: Diff.Mechanism) -> [Block] {
    guard !mechanism.nodes.isEmpty else { return [] }
    let changed = mechanism.nodes.filter { $0.verdict == .changed || $0.verdict == .unchangedWithinMargin }
    let words = changed.prefix(6).map { change in
      "\(name(change)) (\(Numbers.fixed(change.before)) → \(Numbers.fixed(change.after)))"
    }
    var blocks: [Block] = []
    if words.isEmpty {
      blocks.append(.paragraph([.text("No head’s or MLP’s effect is established to differ.")]))
    } else {
      blocks.append(
        .paragraph([
          .strong("Where effects differ. "),
          .text("Largest differences that are established: "), .code(words.joined(separator: ", ")), .text("."),
        ]))
    }
    if mechanism.refused > 0 {
      blocks.append(
        .notice(
          kind: .note,
          [
            .text(
              "Effects of heads are compared on the \(Numbers.count(mechanism.n)) prompts where both sides have them. On \(Numbers.count(mechanism.refused)) "
                + "a side refused them, mostly because the decision moves too little there; where one version moves less, the rest is not a "
                + "sample of all prompts.")
          ]))
    }
    blocks.append(
      .details(
        summary: "Effects of every head and MLP on both sides",
        [
          .table(
            Table(
              caption:
                "Exact effects, \(mechanism.behaviour): mean before, mean after, difference with its interval; p adjusted over these nodes",
              header: ["Node", "Before", "After", "Difference (interval)", "Adjusted p", "Verdict"],
              alignment: [.left, .right, .right, .right, .right, .left],
              rows: mechanism.nodes.map { change in
                [
                  [.code(name(change))], [.text(Numbers.fixed(change.before))], [.text(Numbers.fixed(change.after))],
                  [
                    .text(
                      change.difference.map { "\(Numbers.fixed($0.value, signed: true)) (\(Numbers.range($0)))" } ?? "–"
                    )
                  ], [.text(DiffWords.p(change.adjustedP))], [.badge(badge(change.verdict))],
                ]
              }))
        ]))
    return blocks
  }

  /// A node's effect differs, or is not shown to; whether the decision changed is another question.
  private func badge(_ verdict: Diff.Verdict) -> Badge {
    let text: String =
      switch verdict {
      case .changed: "differs"
      case .unchangedWithinMargin: "differs, within the margin"
      case .unchanged: "within the margin"
      case .identical, .unsettled, .notTested: DiffWords.verdict(verdict)
      }
    return Badge(kind: verdict == .changed || verdict == .unchangedWithinMargin ? .missing : .partial, text: text)
  }

  private func name(_ change: Diff.NodeChange) -> String {
    change.node == change.partner ? change.node.description : "\(change.node) as \(change.partner)"
  }

  private func transfer(_ mechanism: Diff.Mechanism) -> Block {
    guard let transfer = mechanism.transfer else {
      return .notice(
        kind: .note,
        [
          .strong("Transfer not measured. "),
          .text("Whether one version’s circuit explains the other takes runs on both models. "),
          .attributed(mechanism.transferNote),
        ])
    }
    let labels = [diff.before.label, diff.after.label]
    func cell(_ score: Analyzer.TransferScore) -> String {
      func number(_ estimate: Estimate?) -> String {
        estimate.map { "\(Numbers.fixed($0.value)) (\(Numbers.range($0)))" } ?? "not defined"
      }
      if !score.missing.isEmpty { return "the model lacks \(list(score.missing))" }
      return "sufficiency \(number(score.sufficiency)); comprehensiveness \(number(score.comprehensiveness))"
    }
    let n = transfer.scores.first?.first?.pairs ?? 0
    return .table(
      Table(
        caption:
          "Transfer: each circuit measured exactly on each model, n = \(Numbers.count(n)) pairs, small ones included (record \(transfer.record))",
        header: ["Circuit of"] + labels.map { "On version \($0)" }, alignment: [.left, .left, .left],
        rows: zip(labels, transfer.scores).map { label, scores in
          [[.text("version \(label)")]] + scores.map { [.text(cell($0))] }
        }))
  }

  private func alignment(_ mechanism: Diff.Mechanism) -> [Block] {
    guard let comparison = mechanism.comparison else { return [] }
    let alignment = comparison.alignment
    var definitions = [
      Definition(
        "FCAS, top \(alignment.k) heads by rank",
        [.text("\(Numbers.fixed(alignment.score)); depths sorted \(Numbers.fixed(alignment.sortedScore))")]),
      Definition(
        "Spearman, scores of all heads by name",
        [.text(comparison.spearman.map { Numbers.fixed($0) } ?? "not defined")]),
    ]
    if let profiles = comparison.profiles, let mean = profiles.meanCorrelation {
      definitions.append(
        Definition(
          "Effect profiles, best pairing",
          [
            .text(
              "mean correlation \(Numbers.fixed(mean)), by chance \(profiles.nullMean.map { Numbers.fixed($0) } ?? "–"), "
                + "p-value \(DiffWords.p(profiles.p?.value)), n = \(Numbers.count(profiles.n)) prompts")
          ]))
    }
    let table = Table.plain(
      "FCAS of \(mechanism.behaviour) against its nulls",
      ["Paired by", "Null", "Null’s mean", "z", "Largest z possible", "p", "Smallest p"],
      numbers: 5,
      alignment.placements.map {
        [
          $0.pairing.rawValue, $0.kind.rawValue, Numbers.fixed($0.mean), $0.z.map { Numbers.fixed($0, 2) } ?? "–",
          $0.largestZ.map { Numbers.fixed($0, 2) } ?? "–", DiffWords.p($0.p.value), DiffWords.p($0.p.smallest),
        ]
      })
    return [
      .details(
        summary: "Alignment scores and their nulls",
        [
          .definitions(definitions), .table(table),
          .paragraph([
            .text(
              "FCAS compares relative depths only. Identical circuits get the largest z possible and no more, so a z says nothing without it."
            )
          ]),
        ])
    ]
  }
}
