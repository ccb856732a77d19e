import Analysis
internal import COpenSSL
public import Foundation

/// Whether a person is who a signature says.
public enum IdentityAnswer: String, Codable, Sendable {
  /// What the reader trusts vouches for the person.
  case established
  /// It does not.
  case notEstablished = "not-established"
}

/// Certificates and fingerprints that a reader trusts, from a source of the reader's own.
///
/// A certificate says whose its key is, and a signature says in whose name it was made. Both must be the same name: otherwise
/// whoever is trusted for anything could sign as anybody.
public struct TrustAnchors: Sendable {
  private struct Anchor: Sendable {
    /// The name that the reader gives the holder; nil: the one in the certificate.
    var name: String?
    var certificate: Certificate?
    /// SHA-256 of the certificate, or of a bare public key, hex.
    var fingerprint: String
  }

  private let anchors: [Anchor]

  /// Nothing is trusted.
  public static let none = TrustAnchors(anchors: [])

  private init(anchors: [Anchor]) { self.anchors = anchors }

  /// Whether nothing is trusted.
  public var isEmpty: Bool { anchors.isEmpty }

  /// Anchors from texts: the name of a file with certificates in PEM form (a signer's own, or an authority's), or the SHA-256
  /// fingerprint of a signer's certificate or bare key, with or without colons. `NAME=` before either says who the holder
  /// is, where the certificate gives another name or none.
  /// - Throws: `EvidenceError.badKey`.
  public init(_ texts: [String]) throws {
    anchors = try texts.flatMap { text in
      if let found = try Self.anchors(text, name: nil) { return found }
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, let found = try Self.anchors(parts[1], name: parts[0]) { return found }
      throw EvidenceError(
        .badKey,
        "'\(text)' is neither a file with a certificate nor a SHA-256 fingerprint of 64 hexadecimal digits, nor one of these "
          + "after 'NAME='")
    }
  }

  private static func anchors(_ text: String, name: String?) throws -> [Anchor]? {
    let digits = text.replacingOccurrences(of: ":", with: "").lowercased()
    if SHA256Digest(hex: digits) != nil { return [Anchor(name: name, certificate: nil, fingerprint: digits)] }
    let url = URL(fileURLWithPath: text)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    return try Certificate.all(pem: PlainFile.read(url), file: text).map {
      Anchor(name: name, certificate: $0, fingerprint: try $0.fingerprint())
    }
  }

  /// Who vouches for a certificate at a time, in words; nil if nobody does. It says nothing about a name.
  /// - Parameters:
  ///   - certificate: the signer's.
  ///   - others: certificates that came with it and may stand between it and an anchor.
  ///   - date: UTC, RFC 3339 with milliseconds.
  public func voucher(for certificate: Certificate, others: [Certificate], at date: String) throws -> String? {
    try vouchers(for: certificate, others: others, at: date).first?.words
  }

  private func vouchers(
    for certificate: Certificate, others: [Certificate], at date: String
  ) throws -> [(words: String, name: String?)] {
    let fingerprint = try certificate.fingerprint()
    var found = anchors.filter { $0.fingerprint == fingerprint }.map {
      (
        words: $0.certificate == nil ? "its fingerprint, which you gave" : "its certificate, which you gave",
        name: $0.name ?? certificate.commonName
      )
    }
    guard let time = Timestamp.date(date) else { return found }
    for anchor in anchors where anchor.fingerprint != fingerprint {
      guard let authority = anchor.certificate, Self.leads(from: certificate, over: others, to: authority, at: time)
      else { continue }
      found.append(
        ("the authority '\(try authority.subject())', whose certificate you gave", certificate.commonName))
    }
    return found
  }

  private static func leads(
    from certificate: Certificate, over others: [Certificate], to anchor: Certificate, at time: Date
  ) -> Bool {
    withExtendedLifetime((certificate, others, anchor)) {
      var between: [OpaquePointer?] = others.map(\.pointer)
      var trusted: [OpaquePointer?] = [anchor.pointer]
      defer { ERR_clear_error() }
      return vitrine_verify_chain(
        certificate.pointer, &between, Int32(between.count), &trusted, 1, time_t(time.timeIntervalSince1970)) == 1
    }
  }

  // MARK: Persons

  /// What is known of a person who signed.
  public struct Finding: Sendable, Equatable {
    /// Whether the person is who the signature says.
    public var answer: IdentityAnswer
    /// What vouches for the certificate or key, in words; nil if nothing does.
    public var vouchedBy: String?
    /// Why that does not establish the person, in words.
    public var doubt: String?

    /// The answer in words.
    public var text: String {
      switch answer {
      case .established: "identity established by \(vouchedBy ?? "what you gave")"
      case .notEstablished: "identity of the signer not established" + (doubt.map { ": \($0)" } ?? "")
      }
    }
  }

  /// Whether somebody who signed with a certificate is who the signature says.
  /// - Parameter name: in whose name it was signed.
  public func finding(
    name: String, certificate: Certificate, others: [Certificate], at date: String
  ) throws -> Finding {
    let vouchers = try vouchers(for: certificate, others: others, at: date)
    if let good = vouchers.first(where: { $0.name.map(Self.folded) == Self.folded(name) }) {
      return Finding(answer: .established, vouchedBy: good.words)
    }
    guard let first = vouchers.first else { return Finding(answer: .notEstablished) }
    return Finding(
      answer: .notEstablished, vouchedBy: first.words,
      doubt:
        "signed in the name of '\(name)', but the holder of the certificate is '\(first.name ?? "nobody")'; if both are "
        + "one person, say so with '\(name)=' before the fingerprint \(try certificate.fingerprint())")
  }

  /// Whether the person who signed a record is who the signature says.
  public func finding(_ person: PersonSignature) throws -> Finding {
    if let certificate = person.certificate {
      return try finding(name: person.name, certificate: certificate, others: person.others, at: person.date)
    }
    let given = anchors.filter { $0.certificate == nil && $0.fingerprint == person.signer.fingerprint }
    guard !given.isEmpty else { return Finding(answer: .notEstablished) }
    guard given.contains(where: { $0.name.map(Self.folded) == Self.folded(person.name) }) else {
      return Finding(
        answer: .notEstablished, vouchedBy: "its fingerprint, which you gave",
        doubt:
          "a bare key names nobody; if it is that of '\(person.name)', say so with '\(person.name)=' before the fingerprint"
      )
    }
    return Finding(answer: .established, vouchedBy: "its fingerprint, which you gave as that of \(person.name)")
  }

  /// A name without what nobody sees: blanks at its ends and doubled blanks.
  private static func folded(_ name: String) -> String {
    name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

/// A person's signature with the answer to who the person is: what `runs verify` and `verify` print of signatures in records.
public struct SignerIdentity: Codable, Sendable, Equatable {
  /// The record, as kind and identifier.
  public var record: String
  /// The run that it is about; nil if it is about none.
  public var run: String?
  /// Who, what and when, as signed.
  public var statement: String
  /// Who, as signed.
  public var name: String
  /// The holder of the certificate; nil with a bare key.
  public var subject: String?
  /// Its issuer; nil with a bare key.
  public var issuer: String?
  /// Whether nobody but the signer says who the signer is.
  public var isSelfSigned: Bool
  /// SHA-256 of the certificate, or of the bare public key, hex.
  public var fingerprint: String
  /// Whether the person is who the signature says.
  public var identity: IdentityAnswer
  /// What vouches for the certificate or key, in words; nil if nothing does.
  public var vouchedBy: String?
  /// Why that does not establish the person, in words.
  public var doubt: String?

  /// Asks the anchors about a signature.
  public init(_ person: PersonSignature, _ trust: TrustAnchors) throws {
    (record, run, statement, name) = (person.record, person.run, person.summary, person.name)
    (subject, issuer) = (person.signer.subject, person.signer.issuer)
    (isSelfSigned, fingerprint) = (person.signer.isSelfSigned, person.signer.fingerprint)
    let finding = try trust.finding(person)
    (identity, vouchedBy, doubt) = (finding.answer, finding.vouchedBy, finding.doubt)
  }

  /// All of it in words.
  public var text: String {
    let signer = RunSignature.Signer(
      subject: subject, issuer: issuer, isSelfSigned: isSelfSigned, fingerprint: fingerprint)
    guard identity == .established || doubt != nil else { return "\(statement); \(signer.identity)" }
    let finding = TrustAnchors.Finding(answer: identity, vouchedBy: vouchedBy, doubt: doubt)
    return "\(statement); \(signer.key): \(finding.text)"
  }

  /// The answer for all of several signatures; nil if there is none.
  public static func answer(_ all: [SignerIdentity]) -> IdentityAnswer? {
    all.isEmpty ? nil : all.allSatisfy { $0.identity == .established } ? .established : .notEstablished
  }
}

extension Certificate {
  /// Every certificate of a PEM file.
  /// - Throws: `EvidenceError.badKey` if there is none.
  public static func all(pem: Data, file: String) throws -> [Certificate] {
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
