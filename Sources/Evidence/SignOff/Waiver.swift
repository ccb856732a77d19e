public import Foundation

/// A person's signed word that a sign-off may go on although a gate would stop it, about named findings, and why: an entry of the
/// log.
///
/// It covers the findings that it names and nothing else. A later waiver supersedes an earlier one by name; one that covers
/// nothing withdraws those that it names. A dossier prints the waivers, so who signs the dossier signs them too.
public struct Waiver: SignedDocument {
  /// `vitrine.waiver/2`.
  public static let format = "vitrine.waiver/2"

  /// What is signed. Its canonical JSON (RFC 8785), which stands in the entry as it is, is the content of the signature.
  public struct Statement: Codable, Sendable, Equatable {
    /// `vitrine.waiver-statement/1`.
    public static let format = "vitrine.waiver-statement/1"

    /// The statement's format.
    public var schema: String
    /// The AI system.
    public var system: String
    /// The model version whose dossier it is about.
    public var modelVersion: String
    /// The gate.
    public var gate: String
    /// What the gate found that is waived, each by its key; empty: the waivers under `supersedes` are withdrawn.
    public var covers: [String]
    /// The identifiers of earlier waivers that this one takes the place of.
    public var supersedes: [String]
    /// Why.
    public var reason: String
    /// Who waives it.
    public var name: String
    /// In which function.
    public var function: String
    /// When: UTC, RFC 3339 with milliseconds, by the signer's clock.
    public var date: String

    /// A statement from its parts.
    public init(
      system: String, modelVersion: String, gate: String, covers: [String], supersedes: [String] = [], reason: String,
      name: String, function: String, date: String = Timestamp.now()
    ) {
      schema = Self.format
      self.system = system
      self.modelVersion = modelVersion
      self.gate = gate
      self.covers = covers
      self.supersedes = supersedes
      self.reason = reason
      self.name = name
      self.function = function
      self.date = date
    }

    /// Whether it takes back what it names and waives nothing.
    public var isWithdrawal: Bool { covers.isEmpty }

    /// The bytes that are signed.
    public func content() throws -> Data { try CanonicalJSON.encode(self) }

    /// Reads a statement from the bytes that are signed.
    /// - Throws: `EvidenceError.badSignature` if they are none, in the exact form.
    public init(content: Data) throws {
      let statement: Statement
      do { statement = try CanonicalJSON.decode(Statement.self, from: content) } catch let error as JSONError {
        throw EvidenceError(.badSignature, "not a waiver that --prepare wrote: \(error.message)")
      }
      guard try statement.content() == content, statement.problems.isEmpty else {
        throw EvidenceError(
          .badSignature,
          "not a waiver that --prepare wrote: "
            + (statement.problems.isEmpty ? "it has another form" : statement.problems.joined(separator: "; ")))
      }
      self = statement
    }

    /// What is wrong with it, in words.
    public var problems: [String] {
      let texts = [
        ("system", system), ("model_version", modelVersion), ("gate", gate), ("reason", reason), ("name", name),
        ("function", function),
      ]
      var problems = texts.filter { $0.1.allSatisfy(\.isWhitespace) }.map { "\($0.0) is empty" }
      if covers.isEmpty && supersedes.isEmpty { problems.append("it covers nothing and withdraws nothing") }
      if covers.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
        problems.append("it covers a finding without a key")
      }
      for (key, list) in [("covers", covers), ("supersedes", supersedes)] where Set(list).count < list.count {
        problems.append("\(key) names something twice")
      }
      for id in supersedes where !RunIdentifier.isValid(id) { problems.append("supersedes: '\(id)' is no identifier") }
      if !Timestamp.isValid(date) { problems.append("date '\(date)' is no time") }
      if schema != Self.format { problems.append("the statement's schema is '\(schema)'") }
      return problems
    }
  }

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// What is signed.
  public var statement: Statement
  /// How it is signed.
  public var form: RunSignature.Form
  /// The signature, base64.
  public var signature: String
  /// The public key in PEM form; only with Ed25519. A CMS signature holds its certificate.
  public var publicKey: String?

  /// Signs with a certificate's key.
  /// - Throws: `EvidenceError.badKey`.
  public init(_ statement: Statement, certificate: Certificate, key: PrivateKey) throws {
    try self.init(statement, cms: CMSSignature(signing: statement.content(), certificate: certificate, key: key))
  }

  /// Takes a CMS signature that was made elsewhere.
  /// - Throws: `EvidenceError`: `.badSignature` if it is not of the statement; `.badKey` if its certificate is not for this.
  public init(_ statement: Statement, cms: CMSSignature) throws {
    self.init(statement, SignatureParts(cms))
    try verify()
  }

  /// Signs with an Ed25519 key.
  /// - Throws: `EvidenceError.badKey`.
  public init(_ statement: Statement, ed25519 key: PrivateKey) throws {
    self.init(statement, try SignatureParts(statement.content(), ed25519: key))
  }

  private init(_ statement: Statement, _ parts: SignatureParts) {
    schema = Self.format
    id = RunIdentifier.next()
    self.statement = statement
    (form, signature, publicKey) = (parts.form, parts.signature, parts.publicKey)
  }

  /// Who, as signed.
  public var signedName: String { statement.name }
  /// When, as signed.
  public var signedDate: String { statement.date }
  /// The statement's canonical JSON.
  public func signedContent() throws -> Data { try statement.content() }

  /// It is about findings, not about one run.
  public var subject: String? { nil }
  /// Who, what and why.
  public var summary: String {
    let what =
      statement.isWithdrawal
      ? "withdrew \(statement.supersedes.joined(separator: ", ")) (\(statement.gate))"
      : "waived \(statement.gate) about \(statement.covers.joined(separator: "; "))"
    return "\(statement.name), \(statement.function), \(what) for model version \(statement.modelVersion): "
      + "\(statement.reason), \(statement.date)"
  }
  /// What is wrong with the statement.
  public var problems: [String] { statement.problems }
}
