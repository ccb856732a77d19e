/// What came out of an analysis plan on one model. Effects are *counterfactual − clean* in units of the decision value
/// (logits); token attributions are *clean − counterfactual*.
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

  /// The circuit that the asymmetric search found, with its exact scores.
  public struct Circuit: Codable, Sendable, Equatable {
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

      /// The terms from their parts.
      public init(
        granularity: String, components: String, ablation: String, positions: String, direction: String, prompts: String
      ) {
        self.granularity = granularity
        self.components = components
        self.ablation = ablation
        self.positions = positions
        self.direction = direction
        self.prompts = prompts
      }
    }

    /// Whether the exact sufficiency lies far below the one that the selection's scores promised: less than half of it. Why, the
    /// number does not say: heads that work one after another do it (`series`), and first-order scores that are wrong.
    public var isCutShort: Bool { firstOrderSufficiency > 0 && sufficiency.value < firstOrderSufficiency / 2 }

    /// A circuit from its parts.
    public init(
      heads: [Node], selected: [Node], firstOrderSufficiency: Double, selectedComprehensiveness: Double, mFull: Double,
      mEmpty: Double, mCircuit: Double, mWithout: Double, sufficiency: Estimate, comprehensiveness: Estimate,
      terms: Terms
    ) {
      self.heads = heads
      self.selected = selected
      self.firstOrderSufficiency = firstOrderSufficiency
      self.selectedComprehensiveness = selectedComprehensiveness
      self.mFull = mFull
      self.mEmpty = mEmpty
      self.mCircuit = mCircuit
      self.mWithout = mWithout
      self.sufficiency = sufficiency
      self.comprehensiveness = comprehensiveness
      self.terms = terms
    }
  }

  /// Token attribution of one pair.
  public struct TokenAttribution: Codable, Sendable, Equatable {
    /// The pair's name in the plan.
    public var pair: String
    /// The clean prompt's tokens as text, leading spaces kept.
    public var tokens: [String]
    /// The counterfactual prompt's tokens as text.
    public var counterfactualTokens: [String]
    /// Exact: m(clean) − m(clean with this position's token embedding set to zero), per position. An input that the model
    /// was never trained on.
    public var zeroed: [Double]
    /// Approximate: embedding(clean) · ∂m/∂embedding, per position; a first-order estimate of `zeroed`.
    public var gradientTimesInput: [Double]
    /// Approximate: integrated gradients over the input embeddings, counterfactual → clean, per position.
    public var integratedGradients: [Double]
    /// Σ integratedGradients − (m_clean − m_counterfactual): what the midpoint rule leaves over.
    public var completenessResidual: Double

    /// An attribution from its parts.
    public init(
      pair: String, tokens: [String], counterfactualTokens: [String], zeroed: [Double],
      gradientTimesInput: [Double],
      integratedGradients: [Double], completenessResidual: Double
    ) {
      self.pair = pair
      self.tokens = tokens
      self.counterfactualTokens = counterfactualTokens
      self.zeroed = zeroed
      self.gradientTimesInput = gradientTimesInput
      self.integratedGradients = integratedGradients
      self.completenessResidual = completenessResidual
    }
  }

  /// Tokens of the longest answer, if any has several: scores are then summed log-probabilities under teacher forcing. Nil if
  /// every answer has one token, and in records from before there were others.
  public var answerTokens: Int?
  /// Layers of the model.
  public var layers: Int
  /// Heads per layer.
  public var headsPerLayer: Int
  /// The order of every per-node list: by layer, heads first, then the MLP.
  public var nodes: [Node]
  /// Every pair of the plan, in its order, refused ones included.
  public var pairs: [Pair]
  /// Whether the decision moves at all, asked in three ways (nil if no pair could be read, and in records of before version 0.2).
  public var standing: BehaviourStanding?
  /// Mean m_counterfactual − m_clean over *all* aligned pairs, small ones included (nil if no pair could be read).
  public var totalEffect: Estimate?
  /// Mean decision value of the clean prompts over all aligned pairs.
  public var meanClean: Estimate?
  /// Mean decision value of the counterfactual prompts over all aligned pairs.
  public var meanCounterfactual: Estimate?
  /// In how many aligned pairs the sign of the decision value differs between the two prompts.
  public var flips: Proportion?
  /// Aligned pairs where the decision is positive for the clean prompt only.
  public var positiveOnlyClean: Int
  /// Aligned pairs where the decision is positive for the counterfactual prompt only.
  public var positiveOnlyCounterfactual: Int
  /// Effects by node over the pairs that were not refused; empty if all were.
  public var nodeEffects: [NodeEffect]
  /// The circuit (nil if not asked for, or refused: see `refusals`).
  public var circuit: Circuit?
  /// Token attributions of the drawn pairs.
  public var tokenAttributions: [TokenAttribution]
  /// Which nodes' effects lie away from 0 (nil if not asked for).
  public var significance: NodeSignificance?
  /// How m_counterfactual − m_clean spreads over the pairs; the worst are those with the largest |effect|.
  public var spread: PromptSpread?
  /// What stands for and against the circuit (nil if not asked for, or if there is no circuit).
  public var circuitEvidence: CircuitEvidence?
  /// The circuit of the stronger search.
  public var forwardBackward: ForwardBackwardCircuit?
  /// What the lenses show of the clean prompts.
  public var lenses: LensSummary?
  /// What was measured of the graph's edges.
  public var edges: EdgeEvidence?
  /// Effects of the plan's other ablation value (nil if it names none).
  public var ablation: AblationEvidence?
  /// Effects at single positions (nil if not asked for).
  public var positions: PositionEvidence?
  /// Integrated gradients over activations (nil if not asked for).
  public var integratedActivations: IntegratedActivations?
  /// Relevance patching beside attribution patching (nil if not asked for).
  public var relevance: RelevanceEvidence?
  /// AtP*'s estimates of heads' inputs and of sizes (nil if not asked for).
  public var attributionStar: AttributionStar?
  /// The plan's paths, each patched by itself, in its order (nil if not asked for).
  public var paths: [PathEffect]?

  /// A result before anything is measured.
  public init(layers: Int, headsPerLayer: Int, nodes: [Node]) {
    self.layers = layers
    self.headsPerLayer = headsPerLayer
    self.nodes = nodes
    pairs = []
    positiveOnlyClean = 0
    positiveOnlyCounterfactual = 0
    nodeEffects = []
    tokenAttributions = []
  }
}
