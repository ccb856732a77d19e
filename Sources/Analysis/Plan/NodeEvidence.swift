/// What zeros or means in each head's and MLP's place do, beside their counterfactual values: exact, but in a state that no prompt
/// gives the model.
public struct AblationEvidence: Codable, Sendable, Equatable {
  /// One head's or MLP's effect.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Exact: m(clean run with this node at the other value at all positions) − m_clean.
    public var effect: Estimate
    /// Whether this moves the decision though the counterfactual value does not, in either direction: the known false positive of
    /// ablation by values from outside the distribution.
    public var isArtefact: Bool
  }

  /// What replaces an activation.
  public var value: AnalysisPlan.Ablation
  /// By node, in the model's order.
  public var effects: [Effect]
  /// The circuit of the asymmetric search with these values in place of the counterfactual ones, with its exact scores; nil if not
  /// asked for or refused.
  public var circuit: AnalysisResult.Circuit?

  /// Nodes that this ablation moves and the counterfactual does not.
  public var artefacts: [Node] { effects.filter(\.isArtefact).map(\.node) }
}

/// Effects of single positions, for some of the behaviour's pairs.
public struct PositionEvidence: Codable, Sendable, Equatable {
  /// One pair's effects. Positions before the first differing token are left out: there every effect is 0.
  public struct Pair: Codable, Sendable, Equatable {
    /// The pair's name in the plan.
    public var pair: String
    /// The first position given.
    public var first: Int
    /// The clean prompt's tokens from there on, as text.
    public var tokens: [String]
    /// The counterfactual prompt's.
    public var counterfactualTokens: [String]
    /// Exact, by node in the model's order, by position: m(clean run with the node's counterfactual value there) − m_clean.
    public var noising: [[Double]]
    /// Approximate: first-order estimate of `noising`.
    public var attribution: [[Double]]
  }

  /// The pairs, in the order of the plan.
  public var pairs: [Pair]
}

/// Integrated gradients over activations, means over some of the behaviour's pairs.
public struct IntegratedActivations: Codable, Sendable, Equatable {
  /// One head's or MLP's effect.
  public struct Effect: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Approximate: the noising effect by integrated gradients along the node's own way to its counterfactual value.
    public var integrated: Estimate
    /// Exact: the noising effect on the same pairs.
    public var exact: Estimate
  }

  /// Pairs that it rests on.
  public var pairs: Int
  /// Points of the way.
  public var steps: Int
  /// By node, in the model's order.
  public var effects: [Effect]
}

/// What patching one path does, exactly: the receiver reads the sender's value of the other run, everyone else reads what the
/// sender writes now.
public struct PathEffect: Codable, Sendable, Equatable {
  /// From whom to whom.
  public var path: Edge
  /// m(clean run with this path from the counterfactual run) − m_clean.
  public var noising: Estimate
  /// m(counterfactual run with this path from the clean run) − m_counterfactual.
  public var denoising: Estimate
  /// The share of each pair's change that noising carries, in that pair's direction. Nil in records of before version 0.2.
  public var noisingShare: Estimate?
  /// The same of denoising.
  public var denoisingShare: Estimate?
}
