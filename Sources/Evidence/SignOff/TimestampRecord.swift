public import Foundation

/// A time-stamp that an authority gave on signatures and what they are over: an entry of the log.
///
/// The imprint is SHA-256 over the bytes of `manifest`, an ASiC-E manifest that names each file and each signature of that
/// time by digest. The same bytes go into a bundle.
public struct TimestampRecord: LedgerDocument {
  /// `vitrine.timestamp/1`.
  public static let format = "vitrine.timestamp/1"

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// What is time-stamped: the manifest, as text.
  public var manifest: String
  /// The token (RFC 3161) in DER form, base64.
  public var token: String
  /// When, as the token says: UTC, RFC 3339 with milliseconds.
  public var time: String
  /// The authority, as the certificate in the token names it.
  public var authority: String

  /// A record of a token.
  /// - Throws: `EvidenceError`: `.badSignature` if the token is not over the manifest; `.badExport` if that is none.
  public init(_ token: TimestampToken, manifest: Data) throws {
    schema = Self.format
    id = RunIdentifier.next()
    self.manifest = String(decoding: manifest, as: UTF8.self)
    self.token = token.der.base64EncodedString()
    time = token.time
    authority = try token.certificate.subject()
    try verify()
  }

  /// The manifest's bytes.
  public var manifestBytes: Data { Data(manifest.utf8) }

  /// Checks the token over the manifest, and that the record says what the token says.
  /// - Returns: the token.
  /// - Throws: `EvidenceError`: `.badSignature`, `.badExport`.
  @discardableResult
  public func verify() throws -> TimestampToken {
    guard let der = Data(base64Encoded: token), der.base64EncodedString() == token else {
      throw EvidenceError(.badSignature, "the token is not base64")
    }
    guard try ASiCManifest(manifestBytes).kind == .timestamp else {
      throw EvidenceError(.badExport, "the manifest is not one of a time-stamp")
    }
    let found = try TimestampToken(der: der, for: manifestBytes)
    guard found.time == time, try found.certificate.subject() == authority else {
      throw EvidenceError(.badSignature, "the record gives another time or authority than the token")
    }
    return found
  }

  /// It is about no run.
  public var subject: String? { nil }
  /// When and by whom.
  public var summary: String { "time-stamp of \(time) by '\(authority)'" }
  /// The time must have its form.
  public var problems: [String] { Timestamp.isValid(time) ? [] : ["time '\(time)' is no time"] }
}
