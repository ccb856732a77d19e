import Analysis
import Evidence

/// The heads that matter, one by one: exact effect, adjusted p-value, what they write directly, where they look.
struct HeadBlocks: AnalysisPart {
  let view: AnalysisView

  /// A head outside every circuit is described if its effect is at least this share of the largest.
  private static let leastShare = 0.05
  /// At most this many are described.
  private static let shown = 10

  private var significance: [Node: NodeSignificance.Entry] {
    Dictionary((result.significance?.entries ?? []).map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The section, or nil if neither lenses nor tests were asked for.
  func section(anchor: String) -> Section? {
    guard result.lenses != nil || result.significance != nil else { return nil }
    var blocks: [Block] = []
    if let established { blocks.append(.paragraph(established)) }
    if let carrying { blocks.append(.paragraph(carrying)) }
    let described = described
    if !described.isEmpty { blocks.append(.list(described.map(sentence))) }
    if let titles {
      blocks += [
        .table(titles),
        .paragraph([.text(HeadReading.rule(text))]),
      ]
    }
    let tables = [testTable, roleTable, compositionTable].compactMap { $0 }.map { Block.table($0) }
    blocks.append(.details(summary: text.words("heads.all"), tables))
    return Section(id: anchor + "-heads", heading: text.words("heads.heading"), isListed: false, blocks: blocks)
  }

  // MARK: In words

  /// How many effects are established, after adjusting for testing all.
  private var established: [Inline]? {
    guard let significance = result.significance, let first = significance.entries.first else { return nil }
    let passing = significance.entries.filter { isEstablished($0) }
    let smallest = significance.entries.map(\.p.smallest).min() ?? 1
    return text.inlines(
      "heads.established",
      [
        "all": .count(significance.entries.count), "passing": .count(passing.count),
        "level": .text(text.precise(1 - plan.confidence)), "null": .inlines(text.known(first.p.null)),
        "n": .count(significance.n), "smallest": .text(text.pValue(smallest)), "run": .inline(link),
      ])
  }

  /// How many carry a share of the change above the floor: what tests of signed means do not see where pairs pull both ways.
  private var carrying: [Inline]? {
    guard let nodes = result.carrying(plan), let floor = result.shareFloor(plan) else { return nil }
    return text.inlines(
      "heads.carrying",
      [
        "all": .count(result.nodeEffects.count), "n": .count(nodes.count), "floor": .text(text.fixed(floor)),
        "run": .inline(link),
      ])
  }

  private func isEstablished(_ entry: NodeSignificance.Entry) -> Bool {
    entry.benjaminiHochberg <= 1 - plan.confidence + 1e-12
  }

  /// The circuits' heads, then others with a large effect; the largest effect first.
  private var described: [AnalysisResult.NodeEffect] {
    let members = Set((result.circuit?.heads ?? []) + (result.forwardBackward?.selection.nodes ?? []))
    let heads = result.nodeEffects.filter { $0.node.isHead && $0.noising != nil }
    func size(_ effect: AnalysisResult.NodeEffect) -> Double { abs(effect.noising?.value ?? 0) }
    let least = Self.leastShare * (heads.map(size).max() ?? 0)
    return Array(
      heads.filter { members.contains($0.node) || (size($0) >= least && size($0) > 0) }
        .sorted { (size($1), $0.node) < (size($0), $1.node) }.prefix(Self.shown))
  }

  private func sentence(_ effect: AnalysisResult.NodeEffect) -> [Inline] {
    guard let noising = effect.noising else { return [] }
    let roles = result.lenses?.roles.first { $0.head == effect.node }
    let direct = result.lenses?.direct?.nodes.first { $0.node == effect.node }?.value
    let moves = text.words(
      "heads.moves",
      ["value": .text(text.fixed(noising.value, signed: true)), "precision": .text(precision(effect, noising))])
    let clauses = [
      moves,
      effect.noisingShare.map {
        text.words("heads.carries", ["share": .text(text.fixed($0.value)), "interval": .text(text.interval($0))])
      },
      direct.map {
        text.words(
          "heads.writes",
          ["value": .text(text.fixed($0.value, signed: true)), "interval": .text(text.interval($0))])
      }, roles.map { HeadReading($0, direct: direct).words(text) },
    ].compactMap { $0 }
    let isEstablished = noising.isEstablished(share: effect.noisingShare, floor: result.shareFloor(plan))
    let standing: Finding.Standing = isEstablished ? .measured : .notEstablished
    return text.inlines(
      "heads.sentence",
      [
        "standing": .inline(.badge(text.badge(standing))), "head": .inline(.strong(effect.node.description)),
        "place": .text(place(of: effect.node)), "clauses": .text(clauses.joined(separator: "; ")),
        "run": .inline(link),
      ])
  }

  private func precision(_ effect: AnalysisResult.NodeEffect, _ noising: Estimate) -> String {
    let precision = text.precision(noising)
    guard let entry = significance[effect.node] else { return precision }
    return text.words(
      "heads.with-p", ["precision": .text(precision), "p": .text(text.pValue(entry.benjaminiHochberg))])
  }

  private func place(of head: Node) -> String {
    let inCircuit = result.circuit?.heads.contains(head) == true
    let inStronger = result.forwardBackward?.selection.nodes.contains(head) == true
    return switch (inCircuit, inStronger) {
    case (true, true): text.words("heads.in-both")
    case (true, false): text.words("heads.in-circuit")
    case (false, true): text.words("heads.in-stronger")
    case (false, false): text.words("heads.in-neither")
    }
  }

  /// Which heads pass the limits of which role, the largest effect first; none where none does.
  private var titles: Table? {
    guard let lenses = result.lenses else { return nil }
    let effects = Dictionary(result.nodeEffects.map { ($0.node, $0.noising) }, uniquingKeysWith: { first, _ in first })
    func size(_ head: Node) -> Double { abs(effects[head]??.value ?? 0) }
    let readings = lenses.roles.map { roles in
      (
        head: roles.head,
        roles: HeadReading(roles, direct: lenses.direct?.nodes.first { $0.node == roles.head }?.value).roles
      )
    }.sorted { (size($1.head), $0.head) < (size($0.head), $1.head) }
    let rows = HeadReading.Title.allCases.map { title -> [String] in
      let heads = readings.compactMap { reading -> String? in
        guard let role = reading.roles.first(where: { $0.title == title }) else { return nil }
        let effect = effects[reading.head]??.value
        return text.words(
          "heads.title-entry",
          [
            "head": .text(reading.head.description), "share": .text(text.fixed(role.score.value, 2)),
            "effect": .text(effect.map { text.fixed($0, signed: true) } ?? text.words("heads.not-measured")),
          ])
      }
      return [title.words(text), heads.isEmpty ? text.words("heads.none") : heads.joined(separator: ", ")]
    }
    return .plain(
      text.words("heads.titles-caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      text.columns("heads.titles-columns"), rows)
  }

  // MARK: In numbers

  private var testTable: Table? {
    guard let significance = result.significance else { return nil }
    let effects = Dictionary(result.nodeEffects.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    let rows = significance.entries.map { entry in
      [
        entry.node.description, effects[entry.node]?.noising.map { text.fixed($0.value) } ?? "–",
        text.pValue(entry.p.value), text.pValue(entry.benjaminiHochberg), text.pValue(entry.holm),
      ]
    }
    return .plain(
      text.words(
        "heads.tests-caption",
        [
          "behaviour": .text(plan.behaviour), "n": .count(significance.n),
          "smallest": .text(text.pValue(significance.smallestHolm)), "run": .text(short),
        ]), text.columns("heads.tests-columns"), numbers: 4, rows)
  }

  private var roleTable: Table? {
    guard let lenses = result.lenses, !lenses.roles.isEmpty else { return nil }
    func score(_ score: RoleScore?) -> String {
      score.map { "\(text.fixed($0.value, 2)) (\(text.fixed($0.baseline, 2)))" } ?? "–"
    }
    let direct = Dictionary(
      (lenses.direct?.nodes ?? []).map { ($0.node, $0.value) }, uniquingKeysWith: { first, _ in first })
    let rows = lenses.roles.map { head in
      [
        head.head.description,
        direct[head.head].map { text.valueWithRange($0) } ?? "–",
        score(head.previousToken), score(head.duplicateToken), score(head.induction), score(head.firstToken),
        score(head.positiveAnswer), score(head.negativeAnswer),
        head.copying.map { text.percent($0.raisedShare) } ?? "–",
      ]
    }
    return .plain(
      text.words("heads.roles-caption", ["behaviour": .text(plan.behaviour), "run": .text(short)]),
      text.columns("heads.roles-columns"), numbers: 8, rows)
  }

  private var compositionTable: Table? {
    guard let composition = result.lenses?.composition, !composition.strongest.isEmpty else { return nil }
    let rows = composition.strongest.prefix(10).map { score in
      [
        "\(score.earlier) → \(score.later)", score.input.rawValue,
        score.value.map { text.fixed($0) } ?? "–", score.deviations.map { text.fixed($0, 1) } ?? "–",
      ]
    }
    return .plain(
      text.words(
        "heads.composition-caption",
        [
          "behaviour": .text(plan.behaviour), "n": .count(composition.count),
          "baseline": .text(text.fixed(composition.baseline)), "run": .text(short),
        ]), text.columns("heads.composition-columns"), numbers: 2, rows)
  }
}
