public import Foundation

/// What a person signs: by whom, when, and in which bytes.
public protocol SignedStatement: Codable, Sendable, Equatable {
  /// Who signs.
  var name: String { get }
  /// When: UTC, RFC 3339 with milliseconds, by the signer's clock.
  var date: String { get }
  /// The bytes that are signed.
  func content() throws -> Data
}

/// A statement that is signed as its canonical JSON (RFC 8785), which stands in the entry as it is.
public protocol JSONStatement: SignedStatement {
  /// The format that it must have.
  static var format: String { get }
  /// The format that it has.
  var schema: String { get }
}

extension JSONStatement {
  /// The canonical JSON.
  public func content() throws -> Data { try CanonicalJSON.encode(self) }

  /// What is wrong with texts that must not be empty, with the date, and with the format.
  func faults(ifEmpty texts: [(key: String, text: String)]) -> [String] {
    texts.filter { $0.text.allSatisfy(\.isWhitespace) }.map { "\($0.key) is empty" }
      + (Timestamp.isValid(date) ? [] : ["date '\(date)' is no time"])
      + (schema == Self.format ? [] : ["the statement's schema is '\(schema)'"])
  }
}

/// A record that a person has signed: on a run, on the files of a dossier, on a decision about a change. What such records
/// say differs; how they are signed, checked and led back to a person is one thing and stands here.
public protocol SignedDocument: LedgerDocument {
  associatedtype Statement: SignedStatement
  /// What is signed.
  var statement: Statement { get }
  /// How it is signed.
  var form: RunSignature.Form { get }
  /// The signature, base64.
  var signature: String { get }
  /// The public key in PEM form; only with Ed25519.
  var publicKey: String? { get }
  /// A document with a signature that was made of its statement.
  init(_ statement: Statement, _ parts: SignatureParts)
}

extension SignedDocument {
  /// Signs with a certificate's key.
  /// - Throws: `EvidenceError.badKey` if certificate and key do not belong together, or the certificate is not valid now or not
  ///   for signatures.
  public init(_ statement: Statement, certificate: Certificate, key: PrivateKey) throws {
    try self.init(statement, cms: CMSSignature(signing: statement.content(), certificate: certificate, key: key))
  }

  /// Takes a CMS signature that was made elsewhere.
  /// - Throws: `EvidenceError`: `.badSignature` if it is not of the statement; `.badKey` if its certificate is not for this.
  public init(_ statement: Statement, cms: CMSSignature) throws {
    self.init(statement, SignatureParts(cms))
    try verify()
  }
}

extension SignedDocument where Statement: JSONStatement {
  /// Signs with an Ed25519 key.
  /// - Throws: `EvidenceError.badKey`.
  public init(_ statement: Statement, ed25519 key: PrivateKey) throws {
    self.init(statement, try SignatureParts(statement.content(), ed25519: key))
  }
}

extension SignedDocument {
  /// Who signs, as signed.
  public var signedName: String { statement.name }
  /// When, by the signer's clock, as signed.
  public var signedDate: String { statement.date }

  /// The signature's bytes.
  /// - Throws: `EvidenceError.badSignature` if it is not base64.
  func signatureBytes() throws -> Data {
    guard let bytes = Data(base64Encoded: signature), bytes.base64EncodedString() == signature else {
      throw EvidenceError(.badSignature, "the signature is not base64")
    }
    return bytes
  }

  /// Checks the signature over what is signed, and that its certificate was valid then and is for signatures.
  /// - Returns: who signed, as far as the signature itself says.
  /// - Throws: `EvidenceError`: `.badSignature`; `.badKey` if it holds but the certificate does not carry it.
  public func person() throws -> PersonSignature { try PersonSignature(self) }

  /// As `person()`.
  @discardableResult
  public func verify() throws -> RunSignature.Signer { try person().signer }
}

/// What a new signature puts into a record.
public struct SignatureParts {
  let form: RunSignature.Form
  let signature: String
  let publicKey: String?

  /// A CMS signature, made here or elsewhere.
  init(_ cms: CMSSignature) {
    (form, signature, publicKey) = (.cms, cms.der.base64EncodedString(), nil)
  }

  /// Signs with an Ed25519 key.
  /// - Throws: `EvidenceError.badKey` if the key is of another kind.
  init(_ content: Data, ed25519 key: PrivateKey) throws {
    form = .ed25519
    signature = try key.ed25519Signature(of: content).base64EncodedString()
    publicKey = try key.publicKey().pem()
  }
}

/// A person's signature in a record, which holds.
public struct PersonSignature: Sendable, Equatable {
  /// The record, as kind and identifier.
  public let record: String
  /// The run that it is about; nil if it is about none.
  public let run: String?
  /// Who, what and when, as signed.
  public let summary: String
  /// Who, as signed.
  public let name: String
  /// When, as signed.
  public let date: String
  /// What the signature says of its signer.
  public let signer: RunSignature.Signer
  /// The signer's certificate; nil with a bare key.
  public let certificate: Certificate?
  /// Certificates that came with it, which nobody has checked.
  public let others: [Certificate]

  /// Checks the signature of a record.
  /// - Throws: as `SignedDocument.person()`.
  init<Document: SignedDocument>(_ document: Document) throws {
    record = "\(Document.kind) \(document.id)"
    (run, summary) = (document.subject, document.summary)
    (name, date) = (document.signedName, document.signedDate)
    let bytes = try document.signatureBytes()
    let content = try document.statement.content()
    switch document.form {
    case .cms:
      let check = try SignatureCheck(CMSSignature(der: bytes), of: content, date: document.signedDate)
      (certificate, others) = (check.certificate, check.others)
      signer = try RunSignature.Signer(check.certificate)
    case .ed25519:
      guard let publicKey = document.publicKey else {
        throw EvidenceError(.badSignature, "the public key is missing")
      }
      let key = try PublicKey(pem: publicKey)
      guard try key.verifiesEd25519(bytes, of: content) else {
        throw EvidenceError(.badSignature, "the signature is not of this content")
      }
      (certificate, others) = (nil, [])
      signer = RunSignature.Signer(
        subject: nil, issuer: nil, isSelfSigned: true, fingerprint: try key.fingerprint())
    }
  }

  /// Whether both are the same record by the same signer.
  public static func == (left: PersonSignature, right: PersonSignature) -> Bool {
    left.record == right.record && left.signer == right.signer && left.summary == right.summary
  }
}
