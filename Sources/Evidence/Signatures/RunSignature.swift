public import Foundation

/// A person's dated signature on a run: an entry of the log. Annex IV, point 2(g), asks for test logs and reports "dated and
/// signed by the responsible persons".
public struct RunSignature: LedgerDocument {
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
    let cms = try CMSSignature(signing: statement.content(), certificate: certificate, key: key)
    try self.init(statement, cms: cms)
  }

  /// Takes a CMS signature that was made elsewhere.
  /// - Throws: `EvidenceError.badSignature` if it is not of the statement.
  public init(_ statement: Statement, cms: CMSSignature) throws {
    self.init(statement, .cms, cms.der, publicKey: nil)
    _ = try verify()
  }

  /// Signs with an Ed25519 key.
  /// - Throws: `EvidenceError.badKey`.
  public init(_ statement: Statement, ed25519 key: PrivateKey) throws {
    self.init(
      statement, .ed25519, try key.ed25519Signature(of: statement.content()), publicKey: try key.publicKey().pem())
  }

  private init(_ statement: Statement, _ form: Form, _ signature: Data, publicKey: String?) {
    schema = Self.format
    id = RunIdentifier.next()
    run = statement.run
    self.statement = statement
    self.form = form
    self.signature = signature.base64EncodedString()
    self.publicKey = publicKey
  }

  /// Checks the signature over the statement.
  /// - Returns: what the signature says of its signer.
  /// - Throws: `EvidenceError.badSignature`, `.badKey`.
  @discardableResult
  public func verify() throws -> Signer {
    guard let bytes = Data(base64Encoded: signature), bytes.base64EncodedString() == signature else {
      throw EvidenceError(.badSignature, "the signature is not base64")
    }
    let content = try statement.content()
    switch form {
    case .cms:
      let certificate = try CMSSignature(der: bytes).signer(of: content)
      let validity = try certificate.validity()
      guard validity.from <= Self.second(after: statement.date), statement.date <= validity.to else {
        throw EvidenceError(
          .badSignature,
          "the certificate of \(try certificate.subject()) was valid from \(validity.from) to \(validity.to), not on the "
            + "day of the signature, \(statement.date)")
      }
      return try Signer(certificate)
    case .ed25519:
      guard let publicKey else { throw EvidenceError(.badSignature, "the public key is missing") }
      let key = try PublicKey(pem: publicKey)
      guard try key.verifiesEd25519(bytes, of: content) else {
        throw EvidenceError(.badSignature, "the signature is not of this content")
      }
      return Signer(subject: nil, issuer: nil, isSelfSigned: true, fingerprint: try key.fingerprint())
    }
  }

  /// Certificates count in seconds: one made in the second of the signature begins at its full second.
  private static func second(after time: String) -> String { String(time.prefix(19)) + ".999Z" }

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

    /// What this establishes about the person, in words.
    public var identity: String {
      guard let subject, let issuer else {
        return "a bare key, SHA-256 \(fingerprint): identity of the signer not established"
      }
      return isSelfSigned
        ? "self-signed certificate '\(subject)', SHA-256 \(fingerprint): identity of the signer not established"
        : "certificate '\(subject)' issued by '\(issuer)', SHA-256 \(fingerprint): the issuer was not checked"
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
