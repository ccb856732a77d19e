/// What the engine refuses, with the file, key or tensor named and the remedy.
public struct AnalysisError: ReportableError, Equatable {
  /// What went wrong; tests compare by this.
  public enum Code: String, Sendable {
    case modelNotFound, unreadable, badConfiguration, unsupportedArchitecture
    case badCheckpoint, missingTensor, wrongShape, wrongDataType
    case badTokenizer, vocabularyMismatch
    case emptyPrompt, promptTooLong, badPrompt, misaligned, badAnswer, badPlan
    case notFinite, interrupted, badCases, memoryTooSmall
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

  /// The whole message.
  public var description: String { message }

  /// What the command line returns for it.
  public var exitStatus: ExitStatus {
    switch code {
    case .unreadable: .inputOutput
    case .interrupted: .interrupted
    default: .badInput
    }
  }
}
