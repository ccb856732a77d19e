import Evidence
import Foundation

/// A verification in words: what was checked, what was not, and the answer.
enum AuditText {
  static func text(_ report: AuditReport) -> String {
    var lines = [report.subject, "", "CHECKED"]
    for check in report.checks {
      let verdict = !check.problems.isEmpty ? "WRONG" : check.count == 0 ? "none" : "ok"
      lines.append(
        "  \(padded(verdict, 6)) \(padded(check.name, 17)) \(check.what)\(check.count == 1 ? "" : " (\(check.count))")")
      lines += check.notes.map { indent + $0 }
      lines += check.problems.map { "\(indent)WRONG: \($0.record.map { "\($0): " } ?? "")\($0.detail)" }
    }
    if !report.notChecked.isEmpty {
      lines += ["", "NOT CHECKED"]
      for omission in report.notChecked { lines += ["  \(omission.what)", "    \(omission.reason)"] }
    }
    lines += ["", verdict(report)]
    return lines.map(Format.harmless).joined(separator: "\n")
  }

  private static let indent = String(repeating: " ", count: 9)

  private static func padded(_ text: String, _ width: Int) -> String {
    text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
  }

  private static func verdict(_ report: AuditReport) -> String {
    let problems = report.checks.reduce(0) { $0 + $1.problems.count }
    if problems > 0 { return "NOT INTACT: \(problems) \(problems == 1 ? "problem" : "problems"), see WRONG above." }
    let identity =
      switch report.identity {
      case .established: " The identity of everybody who signed is established by what you gave."
      case .notEstablished: " The identity of those who signed is not established."
      case nil: ""
      }
    let log =
      switch report.logIdentity {
      case .established: " Every checkpoint is signed by the keys that you gave."
      case .notEstablished:
        " The keys that you gave are NOT those that signed the checkpoints: whose log it is is not established."
      case nil: ""
      }
    if !report.isProved {
      return "INCOMPLETE: the record agrees with itself, and nothing here proves where it comes from.\(identity)\(log)"
    }
    return report.notChecked.isEmpty
      ? "INTACT: nothing that was checked is wrong.\(identity)\(log)"
      : "INTACT as far as it was checked: nothing that was checked is wrong.\(identity)\(log) See above for what was not checked."
  }
}
