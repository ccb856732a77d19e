public import Analysis

/// What is wrong with a JSON text, or why a value cannot be written as one.
public struct JSONError: ReportableError, Equatable {
  /// What went wrong; tests compare by this.
  public enum Code: String, Sendable {
    /// The text does not follow RFC 8259.
    case syntax
    /// An object names a key twice.
    case duplicateKey
    /// Deeper nesting than the limit.
    case tooDeep
    /// A string is not Unicode: a lone surrogate or bytes that are not UTF-8.
    case notUnicode
    /// A number is not finite, or beyond what a double holds.
    case numberRange
    /// A value has not the type, range or form that the reader expects there, or a key is missing.
    case mismatch
  }

  /// What went wrong.
  public let code: Code
  /// Where in the text, in bytes from its start (nil when the error is about a value, not about a text).
  public let offset: Int?
  /// What is wrong, where, and what to do.
  public let message: String

  /// An error in a text.
  init(_ code: Code, at offset: Int, _ what: String) {
    self.code = code
    self.offset = offset
    message = "JSON, byte \(offset): \(what)"
  }

  /// An error about a value.
  /// - Parameter path: the keys and indices that lead to the value.
  init(_ code: Code, path: [any CodingKey], _ what: String) {
    self.code = code
    offset = nil
    message = "JSON, \(Self.describe(path)): \(what)"
  }

  /// The message.
  public var description: String { message }

  /// What the command line returns for it.
  public var exitStatus: ExitStatus { .badInput }

  /// `analysis.pairs[3].m_clean`, or `the whole document` for the root.
  private static func describe(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path {
      if let index = key.intValue {
        text += "[\(index)]"
      } else {
        text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    return text.isEmpty ? "the whole document" : text
  }
}
