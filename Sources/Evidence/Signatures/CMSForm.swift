internal import COpenSSL
import Foundation

/// The parts of a CMS signature that its signature does not cover and that OpenSSL passes over: they must have the one value
/// that follows from the rest, so that no byte of a `.p7s` can be changed without being noticed (RFC 5652 sections 5.1 and 5.3).
struct CMSForm {
  /// What is signed.
  enum Content {
    /// Bytes that are kept elsewhere: CAdES-B, detached.
    case detached
    /// The time and imprint of an RFC 3161 token, which it holds.
    case timestamp
  }

  /// What the signature holds beside the signer's certificate, in words: nobody checks it.
  private(set) var unchecked: [String] = []
  /// Certificates beside the signer's, e.g. those of the authorities above it.
  private(set) var others: [Certificate] = []
  /// The time that the signer's program gives, signed with the rest; nil if it gives none.
  private(set) var signingTime: String?

  /// - Parameters:
  ///   - der: the signature's bytes.
  ///   - signer: the certificate that verifies it.
  ///   - content: what it signs.
  /// - Throws: `EvidenceError.badSignature` with what is wrong.
  init(_ der: Data, signer: Certificate, over content: Content = .detached) throws {
    guard let cms = try OpenSSL.reading(der, { d2i_CMS_bio($0, nil) }) else {
      throw Self.bad("not a CMS signature in DER form: \(OpenSSL.reason())")
    }
    defer { CMS_ContentInfo_free(cms) }
    guard try OpenSSL.writing("the signature cannot be written", { i2d_CMS_bio($0, cms) }) == der else {
      throw Self.bad("the signature is not written in DER, or something follows it")
    }
    guard let info = vitrine_only_signer_info(cms) else { throw Self.bad("not exactly one signer") }
    try Self.checkVersions(der, info, content)
    try Self.checkIssuer(info, signer)
    switch content {
    case .detached: try Self.checkDetached(cms, info)
    case .timestamp: try Self.checkType(NID_id_smime_ct_TSTInfo, cms, info)
    }
    try Self.checkAlgorithms(info, signer)
    guard vitrine_has_crls(cms) == 0 else { throw Self.bad("it holds revocation lists, which no signature covers") }
    for index in 0..<max(0, CMS_unsigned_get_attr_count(info)) {
      let object = CMS_unsigned_get_attr(info, index).flatMap { X509_ATTRIBUTE_get0_object($0) }
      unchecked.append("the unsigned attribute \(Self.name(object))")
    }
    let fingerprint = try signer.fingerprint()
    for index in 0..<vitrine_certificate_count(cms) {
      guard let pointer = vitrine_certificate_at(cms, index) else { continue }
      let certificate = Certificate(owning: pointer)
      if try certificate.fingerprint() != fingerprint { others.append(certificate) }
    }
    unchecked += try others.map { "the further certificate '\(try $0.subject())'" }
    signingTime = Self.signingTime(info)
  }

  private static func checkVersions(_ der: Data, _ info: OpaquePointer, _ content: Content) throws {
    var (data, signer) = (0, 0)
    let found = der.withUnsafeBytes { bytes in
      vitrine_cms_versions(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &data, &signer)
    }
    var keyID: UnsafeMutablePointer<ASN1_OCTET_STRING>?
    var issuer: OpaquePointer?
    var serial: UnsafeMutablePointer<ASN1_INTEGER>?
    let expected = CMS_SignerInfo_get0_signer_id(info, &keyID, &issuer, &serial) == 1 && keyID != nil ? 3 : 1
    // Content other than plain data makes the whole version 3 (RFC 5652, section 5.1).
    guard found == 1, data == (content == .timestamp ? 3 : expected), signer == expected else {
      throw bad("its version numbers are not those of its form")
    }
  }

  /// OpenSSL finds the signer's certificate by a comparison of names that passes over the case of letters and doubled blanks.
  private static func checkIssuer(_ info: OpaquePointer, _ signer: Certificate) throws {
    var keyID: UnsafeMutablePointer<ASN1_OCTET_STRING>?
    var issuer: OpaquePointer?
    var serial: UnsafeMutablePointer<ASN1_INTEGER>?
    guard CMS_SignerInfo_get0_signer_id(info, &keyID, &issuer, &serial) == 1 else { throw bad("it names no signer") }
    guard let issuer else { return }
    guard let named = bytes(of: issuer), let own = X509_get_issuer_name(signer.pointer).flatMap(bytes), named == own
    else { throw bad("it writes the issuer of its certificate otherwise than the certificate does") }
  }

  private static func bytes(of name: OpaquePointer) -> Data? {
    var start: UnsafePointer<UInt8>?
    var count = 0
    guard X509_NAME_get0_der(name, &start, &count) == 1, let start else { return nil }
    return Data(bytes: start, count: count)
  }

  private static func checkType(_ expected: Int32, _ cms: OpaquePointer, _ info: OpaquePointer) throws {
    guard let type = CMS_get0_eContentType(cms), OBJ_obj2nid(type) == expected else {
      throw bad("its content is of another type")
    }
    let signed = CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(NID_pkcs9_contentType), -3, V_ASN1_OBJECT)
    guard let signed, OBJ_obj2nid(OpaquePointer(signed)) == expected else {
      throw bad("its signed content type is another one")
    }
  }

  private static func checkDetached(_ cms: OpaquePointer, _ info: OpaquePointer) throws {
    try checkType(NID_pkcs7_data, cms, info)
    guard let content = CMS_get0_content(cms), content.pointee == nil else { throw bad("it is not detached") }
    guard CMS_signed_get_attr_by_NID(info, NID_id_smime_aa_signingCertificateV2, -1) >= 0 else {
      throw bad("it has no signed attribute signing-certificate-v2, which CAdES-B demands")
    }
  }

  private static func checkAlgorithms(_ info: OpaquePointer, _ signer: Certificate) throws {
    var digest: UnsafeMutablePointer<X509_ALGOR>?
    var signature: UnsafeMutablePointer<X509_ALGOR>?
    CMS_SignerInfo_get0_algs(info, nil, nil, &digest, &signature)
    var (digestID, signatureID) = (NID_undef, NID_undef)
    guard vitrine_is_plain_algorithm(digest, &digestID) == 1,
      [NID_sha256, NID_sha384, NID_sha512].contains(digestID)
    else { throw bad("its digest is none of SHA-256, SHA-384 and SHA-512") }
    let isPlain = vitrine_is_plain_algorithm(signature, &signatureID) == 1
    // The parameters of RSASSA-PSS enter its own check; every other algorithm stands alone.
    if signatureID == NID_rsassaPss { return }
    var (hash, key) = (NID_undef, NID_undef)
    let keyType = X509_get0_pubkey(signer.pointer).map { EVP_PKEY_get_id($0) } ?? NID_undef
    if isPlain, signatureID == NID_rsaEncryption, keyType == EVP_PKEY_RSA { return }
    guard isPlain, OBJ_find_sigid_algs(signatureID, &hash, &key) == 1, hash == digestID || hash == NID_undef,
      key == keyType || key == NID_rsaEncryption && keyType == EVP_PKEY_RSA
    else { throw bad("its signature algorithm is not that of the certificate's key and its digest") }
  }

  private static func signingTime(_ info: OpaquePointer) -> String? {
    for type in [V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME] {
      guard let value = CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(NID_pkcs9_signingTime), -3, type) else {
        continue
      }
      var parts = tm()
      guard ASN1_TIME_to_tm(value.assumingMemoryBound(to: ASN1_TIME.self), &parts) == 1 else { return nil }
      return Timestamp.text(Date(timeIntervalSince1970: Double(timegm(&parts))))
    }
    ERR_clear_error()
    return nil
  }

  private static func name(_ object: OpaquePointer?) -> String {
    var text = [CChar](repeating: 0, count: 80)
    OBJ_obj2txt(&text, Int32(text.count), object, 0)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func bad(_ what: String) -> EvidenceError { EvidenceError(.badSignature, "the signature: \(what)") }
}
