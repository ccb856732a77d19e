public import Evidence

/// What the verification of a bundle found: what was checked, what could not be, who signed, and what that establishes.
///
/// Integrity and identity are two answers: that nothing was changed since the holders of these keys signed, and that the
/// holders are who the certificates say. The second needs something that the reader trusts from elsewhere.
public struct BundleReport: Codable, Sendable, Equatable {
  /// The first answer.
  public enum Verdict: String, Codable, Sendable {
    /// All of it was checked, and nothing is wrong.
    case intact
    /// Nothing that was checked is wrong, but a check lacks a file that it needs.
    case incomplete
    /// Something is wrong.
    case notIntact = "not-intact"
  }

  /// The second answer.
  public typealias Identity = IdentityAnswer

  /// How a check ended.
  public enum State: String, Codable, Sendable {
    /// All that it is about was looked at, and nothing is wrong.
    case ok
    /// Something is wrong.
    case wrong
    /// Something that it is about could not be looked at; what could be is in order.
    case notChecked = "not-checked"
    /// The bundle has nothing that it is about, and need not have.
    case none
  }

  /// One check.
  public struct Check: Codable, Sendable, Equatable {
    /// Its short name.
    public var name: String
    /// What was looked at, and how.
    public var what: String
    /// How it ended.
    public private(set) var state: State
    /// How many things were looked at.
    public var count: Int
    /// How many there are to look at, as far as is known.
    public var of: Int
    /// What could not be looked at, and why.
    public private(set) var notChecked: [Omission]
    /// What is wrong.
    public var problems: [BundleProblem]
    /// What a reader should know about what was in order.
    public var notes: [String]

    init(_ name: String, _ what: String, count: Int = 0) {
      self.name = name
      self.what = what
      self.count = count
      state = .none
      of = count
      notChecked = []
      problems = []
      notes = []
    }

    /// Notes what could not be looked at.
    mutating func omit(_ what: String, _ reason: String) { notChecked.append(Omission(what: what, reason: reason)) }

    /// Finds the state from what was found.
    mutating func settle() {
      of = max(of, count)
      state = !problems.isEmpty ? .wrong : !notChecked.isEmpty ? .notChecked : count == 0 ? .none : .ok
    }
  }

  /// A person's signature that holds.
  public struct Signer: Codable, Sendable, Equatable {
    /// The role, as signed.
    public var role: String
    /// The name, as signed.
    public var name: String
    /// The function, as signed.
    public var function: String
    /// When, by the signer's clock, as signed.
    public var date: String
    /// The file of the signature.
    public var file: String
    /// The holder of the certificate.
    public var subject: String
    /// Its issuer.
    public var issuer: String
    /// Whether nobody but the holder says who the holder is.
    public var isSelfSigned: Bool
    /// SHA-256 of the certificate, hex.
    public var fingerprint: String
    /// Whether the reader's trust reaches the signer.
    public var identity: Identity
    /// What vouches for the signer's certificate, in words; nil if nothing does.
    public var vouchedBy: String?
    /// Why that does not establish who signed, in words.
    public var doubt: String?
  }

  /// A time-stamp that holds.
  public struct Stamp: Codable, Sendable, Equatable {
    /// The file of the token.
    public var file: String
    /// When, by the authority's clock.
    public var time: String
    /// Over the bytes of which file the imprint is; that file names all others by digest.
    public var imprintOf: String
    /// SHA-256 of those bytes, hex.
    public var imprintSha256: String
    /// The signatures that existed then.
    public var covers: [String]
    /// The authority, by its certificate.
    public var authority: String
    /// SHA-256 of the certificate, hex.
    public var fingerprint: String
    /// Whether the reader's trust reaches the authority.
    public var identity: Identity
    /// What vouches for it, in words; nil if nothing does.
    public var vouchedBy: String?
  }

  /// A waiver that the signers signed.
  public struct WaiverNote: Codable, Sendable, Equatable {
    /// The gate.
    public var gate: String
    /// What the gate had found.
    public var covers: [String]
    /// Why.
    public var reason: String
    /// By whom.
    public var name: String
    /// In which function.
    public var function: String
    /// When.
    public var date: String
    /// The record's identifier.
    public var record: String?
    /// Whether a person signed it; one that nobody signed opens no gate.
    public var isSigned: Bool?
    /// What became of it, e.g. `in-force` (nil: it could not be judged here).
    public var state: String?
    /// Who signed it, and whether the reader's trust reaches that person.
    public var signer: SignerIdentity?
  }

  /// A file that exists and was left out.
  public struct WithheldFile: Codable, Sendable, Equatable {
    /// Its path.
    public var file: String
    /// SHA-256 of its bytes, hex, as signed.
    public var sha256: String
  }

  /// Something that was not checked.
  public struct Omission: Codable, Sendable, Equatable {
    /// What it is.
    public var what: String
    /// Why not, and what would make it possible.
    public var reason: String
  }

  /// Whether all was checked and nothing is wrong.
  public var verdict: Verdict
  /// Whether the signers are who they say; nil if no signature holds.
  public var identity: Identity?
  /// Whether keys that the reader has from elsewhere signed every checkpoint; nil if there is none.
  public var logIdentity: Identity?
  /// The file's name.
  public var bundle: String
  /// SHA-256 of the file, hex.
  public var sha256: String
  /// What the bundle is about, as signed; nil if no signature holds.
  public var title: String?
  /// The model version, as signed.
  public var modelVersion: String?
  /// SHA-256 of `SHA256SUMS`, hex, which stands for the whole content.
  public var contentSha256: String?
  /// What was checked.
  public var checks: [Check]
  /// Who signed.
  public var signers: [Signer]
  /// Who signed the runs, as their records say. `identity` is not about them.
  public var runSigners: [SignerIdentity]
  /// Roles of prepared, reviewed and approved that nobody has signed in.
  public var rolesNotSigned: [String]
  /// Time-stamps.
  public var timestamps: [Stamp]
  /// What was waived.
  public var waivers: [WaiverNote]
  /// What is withheld.
  public var withheld: [WithheldFile]
  /// What no bundle can show, and what only something that the reader has from elsewhere would. What a check of this bundle
  /// lacked stands at that check.
  public var notChecked: [Omission]

  init(bundle: String, sha256: String) {
    self.bundle = bundle
    self.sha256 = sha256
    verdict = .notIntact
    checks = []
    signers = []
    runSigners = []
    rolesNotSigned = []
    timestamps = []
    waivers = []
    withheld = []
    notChecked = []
  }

  /// Whether all was checked and nothing is wrong.
  public var isIntact: Bool { verdict == .intact }
  /// Whether nothing that was checked is wrong, though something may be missing.
  public var isUnharmed: Bool { verdict != .notIntact }
  /// What the checks lacked.
  public var lacking: [Omission] { checks.flatMap(\.notChecked) }
  /// Everything that is wrong.
  public var problems: [BundleProblem] { checks.flatMap(\.problems) }

  mutating func omit(_ what: String, _ reason: String) { notChecked.append(Omission(what: what, reason: reason)) }
}
