internal import COpenSSL
public import Foundation

extension Certificate {
  /// Reads a certificate in DER form.
  /// - Throws: `EvidenceError.badKey`.
  public convenience init(der: Data) throws {
    guard let certificate = try OpenSSL.reading(der, { d2i_X509_bio($0, nil) }) else {
      throw EvidenceError(.badKey, "no certificate can be read (\(OpenSSL.reason()))")
    }
    self.init(owning: certificate)
  }

  /// The certificate in DER form.
  public func der() throws -> Data {
    try OpenSSL.writing("the certificate cannot be written") { i2d_X509_bio($0, pointer) }
  }

  /// Why the certificate does not carry a signature of that time, in words; nil if it does: its validity, what its key is for
  /// (RFC 5280 sections 4.2.1.3 and 4.2.1.12), and whether the key is strong enough.
  /// - Parameter date: UTC, RFC 3339 with milliseconds.
  public func fault(signingAt date: String) throws -> String? {
    let who = "the certificate of \(try subject())"
    let (from, to) = try validity()
    // Certificates count in seconds: one made in the second of the signature begins at its full second.
    guard from <= date.prefix(19) + ".999Z" else {
      return "\(who) was not yet valid: it is valid from \(from), the signature is of \(date)"
    }
    guard date <= to else { return "\(who) had expired: it was valid until \(to), the signature is of \(date)" }
    let usage = X509_get_key_usage(pointer)
    if usage != UInt32.max, usage & UInt32(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION) == 0 {
      return "\(who) is not for signatures: its key usage has neither digitalSignature nor nonRepudiation"
    }
    let purposes = X509_get_extended_key_usage(pointer)
    let others = UInt32(XKU_SSL_SERVER | XKU_SGC | XKU_OCSP_SIGN | XKU_TIMESTAMP | XKU_DVCS)
    if purposes != UInt32.max, purposes != 0, purposes & ~others == 0 {
      return "\(who) is not for signatures of persons: its extended key usage allows servers, OCSP or time-stamps only"
    }
    if usage != UInt32.max, usage & UInt32(KU_KEY_CERT_SIGN) != 0, X509_check_ca(pointer) == 1 {
      return
        "\(who) is an authority's: its key is for signing certificates (keyCertSign), not for signatures of persons"
    }
    guard let key = X509_get0_pubkey(pointer) else { return "\(who) has a key that this OpenSSL does not know" }
    if let fault = KeyStrength.fault(key) { return "\(who) has \(fault)" }
    return nil
  }
}

extension RunSignature.Signer {
  /// What a certificate says of its holder.
  public init(_ certificate: Certificate) throws {
    self.init(
      subject: try certificate.subject(), issuer: try certificate.issuer(), isSelfSigned: certificate.isSelfSigned,
      fingerprint: try certificate.fingerprint())
  }
}
