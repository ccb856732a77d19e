import Analysis
import ArgumentParser
import Foundation

struct Measure: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the raw numbers of prompt pairs on a model; nothing is stored.",
    discussion: """
      CASES.json is a JSON array of cases: {"clean": text or [ids], "corrupted": text or [ids], "positive": [strings, ids or lists of ids], \
      "negative": [strings, ids or lists of ids], "circuits": [[[layer, head], …], …] (optional)}. Effects are counterfactual − clean, in \
      units of the decision value. A bad case prints {"error": …} in its place, and the command exits with 65 after the rest.
      """)

  @Argument(help: "A model folder in Hugging Face layout.") var model: String
  @Argument(help: "The cases, a JSON file.") var cases: String
  @Option(
    name: .customLong("ignore-tensors"), parsing: .singleValue,
    help: "A tensor in the files, or a pattern with *, that is rightly not computed with (may be given again).")
  var ignoredTensors: [String] = []
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let checkpoint = try Checkpoint(
      folder: URL(fileURLWithPath: model, isDirectory: true), ignoredTensors: ignoredTensors)
    guard FileManager.default.fileExists(atPath: cases) else {
      throw AnalysisError(.badCases, "\(cases): there is no such file; name a JSON file with an array of cases")
    }
    for remark in try ModelOutline(checkpoint).remarks {
      Console.err("vitrine: \(Format.harmless(RemarkText(remark).text))")
    }
    let line = ProgressLine("measure")
    defer { line.finish() }
    let report = try MeasureReport(
      checkpoint: checkpoint, casesFile: URL(fileURLWithPath: cases),
      progress: { line.update("cases", done: $0, total: $1) })
    line.finish()
    if output.json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      Console.out(try encoder.encode(report))
    } else {
      Console.out(MeasureText.table(report))
    }
    if report.hasFailures { throw ExitCode(ExitStatus.badInput.rawValue) }
  }
}

/// The short form for people.
enum MeasureText {
  static func table(_ report: MeasureReport) -> String {
    var lines = [
      "\(report.modelType), \(report.layers) layers of \(report.heads) heads. Effects are counterfactual − clean, in logits."
    ]
    for (number, entry) in report.cases.enumerated() {
      switch entry {
      case .failed(let message): lines.append("error: \(message)")
      case .measured(let m):
        lines.append("case \(number): m clean \(Format.logit(m.mClean)), counterfactual \(Format.logit(m.mCorrupted))")
        for (l, row) in m.noisingHead.enumerated() {
          let heads = row.enumerated().map { "L\(l)H\($0) \(Format.logit($1))" }.joined(separator: "  ")
          lines.append("  noising \(heads)  MLP\(l) \(Format.logit(m.noisingMLP[l]))")
        }
      }
    }
    return lines.joined(separator: "\n")
  }
}
