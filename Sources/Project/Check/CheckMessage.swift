/// One thing that `vitrine check` has to say about a project.
public struct CheckMessage: Codable, Sendable, Equatable, CustomStringConvertible {
  /// How much it matters.
  public enum Severity: String, Codable, Sendable {
    /// Something that is there is wrong: no analysis is possible until it is mended.
    case error
    /// Something is not there yet: no analysis is possible until it is.
    case todo
    /// An analysis is possible, but the documentation will lack something.
    case gap
    /// In order.
    case ok
  }

  /// How much it matters.
  public var severity: Severity
  /// The part of the project it is about: a key of the project file, e.g. `models`.
  public var topic: String
  /// What is found, in one sentence without a full stop.
  public var text: String
  /// The next step, with the key to edit or the command to run; nil if there is nothing to do.
  public var remedy: String?

  /// A message from its parts.
  public init(_ severity: Severity, _ topic: String, _ text: String, remedy: String? = nil) {
    self.severity = severity
    self.topic = topic
    self.text = text
    self.remedy = remedy
  }

  /// What is found and what to do, in one line.
  public var description: String {
    "\(topic): \(text)" + (remedy.map { "; \($0)" } ?? "")
  }
}
