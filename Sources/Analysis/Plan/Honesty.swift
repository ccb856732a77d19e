/// One approximate method used in a run, with the error that was measured against exact values.
public struct Approximation: Codable, Sendable, Equatable {
  /// The quantity and method, e.g. `attribution patching of heads and MLPs`.
  public var method: String
  /// What it takes for granted, e.g. `m is linear in the activation between its clean and counterfactual value`.
  public var assumption: String
  /// How many values were checked against exact ones (pairs × nodes).
  public var verified: Int
  /// Pearson correlation with the exact values (nil if it is undefined: fewer than two values, or no variance).
  public var pearson: Double?
  /// Spearman rank correlation with the exact values (nil if undefined).
  public var spearman: Double?
  /// Largest |approximate − exact|.
  public var largestError: Double?
  /// Largest |exact| effect that the method may have missed outside the verified subset (0 when all were verified; nil if unknown).
  public var largestPossiblyMissed: Double?
  /// Whether the check could be made; when false `note` says why, and the numbers are nil, never 0.
  public var checked: Bool
  /// What a reader must know, in one sentence.
  public var note: String
}

/// One check of the engine on the user's own model, made in every run.
public struct SelfTest: Codable, Sendable, Equatable {
  /// How a check ended.
  public enum Outcome: String, Codable, Sendable {
    case passed, failed
    /// It did not apply or could not run; `detail` says why. Never counts as passed.
    case notRun = "not-run"
  }

  /// What was checked, e.g. `identity patch changes no bit`.
  public var name: String
  /// How it ended.
  public var outcome: Outcome
  /// The measured value, e.g. the largest difference (nil if not run).
  public var measured: Double?
  /// The value it was held against (nil if not run).
  public var limit: Double?
  /// On what, or why not.
  public var detail: String
}

/// Something that the engine would not report a number for, and why.
public struct Refusal: Codable, Sendable, Equatable {
  /// Why.
  public enum Reason: String, Codable, Sendable {
    /// |m_clean − m_counterfactual| below the floor: no mechanism and no ratio for this pair.
    case belowFloor = "below-floor"
    /// The two prompts do not align token by token: refused whole.
    case misaligned
    /// The two prompts are the same.
    case identical
    /// A prompt is empty or longer than the model's context: refused whole.
    case badPrompt = "bad-prompt"
    /// A value was NaN or infinite: refused whole.
    case notFinite = "not-finite"
    /// No pair was left, or the mean decision does not move: no circuit.
    case nothingToExplain = "nothing-to-explain"
    /// Decisions move, but no circuit was found that carries it.
    case notFound = "not-found"
    /// What was asked for is not defined for this model or for these answers.
    case notDefined = "not-defined"
  }

  /// What is refused: one pair or record whole, the mechanism of a pair, or a method's result for the whole behaviour. Coded as its name.
  public struct Scope: RawRepresentable, Codable, Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name in records, as it is printed.
    public let rawValue: String

    /// A scope by its name; records of later programs may have others.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A scope by its name.
    public init(stringLiteral value: String) { rawValue = value }

    /// A prompt pair, whole.
    public static let pair: Scope = "pair"
    /// A record of an evaluation, whole.
    public static let record: Scope = "record"
    /// Effects of heads and MLPs in one pair, and ratios with it.
    public static let mechanism: Scope = "mechanism and ratios"
    /// The circuit of heads.
    public static let circuit: Scope = "circuit"

    /// Whether a pair or record counts for nothing.
    public var isWhole: Bool { self == .pair || self == .record }
  }

  /// The pair, or nil for the whole behaviour.
  public var pair: String?
  /// Why.
  public var reason: Reason
  /// What is refused.
  public var scope: Scope
  /// The reason in words, with the numbers.
  public var detail: String
}

/// One number or circuit of a run that a dossier can cite.
public struct Finding: Codable, Sendable, Equatable {
  /// What the evidence allows to say.
  public enum Standing: String, Codable, Sendable {
    /// Exact, with its interval.
    case measured
    /// Approximate, with its measured error in the run's approximation register.
    case screened
    /// Refused, failed, or the interval covers the null.
    case notEstablished = "not-established"
  }

  /// Unique within its run, e.g. `total-effect`, `noising.L2H1`, `accuracy.sex.female`.
  public var id: String
  /// What was measured, in words.
  public var title: String
  /// What the evidence allows to say.
  public var standing: Standing
  /// The value with interval and n (nil where none exists, e.g. a refused circuit).
  public var estimate: Estimate?
  /// `logits`, `share`, `ratio`, or empty.
  public var unit: String
  /// The heads or MLPs that it names.
  public var nodes: [Node]
  /// The p-value, if it is a comparison with a null distribution (nil otherwise, and in older records).
  public var p: PValue?

  /// A finding from its parts.
  public init(
    id: String, title: String, standing: Standing, estimate: Estimate?, unit: String, nodes: [Node] = [],
    p: PValue? = nil
  ) {
    self.id = id
    self.title = title
    self.standing = standing
    self.estimate = estimate
    self.unit = unit
    self.nodes = nodes
    self.p = p
  }
}
