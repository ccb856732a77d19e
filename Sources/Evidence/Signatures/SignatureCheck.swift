internal import COpenSSL
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

/// Certificates and fingerprints that a reader trusts, from a source of the reader's own.
public struct TrustAnchors: Sendable {
  private let certificates: [Certificate]
  private let fingerprints: Set<String>

  /// Nothing is trusted.
  public static let none = TrustAnchors(certificates: [], fingerprints: [])

  private init(certificates: [Certificate], fingerprints: Set<String>) {
    self.certificates = certificates
    self.fingerprints = fingerprints
  }

  /// Whether nothing is trusted.
  public var isEmpty: Bool { certificates.isEmpty && fingerprints.isEmpty }

  /// Anchors from texts: the name of a file with certificates in PEM form (a signer's own, or an authority's), or the SHA-256
  /// fingerprint of a signer's certificate, with or without colons.
  /// - Throws: `EvidenceError.badKey`.
  public init(_ texts: [String]) throws {
    var (certificates, fingerprints): ([Certificate], Set<String>) = ([], [])
    for text in texts {
      let digits = text.replacingOccurrences(of: ":", with: "").lowercased()
      if SHA256Digest(hex: digits) != nil {
        fingerprints.insert(digits)
      } else {
        let url = URL(fileURLWithPath: text)
        guard FileManager.default.fileExists(atPath: url.path) else {
          throw EvidenceError(
            .badKey, "'\(text)' is neither a file with a certificate nor a SHA-256 fingerprint of 64 hexadecimal digits"
          )
        }
        certificates += try Certificate.all(pem: Data(contentsOf: url), file: text)
      }
    }
    self.init(certificates: certificates, fingerprints: fingerprints)
  }

  /// Who vouches for a certificate at a time, in words; nil if nobody does.
  /// - Parameters:
  ///   - certificate: the signer's.
  ///   - others: certificates that came with it and may stand between it and an anchor.
  ///   - date: UTC, RFC 3339 with milliseconds.
  public func voucher(for certificate: Certificate, others: [Certificate], at date: String) throws -> String? {
    let fingerprint = try certificate.fingerprint()
    if fingerprints.contains(fingerprint) { return "its fingerprint, which you gave" }
    for anchor in certificates where try anchor.fingerprint() == fingerprint {
      return "its certificate, which you gave"
    }
    guard let time = Timestamp.date(date) else { return nil }
    for anchor in certificates {
      var leads = false
      withExtendedLifetime((certificate, others, anchor)) {
        var between: [OpaquePointer?] = others.map(\.pointer)
        var trusted: [OpaquePointer?] = [anchor.pointer]
        leads =
          vitrine_verify_chain(
            certificate.pointer, &between, Int32(between.count), &trusted, 1, time_t(time.timeIntervalSince1970)) == 1
        ERR_clear_error()
      }
      if leads { return "the authority '\(try anchor.subject())', whose certificate you gave" }
    }
    return nil
  }
}

extension Certificate {
  /// Every certificate of a PEM file.
  /// - Throws: `EvidenceError.badKey` if there is none.
  static func all(pem: Data, file: String) throws -> [Certificate] {
    let found = try OpenSSL.reading(pem) { source in
      var found: [Certificate] = []
      while let pointer = PEM_read_bio_X509(source, nil, nil, nil) { found.append(Certificate(owning: pointer)) }
      ERR_clear_error()
      return found
    }
    guard !found.isEmpty else {
      throw EvidenceError(.badKey, "\(file): holds no certificate in PEM form")
    }
    return found
  }
}
