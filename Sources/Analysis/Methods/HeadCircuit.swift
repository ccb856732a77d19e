extension AnalysisResult {
  /// The circuit that the asymmetric search found, with its exact scores.
  public struct Circuit: MethodResult {
    /// Its key.
    public static let key = "circuit"

    /// The heads kept after pruning.
    public var heads: [Node]
    /// The heads that the forward step selected, in order of selection.
    public var selected: [Node]
    /// Sufficiency of `selected` by the forward step's own scores, the number that it stopped at: first order, or the sum of single
    /// heads' exact shares, as `forward` says.
    public var firstOrderSufficiency: Double
    /// Exact comprehensiveness of `selected`, the reference of the backward step.
    public var selectedComprehensiveness: Double
    /// Mean m of the whole model, m(N).
    public var mFull: Double
    /// Mean m with every head at its counterfactual value, m(∅).
    public var mEmpty: Double
    /// Mean m with every head outside the circuit at its counterfactual value, m(C).
    public var mCircuit: Double
    /// Mean m with only the circuit's heads at their counterfactual values, m(N\C).
    public var mWithout: Double
    /// Exact (m(C) − m(∅))/(m(N) − m(∅)), a ratio of means with its bootstrap interval. Never clipped.
    public var sufficiency: Estimate
    /// Exact (m(N) − m(N\C))/(m(N) − m(∅)), a ratio of means with its bootstrap interval. Never clipped.
    public var comprehensiveness: Estimate
    /// The six things without which faithfulness is undefined.
    public var terms: Terms
    /// What the forward step went by (nil in records of before version 0.2: first-order scores).
    public var forward: Forward?
    /// Pairs whose decision values are counted the other way round, since their change goes against the mean one: m(N) and the others are
    /// then means of s·m. Nil as above: none.
    public var turned: Int?
    /// Heads that were found to work one after another, where the scores promised much more than is kept: each carries half of the effect
    /// or more, and the earlier one does so through the later. Empty: looked for and not found. Nil: not looked for.
    public var series: [Node]?

    /// What the forward step of the search goes by.
    public enum Forward: String, Codable, Sendable {
      /// Attribution patching.
      case firstOrder = "first-order"
      /// The exact effect of each head alone: the first-order scores rank heads otherwise than these, or promise nothing.
      case exact
    }

    /// Granularity, component kinds, ablation value, positions, direction, prompt set.
    public struct Terms: Codable, Sendable, Equatable {
      /// What counts as a node.
      public var granularity: String
      /// Which components are replaced, and what happens to the others.
      public var components: String
      /// What replaces an activation.
      public var ablation: String
      /// Which positions are replaced.
      public var positions: String
      /// Noising or denoising.
      public var direction: String
      /// On which prompts.
      public var prompts: String
    }

    /// Whether the exact sufficiency lies far below the one that the selection's scores promised: less than half of it. Why, the
    /// number does not say: heads that work one after another do it (`series`), and first-order scores that are wrong.
    public var isCutShort: Bool { firstOrderSufficiency > 0 && sufficiency.value < firstOrderSufficiency / 2 }
  }
}
