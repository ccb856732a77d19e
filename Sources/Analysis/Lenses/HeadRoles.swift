/// A measured share of attention, averaged over prompts, with what even attention would give.
public struct RoleScore: Codable, Sendable, Equatable {
  /// Mean over prompts of the mean over positions of the attention on the role's targets, 0 to 1.
  public var value: Double
  /// The same with attention spread evenly over the positions that each position sees.
  public var baseline: Double
  /// Prompts that had such positions.
  public var prompts: Int
  /// Positions in all of them.
  public var positions: Int
}

/// Whether a head that looks at a token raises that token's logit: its output-value circuit on the prompts' tokens.
///
/// The head is given the embedding of each distinct token alone (no position, nothing that earlier layers would add), looks
/// at it fully, and writes at the decision position with the scales of the norms there held. The logit is read against the
/// mean logit over the vocabulary, before any cap. In later layers the stream is more than the embedding, so the number is a hint there.
public struct CopyScore: Codable, Sendable, Equatable {
  /// Mean over prompts and their distinct tokens t of what looking at t adds to logit t.
  public var attended: Double
  /// Mean of what looking evenly at all distinct tokens of the prompt adds to logit t.
  public var baseline: Double
  /// Share of tokens, mean over prompts, for which looking at t adds more than looking evenly: 1 copies, 0 suppresses.
  public var raisedShare: Double
  /// Prompts with at least two distinct tokens.
  public var prompts: Int
  /// Distinct tokens in all of them, each prompt's counted apart.
  public var tokens: Int
}

/// What one attention head does on the user's prompts, by the roles that the literature names (Elhage et al. 2021; Olsson et al.
/// 2022; Wang et al. 2022). A score that no prompt could show is nil, not 0.
///
/// A role says where a head looks, not that the decision needs it: that is what exact effects are for.
public struct HeadRoles: Codable, Sendable, Equatable {
  /// The (query) head.
  public var head: Node
  /// Attention on the token before.
  public var previousToken: RoleScore?
  /// Attention on the token after; nil where tokens see only those before them.
  public var nextToken: RoleScore?
  /// Attention on earlier occurrences of the same token, and where tokens see those after them on all others.
  public var duplicateToken: RoleScore?
  /// Attention on the tokens that followed earlier occurrences of the same token; nil where tokens see those after them too.
  public var induction: RoleScore?
  /// Attention on the first token of the prompt, where heads with nothing to do often look.
  public var firstToken: RoleScore?
  /// Attention on the tokens that end a text (`[SEP]`, Clark et al. 2019); nil where tokens see only those before them.
  public var delimiter: RoleScore?
  /// Attention from the decision position on the positive answers' tokens in the prompt; nil for a classifier.
  public var positiveAnswer: RoleScore?
  /// As `positiveAnswer`, for the negative answers.
  public var negativeAnswer: RoleScore?
  /// Whether it raises the logit of what it looks at; nil for a classifier, and where the stream is normed after each addition.
  public var copying: CopyScore?

  /// A head before anything is measured.
  public init(head: Node) { self.head = head }
}

/// Collects the roles of all heads over prompts, one run at a time, so that no run need be kept.
struct HeadRoleMeter {
  private let model: Transformer
  private let vocabularyMean: [Double]
  private var roles: [[Mean]]
  private var baselines: [[Mean]]
  private var copies: [CopySums]
  private let delimiters: Set<Int>
  private var copiesTokens: Bool { model.classifier == nil && model.addsToOneStream }

  /// The attention roles that are looked for.
  private enum Role: Int, CaseIterable {
    case previousToken, nextToken, duplicateToken, induction, firstToken, delimiter, positiveAnswer, negativeAnswer
  }

  /// - Parameter delimiters: tokens that end a text, where tokens see those after them.
  /// - Complexity: O(vocabulary·width), for the mean of the unembedding.
  init(model: Transformer, delimiters: Set<Int> = []) {
    self.model = model
    self.delimiters = delimiters
    vocabularyMean = model.classifier == nil && model.addsToOneStream ? model.meanUnembedding() : []
    let heads = model.layerCount * model.headsPerLayer
    let none = Role.allCases.map { _ in Mean() }
    roles = Array(repeating: none, count: heads)
    baselines = Array(repeating: none, count: model.layerCount)
    copies = Array(repeating: CopySums(), count: heads)
  }

  /// Adds one prompt.
  /// - Parameters:
  ///   - ids: the prompt's tokens.
  ///   - trace: the run of `ids`.
  /// - Complexity: O(layers·heads·length²·headWidth + layers·tokens·width²).
  mutating func add(_ ids: [Int], _ trace: Trace, decision: Decision, sequence: Int = 0) {
    precondition(ids.count == trace.length, "\(ids.count) tokens for a run of \(trace.length)")
    let targets = targets(ids, trace, decision)
    let architecture = model.architecture
    for layer in 0..<model.layerCount {
      for (role, target) in targets {
        let even = target.mean { position, key in
          let seen = architecture.seen(from: position, layer: layer, length: ids.count)
          return seen.contains(key) ? 1 / Double(seen.count) : 0
        }
        baselines[layer][role.rawValue].add(even, positions: target.queries.count)
      }
      for head in 0..<model.headsPerLayer {
        let rows = model.attentionPattern(trace, layer: layer, head: head, sequence: sequence).rows
        for (role, target) in targets {
          roles[layer * model.headsPerLayer + head][role.rawValue].add(
            target.mean { rows[$0][$1] }, positions: target.queries.count)
        }
      }
    }
    addCopies(Array(Set(ids)).sorted(), trace, row: (sequence + 1) * trace.length - 1)
  }

  /// What each role would look at in a prompt.
  private func targets(_ ids: [Int], _ trace: Trace, _ decision: Decision) -> [(role: Role, AttentionTargets)] {
    var targets: [(role: Role, AttentionTargets)] = [
      (.previousToken, .previousToken(ids)), (.firstToken, .firstToken(ids)),
    ]
    if model.architecture.looksBothWays {
      targets += [
        (.nextToken, .nextToken(ids)), (.duplicateToken, .sameToken(ids)),
        (.delimiter, .delimiters(delimiters, in: ids)),
      ]
    } else {
      targets += [(.duplicateToken, .duplicateToken(ids)), (.induction, .induction(ids))]
    }
    guard model.classifier == nil else { return targets }
    let decided = trace.decided.lowerBound
    return targets + [
      (.positiveAnswer, .answers(decision.positive, in: ids, from: decided)),
      (.negativeAnswer, .answers(decision.negative, in: ids, from: decided)),
    ]
  }

  private mutating func addCopies(_ tokens: [Int], _ trace: Trace, row: Int) {
    guard copiesTokens, tokens.count > 1 else { return }
    for layer in 0..<model.layerCount {
      let circuits = model.outputValueLogits(layer, tokens, trace, row: row, vocabularyMean: vocabularyMean)
      for (head, logits) in circuits.enumerated() {
        copies[layer * model.headsPerLayer + head].add(logits, tokens: tokens.count)
      }
    }
  }

  /// The roles of every head, in the model's order.
  func result() -> [HeadRoles] {
    (0..<model.layerCount).flatMap { layer in
      (0..<model.headsPerLayer).map { head in
        let index = layer * model.headsPerLayer + head
        func score(_ role: Role) -> RoleScore? {
          let (value, even) = (roles[index][role.rawValue], baselines[layer][role.rawValue])
          guard value.prompts > 0 else { return nil }
          return RoleScore(
            value: value.mean, baseline: even.mean, prompts: value.prompts, positions: value.positions)
        }
        var found = HeadRoles(head: .head(layer: layer, head: head))
        (found.previousToken, found.nextToken) = (score(.previousToken), score(.nextToken))
        (found.duplicateToken, found.induction) = (score(.duplicateToken), score(.induction))
        (found.firstToken, found.delimiter) = (score(.firstToken), score(.delimiter))
        (found.positiveAnswer, found.negativeAnswer) = (score(.positiveAnswer), score(.negativeAnswer))
        found.copying = copies[index].score
        return found
      }
    }
  }
}

/// A mean over prompts in the making.
private struct Mean {
  private var sum = 0.0
  private(set) var prompts = 0
  private(set) var positions = 0

  mutating func add(_ value: Double?, positions: Int) {
    guard let value else { return }
    sum += value
    prompts += 1
    self.positions += positions
  }

  var mean: Double { sum / Double(prompts) }
}

/// The sums of a `CopyScore` in the making.
private struct CopySums {
  private var (attended, even, raised) = (0.0, 0.0, 0.0)
  private var (prompts, tokens) = (0, 0)

  /// - Parameter logits: `[t][u]`: what looking at token u adds to the logit of token t.
  mutating func add(_ logits: [[Double]], tokens count: Int) {
    let n = Double(count)
    let means = logits.map { $0.reduce(0, +) / n }
    attended += logits.indices.reduce(0) { $0 + logits[$1][$1] } / n
    even += means.reduce(0, +) / n
    raised += Double(logits.indices.filter { logits[$0][$0] > means[$0] }.count) / n
    prompts += 1
    tokens += count
  }

  var score: CopyScore? {
    guard prompts > 0 else { return nil }
    let n = Double(prompts)
    return CopyScore(
      attended: attended / n, baseline: even / n, raisedShare: raised / n, prompts: prompts, tokens: tokens)
  }
}
