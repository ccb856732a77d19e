/// What an analysis of one behaviour is to do: everything needed to run it again on the same model.
public struct AnalysisPlan: Codable, Sendable, Equatable {
  /// One clean prompt and its counterfactual, as text.
  public struct Pair: Codable, Sendable, Equatable {
    /// How the pair is called in reports, e.g. `record 17`.
    public var name: String
    /// The clean prompt.
    public var clean: String
    /// The counterfactual (corrupted) prompt: as many tokens, differing where the question lies.
    public var counterfactual: String

    /// A pair from its parts.
    public init(name: String, clean: String, counterfactual: String) {
      self.name = name
      self.clean = clean
      self.counterfactual = counterfactual
    }
  }

  /// What replaces an activation.
  public enum Ablation: String, Codable, Sendable, CaseIterable {
    /// The activation on the counterfactual prompt of the same pair.
    case counterfactual
    /// The activation's mean over the positions of all prompts of the behaviour, clean and counterfactual.
    case mean
    /// The activation's mean at the same position over all prompts of the behaviour, which must have as many tokens each.
    case positionMean = "position-mean"
    /// Zeros.
    case zero
  }

  /// The behaviour's identifier in the project file.
  public var behaviour: String
  /// The behaviour's question in plain words.
  public var question: String
  /// How the pairs were made, in one sentence, e.g. `sex set to male (clean) and to female (counterfactual)`.
  public var construction: String
  /// What the clean prompts have in common, e.g. `sex = male`.
  public var cleanLabel: String
  /// What the counterfactual prompts have in common, e.g. `sex = female`.
  public var counterfactualLabel: String
  /// Answers whose probability the decision value counts for. Leading spaces matter.
  public var positive: [String]
  /// Answers whose probability the decision value counts against.
  public var negative: [String]
  /// The prompt pairs.
  public var pairs: [Pair]
  /// Text of special tokens that are put before each prompt, e.g. `["<|endoftext|>"]`; usually empty.
  public var prepend: [String]
  /// Which special tokens each prompt gets besides `prepend` (nil: none).
  public var specialTokens: SpecialTokens?
  /// What `specialTokens: auto` came to with the model's tokenizer; set when the plan is carried out.
  public var specialIds: SpecialTokenIDs?
  /// What to measure.
  public var methods: [Method]
  /// A pair whose |m_clean − m_counterfactual| is below this is refused for mechanism and ratios (its total effect counts).
  public var floor: Double
  /// Steps of the midpoint rule of integrated gradients.
  public var integratedGradientsSteps: Int
  /// For how many pairs token attribution is computed (drawn with `seed`; 0 = all).
  public var tokenAttributionPairs: Int
  /// The forward step of the circuit search stops at this first-order sufficiency.
  public var sufficiencyTarget: Double
  /// The backward step keeps exact comprehensiveness above this share of the unpruned set's.
  public var comprehensivenessTarget: Double
  /// Resamples of every bootstrap.
  public var bootstrapResamples: Int
  /// Level of every interval.
  public var confidence: Double
  /// Seed of every random choice.
  public var seed: UInt64
  /// For how many pairs lenses, edges and the checks of circuits are computed (drawn with `seed`; 0 = all). Nil in records
  /// from before there were any: 24.
  public var detailPairs: Int?
  /// Random circuits drawn for each null. Nil as above: 199.
  public var nullDraws: Int?
  /// Exact pruning drops an edge if that raises the loss by less than this share of |m_clean − m_counterfactual|. Nil as above:
  /// 0.01.
  public var pruningThreshold: Double?
  /// A second value to put in each head's and MLP's place, beside the counterfactual one, for exact patching and a circuit of
  /// its own. Nil or `counterfactual`: none.
  public var ablation: Ablation?
  /// What `path-patching` patches, each by itself.
  public var paths: [Edge]?
  /// From where on effects are established, pairs counted in the direction of their own change. Nil in records of before version 0.2:
  /// signed means alone, in circuits too.
  public var standing: StandingFloors?
  /// The unit of the number that a regression gives, which is then the decision value's; nil: logits. There are no answers then.
  public var unit: String?
  /// Of a regression: a decision is positive above this, in `unit`; nil: nothing is decided.
  public var threshold: Double?

  /// Above which decision value a decision is positive; nil if nothing is decided.
  public var decisionThreshold: Double? { unit == nil ? 0 : threshold }

  /// A plan with the usual settings.
  public init(
    behaviour: String, question: String, construction: String = "", cleanLabel: String = "clean",
    counterfactualLabel: String = "counterfactual", positive: [String], negative: [String], pairs: [Pair],
    prepend: [String] = [], specialTokens: SpecialTokens? = nil, methods: [Method] = Method.standard,
    floor: Double = 0.05,
    integratedGradientsSteps: Int = 64, tokenAttributionPairs: Int = 16, sufficiencyTarget: Double = 0.85,
    comprehensivenessTarget: Double = 0.90, bootstrapResamples: Int = 2000, confidence: Double = 0.95, seed: UInt64 = 1,
    detailPairs: Int = 24, nullDraws: Int = 199, pruningThreshold: Double = 0.01,
    ablation: Ablation? = nil, paths: [Edge]? = nil, standing: StandingFloors? = .standard, unit: String? = nil,
    threshold: Double? = nil
  ) {
    self.behaviour = behaviour
    self.question = question
    self.construction = construction
    self.cleanLabel = cleanLabel
    self.counterfactualLabel = counterfactualLabel
    self.positive = positive
    self.negative = negative
    self.pairs = pairs
    self.prepend = prepend
    self.specialTokens = specialTokens
    self.methods = methods
    self.floor = floor
    self.integratedGradientsSteps = integratedGradientsSteps
    self.tokenAttributionPairs = tokenAttributionPairs
    self.sufficiencyTarget = sufficiencyTarget
    self.comprehensivenessTarget = comprehensivenessTarget
    self.bootstrapResamples = bootstrapResamples
    self.confidence = confidence
    self.seed = seed
    self.detailPairs = detailPairs
    self.nullDraws = nullDraws
    self.pruningThreshold = pruningThreshold
    self.ablation = ablation
    self.paths = paths
    self.standing = standing
    self.unit = unit
    self.threshold = threshold
  }
}
