import Evidence
import Foundation

/// What was appended about a run after it was stored, in words: signatures first, then the rest.
struct SaidAboutRun {
  let text: String
  /// Why signatures do not hold; empty if all do.
  let failures: [String]

  init(_ run: StoredRun, _ entries: [StoredEntry]) {
    var signatures: [String] = []
    var reproductions: [String] = []
    var others: [String] = []
    var failures: [String] = []
    for entry in entries {
      do {
        if entry.kind == ReproductionRecord.kind {
          reproductions += try Self.lines(try entry.decoded(as: ReproductionRecord.self), run)
          continue
        }
        guard entry.kind == RunSignature.kind else {
          others.append("\(entry.kind) \(entry.id): \(try entry.summary)")
          continue
        }
        signatures += try Self.lines(try entry.decoded(as: RunSignature.self), run)
      } catch {
        failures.append("\(error)")
        let lines = ["\(entry.kind) \(entry.id)", "  DOES NOT HOLD: \(error)"]
        if entry.kind == ReproductionRecord.kind { reproductions += lines } else { signatures += lines }
      }
    }
    if signatures.isEmpty { signatures = ["none ('vitrine runs sign \(run.record.id)' adds one)"] }
    if reproductions.isEmpty { reproductions = ["none ('vitrine runs reproduce \(run.record.id)' makes one)"] }
    func section(_ title: String, _ lines: [String]) -> String {
      lines.isEmpty ? "" : "\n\(title)\n" + lines.map { "  " + Format.harmless($0) }.joined(separator: "\n") + "\n"
    }
    text =
      (section("SIGNATURES ON THIS RUN", signatures) + section("REPRODUCTIONS OF THIS RUN", reproductions)
      + section("ALSO RECORDED ABOUT THIS RUN", others))
      .trimmingCharacters(in: .newlines)
    self.failures = failures
  }

  private static func lines(_ reproduction: ReproductionRecord, _ run: StoredRun) throws -> [String] {
    guard reproduction.recordSha256 == run.sha256, reproduction.problems.isEmpty else {
      throw EvidenceError(.damagedRun, "the reproduction \(reproduction.id) is of another record of this run")
    }
    let numbers = reproduction.comparison.map { comparison in
      let numbers = comparison.numbers
      return "  numbers           \(numbers.equal) with the same bits, \(numbers.within) within tolerance, "
        + "\(numbers.beyond) beyond it, \(numbers.unmatched) in one run only"
    }
    let last = reproduction.models.last
    return [
      "\(ReproductionText.verdict(reproduction.outcome))  \(reproduction.started)",
      "  with              \(reproduction.program.name) \(reproduction.program.version), "
        + "\(reproduction.machine.instructionSet), \(reproduction.machine.threads) threads",
      numbers ?? "  found instead     \(last.map { "\($0.rootSha256) as version \($0.version)" } ?? "nothing")",
      "  more              vitrine runs show \(reproduction.id)",
    ]
  }

  private static func lines(_ signature: RunSignature, _ run: StoredRun) throws -> [String] {
    let signer = try signature.verify()
    guard signature.statement.recordSha256 == run.sha256, signature.problems.isEmpty else {
      throw EvidenceError(
        .badSignature, "the signature of \(signature.statement.name) is on another record of this run")
    }
    let statement = signature.statement
    return [
      "\(statement.name), \(statement.function)", "  meaning           \(statement.meaning)",
      "  date              \(statement.date), by the signer's clock",
      "  signature         holds, over this record (\(signature.form.rawValue))",
      "  signer            \(signer.identity)",
    ]
  }
}
