public import Foundation

/// A detached signature checked whole: over these bytes, by a certificate that was valid then and is for signatures, in the
/// strict form in which no byte can be changed unseen. Whether the signer is who the certificate says is asked of
/// `TrustAnchors`.
public struct SignatureCheck: Sendable {
  /// The signer's certificate.
  public let certificate: Certificate
  /// Certificates that came with it, which nobody has checked.
  public let others: [Certificate]
  /// The signing time that the signature itself gives; nil if it gives none.
  public let signingTime: String?
  /// What the signature does not cover, in words.
  public let unchecked: [String]

  /// Checks a signature.
  /// - Parameters:
  ///   - cms: the signature.
  ///   - content: the bytes that it should be of.
  ///   - date: when it was made, as what is signed says; UTC, RFC 3339.
  /// - Throws: `EvidenceError`: `.badSignature`; `.badKey` if it holds but the certificate was not valid then or is not for
  ///   this.
  public init(_ cms: CMSSignature, of content: Data, date: String) throws {
    certificate = try cms.signer(of: content)
    let form = try CMSForm(cms.der, signer: certificate)
    others = form.others
    signingTime = form.signingTime
    unchecked = form.unchecked
    for time in [date, form.signingTime].compactMap({ $0 }) {
      if let fault = try certificate.fault(signingAt: time) { throw EvidenceError(.badKey, fault) }
    }
  }
}
