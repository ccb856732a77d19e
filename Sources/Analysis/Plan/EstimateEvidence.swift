/// Relevance patching (RelP) beside attribution patching and exact effects, means over some of the behaviour's pairs.
public struct RelevanceEvidence: Codable, Sendable, Equatable {
  /// One head's or MLP's estimates of its noising effect.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Approximate: RelP with attention patterns held.
    public var relevance: Estimate
    /// Approximate: RelP with the softmax's own derivative.
    public var attended: Estimate
    /// Approximate: attribution patching, on the same pairs.
    public var attribution: Estimate
    /// Exact: the noising effect, on the same pairs.
    public var exact: Estimate
  }

  /// Pairs that it rests on.
  public var pairs: Int
  /// By node, in the model's order.
  public var effects: [Effect]
}

/// AtP*: each head's queries, keys and values with the softmax computed exactly, and the sizes of effects with one layer's gradient
/// dropped at a time. Means over some of the behaviour's pairs.
public struct AttributionStar: Codable, Sendable, Equatable {
  /// What replacing one input of a head by its counterfactual value at all positions does.
  public struct Input: Codable, Sendable, Equatable {
    /// The input, written as in edges: `L2H1.q`. Keys and values belong to a key/value head.
    public var input: Receiver
    /// Approximate: first order in the input.
    public var attribution: Estimate
    /// Approximate: the attention computed anew, first order in what it gives. Of values the same as `attribution`.
    public var corrected: Estimate
    /// Approximate: mean size of `corrected` with one layer's gradient dropped at a time; nil in a model of one layer.
    public var dropped: Estimate?
    /// Exact: m(clean run with this input replaced) − m_clean.
    public var exact: Estimate
    /// Exact: the share of each pair's change that the input carries, in that pair's direction. Nil in records of before version 0.2.
    public var share: Estimate?
  }

  /// One head's or MLP's.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Approximate: attribution patching, on the same pairs.
    public var attribution: Estimate
    /// Approximate: mean size of `attribution` with one layer's gradient dropped at a time; nil in a model of one layer.
    public var dropped: Estimate?
    /// Exact: the noising effect, on the same pairs.
    public var exact: Estimate
  }

  /// Pairs that it rests on.
  public var pairs: Int
  /// Layer by layer: queries, keys, values.
  public var inputs: [Input]
  /// By node, in the model's order.
  public var effects: [Effect]
}

extension Receiver: Codable {
  /// Makes one from its printed form.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let receiver = Receiver(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not an input such as L1H2.q"))
    }
    self = receiver
  }

  /// Writes the printed form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Approximation {
  static let relevance = "relevance patching"
  static let relevanceThroughAttention = "relevance patching, attention's derivative kept"
  static let besideRelevance = "attribution patching, on the pairs of relevance patching"
  static let queriesAndKeys = "attribution patching of queries and keys"
  static let queriesAndKeysCorrected = "attribution patching of queries and keys, softmax exact"
  static let queriesAndKeysDropped = "attribution patching of queries and keys, softmax exact, layers dropped (AtP*)"
  static let nodeSizes = "attribution patching, sizes alone"
  static let nodeSizesDropped = "attribution patching, sizes alone, layers dropped (GradDrop)"

  private static let samePairs =
    "every head and MLP was also patched exactly (noising) on the same pairs; the error is per pair and node, in logits"

  /// The three estimates of heads' and MLPs' effects that one backward pass each gives, on the same pairs and held against the same
  /// exact values.
  static func relevances(
    held: [Double], attended: [Double], attribution: [Double], exact: [Double]
  ) -> [Approximation] {
    let rules =
      "each norm is linear with its scale held, each activation function a multiplication with f(x)/x, each gate half of each factor"
    return [
      compared(
        relevance,
        assumption: "\(rules), and attention linear with its pattern held: where a head looks does not change",
        approximate: held, exact: exact, note: samePairs),
      compared(
        relevanceThroughAttention, assumption: "\(rules); attention's pattern is linear in queries and keys",
        approximate: attended, exact: exact, note: samePairs),
      compared(
        besideRelevance,
        assumption: "the decision value is linear in each activation between its clean and its counterfactual value",
        approximate: attribution, exact: exact, note: samePairs),
    ]
  }

  /// Estimates of what queries and keys do; values are linear in either way and left out.
  static func queriesAndKeys(
    linear: [Double], corrected: [Double], dropped: [Double]?, exact: [Double]
  ) -> [Approximation] {
    let note =
      "the queries or keys of every head were also replaced exactly on the same pairs; the error is per pair and input, in logits"
    let anew = "the decision value is linear in what each head's attention, computed anew, gives"
    var entries = [
      compared(
        queriesAndKeys, assumption: "the decision value is linear in each head's queries and keys",
        approximate: linear, exact: exact, note: note),
      compared(queriesAndKeysCorrected, assumption: anew, approximate: corrected, exact: exact, note: note),
    ]
    if let dropped {
      entries.append(
        compared(
          queriesAndKeysDropped,
          assumption: "\(anew), and effects that cancel show once one layer passes nothing on",
          approximate: dropped, exact: exact.map(abs), note: "\(note); sizes are held against exact sizes"))
    }
    return entries
  }

  /// Sizes of heads' and MLPs' effects with layers dropped, and without.
  static func sizes(dropped: [Double], attribution: [Double], exact: [Double]) -> [Approximation] {
    [
      compared(
        nodeSizesDropped,
        assumption:
          "effects that cancel between what a node does directly and through others show once one layer passes nothing on",
        approximate: dropped, exact: exact.map(abs), note: "\(samePairs); sizes are held against exact sizes"),
      compared(
        nodeSizes,
        assumption: "the decision value is linear in each activation between its clean and its counterfactual value",
        approximate: attribution.map(abs), exact: exact.map(abs),
        note: "\(samePairs); sizes are held against exact sizes"),
    ]
  }
}

/// Estimates that were held against the same exact values on the same pairs, so that their errors can be compared.
public enum EstimateGroup: Sendable, CaseIterable {
  /// Effects of heads and MLPs: relevance patching and attribution patching.
  case parts
  /// Effects of queries and keys: with the softmax exact and without.
  case queriesAndKeys
  /// Sizes of the effects of heads and MLPs: with layers dropped and without.
  case sizes

  private var methods: [String] {
    switch self {
    case .parts: [Approximation.relevance, Approximation.relevanceThroughAttention, Approximation.besideRelevance]
    case .queriesAndKeys: [Approximation.queriesAndKeys, Approximation.queriesAndKeysCorrected]
    case .sizes: [Approximation.nodeSizes, Approximation.nodeSizesDropped]
    }
  }

  /// The group's entries of a register, the one with the smallest largest error first.
  public func ranked(_ register: [Approximation]) -> [Approximation] {
    register.filter { methods.contains($0.method) && $0.largestError != nil }
      .sorted { ($0.largestError ?? 0, $0.method) < ($1.largestError ?? 0, $1.method) }
  }
}
