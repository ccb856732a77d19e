public import Analysis

/// What is wrong with a project's files: file, line or key, and the remedy in one message.
public struct ProjectError: ReportableError, Equatable {
  /// What went wrong; tests compare by this.
  public enum Code: String, Sendable {
    case notAProject, unreadable, badYAML, unknownKey, missingKey, wrongType, badValue, duplicate
    case dataNotFound, badData, emptyData, templateField, exists, unwritable
    /// A name given on the command line that the project does not have.
    case unknownName
    /// A name in the project file that is none of the known ones: a method, a column, a version, a role.
    case unknownValue
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

  /// What the command line returns for it.
  public var exitStatus: ExitStatus {
    switch code {
    case .unreadable, .unwritable: .inputOutput
    case .unknownName, .notAProject, .exists: .wrongUse
    default: .badInput
    }
  }
}
