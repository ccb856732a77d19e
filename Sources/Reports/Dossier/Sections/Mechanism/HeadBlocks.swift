import Analysis
import Evidence

/// The heads that matter, one by one: exact effect, adjusted p-value, what they write directly, where they look.
struct HeadBlocks {
  let context: DossierContext
  let record: RunRecord
  let plan: AnalysisPlan
  let result: AnalysisResult

  /// A head outside every circuit is described if its effect is at least this share of the largest.
  private static let leastShare = 0.05
  /// At most this many are described.
  private static let shown = 10

  private var short: String { context.names.short(record.id) }

  private var significance: [Node: NodeSignificance.Entry] {
    Dictionary((result.significance?.entries ?? []).map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The section, or nil if neither lenses nor tests were asked for.
  func section(anchor: String) -> Section? {
    guard result.lenses != nil || result.significance != nil else { return nil }
    var blocks: [Block] = []
    if let established { blocks.append(.paragraph(established)) }
    let described = described
    if !described.isEmpty { blocks.append(.list(described.map(sentence))) }
    if let titles {
      blocks += [
        .table(titles),
        .paragraph([
          .text(
            HeadReading.rule + " Where a head looks does not say that the decision needs it; the effect beside it does."
          )
        ]),
      ]
    }
    let tables = [testTable, roleTable, compositionTable].compactMap { $0 }.map { Block.table($0) }
    blocks.append(.details(summary: "All heads: tests, attention and what they write", tables))
    return Section(id: anchor + "-heads", heading: "The heads, one by one", isListed: false, blocks: blocks)
  }

  // MARK: In words

  /// How many effects are established, after adjusting for testing all.
  private var established: [Inline]? {
    guard let significance = result.significance, let first = significance.entries.first else { return nil }
    let passing = significance.entries.filter { isEstablished($0) }
    let level = Numbers.precise(1 - plan.confidence)
    let smallest = significance.entries.map(\.p.smallest).min() ?? 1
    let words =
      "Of \(Numbers.count(significance.entries.count)) heads and MLPs, \(Numbers.count(passing.count)) have an effect whose "
      + "adjusted p-value is at most \(level): if this list of them were made many times, at most that share of its entries "
      + "would on average be wrong (Benjamini and Hochberg’s adjustment of exact effects under \(first.p.null); the smallest "
      + "p-value that "
      + "\(English.counted(significance.n, "pair", "pairs")) can give is \(Numbers.precise(smallest)); "
    return [.text(words), context.names.link(record.id), .text(").")]
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
    let direct = result.lenses?.direct.nodes.first { $0.node == effect.node }?.value
    let p = significance[effect.node].map { ", adjusted p-value \(Numbers.precise($0.benjaminiHochberg))" } ?? ""
    var words =
      ": replaced alone, it moves the decision value by \(Numbers.fixed(noising.value, signed: true)) logits "
      + "(\(context.text.precision(noising))\(p))"
    if let direct {
      words +=
        "; it adds \(Numbers.fixed(direct.value, signed: true)) to the decision value directly (\(context.text.interval(direct)))"
    }
    if let roles { words += "; \(HeadReading(roles, direct: direct).words)" }
    let members = [
      result.circuit?.heads.contains(effect.node) == true ? "in the circuit" : nil,
      result.forwardBackward?.selection.nodes.contains(effect.node) == true ? "in the stronger search’s circuit" : nil,
    ].compactMap { $0 }
    let place = members.isEmpty ? "in neither circuit" : members.joined(separator: " and ")
    let standing: Finding.Standing = noising.covers(0) ? .notEstablished : .measured
    return [
      .badge(English.badge(standing)), .text(" "), .strong(effect.node.description),
      .text(" (\(place))\(words) ("), context.names.link(record.id), .text(")."),
    ]
  }

  /// Which heads pass the limits of which role, the largest effect first; none where none does.
  private var titles: Table? {
    guard let lenses = result.lenses else { return nil }
    let effects = Dictionary(result.nodeEffects.map { ($0.node, $0.noising) }, uniquingKeysWith: { first, _ in first })
    func size(_ head: Node) -> Double { abs(effects[head]??.value ?? 0) }
    let readings = lenses.roles.map { roles in
      (
        head: roles.head,
        roles: HeadReading(roles, direct: lenses.direct.nodes.first { $0.node == roles.head }?.value).roles
      )
    }.sorted { (size($1.head), $0.head) < (size($0.head), $1.head) }
    let rows = HeadReading.Title.allCases.map { title -> [String] in
      let heads = readings.compactMap { reading -> String? in
        guard let role = reading.roles.first(where: { $0.title == title }) else { return nil }
        let effect = effects[reading.head]??.value
        return "\(reading.head) (attention \(Numbers.fixed(role.score.value, 2)), effect "
          + "\(effect.map { Numbers.fixed($0, signed: true) } ?? "not measured"))"
      }
      return [title.words, heads.isEmpty ? "none" : heads.joined(separator: ", ")]
    }
    return .plain(
      "\(plan.behaviour): heads that pass the limits of a role, with the exact effect of replacing each (logits; run \(short))",
      ["What it is seen to do", "Heads"], rows)
  }

  // MARK: In numbers

  private var testTable: Table? {
    guard let significance = result.significance else { return nil }
    let effects = Dictionary(result.nodeEffects.map { ($0.node, $0) }, uniquingKeysWith: { first, _ in first })
    let rows = significance.entries.map { entry in
      [
        entry.node.description, effects[entry.node]?.noising.map { Numbers.fixed($0.value) } ?? "–",
        Numbers.precise(entry.p.value), Numbers.precise(entry.benjaminiHochberg), Numbers.precise(entry.holm),
      ]
    }
    return .plain(
      "\(plan.behaviour): tests of exact noising effects against 0, n = \(Numbers.count(significance.n)); the smallest "
        + "value that Holm’s adjustment can give here is \(Numbers.precise(significance.smallestHolm)) (run \(short))",
      ["Part", "Effect (logits)", "p-value", "Benjamini–Hochberg", "Holm"], numbers: 4, rows)
  }

  private var roleTable: Table? {
    guard let lenses = result.lenses, !lenses.roles.isEmpty else { return nil }
    func score(_ score: RoleScore?) -> String {
      score.map { "\(Numbers.fixed($0.value, 2)) (\(Numbers.fixed($0.baseline, 2)))" } ?? "–"
    }
    let direct = Dictionary(lenses.direct.nodes.map { ($0.node, $0.value) }, uniquingKeysWith: { first, _ in first })
    let rows = lenses.roles.map { head in
      [
        head.head.description,
        direct[head.head].map { "\(Numbers.fixed($0.value)) (\(Numbers.range($0)))" } ?? "–",
        score(head.previousToken), score(head.duplicateToken), score(head.induction), score(head.firstToken),
        score(head.positiveAnswer), score(head.negativeAnswer),
        head.copying.map { Numbers.percent($0.raisedShare) } ?? "–",
      ]
    }
    return .plain(
      "\(plan.behaviour): what each head writes directly (logits) and shares of its attention, even attention in brackets "
        + "(clean prompts; run \(short))",
      [
        "Head", "Writes directly", "Token before", "Earlier copies", "After earlier copies", "First token",
        "Answers for", "Answers against", "Tokens raised",
      ], numbers: 8, rows)
  }

  private var compositionTable: Table? {
    guard let composition = result.lenses?.composition, !composition.strongest.isEmpty else { return nil }
    let rows = composition.strongest.prefix(10).map { score in
      [
        "\(score.earlier) → \(score.later)", score.input.rawValue,
        score.value.map { Numbers.fixed($0) } ?? "–", score.deviations.map { Numbers.fixed($0, 1) } ?? "–",
      ]
    }
    return .plain(
      "\(plan.behaviour): pairs of heads whose weights fit most, of \(Numbers.count(composition.count)) scores; a random "
        + "rotation gives \(Numbers.fixed(composition.baseline)) (weights alone, what could pass; run \(short))",
      ["Heads", "Read as", "Score", "Deviations above random"], numbers: 2, rows)
  }
}
