/// Which special tokens are put around each prompt.
public enum SpecialTokens: Sendable, Equatable, CustomStringConvertible {
  /// None.
  case never
  /// Those that the file `tokenizer.json` alone puts around a text.
  case file
  /// Those that the model's own tokenizer adds in `transformers`: `tokenizer.json` and `tokenizer_config.json` together.
  case auto

  /// From `vitrine.yaml`: `true`, `false` or `auto`.
  public init?(_ text: String) {
    switch text {
    case "false": self = .never
    case "true": self = .file
    case "auto": self = .auto
    default: return nil
    }
  }

  /// As in `vitrine.yaml`.
  public var description: String {
    switch self {
    case .never: "false"
    case .file: "true"
    case .auto: "auto"
    }
  }
}

extension SpecialTokens: ExpressibleByBooleanLiteral {
  /// `true` is `file`, `false` is `never`.
  public init(booleanLiteral value: Bool) { self = value ? .file : .never }
}

/// In records a truth value, as version 0.1.0 wrote it, or `"auto"`.
extension SpecialTokens: Codable {
  /// Reads `true`, `false` or `"auto"`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = value ? .file : .never
    } else if try container.decode(String.self) == "auto" {
      self = .auto
    } else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "special tokens are true, false or \"auto\"")
    }
  }

  /// Writes `true`, `false` or `"auto"`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .never: try container.encode(false)
    case .file: try container.encode(true)
    case .auto: try container.encode("auto")
    }
  }
}

/// A plan whose prompts may have special tokens around them.
public protocol PlanWithSpecialTokens {
  /// Which ones, as the project says.
  var specialTokens: SpecialTokens? { get }
  /// What `auto` came to with the model's tokenizer; nil until that is known.
  var specialIds: SpecialTokenIDs? { get set }
}

extension AnalysisPlan: PlanWithSpecialTokens {}
extension EvaluationPlan: PlanWithSpecialTokens {}

extension PlanWithSpecialTokens {
  /// The plan with what `special_tokens: auto` comes to with a model's tokenizer, if that is not known yet.
  public func settled(with tokenizer: Tokenizer?) -> Self {
    var plan = self
    if specialTokens == .auto, specialIds == nil { plan.specialIds = tokenizer?.ownSpecialTokens }
    return plan
  }

  /// The plan as the project says it, without what a model's tokenizer added.
  public var asDeclared: Self {
    var plan = self
    plan.specialIds = nil
    return plan
  }

  /// What is used of special tokens: `auto` that came to nothing is none.
  public var specialTokensUsed: SpecialTokens {
    specialTokens == .auto && specialIds?.isEmpty == true ? .never : specialTokens ?? .never
  }
}

extension EvaluationPlan {
  /// The plan without what the serving system said, which is of one model version.
  public var withoutPredictions: EvaluationPlan {
    var plan = self
    plan.predictions = nil
    return plan
  }
}
