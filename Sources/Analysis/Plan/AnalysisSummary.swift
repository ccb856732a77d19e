/// What an analysis came to over its pairs: whether decisions move, the effects by head and MLP, and what each method found. A record holds
/// it beside the single pairs' values, `dossier.json` without them; both write the same fields.
@dynamicMemberLookup
public struct AnalysisSummary: Codable, Sendable, Equatable {
  /// What is measured whatever the methods.
  public struct Decisions: Codable, Sendable, Equatable {
    /// Tokens of the longest answer, if any has several: scores are then summed log-probabilities under teacher forcing. Nil if
    /// every answer has one token, and in records from before there were others.
    public var answerTokens: Int?
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
    /// Aligned pairs where the decision is positive for the clean prompt only (nil where nothing is decided).
    public var positiveOnlyClean: Int? = 0
    /// Aligned pairs where the decision is positive for the counterfactual prompt only (nil where nothing is decided).
    public var positiveOnlyCounterfactual: Int? = 0
    /// Effects by node over the pairs that were not refused; empty if all were.
    public var nodeEffects: [AnalysisResult.NodeEffect] = []
  }

  /// Whether and by how much decisions move.
  public var decisions = Decisions()
  private var methods = MethodResults()

  /// A summary before anything is measured.
  public init() {}

  /// What a method found; nil if it was not asked for, or refused.
  public subscript<Result: MethodResult>(_ type: Result.Type) -> Result? {
    get { methods[type] }
    set { methods[type] = newValue }
  }

  /// The tables of the methods' results.
  public var tables: [ResultTable] { methods.tables }

  /// The fields of `decisions`.
  public subscript<Value>(dynamicMember path: WritableKeyPath<Decisions, Value>) -> Value {
    get { decisions[keyPath: path] }
    set { decisions[keyPath: path] = newValue }
  }

  /// Reads one object: the fields of `decisions` and the methods' results side by side.
  public init(from decoder: any Decoder) throws {
    decisions = try Decisions(from: decoder)
    methods = try MethodResults(from: decoder)
  }

  /// Writes what `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    try decisions.encode(to: encoder)
    try methods.encode(to: encoder)
  }
}
