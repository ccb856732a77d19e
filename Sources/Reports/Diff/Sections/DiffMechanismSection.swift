import Analysis
import Project

/// Circuits side by side, which heads carried the change, and how far names of heads can be trusted.
struct DiffMechanismSection {
  let context: DiffDocument
  private var diff: Diff { context.diff }
  private var text: InterfaceText { context.text }
  private var words: DiffWords { context.words }

  var section: Section {
    let blocks: [Block] =
      diff.mechanisms.isEmpty
      ? [.notice(kind: .missing, text.inlines("diff-mechanism.none"))]
      : [
        .paragraph(text.inlines("diff-mechanism.lead"))
      ]
    return Section(
      id: "mechanism", heading: text.words("diff-mechanism.heading"), blocks: blocks,
      sections: diff.mechanisms.map(part))
  }

  private func part(_ mechanism: Diff.Mechanism) -> Section {
    var blocks = sameFunction(mechanism) + [identity(mechanism)]
    if let figure = figure(mechanism) { blocks.append(figure) }
    blocks += membership(mechanism) + nodes(mechanism) + [transfer(mechanism)] + alignment(mechanism)
    return Section(
      id: "mechanism-" + mechanism.behaviour.slug,
      heading: text.words("diff-mechanism.part", ["behaviour": .text(mechanism.behaviour)]), blocks: blocks)
  }

  private func sameFunction(_ mechanism: Diff.Mechanism) -> [Block] {
    guard mechanism.isSameFunction else { return [] }
    let lead = TextValue.inline(.strong(text.words("diff-mechanism.same-function-lead")))
    let difference = TextValue.text(text.precise(mechanism.largestDifference ?? 0))
    let limit = TextValue.text(text.precise(MechanismComparison.tolerance))
    let moved = mechanism.moved.map {
      text.words("diff-mechanism.moved", ["before": .text("\($0.before)"), "after": .text("\($0.after)")])
    }
    guard !moved.isEmpty else {
      return [
        .notice(
          kind: .note,
          text.inlines(
            "diff-mechanism.same-function", ["lead": lead, "difference": difference, "limit": limit]))
      ]
    }
    return [
      .notice(
        kind: .note,
        text.inlines(
          "diff-mechanism.same-function-moved",
          [
            "lead": lead, "difference": difference, "limit": limit, "moved": .code(moved.joined(separator: ", ")),
          ]))
    ]
  }

  private func identity(_ mechanism: Diff.Mechanism) -> Block {
    var note = text.knownWords(mechanism.identityNote)
    if mechanism.shapes.count == 2, mechanism.shapes[0] != mechanism.shapes[1] {
      note = text.words(
        "diff-mechanism.shapes",
        [
          "before": .text(name(mechanism.shapes[0])), "after": .text(name(mechanism.shapes[1])), "note": .text(note),
        ])
    }
    func line(_ lead: String) -> [Inline] {
      text.inlines("diff-mechanism.identity", ["lead": .inline(.strong(lead)), "note": .attributed(note)])
    }
    switch mechanism.identity {
    case .byName: return .paragraph(line(text.words("diff-mechanism.by-name")))
    case .byProfile: return .notice(kind: .note, line(text.words("diff-mechanism.by-effect")))
    case .notEstablished: return .notice(kind: .refused, line(text.words("diff-mechanism.not-established")))
    }
  }

  private func name(_ shape: Diff.Shape) -> String {
    text.words("diff-mechanism.shape", ["layers": .text("\(shape.layers)"), "heads": .text("\(shape.heads)")])
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
    let labels = (before: TextValue.text(diff.before.label), after: TextValue.text(diff.after.label))
    let behaviour = TextValue.text(mechanism.behaviour)
    let caption =
      !isDrawn || mechanism.edges == nil
      ? text.words("diff-mechanism.figure", ["behaviour": behaviour])
      : drawn.isEmpty
        ? text.words("diff-mechanism.figure-lines", ["behaviour": behaviour])
        : text.words("diff-mechanism.figure-lines-both", ["behaviour": behaviour])
    func said(_ head: Node, _ circuit: [Node]) -> String {
      circuit.contains(head) ? text.words("diff.yes") : text.words("diff.no")
    }
    return .figure(
      Figure(
        id: "circuits-" + mechanism.behaviour.slug,
        caption: caption,
        alternative: text.words(
          "diff-mechanism.figure-alternative",
          [
            "before": labels.before, "after": labels.after, "heads-before": .text(list(first)),
            "heads-after": .text(list(second)), "both": .text(names(of: members)),
          ]),
        drawing: .circuits(
          CircuitDrawing(panels: [
            panel(
              text.words("diff.version", ["label": labels.before]), mechanism.shapes[0], first,
              members.shared.map(\.before),
              isDrawn ? drawn + lost : []),
            panel(
              text.words("diff.version", ["label": labels.after]), mechanism.shapes[1], second,
              members.shared.map(\.after),
              isDrawn ? drawn + gained : []),
          ])),
        data: .plain(
          text.words("diff-mechanism.figure-table", ["behaviour": behaviour]),
          text.columns("diff-mechanism.figure-columns", ["before": labels.before, "after": labels.after]),
          Set(first + second).sorted().map { [$0.description, said($0, first), said($0, second)] })))
  }

  private func list(_ nodes: [Node]) -> String { list(nodes.map(\.description)) }

  private func list(_ names: [String]) -> String {
    names.isEmpty ? text.words("diff.none") : names.joined(separator: ", ")
  }

  /// The shared heads; `L1H2 as L1H3` where the name is another one in the later version.
  private func names(of members: CircuitMembers) -> String { list(members.shared.map { name($0.before, $0.after) }) }

  private func name(_ before: Node, _ after: Node) -> String {
    before == after
      ? before.description
      : text.words("diff.named-as", ["before": .text("\(before)"), "after": .text("\(after)")])
  }

  private func membership(_ mechanism: Diff.Mechanism) -> [Block] {
    guard let first = mechanism.circuitBefore, let second = mechanism.circuitAfter else {
      let which = mechanism.circuitBefore == nil ? diff.before.label : diff.after.label
      return [
        .notice(
          kind: .refused,
          text.inlines("diff-mechanism.no-circuit", ["version": .text(which)]))
      ]
    }
    let members = CircuitMembers(mechanism, first, second)
    var definitions = [
      Definition(text.words("diff-mechanism.both"), [.code(names(of: members))]),
      Definition(text.words("diff-mechanism.lost"), [.code(list(members.lost))]),
      Definition(text.words("diff-mechanism.gained"), [.code(list(members.gained))]),
    ]
    if let jaccard = members.jaccard {
      let term =
        mechanism.identity == .byProfile
        ? text.words("diff-mechanism.jaccard-effect") : text.words("diff-mechanism.jaccard-name")
      definitions.append(Definition(term, [.text(text.fixed(jaccard))]))
    }
    guard let edges = mechanism.edges else { return [.definitions(definitions)] }
    definitions.append(
      definition(
        text.columns(
          "diff-mechanism.edges",
          [
            "shared": .text("\(edges.shared.count)"), "lost": .text("\(edges.lost.count)"),
            "gained": .text("\(edges.gained.count)"),
          ])))
    return [.definitions(definitions)] + listed(edges, mechanism)
  }

  /// A definition of a message with two columns.
  private func definition(_ columns: [String]) -> Definition { Definition(columns[0], [.text(columns[1])]) }

  /// Which edges were lost and gained; of very many the first ones.
  private func listed(_ edges: Diff.EdgeChange, _ mechanism: Diff.Mechanism) -> [Block] {
    let limit = 100
    let (lost, gained) = (text.words("diff-mechanism.edge-lost"), text.words("diff-mechanism.edge-gained"))
    let rows = edges.lost.map { ($0, lost) } + edges.gained.map { ($0, gained) }
    guard !rows.isEmpty else { return [] }
    let behaviour = TextValue.text(mechanism.behaviour)
    let caption =
      rows.count > limit
      ? text.words(
        "diff-mechanism.edges-caption-first",
        ["behaviour": behaviour, "shown": .text("\(limit)"), "all": .text(text.count(rows.count))])
      : text.words("diff-mechanism.edges-caption", ["behaviour": behaviour])
    return [
      .details(
        summary: text.words("diff-mechanism.edges-summary"),
        [
          .table(
            Table(
              caption: caption, header: text.columns("diff-mechanism.edges-columns"),
              alignment: [.left, .left],
              rows: rows.prefix(limit).map { [[.code($0.0.description)], [.text($0.1)]] }))
        ])
    ]
  }

  // MARK: Heads

  private func nodes(_ mechanism: Diff.Mechanism) -> [Block] {
    guard !mechanism.nodes.isEmpty else { return [] }
    let changed = mechanism.nodes.filter { $0.verdict == .changed || $0.verdict == .unchangedWithinMargin }
    let largest = changed.prefix(6).map { change in
      text.words(
        "diff-mechanism.node",
        [
          "name": .text(name(change.node, change.partner)), "before": .text(text.fixed(change.before)),
          "after": .text(text.fixed(change.after)),
        ])
    }
    var blocks: [Block] = [
      .paragraph(
        largest.isEmpty
          ? text.inlines("diff-mechanism.no-effect")
          : text.inlines(
            "diff-mechanism.effects",
            [
              "lead": .inline(.strong(text.words("diff-mechanism.effects-lead"))),
              "nodes": .code(largest.joined(separator: ", ")),
            ]))
    ]
    if mechanism.refused > 0 {
      blocks.append(
        .notice(
          kind: .note,
          text.inlines(
            "diff-mechanism.refused",
            ["n": .text(text.count(mechanism.n)), "refused": .text(text.count(mechanism.refused))])))
    }
    blocks.append(
      .details(
        summary: text.words("diff-mechanism.nodes-summary"),
        [
          .table(
            Table(
              caption: text.words("diff-mechanism.nodes-caption", ["behaviour": .text(mechanism.behaviour)]),
              header: text.columns("diff-mechanism.nodes-columns"),
              alignment: [.left, .right, .right, .right, .right, .left],
              rows: mechanism.nodes.map { change in
                [
                  [.code(name(change.node, change.partner))], [.text(text.fixed(change.before))],
                  [.text(text.fixed(change.after))],
                  [.text(change.difference.map { valued($0, signed: true) } ?? "–")],
                  [.text(words.p(change.adjustedP))], [.badge(badge(change.verdict))],
                ]
              }))
        ]))
    return blocks
  }

  /// A node's effect differs, or is not shown to; whether the decision changed is another question.
  private func badge(_ verdict: Diff.Verdict) -> Badge {
    let label: String =
      switch verdict {
      case .changed: text.words("diff-mechanism.differs")
      case .unchangedWithinMargin: text.words("diff-mechanism.differs-within")
      case .unchanged: text.words("diff-mechanism.within")
      case .identical, .unsettled, .notTested: words.verdict(verdict)
      }
    return Badge(kind: verdict == .changed || verdict == .unchangedWithinMargin ? .missing : .partial, text: label)
  }

  /// A value with its interval.
  private func valued(_ estimate: Estimate, signed: Bool = false) -> String {
    text.words(
      "diff.value-with-range",
      ["value": .text(text.fixed(estimate.value, signed: signed)), "range": .text(text.range(estimate))])
  }

  private func transfer(_ mechanism: Diff.Mechanism) -> Block {
    guard let transfer = mechanism.transfer else {
      return .notice(
        kind: .note,
        text.inlines(
          "diff-mechanism.no-transfer",
          [
            "lead": .inline(.strong(text.words("diff-mechanism.no-transfer-lead"))),
            "note": .inlines(text.known(mechanism.transferNote)),
          ]))
    }
    let labels = [diff.before.label, diff.after.label]
    func cell(_ score: Analyzer.TransferScore) -> String {
      func number(_ estimate: Estimate?) -> String {
        estimate.map { valued($0) } ?? text.words("diff.not-defined")
      }
      if !score.missing.isEmpty {
        return text.words("diff-mechanism.lacks", ["heads": .text(list(score.missing))])
      }
      return text.words(
        "diff-mechanism.scores",
        [
          "sufficiency": .text(number(score.sufficiency)), "comprehensiveness": .text(number(score.comprehensiveness)),
        ])
    }
    let n = transfer.scores.first?.first?.pairs ?? 0
    return .table(
      Table(
        caption: text.words(
          "diff-mechanism.transfer-caption", ["n": .text(text.count(n)), "record": .text(transfer.record)]),
        header: text.columns(
          "diff-mechanism.transfer-columns", ["before": .text(labels[0]), "after": .text(labels[1])]),
        alignment: [.left, .left, .left],
        rows: zip(labels, transfer.scores).map { label, scores in
          [text.inlines("diff.version", ["label": .text(label)])] + scores.map { [.text(cell($0))] }
        }))
  }

  private func alignment(_ mechanism: Diff.Mechanism) -> [Block] {
    guard let comparison = mechanism.comparison else { return [] }
    let alignment = comparison.alignment
    var definitions = [
      definition(
        text.columns(
          "diff-mechanism.fcas",
          [
            "k": .text("\(alignment.k)"), "score": .text(text.fixed(alignment.score)),
            "sorted": .text(text.fixed(alignment.sortedScore)),
          ])),
      Definition(
        text.words("diff-mechanism.spearman"),
        [.text(comparison.spearman.map { text.fixed($0) } ?? text.words("diff.not-defined"))]),
    ]
    if let profiles = comparison.profiles, let mean = profiles.meanCorrelation {
      definitions.append(
        definition(
          text.columns(
            "diff-mechanism.profiles",
            [
              "mean": .text(text.fixed(mean)), "null": .text(profiles.nullMean.map { text.fixed($0) } ?? "–"),
              "p": .text(words.p(profiles.p?.value)), "n": .text(text.count(profiles.n)),
            ])))
    }
    let table = Table.plain(
      text.words("diff-mechanism.nulls-caption", ["behaviour": .text(mechanism.behaviour)]),
      text.columns("diff-mechanism.nulls-columns"),
      numbers: 5,
      alignment.placements.map {
        [
          name($0.pairing), name($0.kind), text.fixed($0.mean), $0.z.map { text.fixed($0, 2) } ?? "–",
          $0.largestZ.map { text.fixed($0, 2) } ?? "–", words.p($0.p.value), words.p($0.p.smallest),
        ]
      })
    return [
      .details(
        summary: text.words("diff-mechanism.nulls-summary"),
        [
          .definitions(definitions), .table(table),
          .paragraph(text.inlines("diff-mechanism.nulls-note")),
        ])
    ]
  }

  private func name(_ pairing: CircuitAlignment.Pairing) -> String {
    switch pairing {
    case .rank: text.words("diff-mechanism.pairing-rank")
    case .sorted: text.words("diff-mechanism.pairing-sorted")
    }
  }

  private func name(_ kind: CircuitAlignment.NullKind) -> String {
    switch kind {
    case .uniformDepths: text.words("diff-mechanism.null-uniform-depths")
    case .uniformHeads: text.words("diff-mechanism.null-uniform-heads")
    case .layerMatched: text.words("diff-mechanism.null-layer-matched")
    }
  }
}
