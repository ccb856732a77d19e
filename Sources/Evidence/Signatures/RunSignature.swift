public import Foundation

/// A person's dated signature on a run: an entry of the log. Annex IV, point 2(g), asks for test logs and reports "dated and
/// signed by the responsible persons".
public struct RunSignature: SignedDocument {
  /// `vitrine.signature/1`.
  public static let format = "vitrine.signature/1"

  /// What is signed. Its canonical JSON (RFC 8785), which stands in the entry as it is, is the content of the signature.
  public struct Statement: Codable, Sendable, Equatable {
    /// `vitrine.signature-statement/1`.
    public static let format = "vitrine.signature-statement/1"

    /// The statement's format.
    public var schema: String
    /// The run's identifier.
    public var run: String
    /// The digest of the run's record, hex.
    public var recordSha256: String
    /// Who signs.
    public var name: String
    /// The signer's function in the organisation.
    public var function: String
    /// What the signature means, e.g. `performed` or `approved test report`.
    public var meaning: String
    /// When: UTC, RFC 3339 with milliseconds, by the signer's clock.
    public var date: String

    /// A statement about a run.
    public init(run: StoredRun, name: String, function: String, meaning: String, date: String = Timestamp.now()) {
      schema = Self.format
      self.run = run.record.id
      recordSha256 = run.sha256
      self.name = name
      self.function = function
      self.meaning = meaning
      self.date = date
    }

    /// The bytes that are signed.
    public func content() throws -> Data { try CanonicalJSON.encode(self) }
  }

  /// How it is signed.
  public enum Form: String, Codable, Sendable, CaseIterable {
    /// CMS, detached, with the signer's certificate (`CMSSignature`).
    case cms
    /// Ed25519 (RFC 8032) over the content itself.
    case ed25519
  }

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// The run's identifier.
  public var run: String
  /// What is signed.
  public var statement: Statement
  /// How it is signed.
  public var form: Form
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
    run = statement.run
    self.statement = statement
    (form, signature, publicKey) = (parts.form, parts.signature, parts.publicKey)
  }

  /// Who signed, as far as the signature itself says.
  public struct Signer: Codable, Sendable, Equatable {
    /// The certificate's subject; nil with a bare key.
    public var subject: String?
    /// The certificate's issuer; nil with a bare key.
    public var issuer: String?
    /// Whether nobody but the signer says who the signer is.
    public var isSelfSigned: Bool
    /// SHA-256 of the certificate, or of the bare public key, hex.
    public var fingerprint: String

    /// What signed, in words.
    var key: String {
      guard let subject, let issuer else { return "a bare key, SHA-256 \(fingerprint)" }
      return isSelfSigned
        ? "self-signed certificate '\(subject)', SHA-256 \(fingerprint)"
        : "certificate '\(subject)' issued by '\(issuer)', SHA-256 \(fingerprint)"
    }

    /// What this by itself establishes about the person, in words.
    public var identity: String {
      isSelfSigned ? "\(key): identity of the signer not established" : "\(key): the issuer was not checked"
    }
  }

  /// Who, as signed.
  public var signedName: String { statement.name }
  /// When, as signed.
  public var signedDate: String { statement.date }
  /// The statement's canonical JSON.
  public func signedContent() throws -> Data { try statement.content() }

  /// The run.
  public var subject: String? { run }
  /// Who, what and when.
  public var summary: String {
    "\(statement.name), \(statement.function): \(statement.meaning), \(statement.date)"
  }
  /// Names must not be empty, the date a time, and both must name the same run.
  public var problems: [String] {
    var problems: [String] = []
    for (name, text) in [
      ("name", statement.name), ("function", statement.function), ("meaning", statement.meaning),
    ] where text.trimmingCharacters(in: .whitespaces).isEmpty { problems.append("\(name) is empty") }
    if !Timestamp.isValid(statement.date) { problems.append("date '\(statement.date)' is no time") }
    if statement.run != run { problems.append("the statement is about another run, \(statement.run)") }
    if !SHA256Digest.isHex(statement.recordSha256) { problems.append("record_sha256 is no digest") }
    if statement.schema != Statement.format { problems.append("the statement's schema is '\(statement.schema)'") }
    return problems
  }
}
