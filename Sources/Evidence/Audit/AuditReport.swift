/// What a verification checked, what it found, and what it could not check.
public struct AuditReport: Codable, Sendable, Equatable {
  /// One thing that is wrong.
  public struct Problem: Codable, Sendable, Equatable {
    /// What kind of thing.
    public var code: StoreProblem.Code
    /// The record that it is about, as kind and identifier.
    public var record: String?
    /// What is wrong, in words.
    public var detail: String
  }

  /// One check that was made.
  public struct Check: Codable, Sendable, Equatable {
    /// Its short name.
    public var name: String
    /// What was looked at, and how, in words.
    public var what: String
    /// How many things were looked at.
    public var count: Int
    /// What was found to be wrong; empty if nothing.
    public var problems: [Problem]
    /// What a reader should know about what was found in order, e.g. who signed.
    public var notes: [String]

    /// A check from its parts.
    public init(_ name: String, _ what: String, count: Int, problems: [Problem] = [], notes: [String] = []) {
      self.name = name
      self.what = what
      self.count = count
      self.problems = problems
      self.notes = notes
    }
  }

  /// Something that was not checked.
  public struct Omission: Codable, Sendable, Equatable {
    /// What it is, in words.
    public var what: String
    /// Why not, and what would make it possible.
    public var reason: String
  }

  /// What was verified: a file.
  public var subject: String
  /// What was checked.
  public var checks: [Check]
  /// The persons whose signatures hold, and what the reader's trust says of each.
  public var signers: [SignerIdentity]
  /// What was not.
  public var notChecked: [Omission]
  /// Whether the keys that the reader gave are those that signed every checkpoint, and each of them one; nil if none was given.
  public var logIdentity: IdentityAnswer?
  /// Whether what was checked proves anything: a record alone agrees with itself and no more.
  public var isProved = true

  /// Whether nothing is wrong, the checks prove something, and the keys given are those of the log.
  public var isAnswerYes: Bool { isIntact && isProved && logIdentity != .notEstablished }
  /// Whether nothing that was checked is wrong. It says nothing about what was not checked.
  public var isIntact: Bool { checks.allSatisfy(\.problems.isEmpty) }
  /// Whether every person who signed is who the signature says; nil if nobody has signed. Integrity is another question.
  public var identity: IdentityAnswer? { SignerIdentity.answer(signers) }

  /// What is written: the verdict stands beside the checks.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(!isIntact ? "not-intact" : isProved ? "intact" : "incomplete", forKey: .verdict)
    try container.encodeIfPresent(identity, forKey: .identity)
    try container.encodeIfPresent(logIdentity, forKey: .logIdentity)
    try container.encode(subject, forKey: .subject)
    try container.encode(checks, forKey: .checks)
    try container.encode(signers, forKey: .signers)
    try container.encode(notChecked, forKey: .notChecked)
  }

  /// Reads what `encode(to:)` writes; the verdict follows from the checks.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    subject = try container.decode(String.self, forKey: .subject)
    checks = try container.decode([Check].self, forKey: .checks)
    signers = try container.decode([SignerIdentity].self, forKey: .signers)
    notChecked = try container.decode([Omission].self, forKey: .notChecked)
    logIdentity = try container.decodeIfPresent(IdentityAnswer.self, forKey: .logIdentity)
    isProved = try container.decode(String.self, forKey: .verdict) != "incomplete"
  }

  private enum Keys: String, CodingKey { case verdict, identity, logIdentity, subject, checks, signers, notChecked }

  init(subject: String) {
    self.subject = subject
    checks = []
    signers = []
    notChecked = []
  }

  /// Notes whose signatures hold, and for whom the reader has given nothing that vouches.
  mutating func note(_ persons: [PersonSignature], _ trust: TrustAnchors) throws {
    signers = try persons.map { try SignerIdentity($0, trust) }
    let open = signers.count { $0.identity != .established }
    guard open > 0 else { return }
    omit(
      trust.isEmpty
        ? "the identity of the persons who signed" : "the identity of \(open) of \(signers.count) persons who signed",
      "a signature shows that the holder of a key signed, a certificate that its issuer names the holder; compare the "
        + "fingerprints above with what the persons gave you themselves, or give their certificate, or that of their authority, "
        + "with --trust")
  }

  /// Holds the keys that the reader gave against those that signed checkpoints.
  /// - Parameters:
  ///   - given: verifier keys from a source of the reader's own; without any, nothing is noted.
  ///   - signed: the verifier keys by which each checkpoint's signature holds.
  ///   - unknown: what is signed by keys that are not known here.
  mutating func note(_ given: [VerifierKey], signed: Set<String>, unknown: [String] = []) {
    guard !given.isEmpty else { return }
    let trusted = Set(given.map(\.text))
    logIdentity = !signed.isEmpty && signed == trusted && unknown.isEmpty ? .established : .notEstablished
    for key in trusted.subtracting(signed).sorted() {
      omit(
        "the key \(key)",
        signed.isEmpty
          ? "there is no checkpoint here that it could have signed, so it establishes nothing; 'vitrine store checkpoint' "
            + "makes one"
          : "it signed no checkpoint that is here: it is the key of another log, or of another person's checkpoints")
    }
    for key in signed.subtracting(trusted).sorted() {
      omit("checkpoints signed by \(key)", "this key is not among those given with --key")
    }
    for name in unknown { omit(name, "it is not signed by a key that was given with --key") }
  }

  /// Notes what was not checked.
  public mutating func omit(_ what: String, _ reason: String) {
    notChecked.append(Omission(what: what, reason: reason))
  }
}
