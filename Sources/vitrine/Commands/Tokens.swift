import Analysis
import ArgumentParser
import Foundation

struct Tokens: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the token ids and pieces of texts, as the engine reads them; nothing is computed or stored.",
    discussion: """
      MODEL is a model's folder; tokenizer.json is enough, and the files beside it that say what its tokens are are read if they are there. TEXT is one or more \
      texts, or '-': a JSON array of texts or [text, text] pairs on standard input. Each text is shown twice: by itself, and with \
      the special tokens that the model's own tokenizer adds in transformers ('special_tokens: auto' in vitrine.yaml). A text that \
      cannot be read has an error in its place, and the command exits with 65 after the rest.
      """)

  @Argument(help: "A folder with the model's tokenizer.json.") var model: String
  @Argument(help: "Texts, or '-' for a JSON array on standard input.") var texts: [String]
  @OptionGroup var output: OutputOptions

  func run() throws {
    let tokenizer = try Tokenizer(folder: URL(fileURLWithPath: model, isDirectory: true))
    let report = try TokensReport(tokenizer, try inputs())
    if output.json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      Console.out(try encoder.encode(report.entries))
    } else {
      Console.out(report.entries.map(TokensText.lines).joined(separator: "\n"))
    }
    if report.hasFailures { throw ExitCode(ExitStatus.badInput.rawValue) }
  }

  private func inputs() throws -> [TokensReport.Input] {
    guard texts == ["-"] else { return texts.map { .text($0) } }
    let bytes = try FileHandle.standardInput.readToEnd() ?? Data()
    return try TokensReport.inputs(of: bytes)
  }
}

/// The short form for people: each token as its id and its piece.
enum TokensText {
  static func lines(_ entry: TokensReport.Entry) -> String {
    var lines = ["text    \(quoted(entry.text.texts.joined(separator: "\" and \"")))"]
    if let error = entry.error { return (lines + ["error   \(Format.harmless(error))"]).joined(separator: "\n") }
    if let ids = entry.ids, let pieces = entry.pieces { lines.append("tokens  \(row(ids, pieces))") }
    if let ids = entry.specialIDs, let pieces = entry.specialPieces, ids != entry.ids {
      lines.append("special \(row(ids, pieces))")
    }
    if let types = entry.typeIDs, types.contains(where: { $0 != 0 }) {
      lines.append("types   \(types.map(String.init).joined(separator: " "))")
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ ids: [Int], _ pieces: [String]) -> String {
    "\(ids.count): " + zip(ids, pieces).map { "\($0) \(quoted($1))" }.joined(separator: "  ")
  }

  /// Line ends and tabs are to be seen as what they are.
  private static func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\n": "\\n"
      case "\r": "\\r"
      case "\t": "\\t"
      default: String(scalar)
      }
    }.joined()
    return "\"\(Format.harmless(shown))\""
  }
}
