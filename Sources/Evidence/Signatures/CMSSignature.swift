internal import COpenSSL
public import Foundation

/// A detached CMS signature (RFC 5652) with the signer's certificate and the CAdES attribute that binds it (ETSI EN 319
/// 122-1, CAdES-B): what `openssl cms -sign -binary -cades` makes and `openssl cms -verify -binary -cades` checks.
public struct CMSSignature: Sendable, Equatable {
  /// The ContentInfo in DER form: the content of a `.p7s` file.
  public let der: Data

  /// A signature from its DER form. `signer(of:)` finds out whether it is one.
  public init(der: Data) { self.der = der }

  /// Signs.
  /// - Throws: `EvidenceError.badKey` if key and certificate do not belong together.
  public init(signing content: Data, certificate: Certificate, key: PrivateKey) throws {
    guard certificate.belongs(to: key) else {
      throw EvidenceError(.badKey, "the private key does not belong to the certificate \(try certificate.subject())")
    }
    let flags = UInt32(CMS_DETACHED) | UInt32(CMS_BINARY) | UInt32(CMS_CADES) | UInt32(CMS_NOSMIMECAP)
    let cms = try OpenSSL.reading(content) { CMS_sign(certificate.pointer, key.pointer, nil, $0, flags) }
    guard let cms else { throw OpenSSL.failure("signing failed") }
    defer { CMS_ContentInfo_free(cms) }
    der = try OpenSSL.writing("the signature cannot be written") { i2d_CMS_bio($0, cms) }
  }

  /// The certificate of the one signer, if the signature is over these very bytes and binds that certificate.
  ///
  /// This is about integrity only: that the holder of the certificate's key signed these bytes. Who the holder is, the
  /// certificate claims; whether its issuer is to be believed is not asked here.
  /// - Throws: `EvidenceError.badSignature` with the reason.
  public func signer(of content: Data) throws -> Certificate {
    guard let cms = try OpenSSL.reading(der, { d2i_CMS_bio($0, nil) }) else {
      throw EvidenceError(.badSignature, "not a CMS signature in DER form: \(OpenSSL.reason())")
    }
    defer { CMS_ContentInfo_free(cms) }
    guard try verifies(cms, content, trusted: nil) else {
      throw EvidenceError(.badSignature, "the signature is not of this content: \(OpenSSL.reason())")
    }
    guard let signer = vitrine_only_signer(cms), X509_up_ref(signer) == 1 else {
      throw EvidenceError(.badSignature, "a signature of exactly one signer is expected")
    }
    let certificate = Certificate(owning: signer)
    // Only with a store of certificates does OpenSSL compare the CAdES attribute with the certificate.
    guard try verifies(cms, content, trusted: certificate) else {
      throw EvidenceError(
        .badSignature,
        "the signature does not bind its certificate (\(OpenSSL.reason())): sign with the CAdES attribute, as "
          + "'openssl cms -sign -binary -cades' does")
    }
    return certificate
  }

  private func verifies(_ cms: OpaquePointer, _ content: Data, trusted: Certificate?) throws -> Bool {
    guard let store = X509_STORE_new() else { throw OpenSSL.failure("no memory") }
    defer { X509_STORE_free(store) }
    var flags = UInt32(CMS_BINARY)
    if let trusted {
      // Years later the certificate has expired; whether it was valid on the day of signing is asked elsewhere.
      let rules = UInt(X509_V_FLAG_PARTIAL_CHAIN) | UInt(X509_V_FLAG_NO_CHECK_TIME)
      guard X509_STORE_add_cert(store, trusted.pointer) == 1, X509_STORE_set_flags(store, rules) == 1,
        X509_STORE_set_purpose(store, X509_PURPOSE_ANY) == 1
      else { throw OpenSSL.failure("the certificate cannot be used") }
      flags |= UInt32(CMS_CADES)
    } else {
      flags |= UInt32(CMS_NO_SIGNER_CERT_VERIFY)
    }
    return try OpenSSL.reading(content) { CMS_verify(cms, nil, store, $0, nil, flags) == 1 }
  }
}
