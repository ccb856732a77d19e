public import Evidence

/// What a verification found, of a store, a run or a bundle: the answer, what is wrong, what was not checked, each check.
public struct VerificationDocument {
  private struct Step {
    let name: String
    let what: String
    let state: BundleReport.State
    let number: String
    let problems: [String]
    var lacks: [(what: String, reason: String)] = []
    let notes: [String]
  }

  private let text: InterfaceText
  private let subject: String
  private let steps: [Step]
  private let notChecked: [(what: String, reason: String)]
  private let answer: [String?]
  /// What is said of persons: a heading and its items.
  private var persons: [(id: String, heading: String, items: [[Inline]])] = []

  /// The document of a store's, a run's or an export's verification.
  /// - Throws: `ReportsError` if the program's own words are damaged.
  public init(_ report: AuditReport) throws {
    text = try .english()
    subject = report.subject
    steps = report.checks.map { check in
      Step(
        name: check.name, what: check.what,
        state: !check.problems.isEmpty ? .wrong : check.count == 0 ? .none : .ok, number: String(check.count),
        problems: check.problems.map { problem in (problem.record.map { "\($0): " } ?? "") + problem.detail },
        notes: check.notes)
    }
    notChecked = report.notChecked.map { ($0.what, $0.reason) }
    let verdict =
      !report.isProved
      ? text.words("terminal.record-alone")
      : report.notChecked.isEmpty ? text.words("terminal.intact") : text.words("terminal.intact-so-far")
    answer = [verdict, text.signers(report.identity), text.log(report.logIdentity)]
  }

  /// The document of a bundle's verification.
  /// - Throws: `ReportsError` if the program's own words are damaged.
  public init(_ report: BundleReport) throws {
    let text = try InterfaceText.english()
    self.text = text
    let title = report.title.map { "\($0), \(report.modelVersion ?? "–")" }
    subject = [report.bundle, "SHA-256 \(report.sha256)", title].compactMap { $0 }.joined(separator: "; ")
    steps = report.checks.map { check in
      Step(
        name: check.name, what: check.what, state: check.state,
        number: check.count == check.of ? String(check.count) : "\(check.count)/\(check.of)",
        problems: check.problems.map { "[\($0.code.rawValue)] \($0)" },
        lacks: check.notChecked.map { ($0.what, $0.reason) }, notes: check.notes)
    }
    notChecked = report.notChecked.map { ($0.what, $0.reason) }
    let lacking = report.checks.filter { $0.state == .notChecked }.map(\.name).joined(separator: ", ")
    answer = [
      report.isIntact ? text.words("terminal.intact") : text.words("terminal.incomplete", ["checks": .text(lacking)]),
      text.signers(report.identity ?? .notEstablished),
      // Without keys of the reader's own nothing is said of the log.
      report.logIdentity == .established ? text.log(.established) : nil,
    ]
    let nobody = report.signers.isEmpty ? [] : report.rolesNotSigned
    persons = [
      (
        "signed-by", text.words("terminal.signed-by"),
        report.signers.map(text.signer)
          + (nobody.isEmpty
            ? [] : [text.inlines("terminal.nobody-as", ["roles": .text(nobody.joined(separator: ", "))])])
          + report.timestamps.map(text.stamp)
      ),
      ("waived", text.words("terminal.waived"), report.waivers.map(text.waiver)),
      (
        "withheld", text.words("terminal.withheld"),
        report.withheld.map { file in
          text.inlines("terminal.withheld-file", ["file": .text(file.file), "digest": .text(file.sha256)])
        }
      ),
    ]
  }

  /// The whole document.
  public var document: Document {
    let wrong = steps.flatMap { step in
      step.problems.map { text.inlines("terminal.wrong-entry", ["check": .text(step.name), "problem": .text($0)]) }
    }
    let lacks = steps.flatMap { step in step.lacks.map { (what: "\(step.name): \($0.what)", reason: $0.reason) } }
    let lists =
      [
        (id: "wrong", heading: text.words("terminal.wrong"), items: wrong),
        ("not-checked", text.words("terminal.not-checked"), (lacks + notChecked).map { [.text("\($0): \($1)")] }),
      ] + persons
    var sections = lists.map { id, heading, items in
      Section(id: id, heading: heading, blocks: items.isEmpty ? [] : [.list(items)])
    }
    sections.insert(checks, at: 2)
    return Document(
      title: wrong.isEmpty
        ? answer.compactMap { $0 }.joined(separator: " ")
        : text.words("terminal.not-intact", ["n": .count(wrong.count)]),
      subtitle: subject, sections: sections.filter { !$0.blocks.isEmpty })
  }

  /// Each check, the worst first, and what a reader should know of what is in order.
  private var checks: Section {
    let words: [(BundleReport.State, String)] = [
      (.wrong, text.words("terminal.state-wrong")), (.notChecked, text.words("terminal.state-not-checked")),
      (.ok, text.words("terminal.state-ok")), (.none, text.words("terminal.state-none")),
    ]
    let rows = words.flatMap { state, word in
      steps.filter { $0.state == state }.map { [word, $0.name, $0.what, $0.number] }
    }
    let notes = steps.flatMap { step in step.notes.map { [Inline.text("\(step.name): \($0)")] } }
    return Section(
      id: "checks", heading: text.words("terminal.checks"),
      blocks: [.table(.plain("", text.columns("terminal.checks-columns"), numbers: 1, rows))]
        + (notes.isEmpty ? [] : [.list(notes)]))
  }
}

extension InterfaceText {
  /// Whether those who signed are who they say; nil where nobody has signed.
  fileprivate func signers(_ identity: IdentityAnswer?) -> String? {
    identity.map {
      $0 == .established ? words("terminal.signers-established") : words("terminal.signers-not-established")
    }
  }

  /// Whether the checkpoints are of the keys that were given; nil where none was.
  fileprivate func log(_ identity: IdentityAnswer?) -> String? {
    identity.map { $0 == .established ? words("terminal.log-established") : words("terminal.log-not-established") }
  }

  fileprivate func signer(_ signer: BundleReport.Signer) -> [Inline] {
    inlines(
      "terminal.signed",
      [
        "role": .text(signer.role), "name": .text(signer.name), "function": .text(signer.function),
        "date": .text(signer.date), "subject": .text(signer.subject), "issuer": .text(signer.issuer),
        "self": .count(signer.isSelfSigned ? 1 : 0), "digest": .text(signer.fingerprint),
        "identity": .text(identity(signer.identity, signer.vouchedBy, signer.doubt)),
      ])
  }

  fileprivate func stamp(_ stamp: BundleReport.Stamp) -> [Inline] {
    inlines(
      "terminal.stamped",
      [
        "time": .text(stamp.time), "authority": .text(stamp.authority), "file": .text(stamp.imprintOf),
        "covers": .text(stamp.covers.joined(separator: ", ")),
        "identity": .text(identity(stamp.identity, stamp.vouchedBy, nil)),
      ])
  }

  fileprivate func waiver(_ waiver: BundleReport.WaiverNote) -> [Inline] {
    inlines(
      "terminal.waiver",
      [
        "gate": .text(waiver.gate), "name": .text(waiver.name), "function": .text(waiver.function),
        "day": .text(day(waiver.date)), "reason": .text(waiver.reason),
        "covers": .text(waiver.covers.joined(separator: "; ")), "signed": .count(waiver.isSigned == true ? 1 : 0),
        "state": .text(waiver.state ?? "–"),
      ])
  }

  private func identity(_ identity: IdentityAnswer, _ voucher: String?, _ doubt: String?) -> String {
    identity == .established
      ? words("terminal.identity-by", ["voucher": .text(voucher ?? words("terminal.what-you-gave"))])
      : words("terminal.identity-open", ["doubt": .text(doubt.map { ": \($0)" } ?? "")])
  }
}
