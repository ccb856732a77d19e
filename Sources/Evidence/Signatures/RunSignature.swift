/// A person's dated signature on a run: an entry of the log. Annex IV, point 2(g), asks for test logs and reports "dated and
/// signed by the responsible persons".
public struct RunSignature: SignedDocument {
  /// `vitrine.signature/1`.
  public static let format = "vitrine.signature/1"

  /// What is signed.
  public struct Statement: JSONStatement {
    /// `vitrine.signature-statement/1`.
    public static let format = "vitrine.signature-statement/1"

    /// The statement's format.
    public var schema = Self.format
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
      self.run = run.record.id
      recordSha256 = run.sha256
      self.name = name
      self.function = function
      self.meaning = meaning
      self.date = date
    }
  }

  /// How it is signed.
  public enum Form: String, Codable, Sendable, CaseIterable {
    /// CMS, detached, with the signer's certificate (`CMSSignature`).
    case cms
    /// Ed25519 (RFC 8032) over the content itself.
    case ed25519
  }

  /// The document's format.
  public var schema = Self.format
  /// The entry's identifier.
  public var id = RunIdentifier.next()
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

  /// A document with a signature that was made of its statement.
  public init(_ statement: Statement, _ parts: SignatureParts) {
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

  /// The run.
  public var subject: String? { run }
  /// Who, what and when.
  public var summary: String {
    "\(statement.name), \(statement.function): \(statement.meaning), \(statement.date)"
  }
  /// Names must not be empty, the date a time, and both must name the same run.
  public var problems: [String] {
    var problems = statement.faults(ifEmpty: [
      ("name", statement.name), ("function", statement.function), ("meaning", statement.meaning),
    ])
    if statement.run != run { problems.append("the statement is about another run, \(statement.run)") }
    if !SHA256Digest.isHex(statement.recordSha256) { problems.append("record_sha256 is no digest") }
    return problems
  }
}
