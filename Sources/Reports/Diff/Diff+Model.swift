public import Analysis

extension Diff {
  /// What changed in the model.
  public struct ModelChange: Codable, Sendable, Equatable {
    /// A fact of both models.
    public struct Fact: Codable, Sendable, Equatable {
      /// What, e.g. `tokenizer`.
      public var name: String
      /// The earlier model's.
      public var before: String
      /// The later model's.
      public var after: String
      /// Whether they are the same.
      public var isEqual: Bool { before == after }
    }

    /// Identity, tensors, tokenizer, architecture, size, decision threshold.
    public var facts: [Fact]
    /// Files of one model that the other has not got or has with other bytes.
    public var files: [FileChange]
    /// The tensors, name by name (nil if the models were not at hand: see `tensorsNote`).
    public var tensors: TensorDifference?
    /// Why tensors were not compared, or on what they were.
    public var tensorsNote: String
  }

  /// One file of the model.
  public struct FileChange: Codable, Sendable, Equatable {
    /// Its path.
    public var path: String
    /// The earlier digest (nil if it was not there).
    public var before: String?
    /// The later digest (nil if it is not there).
    public var after: String?
  }

  /// Two versions' mechanism of one behaviour.
  public struct Mechanism: Codable, Sendable, Equatable {
    /// What can be said of the heads' identity.
    public enum Identity: String, Codable, Sendable, CaseIterable {
      /// Heads of the same name do the same work, as far as their effects tell: names can be compared.
      case byName = "by-name"
      /// Heads do the same work in other places: compared under the best pairing.
      case byProfile = "by-profile"
      /// Neither is established.
      case notEstablished = "not-established"
    }

    /// The behaviour.
    public var behaviour: String
    /// The earlier run.
    public var runBefore: String
    /// The later run.
    public var runAfter: String
    /// The shape of each model, layers × heads.
    public var shapes: [Shape]
    /// What can be said of the heads' identity.
    public var identity: Identity
    /// On what that rests, in words.
    public var identityNote: String
    /// Mean correlation of the profiles of heads of the same name (nil if the shapes differ or there are no shared
    /// profiles).
    public var nameCorrelation: Double?
    /// Heads of the earlier model whose partner under the best pairing has another name.
    public var moved: [Move]
    /// Whether both versions compute the same function on these prompts up to rounding: largest difference of any
    /// decision value, relative to max(1, |value|) (nil if there are no shared prompts).
    public var largestDifference: Double?
    /// Whether that is within the engine's tolerance although the weights differ.
    public var isSameFunction: Bool
    /// The circuits, FCAS, correlations and pairing (nil if one side has no effects of heads).
    public var comparison: CircuitComparison?
    /// The earlier circuit (nil if none was found or asked for).
    public var circuitBefore: [Node]?
    /// The later circuit.
    public var circuitAfter: [Node]?
    /// Edges of the circuits of edges (nil if a side has none).
    public var edges: EdgeChange?
    /// Every head's and MLP's effect on both sides, the largest difference first.
    public var nodes: [NodeChange]
    /// Prompts on which both sides have exact effects.
    public var n: Int
    /// Shared prompts on which a side refused them.
    public var refused: Int
    /// Each circuit on each model (nil if it was not measured: see `transferNote`).
    public var transfer: Transfer?
    /// Why there is no transfer matrix, or where it comes from.
    public var transferNote: String
  }

  /// Layers and heads of a model.
  public struct Shape: Codable, Sendable, Equatable {
    /// Layers.
    public var layers: Int
    /// Heads in each.
    public var heads: Int
  }

  /// A head and its partner.
  public struct Move: Codable, Sendable, Equatable {
    /// In the earlier model.
    public var before: Node
    /// In the later model.
    public var after: Node
    /// Correlation of their effects over the prompts.
    public var correlation: Double
  }

  /// Edges gained, lost and kept.
  public struct EdgeChange: Codable, Sendable, Equatable {
    /// In both circuits of edges.
    public var shared: [Edge]
    /// In the earlier one only.
    public var lost: [Edge]
    /// In the later one only.
    public var gained: [Edge]
  }

  /// One head's or MLP's exact effect on both sides, on the same prompts.
  public struct NodeChange: Codable, Sendable, Equatable {
    /// In the earlier model.
    public var node: Node
    /// Its partner in the later model: of the same name, or under the best pairing.
    public var partner: Node
    /// Mean effect before.
    public var before: Double
    /// Mean effect after.
    public var after: Double
    /// later − earlier, with its interval.
    public var difference: Estimate?
    /// p-value, adjusted over the nodes of this behaviour.
    public var adjustedP: Double?
    /// What follows.
    public var verdict: Verdict
  }

  /// Each circuit measured on each model.
  public struct Transfer: Codable, Sendable, Equatable {
    /// The identifier of the record in the store.
    public var record: String
    /// `scores[circuit][model]`, the earlier version first on both.
    public var scores: [[Analyzer.TransferScore]]
  }
}
