internal import COpenSSL
public import Foundation

/// An X.509 certificate: a public key with the name of who holds it, as its issuer says.
///
/// Unchecked: the certificate is made once and only read afterwards; OpenSSL counts its references atomically.
public final class Certificate: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { X509_free(pointer) }

  /// Reads a certificate in PEM form, the first if there are several.
  /// - Throws: `EvidenceError.badKey`.
  public convenience init(pem: Data) throws {
    guard let certificate = try OpenSSL.reading(pem, { PEM_read_bio_X509($0, nil, nil, nil) }) else {
      throw EvidenceError(
        .badKey, "no certificate can be read (\(OpenSSL.reason())); give an X.509 certificate in PEM form")
    }
    self.init(owning: certificate)
  }

  /// Makes a certificate that its own key signs. It says who a person claims to be; nobody has checked it.
  /// - Parameters:
  ///   - name: the person's name.
  ///   - title: the person's function; nil leaves it out.
  ///   - years: how long it is valid from now on.
  public static func selfSigned(name: String, title: String?, key: PrivateKey, years: Int = 5) throws -> Certificate {
    guard let pointer = X509_new() else { throw OpenSSL.failure("no memory") }
    let certificate = Certificate(owning: pointer)
    var serial = (0..<16).map { _ in UInt8.random(in: 0...255) }
    // A positive number of at most 20 bytes (RFC 5280 section 4.1.2.2).
    serial[0] = serial[0] & 0x7F | 0x40
    guard let number = BN_bin2bn(serial, 16, nil) else { throw OpenSSL.failure("no memory") }
    defer { BN_free(number) }
    let seconds = Int(86_400 * 365.25 * Double(years))
    guard X509_set_version(pointer, 2) == 1, BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil,
      X509_gmtime_adj(X509_getm_notBefore(pointer), 0) != nil,
      X509_gmtime_adj(X509_getm_notAfter(pointer), seconds) != nil,
      X509_set_pubkey(pointer, key.pointer) == 1, let subject = X509_NAME_new()
    else { throw OpenSSL.failure("the certificate cannot be made") }
    defer { X509_NAME_free(subject) }
    for (field, text) in [("CN", name), ("title", title)] {
      guard let text else { continue }
      let bytes = Array(text.utf8)
      guard X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0) == 1 else {
        throw EvidenceError(
          .badKey, "'\(text)' cannot stand in a certificate: \(OpenSSL.reason()); give at most 64 characters")
      }
    }
    let extensions = [
      (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature,nonRepudiation"),
      (NID_subject_key_identifier, "hash"),
    ]
    guard X509_set_subject_name(pointer, subject) == 1, X509_set_issuer_name(pointer, subject) == 1,
      extensions.allSatisfy({ vitrine_add_extension(pointer, $0.0, $0.1) == 1 }),
      X509_sign(pointer, key.pointer, EVP_sha256()) > 0
    else { throw OpenSSL.failure("the certificate cannot be made") }
    return certificate
  }

  /// The certificate in PEM form.
  public func pem() throws -> String {
    String(
      decoding: try OpenSSL.writing("the certificate cannot be written") { PEM_write_bio_X509($0, pointer) },
      as: UTF8.self)
  }

  /// SHA-256 of the certificate's DER form, hex: what `openssl x509 -fingerprint -sha256` prints, without colons.
  public func fingerprint() throws -> String {
    try SHA256.digest(of: OpenSSL.writing("the certificate cannot be written") { i2d_X509_bio($0, pointer) }).hex
  }

  /// Who holds the key, e.g. `CN=Ada Example,title=Head of Credit Risk`.
  public func subject() throws -> String { try Self.text(X509_get_subject_name(pointer)) }

  /// The name of who holds the key; nil if the certificate gives none.
  public var commonName: String? { field(NID_commonName) }

  /// The function of who holds the key; nil if the certificate gives none.
  public var title: String? { field(NID_title) }

  private func field(_ identifier: Int32) -> String? {
    let subject = X509_get_subject_name(pointer)
    let index = X509_NAME_get_index_by_NID(subject, identifier, -1)
    var text: UnsafeMutablePointer<UInt8>?
    guard index >= 0, let entry = X509_NAME_get_entry(subject, index) else { return nil }
    let count = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
    guard count >= 0, let text else { return nil }
    defer { CRYPTO_free(text, #file, #line) }
    return String(decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
  }

  /// Who says so.
  public func issuer() throws -> String { try Self.text(X509_get_issuer_name(pointer)) }

  /// Whether the certificate is signed with its own key: then nobody but its holder says who the holder is.
  public var isSelfSigned: Bool { X509_self_signed(pointer, 1) == 1 }

  /// The first and the last moment of its validity: UTC, RFC 3339 with milliseconds.
  public func validity() throws -> (from: String, to: String) {
    (try Self.time(X509_get0_notBefore(pointer)), try Self.time(X509_get0_notAfter(pointer)))
  }

  /// Whether a private key belongs to the certificate.
  public func belongs(to key: PrivateKey) -> Bool {
    let result = X509_check_private_key(pointer, key.pointer)
    ERR_clear_error()
    return result == 1
  }

  /// Whether two certificates are for one key.
  public func hasSameKey(as other: Certificate) -> Bool {
    guard let own = X509_get0_pubkey(pointer), let others = X509_get0_pubkey(other.pointer) else { return false }
    defer { ERR_clear_error() }
    return EVP_PKEY_eq(own, others) == 1
  }

  private static func text(_ name: OpaquePointer?) throws -> String {
    let bytes = try OpenSSL.writing("the name in a certificate cannot be read") { vitrine_print_name($0, name) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func time(_ time: UnsafePointer<ASN1_TIME>?) throws -> String {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else {
      throw OpenSSL.failure("a time in a certificate cannot be read")
    }
    return Timestamp.text(Date(timeIntervalSince1970: Double(timegm(&parts))))
  }
}
