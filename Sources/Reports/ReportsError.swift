public import Analysis

/// What is wrong with the law catalogue, the provider's statements, a template or an output file: the file, line or key,
/// and the remedy, in one message.
public struct ReportsError: ReportableError, Equatable {
  /// What went wrong; tests compare by this.
  public enum Code: String, Sendable {
    /// A file cannot be read.
    case unreadable
    /// A file cannot be written.
    case unwritable
    /// A file is not YAML, or not the YAML that is expected there.
    case badYAML
    /// A key that the format does not have.
    case unknownKey
    /// A key that the format needs.
    case missingKey
    /// A value of the wrong kind.
    case wrongType
    /// A value outside what the key allows.
    case badValue
    /// The same thing said twice.
    case duplicate
    /// A quotation of the law differs from its digest, or a part of it is not in it.
    case badQuotation
    /// An item that Annex IV does not have.
    case unknownItem
    /// An element that the item does not have.
    case unknownElement
    /// A passage of the law that the catalogue does not have.
    case unknownPassage
    /// A statement file without front matter, or with text that belongs to no element.
    case badStatement
    /// A template that is missing, or that names something the document does not have.
    case badTemplate
    /// A text that could not be turned into its output form.
    case notRendered
    /// Words of a template that claim more than evidence can.
    case forbiddenClaim
    /// A model version that the project does not have.
    case unknownVersion
    /// A file that is no dossier this program reads.
    case badDossier
    /// A worksheet that is not filled in, or is not of this comparison.
    case badWorksheet
    /// A bundle whose seal does not hold.
    case unverified
  }

  /// What went wrong.
  public let code: Code
  /// What is wrong, where, and what to do.
  public let message: String

  /// An error with its whole message.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }

  /// Bad input, except for files that cannot be read or written, unknown versions and our own faults.
  public var exitStatus: ExitStatus {
    switch code {
    case .unreadable, .unwritable: .inputOutput
    case .unknownVersion, .unknownPassage, .unverified: .answerIsNo
    case .notRendered: .internalError
    default: .badInput
    }
  }
}
