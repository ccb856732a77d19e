internal import COpenSSL
public import Foundation

/// A key with its certificate as certification authorities and browsers hand it out (RFC 7292, `.p12` or `.pfx`).
public enum PKCS12 {
  /// Reads key and certificate; further certificates in the file are passed over.
  /// - Throws: `EvidenceError.badKey` if the file is none; `.wrongPassphrase` if it is under another password.
  public static func read(_ data: Data, passphrase: Passphrase) throws -> (key: PrivateKey, certificate: Certificate) {
    guard let container = try OpenSSL.reading(data, { d2i_PKCS12_bio($0, nil) }) else {
      throw EvidenceError(.badKey, "not a PKCS#12 file (\(OpenSSL.reason()))")
    }
    defer { PKCS12_free(container) }
    try PrivateKey.checkWork(vitrine_pkcs12_work(container))
    ERR_clear_error()
    var key: OpaquePointer?
    var certificate: OpaquePointer?
    let isOpen = passphrase.withText { PKCS12_parse(container, $0, &key, &certificate, nil) == 1 }
    guard isOpen else {
      throw EvidenceError(
        .wrongPassphrase,
        "the PKCS#12 file cannot be opened (\(OpenSSL.reason())): another password, or an old cipher; then "
          + "'openssl pkcs12 -legacy' turns it into PEM")
    }
    // Both are released by what they are wrapped in, also if one of them is missing.
    let (wrappedKey, wrappedCertificate) = (
      key.map(PrivateKey.init(owning:)), certificate.map(Certificate.init(owning:))
    )
    guard let wrappedKey, let wrappedCertificate else {
      throw EvidenceError(.badKey, "the PKCS#12 file holds no private key with a certificate")
    }
    return (wrappedKey, wrappedCertificate)
  }

  /// As `read(_:passphrase:)`, with a password that is a text.
  public static func read(_ data: Data, password: String) throws -> (key: PrivateKey, certificate: Certificate) {
    try read(data, passphrase: Passphrase(password))
  }
}
