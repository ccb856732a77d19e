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

  /// What can be asked of the engine.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Exact noising and denoising of every head and MLP, all positions together.
    case exactPatching = "exact-patching"
    /// Attribution patching: the first-order estimate of noising, one backward pass.
    case attributionPatching = "attribution-patching"
    /// Gradient × input and integrated gradients per token.
    case tokenAttribution = "token-attribution"
    /// The asymmetric circuit search, with exact sufficiency and comprehensiveness afterwards.
    case circuit
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
  /// Whether each prompt gets the special tokens that the tokenizer's own file puts around a text (nil: no). Not with
  /// `prepend`.
  public var specialTokens: Bool?
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

  /// A plan with DESIGN's defaults.
  public init(
    behaviour: String, question: String, construction: String = "", cleanLabel: String = "clean",
    counterfactualLabel: String = "counterfactual", positive: [String], negative: [String], pairs: [Pair],
    prepend: [String] = [], specialTokens: Bool? = nil, methods: [Method] = Method.allCases, floor: Double = 0.05,
    integratedGradientsSteps: Int = 64, tokenAttributionPairs: Int = 16, sufficiencyTarget: Double = 0.85,
    comprehensivenessTarget: Double = 0.90, bootstrapResamples: Int = 2000, confidence: Double = 0.95, seed: UInt64 = 1
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
  }
}
