public import Analysis

/// What the evidence store refuses, with the file or run named and the remedy.
public struct EvidenceError: ReportableError, Equatable {
  /// What went wrong; tests compare by this.
  public enum Code: String, Sendable {
    /// No run has this identifier.
    case unknownRun
    /// Several runs have this prefix or suffix; `candidates` lists them.
    case ambiguousRun
    /// Fewer characters than it takes to name a run.
    case identifierTooShort
    /// A filter that cannot be read.
    case badFilter
    /// A record that the store does not accept.
    case invalidRecord
    /// A record in a format that this program does not know.
    case unsupportedRecord
    /// A run with this identifier exists.
    case duplicateRun
    /// A stored record is not what was once digested.
    case damagedRun
    /// There is no file.
    case storeNotFound
    /// The file is something else.
    case notAStore
    /// The store was written by a newer program.
    case newerSchema
    /// The file is cut off or damaged, or its protections were taken off.
    case damagedStore
    /// The file, folder or medium does not let us write.
    case readOnly
    /// No space is left.
    case diskFull
    /// Another process holds the store for too long.
    case busy
    /// The store's file was removed, replaced or overwritten while it was in use.
    case storeMoved
    /// Any other trouble of the file system.
    case inputOutput
    /// A folder that cannot be identified as a model: links, special files, files that moved.
    case badModelFolder
    /// The cryptographic library refused.
    case cryptography
    /// A key or certificate that cannot be read or is of the wrong kind.
    case badKey
    /// A passphrase that does not open a key.
    case wrongPassphrase
    /// A file that is no checkpoint.
    case badCheckpoint
    /// A file that is no exported run.
    case badExport
    /// A signature that is none, or not of what it is said to be of.
    case badSignature
    /// Stores that cannot be merged: they contradict each other.
    case mergeConflict
  }

  /// What went wrong.
  public let code: Code
  /// What is wrong, where, and what to do.
  public let message: String
  /// Identifiers of the runs that an ambiguous prefix or suffix may mean; empty otherwise.
  public let candidates: [String]

  /// An error with its whole message.
  public init(_ code: Code, _ message: String, candidates: [String] = []) {
    self.code = code
    self.message = message
    self.candidates = candidates
  }

  /// The message.
  public var description: String { message }

  /// What the command line returns for it.
  public var exitStatus: ExitStatus {
    switch code {
    case .unknownRun, .ambiguousRun, .damagedRun, .badSignature, .mergeConflict: .answerIsNo
    case .identifierTooShort, .badFilter: .wrongUse
    case .unsupportedRecord, .storeNotFound, .notAStore, .newerSchema, .damagedStore, .badModelFolder, .badKey,
      .wrongPassphrase, .badCheckpoint, .badExport:
      .badInput
    case .readOnly, .diskFull, .busy, .storeMoved, .inputOutput: .inputOutput
    case .invalidRecord, .duplicateRun, .cryptography: .internalError
    }
  }
}
