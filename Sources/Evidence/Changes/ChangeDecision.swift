/// A person's signed answer to the question whether a change is a substantial modification: an entry of the log. The
/// next dossier carries it under Annex IV, point 6.
public struct ChangeDecision: SignedDocument {
  /// `vitrine.change-decision/1`.
  public static let format = "vitrine.change-decision/1"

  /// One question of the worksheet with the person's answer.
  public struct Answer: Codable, Sendable, Equatable {
    /// The question's id, e.g. `foreseen`.
    public var id: String
    /// The law's words.
    public var quote: String
    /// The answer, in the person's words.
    public var answer: String
    /// The reason, in the person's words (nil if none was given).
    public var reason: String?

    /// An answer from its parts.
    public init(id: String, quote: String, answer: String, reason: String?) {
      self.id = id
      self.quote = quote
      self.answer = answer
      self.reason = reason
    }
  }

  /// What is signed.
  public struct Statement: JSONStatement {
    /// `vitrine.change-decision-statement/1`.
    public static let format = "vitrine.change-decision-statement/1"

    /// The statement's format.
    public var schema = Self.format
    /// The AI system.
    public var system: String
    /// The earlier model version.
    public var before: String
    /// The later model version.
    public var after: String
    /// SHA-256 of the `diff.json` that the person had, hex.
    public var diffSha256: String
    /// The answers, in the worksheet's order.
    public var answers: [Answer]
    /// Whether the person holds the change to be a substantial modification.
    public var isSubstantial: Bool
    /// Why, in the person's words.
    public var reason: String
    /// Who decides.
    public var name: String
    /// The person's function in the organisation.
    public var function: String
    /// The day of the decision, as the person wrote it: `YYYY-MM-DD`.
    public var decided: String
    /// When it was signed: UTC, RFC 3339 with milliseconds, by the signer's clock.
    public var date: String
    /// The identifier of the earlier decision about the same versions that this one takes the place of (nil: there was none).
    public var supersedes: String?

    /// A statement from its parts.
    public init(
      system: String, before: String, after: String, diffSha256: String, answers: [Answer], isSubstantial: Bool,
      reason: String, name: String, function: String, decided: String, supersedes: String? = nil,
      date: String = Timestamp.now()
    ) {
      self.system = system
      self.before = before
      self.after = after
      self.diffSha256 = diffSha256
      self.answers = answers
      self.isSubstantial = isSubstantial
      self.reason = reason
      self.name = name
      self.function = function
      self.decided = decided
      self.date = date
      self.supersedes = supersedes
    }
  }

  /// The document's format.
  public var schema = Self.format
  /// The entry's identifier.
  public var id = RunIdentifier.next()
  /// What is signed.
  public var statement: Statement
  /// How it is signed.
  public var form: RunSignature.Form
  /// The signature, base64.
  public var signature: String
  /// The public key in PEM form; only with Ed25519. A CMS signature holds its certificate.
  public var publicKey: String?

  /// A document with a signature that was made of its statement.
  public init(_ statement: Statement, _ parts: SignatureParts) {
    self.statement = statement
    (form, signature, publicKey) = (parts.form, parts.signature, parts.publicKey)
  }

  /// It is about two versions, not about one run.
  public var subject: String? { nil }
  /// Who decided what about which change.
  public var summary: String {
    "\(statement.name), \(statement.function), on \(statement.before) to \(statement.after): "
      + "\(statement.isSubstantial ? "a substantial modification" : "not a substantial modification"), \(statement.decided)"
  }
  /// Names, reason and answers must not be empty, digests be digests and dates dates.
  public var problems: [String] {
    var problems = statement.faults(ifEmpty: [
      ("system", statement.system), ("before", statement.before), ("after", statement.after),
      ("reason", statement.reason), ("name", statement.name), ("function", statement.function),
    ])
    if statement.answers.isEmpty || statement.answers.contains(where: { $0.answer.allSatisfy(\.isWhitespace) }) {
      problems.append("a question is not answered")
    }
    if !SHA256Digest.isHex(statement.diffSha256) { problems.append("diff_sha256 is no digest") }
    return problems
  }
}
