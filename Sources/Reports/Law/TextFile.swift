import Analysis
import Foundation

/// Reads a text file with the name a person knows it by in every error.
enum TextFile {
  /// The text, with line ends as `\n` and without a byte order mark.
  /// - Throws: `unreadable`, or `badValue` if the bytes are not UTF-8.
  static func read(_ url: URL, as name: String) throws -> String {
    try decode(try bytes(url, as: name), as: name)
  }

  /// The file's bytes.
  static func bytes(_ url: URL, as name: String, limit: Int = PlainFile.usualLimit) throws -> Data {
    do { return try PlainFile.read(url, as: name, limit: limit) } catch let problem as PlainFile.Problem {
      throw ReportsError(problem.exitStatus == .inputOutput ? .unreadable : .badValue, problem.description)
    }
  }

  /// Bytes as text.
  static func decode(_ bytes: Data, as name: String) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ReportsError(.badValue, "\(name): this is not UTF-8 text; save it as UTF-8.")
    }
    let unified = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    return unified.first == "\u{FEFF}" ? String(unified.dropFirst()) : unified
  }
}
