public import Foundation

/// Checks a document by itself: its form, that it is of the kind it says, and a signature if it is one.
public struct DocumentCheck: Sendable {
  /// What is wrong.
  public private(set) var problems: [StoreProblem] = []
  /// SHA-256 of the bytes, hex.
  public let sha256: String
  /// The kind that the document gives itself.
  public private(set) var kind: String?
  /// The identifier that the document gives itself.
  public private(set) var id: String?
  /// The run that the document says it is about.
  public private(set) var subject: String?
  /// The document, if it is of a known kind and could be read.
  public private(set) var document: (any LedgerDocument)?
  /// Who signed, if it is signed by a person and the signature holds.
  public private(set) var person: PersonSignature?
  /// What a signature says of its signer, if it holds.
  public var signer: RunSignature.Signer? { person?.signer }

  /// Checks a document by its bytes.
  public init(_ bytes: Data) throws {
    sha256 = try SHA256.digest(of: bytes).hex
    let value: JSONValue
    do {
      value = try CanonicalJSON.parse(bytes)
    } catch let error as JSONError {
      problems.append(StoreProblem(.notARecord, column: "document", "the record is not JSON: \(error.message)"))
      return
    }
    func text(_ key: String) -> String? { if case .string(let text) = value[key] { text } else { nil } }
    (kind, id, subject) = (text("schema").flatMap(LedgerKind.name), text("id"), text("run"))
    if kind == nil || id == nil {
      problems.append(
        StoreProblem(
          .notARecord, column: "document", "the record does not say what it is: 'schema' or 'id' is missing"))
    }
    guard try CanonicalJSON.write(value) == bytes else {
      problems.append(
        StoreProblem(.notCanonical, column: "document", "the record is not in canonical form (RFC 8785)"))
      return
    }
    guard let type = text("schema").flatMap(LedgerKind.type(schema:)) else { return }
    try read(type, value, bytes)
  }

  /// The check of an exported entry, against what the file says of it too.
  init(_ entry: RunExport.Entry) throws {
    try self.init(Data(entry.document.utf8))
    if sha256 != entry.sha256 { problems.append(Self.digestDiffers(sha256)) }
    if kind != entry.kind || id != entry.id {
      problems.append(StoreProblem(.indexColumn, "its kind or identifier differs from the record"))
    }
  }

  /// Whether the document is one of its kind and holds nothing else.
  private mutating func read<Document: LedgerDocument>(
    _ type: Document.Type, _ value: JSONValue, _ bytes: Data
  ) throws {
    do {
      guard value["schema"] == .string(Document.format) else {
        throw EvidenceError(
          .unsupportedRecord, "the record has a format that this program does not read; it reads '\(Document.format)'")
      }
      let document = try value.decoded(as: Document.self)
      guard try CanonicalJSON.encode(document) == bytes else {
        problems.append(
          StoreProblem(.notARecord, column: "document", "the record holds what its format does not know"))
        return
      }
      self.document = document
      switch document {
      case let signed as any SignedDocument:
        problems += document.problems.map { StoreProblem(.signature, column: "document", $0) }
        person = try signed.person()
      case let stamp as TimestampRecord:
        problems += stamp.problems.map { StoreProblem(.signature, column: "document", $0) }
        try stamp.verify()
      case is UnsignedWaiver, is AttachmentRecord:
        problems += document.problems.map { StoreProblem(.notARecord, column: "document", $0) }
      default: break
      }
    } catch let error as JSONError {
      problems.append(
        StoreProblem(.notARecord, column: "document", "the record does not follow its format: \(error.message)"))
    } catch let error as EvidenceError {
      let code: StoreProblem.Code =
        [.badSignature, .badKey, .badExport].contains(error.code) ? .signature : .notARecord
      problems.append(StoreProblem(code, column: "document", error.message))
    }
  }

  /// The digest beside the document is not the document's.
  static func digestDiffers(_ digest: String) -> StoreProblem {
    StoreProblem(
      .digest, column: "sha256",
      "the record or its digest was changed: the record's bytes have the digest \(digest), not the stored one")
  }
}
