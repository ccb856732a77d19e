import Evidence
import Foundation

/// A reproduction in words.
struct ReproductionText {
  private let record: ReproductionRecord
  private let comparison: ResultComparison?
  private let isStored: Bool

  /// - Parameter comparison: with all differences, if at hand; otherwise what the record lists of it.
  init(_ record: ReproductionRecord, comparison: ResultComparison? = nil, isStored: Bool = true) {
    self.record = record
    self.comparison = comparison ?? record.comparison
    self.isStored = isStored
  }

  /// How many differences and changes are printed.
  private static let shown = 20

  /// The outcome as printed beside a run.
  static func verdict(_ outcome: ReproductionRecord.Outcome) -> String {
    switch outcome {
    case .byteEqual: "BYTE-EQUAL"
    case .withinTolerance: "WITHIN TOLERANCE"
    case .different: "DIFFERENT"
    case .anotherModel: "ANOTHER MODEL"
    }
  }

  var text: String {
    (head + models + numbers + differences + changes + circumstances).joined(separator: "\n")
  }

  private var head: [String] {
    [
      "\(Self.verdict(record.outcome)): \(meaning)", "",
      "  run               \(record.run)", "  its record        SHA-256 \(record.recordSha256)",
      "  reproduction      \(isStored ? record.id : "not stored (--no-record)")",
      "  \(isExecuted ? "executed" : "searched")          \(record.started) to \(record.ended)",
      "  with              \(record.program.name) \(record.program.version), \(record.machine.instructionSet), "
        + "\(record.machine.threads) threads",
    ] + (isExecuted ? ["  tolerance         \(record.tolerance.rule)"] : [])
  }

  private var isExecuted: Bool { record.outcome != .anotherModel }

  private var meaning: String {
    guard let comparison else {
      return "no folder holds the model of this run. Nothing was executed, and nothing is said about its numbers."
    }
    switch record.outcome {
    case .byteEqual:
      return "all \(comparison.numbers.equal) numbers and \(comparison.textsEqual) texts came out with the same bytes."
    case .withinTolerance:
      return "every number that was recorded came out again within the tolerance."
    case .different, .anotherModel:
      return "not all that was recorded came out again within the tolerance."
    }
  }

  private var models: [String] {
    var lines = ["", "MODEL", "  the run's         \(record.modelSha256)"]
    for model in record.models {
      let isIt = model.rootSha256 == record.modelSha256
      lines.append(
        "  version \(model.version)".padding(toLength: 20, withPad: " ", startingAt: 0)
          + "\(model.rootSha256)  \(isIt ? "the same: this was executed" : "another model")")
    }
    if record.outcome == .anotherModel {
      lines.append("  Put the model with the run's digest into the project, or name its folder with --model-folder.")
    }
    return lines
  }

  private var numbers: [String] {
    guard let comparison else { return [] }
    let numbers = comparison.numbers
    return [
      "", "NUMBERS", "  same bits         \(numbers.equal)", "  within tolerance  \(numbers.within)",
      "  beyond it         \(numbers.beyond)", "  in one run only   \(numbers.unmatched)",
      "  result, recorded  SHA-256 \(comparison.recordedSha256)",
      "  result, now       SHA-256 \(comparison.reproducedSha256)",
    ]
  }

  private var differences: [String] {
    guard let comparison, !comparison.differences.isEmpty else { return [] }
    let rows = comparison.differences.prefix(Self.shown).map { difference in
      [
        difference.isWithin ? "within" : "BEYOND", difference.path, "\(difference.recorded)",
        "\(difference.reproduced)", Self.short(difference.difference), Self.short(difference.allowed),
      ]
    }
    let table = Format.table([["verdict", "number", "recorded", "now", "difference", "allowed"]] + rows)
    let total = comparison.numbers.within + comparison.numbers.beyond
    return ["", "LARGEST DIFFERENCES, measured by what is allowed (\(rows.count) of \(total); --json lists all)"]
      + table.split(separator: "\n").map { "  \($0)" }
  }

  private var changes: [String] {
    guard let comparison, !comparison.changes.isEmpty else { return [] }
    var lines = ["", "OTHER CHANGES"]
    for change in comparison.changes.prefix(Self.shown) {
      lines.append("  \(change.kind.rawValue): \(change.path)")
      if let recorded = change.recorded { lines.append("    recorded  \(recorded)") }
      if let now = change.reproduced { lines.append("    now       \(now)") }
    }
    if comparison.changes.count > Self.shown {
      lines.append("  … and \(comparison.changes.count - Self.shown) more; --json lists all")
    }
    return lines
  }

  private var circumstances: [String] {
    guard !record.circumstances.isEmpty else { return [] }
    let rows = record.circumstances.map { [$0.what, $0.recorded, $0.now] }
    return ["", "CIRCUMSTANCES, which may rightly be others than then"]
      + Format.table([["what", "recorded", "now"]] + rows).split(separator: "\n").map { "  \($0)" }
  }

  private static func short(_ value: Double) -> String { String(format: "%+.2e", value) }
}
