/// What a forward-backward search selected, and how it got there.
public struct ForwardBackwardSelection: Codable, Sendable, Equatable {
  /// Why the search ended.
  public enum Stop: String, Codable, Sendable {
    /// The loss is at or below the target.
    case target
    /// No node is left.
    case exhausted
    /// The set may not grow.
    case size
    /// No node outside promises to lower the loss.
    case noPromise = "no promise"
    /// The nodes that promise most do not lower the exact loss by more than the least gain.
    case noGain = "no gain"
    /// Adding nodes stalled above the target, so nodes were taken away from all candidates instead, down to `nodes`; `steps` are
    /// those of the stalled search.
    case takenAway = "taken away from all"
  }

  /// One change of the set.
  public struct Step: Codable, Sendable, Equatable {
    /// Whether the node came in; otherwise it went out.
    public var added: Bool
    /// The node.
    public var node: Node
    /// Exact loss after the step.
    public var loss: Double
    /// Nodes in the set after the step.
    public var size: Int
  }

  /// The nodes, in the order in which they came in; if `stop` is `takenAway`, those that all nodes miss most first.
  public var nodes: [Node]
  /// Exact loss of `nodes`: mean over prompts of |m(N) − m(C)|.
  public var loss: Double
  /// Exact loss of the empty circuit.
  public var emptyLoss: Double
  /// Every change of the set.
  public var steps: [Step]
  /// Why the search ended.
  public var stop: Stop
  /// How many distinct circuits were evaluated exactly.
  public var evaluations: Int
  /// Over all circuits that were evaluated.
  public var submodularity: SubmodularityRatio
}
