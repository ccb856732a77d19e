import Evidence
import Foundation

/// What was appended about a run after it was stored, in words: signatures first, then the rest.
struct SaidAboutRun {
  let text: String
  /// Why signatures do not hold; empty if all do.
  let failures: [String]

  init(_ run: StoredRun, _ entries: [StoredEntry]) {
    var signatures: [String] = []
    var others: [String] = []
    var failures: [String] = []
    for entry in entries {
      do {
        guard entry.kind == RunSignature.kind else {
          others.append("\(entry.kind) \(entry.id): \(try entry.summary)")
          continue
        }
        signatures += try Self.lines(try entry.decoded(as: RunSignature.self), run)
      } catch {
        failures.append("\(error)")
        signatures += ["\(entry.kind) \(entry.id)", "  DOES NOT HOLD: \(error)"]
      }
    }
    if signatures.isEmpty { signatures = ["none ('vitrine runs sign \(run.record.id)' adds one)"] }
    func section(_ title: String, _ lines: [String]) -> String {
      lines.isEmpty ? "" : "\n\(title)\n" + lines.map { "  " + $0 }.joined(separator: "\n") + "\n"
    }
    text =
      (section("SIGNATURES ON THIS RUN", signatures) + section("ALSO RECORDED ABOUT THIS RUN", others))
      .trimmingCharacters(in: .newlines)
    self.failures = failures
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
