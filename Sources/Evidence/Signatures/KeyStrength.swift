internal import COpenSSL
import Foundation

/// What is strong enough to sign with. The one place that decides: import, signing, attaching and every verification ask here.
///
/// The rules are those of ETSI TS 119 312 and FIPS 186-5, with 112 bits of security as the least.
enum KeyStrength {
  /// The curves that are taken: those of NIST and Brainpool that ETSI TS 119 312 lists.
  private static let curves = [
    "prime256v1", "P-256", "secp384r1", "P-384", "secp521r1", "P-521", "brainpoolP256r1", "brainpoolP384r1",
    "brainpoolP512r1",
  ]

  /// Why a key is not strong enough, in words that follow "has"; nil if it is.
  static func fault(_ key: OpaquePointer) -> String? {
    defer { ERR_clear_error() }
    let bits = EVP_PKEY_get_security_bits(key)
    switch EVP_PKEY_get_id(key) {
    case EVP_PKEY_RSA, EVP_PKEY_RSA_PSS:
      guard EVP_PKEY_get_bits(key) >= 2048 else {
        return "an RSA key of \(EVP_PKEY_get_bits(key)) bits, less than 112 bits of security (RSA needs 2048 bits)"
      }
      guard vitrine_has_good_exponent(key) == 1 else {
        return "an RSA key whose public exponent is not odd and above 65536"
      }
    case EVP_PKEY_EC:
      guard bits >= 112 else {
        return "a key of less than 112 bits of security (\(bits); elliptic curves need 256 bits here)"
      }
      var name = [CChar](repeating: 0, count: 80)
      vitrine_group(key, &name, name.count)
      let curve = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard vitrine_has_explicit_curve(key) == 0, curves.contains(curve) else {
        return "a key on the curve \(curve.isEmpty ? "of no name" : curve), which is none of P-256, P-384, P-521 and "
          + "brainpoolP256r1, P384r1, P512r1"
      }
    case EVP_PKEY_ED25519, EVP_PKEY_ED448:
      break
    default:
      let name = EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown"
      return "a key of the kind \(name), which is none of RSA, elliptic curves and Ed25519"
    }
    return nil
  }

  /// Why the signature on a certificate is not strong enough, in words that follow "is"; nil if it is.
  static func fault(ofSignatureOn certificate: OpaquePointer) -> String? {
    defer { ERR_clear_error() }
    var (digest, bits): (Int32, Int32) = (NID_undef, 0)
    guard X509_get_signature_info(certificate, &digest, nil, &bits, nil) == 1 else {
      return "signed with an algorithm that this OpenSSL does not know"
    }
    guard bits >= 112 else {
      let name = OBJ_nid2sn(digest).map { String(cString: $0) } ?? "a weak digest"
      return "signed with \(name), less than 112 bits of security"
    }
    return nil
  }
}

extension Certificate {
  /// Why a person cannot sign with this certificate and key from now on, with the remedy; nil if they can.
  ///
  /// Asks what every verification asks, and makes a signature to be sure.
  /// - Parameter date: now; UTC, RFC 3339 with milliseconds.
  public func faultForSigning(with key: PrivateKey, at date: String = Timestamp.now()) throws -> String? {
    guard belongs(to: key) else {
      return
        "the private key does not belong to the certificate \(try subject()); give the certificate of this very key with "
        + "--certificate"
    }
    if let fault = try fault(signingAt: date) {
      return
        "\(fault). Signatures with it would be refused; ask the authority for a certificate that is valid, for signatures and "
        + "of a key that is strong enough, e.g. P-256 or RSA of 3072 bits"
    }
    // Of a certificate that the reader trusts by its fingerprint it does not matter how its issuer signed it; a chain to an authority
    // would not be followed over this one.
    if let fault = KeyStrength.fault(ofSignatureOn: pointer) {
      return
        "the certificate of \(try subject()) is \(fault): no reader would be led from it to its authority; ask the authority for "
        + "one that is signed with SHA-256 or better"
    }
    let trial = Data("a trial of a new key".utf8)
    do {
      _ = try SignatureCheck(CMSSignature(signing: trial, certificate: self, key: key), of: trial, date: date)
    } catch let error as EvidenceError {
      return
        "no CMS signature that would be accepted can be made with \(try subject()) (\(error.message)); take a key on P-256, "
        + "or RSA of 3072 bits"
    }
    return nil
  }
}
