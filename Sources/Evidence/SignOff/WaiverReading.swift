/// What a waiver says, whichever format it has.
public struct WaiverReading: Sendable, Equatable {
  /// The entry's identifier.
  public var id: String
  /// SHA-256 of the record's canonical JSON, hex.
  public var sha256: String
  /// The AI system; nil in the format that nobody signed.
  public var system: String?
  /// The model version whose dossier it is about.
  public var modelVersion: String
  /// The gate.
  public var gate: String
  /// What is waived, each by its key.
  public var covers: [String]
  /// The waivers that it takes the place of.
  public var supersedes: [String]
  /// Why.
  public var reason: String
  /// Who waives it.
  public var name: String
  /// In which function.
  public var function: String
  /// When.
  public var date: String
  /// The signature, which holds; nil in the format that nobody signed.
  public var person: PersonSignature?

  /// Reads a waiver.
  /// - Returns: nil if the document is none.
  /// - Throws: `EvidenceError` if its signature does not hold; `JSONError`.
  public init?(_ document: any LedgerDocument) throws {
    switch document {
    case let waiver as Waiver:
      let statement = waiver.statement
      (id, system, modelVersion) = (waiver.id, statement.system, statement.modelVersion)
      (gate, covers, supersedes) = (statement.gate, statement.covers, statement.supersedes)
      (reason, name, function) = (statement.reason, statement.name, statement.function)
      (date, person) = (statement.date, try waiver.person())
      sha256 = try SHA256.digest(of: CanonicalJSON.encode(waiver)).hex
    case let waiver as UnsignedWaiver:
      (id, system, modelVersion) = (waiver.id, nil, waiver.modelVersion)
      (gate, covers, supersedes) = (waiver.gate, waiver.covers, [])
      (reason, name, function) = (waiver.reason, waiver.name, waiver.function)
      (date, person) = (waiver.date, nil)
      sha256 = try SHA256.digest(of: CanonicalJSON.encode(waiver)).hex
    default: return nil
    }
  }
}

extension Store {
  /// Every waiver in the log, of either format, in order. One whose signature does not hold is left out: it waives nothing, and the
  /// check of the store names it.
  /// - Throws: `EvidenceError`, `JSONError` if one cannot be read.
  public func waivers() throws -> [WaiverReading] {
    try entries(kind: Waiver.kind).compactMap { entry in
      guard let document = try entry.known() else { return nil }
      do { return try WaiverReading(document) } catch let error as EvidenceError
        where [.badSignature, .badKey].contains(error.code)
      { return nil }
    }
  }
}

extension PersonSignature {
  /// Whether both were made with one key, whatever the certificates say.
  public func hasSameKey(as other: PersonSignature) -> Bool {
    if signer.fingerprint == other.signer.fingerprint { return true }
    guard let certificate, let theirs = other.certificate else { return false }
    return certificate.hasSameKey(as: theirs)
  }

  /// Whether it was made with the key of a certificate.
  public func hasKey(of certificate: Certificate) -> Bool { self.certificate?.hasSameKey(as: certificate) == true }
}
