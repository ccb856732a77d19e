internal import COpenSSL
public import Foundation

/// A time-stamp token (RFC 3161): the word of a time-stamping authority that bytes with this digest existed at a time.
///
/// The imprint is SHA-256 over exactly the bytes that are named where the token is kept, nothing around them.
public struct TimestampToken: Sendable {
  /// The token in DER form: what an ASiC container holds as `.tst`, and `openssl ts -verify -token_in` reads.
  public let der: Data
  /// When, by the authority's clock: UTC, RFC 3339 with milliseconds.
  public let time: String
  /// The authority's certificate, which came with the token.
  public let certificate: Certificate
  /// Other certificates that came with it.
  public let others: [Certificate]

  /// A request for a time-stamp, the content of a `.tsq` file: SHA-256 of the bytes, a nonce, and the wish that the token hold
  /// the authority's certificate.
  public static func query(for content: Data) throws -> Data {
    guard let request = TS_REQ_new(), let imprint = TS_MSG_IMPRINT_new(), let algorithm = X509_ALGOR_new(),
      let nonce = ASN1_INTEGER_new()
    else { throw OpenSSL.failure("no memory") }
    defer {
      TS_REQ_free(request)
      TS_MSG_IMPRINT_free(imprint)
      X509_ALGOR_free(algorithm)
      ASN1_INTEGER_free(nonce)
    }
    var digest = try SHA256.digest(of: content).bytes
    guard X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nil) == 1,
      TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1,
      TS_MSG_IMPRINT_set_msg(imprint, &digest, Int32(digest.count)) == 1,
      ASN1_INTEGER_set_uint64(nonce, UInt64.random(in: 1...UInt64.max)) == 1,
      TS_REQ_set_version(request, 1) == 1, TS_REQ_set_msg_imprint(request, imprint) == 1,
      TS_REQ_set_nonce(request, nonce) == 1, TS_REQ_set_cert_req(request, 1) == 1
    else { throw OpenSSL.failure("the time-stamp request cannot be made") }
    return try OpenSSL.writing("the time-stamp request cannot be written") { i2d_TS_REQ_bio($0, request) }
  }

  /// The token in an authority's answer, the content of a `.tsr` file, if it is over these bytes.
  /// - Throws: `EvidenceError.badSignature` if the authority refused, or the token is not over these bytes.
  public init(response: Data, for content: Data) throws {
    guard let answer = try OpenSSL.reading(response, { d2i_TS_RESP_bio($0, nil) }) else {
      throw Self.bad("not an answer of a time-stamping authority (RFC 3161, .tsr): \(OpenSSL.reason())")
    }
    defer { TS_RESP_free(answer) }
    let status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(answer)))
    guard status == 0 || status == 1, let token = TS_RESP_get_token(answer) else {
      throw Self.bad("the authority did not grant the time-stamp (status \(status))")
    }
    try self.init(
      der: OpenSSL.writing("the token cannot be written") { i2d_PKCS7_bio($0, token) }, for: content)
  }

  /// Checks a token: over these bytes, signed by the certificate that it holds, which is for time-stamps only. Whether the
  /// authority is to be believed is asked of `TrustAnchors`.
  /// - Throws: `EvidenceError.badSignature`.
  public init(der: Data, for content: Data) throws {
    guard let token = try OpenSSL.reading(der, { d2i_PKCS7_bio($0, nil) }) else {
      throw Self.bad("not a time-stamp token: \(OpenSSL.reason())")
    }
    defer { PKCS7_free(token) }
    guard try OpenSSL.writing("the token cannot be written", { i2d_PKCS7_bio($0, token) }) == der,
      let signer = vitrine_token_signer(token)
    else {
      throw Self.bad(
        "the token is not in DER form, or does not hold the authority's certificate (ask for it: 'openssl ts -query -cert')"
      )
    }
    let certificate = Certificate(owning: signer)
    let info = try Self.verified(token, content, certificate)
    defer { TS_TST_INFO_free(info) }
    // What the token's signature leaves open.
    _ = try CMSForm(der, signer: certificate, over: .timestamp)
    self.der = der
    self.certificate = certificate
    let fingerprint = try certificate.fingerprint()
    others = try (0..<vitrine_token_certificate_count(token)).compactMap {
      vitrine_token_certificate_at(token, $0).map(Certificate.init(owning:))
    }.filter { try $0.fingerprint() != fingerprint }
    var parts = tm()
    guard let time = TS_TST_INFO_get_time(info), ASN1_TIME_to_tm(time, &parts) == 1 else {
      throw Self.bad("the token's time cannot be read")
    }
    self.time = Timestamp.text(Date(timeIntervalSince1970: Double(timegm(&parts))))
    let (from, to) = try certificate.validity()
    guard from <= self.time, self.time <= to else {
      throw Self.bad("the authority's certificate was valid from \(from) to \(to), not at \(self.time)")
    }
  }

  private static func verified(_ token: UnsafeMutablePointer<PKCS7>, _ content: Data, _ certificate: Certificate) throws
    -> OpaquePointer
  {
    guard let store = X509_STORE_new() else { throw OpenSSL.failure("no memory") }
    let rules = UInt(X509_V_FLAG_PARTIAL_CHAIN) | UInt(X509_V_FLAG_NO_CHECK_TIME)
    guard X509_STORE_add_cert(store, certificate.pointer) == 1, X509_STORE_set_flags(store, rules) == 1,
      let context = TS_VERIFY_CTX_new()
    else {
      X509_STORE_free(store)
      throw OpenSSL.failure("the time-stamp cannot be checked")
    }
    // The context owns the store and the imprint.
    defer { TS_VERIFY_CTX_free(context) }
    TS_VERIFY_CTX_set_store(context, store)
    let digest = try SHA256.digest(of: content).bytes
    guard let imprint = CRYPTO_malloc(32, #file, #line)?.bindMemory(to: UInt8.self, capacity: 32) else {
      throw OpenSSL.failure("no memory")
    }
    for (place, byte) in digest.enumerated() { imprint[place] = byte }
    TS_VERIFY_CTX_set_imprint(context, imprint, 32)
    TS_VERIFY_CTX_set_flags(context, Int32(TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE))
    guard TS_RESP_verify_token(context, token) == 1 else {
      throw bad("the token does not hold for these bytes: \(OpenSSL.reason())")
    }
    guard let info = PKCS7_to_TS_TST_INFO(token) else { throw bad("the token holds no time: \(OpenSSL.reason())") }
    var algorithm = NID_undef
    let isPlain = vitrine_is_plain_algorithm(TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info)), &algorithm)
    guard isPlain == 1, algorithm == NID_sha256 else {
      TS_TST_INFO_free(info)
      throw bad("the token's imprint is not SHA-256")
    }
    return info
  }

  private static func bad(_ what: String) -> EvidenceError { EvidenceError(.badSignature, "the time-stamp: \(what)") }
}
