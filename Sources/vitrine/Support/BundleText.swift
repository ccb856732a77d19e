import Evidence
import Foundation
import Reports

/// The verification of a bundle in words: what was checked, what was not, who signed, and the two answers.
enum BundleText {
  static func text(_ report: BundleReport) -> String {
    var lines = [report.bundle, "SHA-256 \(report.sha256)"]
    if let title = report.title { lines.append("\(title), model version \(report.modelVersion ?? "not named")") }
    lines += ["", "CHECKS"]
    for check in report.checks {
      let number = check.count == check.of ? "\(check.count)" : "\(check.count) of \(check.of)"
      lines.append("  \(padded(word(check.state), 11)) \(padded(check.name, 11)) \(check.what) (\(number))")
      lines += check.notChecked.map { "\(indent)not checked: \($0.what): \($0.reason)" }
      lines += check.notes.map { indent + $0 }
      lines += check.problems.map { "\(indent)WRONG [\($0.code.rawValue)] \($0)" }
    }
    lines +=
      signers(report)
      + list(
        "WAIVED",
        report.waivers.map { waiver in
          "[\(waiver.gate)] by \(waiver.name), \(waiver.function), \(waiver.date.prefix(10)): \(waiver.reason) "
            + "(covers: \(waiver.covers.joined(separator: "; ")); "
            + (waiver.isSigned == true
              ? "signed, \(waiver.state ?? "not judged")" : "SIGNED BY NOBODY: it opens no gate") + ")"
        })
    lines += list("WITHHELD: exists, is not here, was not checked", report.withheld.map { "\($0.sha256)  \($0.file)" })
    if !report.notChecked.isEmpty {
      lines += ["", "NOT CHECKED"]
      for omission in report.notChecked { lines += ["  \(omission.what)", "    \(omission.reason)"] }
    }
    return (lines.map(Format.harmless) + ["", verdict(report)]).joined(separator: "\n")
  }

  private static func signers(_ report: BundleReport) -> [String] {
    var lines: [String] = []
    if !report.signers.isEmpty { lines += ["", "SIGNED BY"] }
    for signer in report.signers {
      lines.append("  \(padded(signer.role, 9)) \(signer.name), \(signer.function), \(signer.date) (signer's clock)")
      let kind = signer.isSelfSigned ? "self-signed certificate" : "certificate of '\(signer.issuer)'"
      lines.append("            \(kind) '\(signer.subject)', SHA-256 \(signer.fingerprint)")
      lines.append("            identity \(identity(signer.identity, signer.vouchedBy, signer.doubt))")
    }
    if !report.rolesNotSigned.isEmpty, !report.signers.isEmpty {
      lines.append("  nobody as \(report.rolesNotSigned.joined(separator: ", "))")
    }
    for stamp in report.timestamps {
      lines.append("  time-stamp \(stamp.time) by '\(stamp.authority)', over \(stamp.imprintOf)")
      lines.append("            covers \(stamp.covers.joined(separator: ", "))")
      lines.append("            identity \(identity(stamp.identity, stamp.vouchedBy))")
    }
    return lines
  }

  private static func identity(_ identity: BundleReport.Identity, _ voucher: String?, _ doubt: String? = nil) -> String
  {
    identity == .established
      ? "established by \(voucher ?? "what you gave")" : "not established" + (doubt.map { ": \($0)" } ?? "")
  }

  private static func list(_ heading: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["", heading] + lines.map { "  " + $0 }
  }

  private static func verdict(_ report: BundleReport) -> String {
    guard report.isUnharmed else {
      let count = report.problems.count
      return "NOT INTACT: \(count) \(count == 1 ? "problem" : "problems"), see WRONG above."
    }
    let identity =
      switch report.identity {
      case .established: "the identity of every signer is established by what you gave."
      default: "identity of the signer not established."
      }
    let rest = report.notChecked.isEmpty ? "" : " See above for what was not checked."
    guard report.isIntact else {
      let names = report.checks.filter { $0.state == .notChecked }.map(\.name).joined(separator: ", ")
      return
        "INCOMPLETE: nothing that was checked is wrong, but \(names) could not be checked whole; \(identity)\(rest)"
    }
    return "INTACT: nothing that was checked is wrong; \(identity)\(rest)"
  }

  private static func word(_ state: BundleReport.State) -> String {
    switch state {
    case .ok: "ok"
    case .wrong: "WRONG"
    case .notChecked: "not checked"
    case .none: "none"
    }
  }

  private static let indent = String(repeating: " ", count: 14)

  private static func padded(_ text: String, _ width: Int) -> String {
    text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
  }
}
