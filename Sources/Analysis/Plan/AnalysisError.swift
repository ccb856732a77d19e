/// What the engine refuses, with the file, key or tensor named and the remedy.
public struct AnalysisError: ReportableError, Equatable {
  /// What went wrong; tests compare by this.
  public enum Code: String, Sendable {
    case modelNotFound, unreadable, fileNotFound, changedWhileRead, fileTooLarge, badConfiguration,
      unsupportedArchitecture
    case badCheckpoint, missingTensor, wrongShape, wrongDataType, unusedTensors
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

  /// Why a file was not read.
  init(_ failure: RegularFile.Failure) {
    switch failure.code {
    case .notFound: code = .fileNotFound
    case .changed: code = .changedWhileRead
    case .tooLarge: code = .fileTooLarge
    case .notRegular, .unreadable: code = .unreadable
    }
    message = failure.message
  }

  /// The whole message.
  public var description: String { message }

  /// What the command line returns for it.
  public var exitStatus: ExitStatus {
    switch code {
    case .unreadable, .fileNotFound, .changedWhileRead: .inputOutput
    case .interrupted: .interrupted
    default: .badInput
    }
  }
}
