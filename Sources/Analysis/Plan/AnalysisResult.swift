/// What came out of an analysis plan on one model. Effects are *counterfactual − clean* in units of the decision value
/// (logits); token attributions are *clean − counterfactual*.
@dynamicMemberLookup
public struct AnalysisResult: Codable, Sendable, Equatable {
  /// One pair's measurements.
  public struct Pair: Codable, Sendable, Equatable {
    /// The pair's name in the plan.
    public var name: String
    /// Tokens of the clean prompt (0 if it could not be read).
    public var tokens: Int
    /// The first position at which the two prompts differ (nil if none, or if the pair is not aligned).
    public var firstDifference: Int?
    /// Decision value of the clean prompt (nil if the pair is refused whole).
    public var mClean: Double?
    /// Decision value of the counterfactual prompt (nil if the pair is refused whole).
    public var mCounterfactual: Double?
    /// What the model itself would say to the clean prompt (nil in records of before version 0.2, or if the pair is refused whole).
    public var cleanChoice: OwnChoice?
    /// What the model itself would say to the counterfactual prompt.
    public var counterfactualChoice: OwnChoice?
    /// Effect of noising each node, m(patched) − m_clean, in the order of `AnalysisResult.nodes` (nil if refused or not asked for).
    public var noising: [Double]?
    /// Effect of denoising each node, m(patched) − m_counterfactual, in the order of `AnalysisResult.nodes`.
    public var denoising: [Double]?
    /// Attribution patching, the first-order estimate of `noising`, in the order of `AnalysisResult.nodes`.
    public var attribution: [Double]?

    /// m_counterfactual − m_clean, the total effect.
    public var totalEffect: Double? {
      guard let mClean, let mCounterfactual else { return nil }
      return mCounterfactual - mClean
    }

    /// A pair before anything is measured.
    public init(name: String, tokens: Int = 0, firstDifference: Int? = nil) {
      self.name = name
      self.tokens = tokens
      self.firstDifference = firstDifference
    }
  }

  /// A node's effects over the pairs that were not refused.
  public struct NodeEffect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Exact: clean run with this node at its counterfactual value.
    public var noising: Estimate?
    /// Exact: counterfactual run with this node at its clean value.
    public var denoising: Estimate?
    /// Approximate: first-order estimate of `noising`.
    public var attribution: Estimate?
    /// Σ sᵢ·eᵢ / Σ |dᵢ| of noising: the share of each pair's change that the node carries, in that pair's direction. Nil in records of
    /// before version 0.2.
    public var noisingShare: Estimate?
    /// The same of denoising: the share of the way back.
    public var denoisingShare: Estimate?

    /// A node before anything is measured.
    public init(node: Node) { self.node = node }
  }

  /// Layers of the model.
  public var layers: Int
  /// Heads per layer.
  public var headsPerLayer: Int
  /// The order of every per-node list: by layer, heads first, then the MLP.
  public var nodes: [Node]
  /// Every pair of the plan, in its order, refused ones included.
  public var pairs: [Pair]
  /// What the pairs came to.
  public var summary: AnalysisSummary

  /// A result before anything is measured.
  public init(layers: Int, headsPerLayer: Int, nodes: [Node]) {
    self.layers = layers
    self.headsPerLayer = headsPerLayer
    self.nodes = nodes
    pairs = []
    summary = AnalysisSummary()
  }

  /// The summary's fields.
  public subscript<Value>(dynamicMember path: WritableKeyPath<AnalysisSummary, Value>) -> Value {
    get { summary[keyPath: path] }
    set { summary[keyPath: path] = newValue }
  }

  private enum CodingKeys: CodingKey { case layers, headsPerLayer, nodes, pairs }

  /// Reads one object: its own fields and those of `summary` side by side.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    layers = try container.decode(Int.self, forKey: .layers)
    headsPerLayer = try container.decode(Int.self, forKey: .headsPerLayer)
    nodes = try container.decode([Node].self, forKey: .nodes)
    pairs = try container.decode([Pair].self, forKey: .pairs)
    summary = try AnalysisSummary(from: decoder)
  }

  /// Writes what `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(layers, forKey: .layers)
    try container.encode(headsPerLayer, forKey: .headsPerLayer)
    try container.encode(nodes, forKey: .nodes)
    try container.encode(pairs, forKey: .pairs)
    try summary.encode(to: encoder)
  }
}
