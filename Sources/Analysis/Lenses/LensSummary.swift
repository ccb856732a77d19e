/// What the lenses show of a behaviour: means over the clean prompts of its pairs.
public struct LensSummary: Codable, Sendable, Equatable {
  /// The logit lens at one depth, at the decision position.
  public struct Depth: Codable, Sendable, Equatable {
    /// Layers that the stream has passed: 0 is the input embedding, the number of layers is the model's own output.
    public var depth: Int
    /// Decision value of the stream, in logits.
    public var value: Estimate
    /// Kullback–Leibler divergence of its distribution from the model's own, in nats.
    public var divergence: Estimate
    /// Prompts whose likeliest token (class) is already the model's own.
    public var agreement: Proportion
  }

  /// What one head or MLP writes towards the decision directly, in logits.
  public struct Contribution: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// See `LogitAttribution`.
    public var value: Estimate
  }

  /// Direct logit attribution, in logits; see `LogitAttribution`.
  public struct Direct: Codable, Sendable, Equatable {
    /// Of each head and MLP, in the model's order.
    public var nodes: [Contribution]
    /// Of the last token's embedding and, where positions are embedded, of the last position's.
    public var embedding: Estimate
    /// Of the biases of the output projections and of the final norm.
    public var biases: Estimate
    /// The largest |m − sum of all contributions| of a prompt: rounding if `isComplete`.
    public var largestResidual: Double
    /// Whether each answer set has one token (class), so that contributions add up to m.
    public var isComplete: Bool
  }

  /// The pairs of heads whose weights compose most; see `HeadComposition`.
  public struct Composition: Codable, Sendable, Equatable {
    /// The scores furthest above what random rotations give, the furthest first.
    public var strongest: [HeadComposition.Score]
    /// Scores in all, of which `strongest` are the extremes: three for each pair of heads in different layers.
    public var count: Int
    /// See `HeadComposition.baseline`.
    public var baseline: Double
    /// See `HeadComposition.dimension`.
    public var dimension: Int
    /// See `HeadComposition.isCentred`.
    public var isCentred: Bool
    /// See `HeadComposition.distance`.
    public var distance: Int?

    /// The extremes of a model's scores.
    public init(_ scores: HeadComposition, strongest count: Int) {
      strongest = scores.strongest(count)
      self.count = scores.scores.count
      baseline = scores.baseline
      dimension = scores.dimension
      isCentred = scores.isCentred
      distance = scores.distance
    }
  }

  /// The logit lens, by depth.
  public var depths: [Depth]
  /// The readings of the first prompt, for the tokens that it guesses on the way.
  public var firstPrompt: [LogitLens.Reading]
  /// Direct logit attribution; nil where what heads and MLPs write does not add up to the logits.
  public var direct: Direct?
  /// What each head does on the prompts, in the model's order.
  public var roles: [HeadRoles]
  /// Which heads could read which, from the weights; nil if not asked for, or not defined.
  public var composition: Composition?
}
