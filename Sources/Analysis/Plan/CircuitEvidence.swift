/// What stands for and against the circuit that the asymmetric search found: the questions that an expert asks next, answered
/// exactly on some of the behaviour's pairs.
public struct CircuitEvidence: Codable, Sendable, Equatable {
  /// Pairs that were drawn for these checks.
  public var pairs: Int
  /// Exact sufficiency against random circuits: with as many heads in each layer, and with as many heads in all.
  public var nulls: [RandomCircuitNull]
  /// The same search on bootstrap resamples of the pairs.
  public var stability: CircuitStability
  /// Completeness and minimality.
  public var checks: CircuitChecks
  /// Faithfulness of circuits of growing size, heads ranked by attribution patching.
  public var curves: [FaithfulnessCurve]
  /// Heads that take over when the circuit's fail.
  public var backups: BackupNodes
  /// Another circuit at least as faithful, with little of this one; nil if every head is in the circuit.
  public var rival: RivalCircuit?
}

/// The circuit of the stronger search (FoBa with a gradient forward step), measured exactly on the pairs it was found on.
public struct ForwardBackwardCircuit: Codable, Sendable, Equatable {
  /// Pairs that were drawn for the search.
  public var pairs: Int
  /// The heads and how the search came to them.
  public var selection: ForwardBackwardSelection
  /// Exact (m(C) − m(∅))/(m(N) − m(∅)), a ratio of means with its interval. Never clipped.
  public var sufficiency: Estimate
  /// Exact (m(N) − m(N∖C))/(m(N) − m(∅)), a ratio of means with its interval. Never clipped.
  public var comprehensiveness: Estimate
  /// Its exact sufficiency against random circuits, as in `CircuitEvidence.nulls`.
  public var nulls: [RandomCircuitNull]
}

/// What was measured of the graph's edges on some of the behaviour's pairs.
public struct EdgeEvidence: Codable, Sendable, Equatable {
  /// One edge's scores, means over the pairs, in logits.
  public struct Score: Codable, Sendable, Equatable {
    /// The edge.
    public var edge: Edge
    /// Approximate: edge attribution patching, gradient at the clean run.
    public var attribution: Double
    /// Approximate: gradient averaged along the input path.
    public var pathAttribution: Double
    /// Exact: m(clean run with this edge from the counterfactual run) − m_clean.
    public var exact: Estimate
    /// Exact: the share of each pair's change that the edge carries, in that pair's direction. Nil in records of before version 0.2.
    public var share: Estimate?
    /// Approximate: the same share by edge attribution patching.
    public var attributionShare: Double?
    /// Approximate: the same share with the gradient averaged along the input path; what edges are ranked by where it is there.
    public var pathShare: Double?
  }

  /// A circuit of the best edges, everything else patched.
  public struct Circuit: Codable, Sendable, Equatable {
    /// Edges in it.
    public var size: Int
    /// Mean m with every other edge from the counterfactual run.
    public var mCircuit: Double
    /// Exact (m(C) − m_cf)/(m_clean − m_cf), a ratio of means with its interval. Never clipped.
    public var sufficiency: Estimate
  }

  /// What exact pruning of every edge left over (ACDC).
  public struct Pruned: Codable, Sendable, Equatable {
    /// An edge went if its patching raised the loss by less than this.
    public var threshold: Double
    /// Pairs that the walk rested on.
    public var pairs: Int
    /// The edges that are left, in the graph's order.
    public var edges: [Edge]
    /// Mean |m(N) − m(C)| of what is left.
    public var loss: Double
    /// Exact runs made per pair.
    public var runs: Int
  }

  /// Pairs that were drawn.
  public var pairs: Int
  /// Edges of the whole graph.
  public var graphEdges: Int
  /// Points of the input path.
  public var steps: Int
  /// The edges with the largest |pathShare| (of before version 0.2: |pathAttribution|), each also patched exactly.
  public var strongest: [Score]
  /// Circuits grown by `pathAttribution`, by size.
  public var grown: [Circuit]
  /// The edges of the smallest grown circuit that reaches the plan's sufficiency target, in the order in which they were
  /// taken; nil if none of those measured does.
  public var circuit: [Edge]?
  /// Exact pruning of the whole graph; nil if not asked for.
  public var pruned: Pruned?
}
