import Foundation

/// Something that a log can hold: a run, a person's signature, a reproduction, and what later versions add.
///
/// Its canonical JSON (RFC 8785) is the entry: those bytes are stored, digested, and are the leaf of the log's tree. The
/// document names its own format under `schema` and itself under `id`; if it is about a run, `run` holds that run's
/// identifier. So nothing that the store keeps beside the document is evidence by itself.
///
/// To add a kind: conform a type, list it in `LedgerKind.known`, publish its schema under `Templates/schemas`.
public protocol LedgerDocument: Codable, Sendable, Equatable {
  /// What the document's `schema` says, e.g. `vitrine.signature/1`.
  static var format: String { get }
  /// The document's format, `format` when it was written.
  var schema: String { get }
  /// UUID version 7 (RFC 9562), lower case; no other entry has it.
  var id: String { get }
  /// The identifier of the run that the document is about, its key `run`; nil if it is about none.
  var subject: String? { get }
  /// What the document says, in one line for a person.
  var summary: String { get }
  /// What is wrong with it, in words; empty if it may be stored.
  var problems: [String] { get }
}

extension LedgerDocument {
  /// The kind of entry, the middle of `format`: `vitrine.signature/1` → `signature`.
  public static var kind: String { LedgerKind.name(format: format) ?? format }

  /// Nothing is wrong.
  public var problems: [String] { [] }

  /// What is wrong with what every document must have.
  var envelopeProblems: [String] {
    var found: [String] = []
    if schema != Self.format { found.append("schema is '\(schema)', not '\(Self.format)'") }
    if !RunIdentifier.isValid(id) { found.append("id is not a UUID of version 7 in lower case") }
    return found
  }
}

/// The kinds of entries that this program knows.
public enum LedgerKind {
  /// Every type of document that a log may hold. An entry of another kind is kept and proved, but not read.
  static let known: [any LedgerDocument.Type] = [
    RunRecord.self, LogStart.self, MergeRecord.self, RunSignature.self, ReproductionRecord.self, SignOff.self,
    UnsignedWaiver.self, Waiver.self, TimestampRecord.self, TransferRecord.self, ChangeDecision.self,
    AttachmentRecord.self,
  ]

  /// The type of a kind of entry. A kind that changed its format has several, the oldest first.
  static func type(_ kind: String) -> (any LedgerDocument.Type)? { known.first { $0.kind == kind } }

  /// The type of a document by its own `schema`: that of this very format, otherwise of the kind.
  static func type(schema: String) -> (any LedgerDocument.Type)? {
    known.first { $0.format == schema } ?? name(format: schema).flatMap { type($0) }
  }

  /// Whether entries of a kind are signed by persons.
  static func isSigned(_ kind: String) -> Bool { known.contains { $0.kind == kind && $0 is any SignedDocument.Type } }

  /// `vitrine.signature/1` → `signature`; nil if the text has not this form.
  static func name(format: String) -> String? {
    let parts = format.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].hasPrefix("vitrine."), parts[0].count > 8, Int(parts[1]) != nil else { return nil }
    return String(parts[0].dropFirst(8))
  }
}

extension RunRecord: LedgerDocument {
  /// `vitrine.run/1`.
  public static var format: String { currentSchema }
  /// A run is about itself only.
  public var subject: String? { nil }
  /// Kind, behaviour, model version and status.
  public var summary: String { "\(behaviour ?? kind.rawValue) on model version \(modelVersion): \(status.rawValue)" }
  /// What `RecordCheck` finds.
  public var problems: [String] { RecordCheck.problems(of: self) }
}

/// The first entry of every log: who the log is. So the tree's root binds the log's name too.
public struct LogStart: LedgerDocument {
  /// `vitrine.log/1`.
  public static let format = "vitrine.log/1"

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// The log's name: `vitrine/` and a random UUID. It is the first line of each checkpoint and the name of its keys.
  public var origin: String
  /// When the log began: UTC, RFC 3339 with milliseconds.
  public var created: String
  /// What the log took over when it began, in words; nil for a new store.
  public var note: String?

  /// The start of a new log.
  public static func new(note: String? = nil) -> LogStart {
    LogStart(
      schema: format, id: RunIdentifier.next(), origin: "vitrine/\(UUID().uuidString.lowercased())",
      created: Timestamp.now(), note: note)
  }

  /// It is about no run.
  public var subject: String? { nil }
  /// The log's name and beginning.
  public var summary: String { "log \(origin) begins, \(created)" }
  /// The log's name and time must have their form.
  public var problems: [String] {
    (origin.hasPrefix("vitrine/") && !origin.contains { $0.isWhitespace || $0 == "+" } ? [] : ["origin '\(origin)'"])
      + (Timestamp.isValid(created) ? [] : ["created '\(created)' is no time"])
  }
}

/// What a merge brought into a store: an entry of the receiving store's own log, so that its checkpoints cover the others.
public struct MergeRecord: LedgerDocument {
  /// `vitrine.merge/1`.
  public static let format = "vitrine.merge/1"

  /// Entries of one log that were taken over.
  public struct Block: Codable, Sendable, Equatable {
    /// The log's name.
    public var origin: String
    /// The position of the first entry taken over.
    public var from: Int
    /// How many entries of the log the store has now.
    public var size: Int
    /// The root of the log's tree at that size, hex.
    public var rootSha256: String
  }

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// When the logs were merged: UTC, RFC 3339 with milliseconds.
  public var date: String
  /// What was taken over, in the order in which it was added, directly before this entry.
  public var logs: [Block]

  /// It is about no run.
  public var subject: String? { nil }
  /// How much came from where.
  public var summary: String {
    "merged " + logs.map { "\($0.size - $0.from) entries of \($0.origin)" }.joined(separator: ", ")
  }
  /// The time must have its form, and the blocks entries.
  public var problems: [String] {
    (Timestamp.isValid(date) ? [] : ["date '\(date)' is no time"])
      + logs.filter { $0.from < 0 || $0.from >= $0.size || !SHA256Digest.isHex($0.rootSha256) }
      .map { "the block of log \($0.origin) is none" }
  }
}
