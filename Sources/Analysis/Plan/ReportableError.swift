/// How a command ends (numbers of BSD sysexits). Errors carry it, so that each says what it is where it is made.
public enum ExitStatus: Int32, Sendable {
  case done = 0
  /// The question was understood and the answer is no.
  case answerIsNo = 1
  case wrongUse = 64
  case badInput = 65
  case internalError = 70
  case inputOutput = 74
  case interrupted = 130
}

/// An error that a person can act on: what is wrong, where, and what to do, in one message.
public protocol ReportableError: Error, CustomStringConvertible, Sendable {
  /// What the command line returns for it.
  var exitStatus: ExitStatus { get }
}
