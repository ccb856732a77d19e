/// Something that is wrong with a stored entry, or with the store itself.
public struct StoreProblem: Codable, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong; tests compare by this.
  public enum Code: String, Codable, Sendable, CaseIterable {
    /// The digest of the document is not the one in the row.
    case digest
    /// The document is not canonical JSON (RFC 8785).
    case notCanonical = "not-canonical"
    /// The document is not of its kind, or holds what a document of its kind does not.
    case notARecord = "not-a-record"
    /// A column or row of an index differs from the document.
    case indexColumn = "index-column"
    /// The entry does not stand where its number says: one before it is gone, or numbers were changed.
    case sequence
    /// A hash of the tree is missing, or not that of the documents.
    case tree
    /// A log is missing, or its first entry names another one.
    case log
    /// The log is not what a checkpoint says it was: it was cut off, or an entry was changed, removed or moved.
    case checkpoint
    /// A person's signature does not hold.
    case signature
    /// What a merge brought is not what its entry says.
    case merge
    /// An entry is dated in the future, before what it follows, or before there was such a program.
    case date
    /// A model folder holds other weights than the runs say.
    case model
    /// The copy of an attached file is missing, or has other bytes than the record says.
    case attachment
    /// A table, index or trigger is missing, altered or added.
    case protections
    /// SQLite finds the file damaged.
    case file
  }

  /// What is wrong.
  public var code: Code
  /// The index column, if it is about one.
  public var column: String?
  /// What is wrong, in words.
  public var detail: String

  /// `detail`.
  public var description: String { detail }

  init(_ code: Code, column: String? = nil, _ detail: String) {
    self.code = code
    self.column = column
    self.detail = detail
  }
}

/// What the check of a whole store found.
public struct StoreVerification: Sendable, Equatable {
  /// What was found about one entry.
  public struct Entry: Sendable, Equatable {
    /// What it is.
    public var kind: String
    /// Its identifier, as far as the row gives one.
    public var id: String
    /// The run that it is about, if any.
    public var subject: String?
    /// What is wrong; empty if it is intact.
    public var problems: [StoreProblem]
  }

  /// A person's signature on a run, which holds.
  public struct Signature: Sendable, Equatable {
    /// The run.
    public var run: String
    /// Name, function, meaning and date.
    public var statement: String
    /// What the signature establishes about the person, in words.
    public var identity: String
  }

  /// A checkpoint that the store's log agrees with.
  public struct Checkpoint: Sendable, Equatable {
    /// The log's name.
    public var origin: String
    /// How many entries it covers.
    public var size: Int
    /// The verifier key that signed it.
    public var key: String
  }

  /// Every entry, in order.
  public var entries: [Entry]
  /// What is wrong with the store itself.
  public var problems: [StoreProblem]
  /// Signatures of persons that hold: on runs, dossiers, decisions.
  public var persons: [PersonSignature]
  /// Checkpoints that hold.
  public var checkpoints: [Checkpoint]
  /// The logs with the roots of their trees, made anew from the documents.
  public var logs: [LedgerLog]

  /// Signatures on runs that hold.
  public var signatures: [Signature] {
    persons.compactMap { person in
      person.run.map { Signature(run: $0, statement: person.summary, identity: person.signer.identity) }
    }
  }
  /// The entries that are runs.
  public var runs: [Entry] { entries.filter { $0.kind == RunRecord.kind } }
  /// Whether nothing is wrong.
  public var isIntact: Bool { problems.isEmpty && entries.allSatisfy(\.problems.isEmpty) }
}
