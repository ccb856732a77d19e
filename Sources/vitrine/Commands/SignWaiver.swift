import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What 'sign --waive' and 'sign --withdraw' take.
struct WaiverOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Waive findings of this gate; --about names them.", valueName: "gate")) var waive: String?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The keys of the findings that are waived, as --gates prints them.", valueName: "key"))
  var about: [String] = []
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Earlier waivers whose place this one takes.", valueName: "id"))
  var supersedes: [String] = []
  @Option(help: ArgumentHelp("Take this waiver back.", valueName: "id")) var withdraw: String?
  @Option(help: ArgumentHelp("Why it is waived or taken back.", valueName: "text")) var reason: String?

  /// Whether something is to be waived or taken back.
  var isGiven: Bool { waive != nil || withdraw != nil }

  func check(attaches: Bool) throws {
    guard waive == nil || withdraw == nil else { throw ValidationError("give one of --waive and --withdraw") }
    guard waive != nil || (about.isEmpty && supersedes.isEmpty) else {
      throw ValidationError("--about and --supersedes go with --waive")
    }
    guard isGiven || reason == nil else { throw ValidationError("--reason goes with --waive or --withdraw") }
    guard !isGiven || attaches || reason != nil else {
      throw ValidationError("--waive and --withdraw go with --reason, why")
    }
    if let reason, reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty: say why") }
    guard waive == nil || Gate(rawValue: waive ?? "") != nil else {
      throw ValidationError(
        "there is no gate '\(waive ?? "")'; those that can be waived are "
          + Gate.allCases.filter(\.isWaivable).map(\.rawValue).joined(separator: ", "))
    }
  }
}

/// Signs, prepares or takes back a waiver.
struct WaiverCommand {
  let desk: SignOffDesk
  let options: WaiverOptions
  let person: SignerOptions

  /// Whether what --attach is the signature of is a waiver and no manifest.
  static func isWaiver(_ manifest: String?, attach: String) -> Bool {
    guard let name = prepared(manifest, attach) else { return false }
    var status = stat()
    // A pipe would be waited for.
    guard stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let handle = FileHandle(forReadingAtPath: name)
    else { return false }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 1)) == Data("{".utf8)
  }

  private static func prepared(_ manifest: String?, _ attach: String) -> String? {
    manifest ?? (attach.hasSuffix(".p7s") ? String(attach.dropLast(4)) : nil)
  }

  func run(prepare: String?, attach: String?, manifest: String?) throws {
    if let attach { return try take(attach, manifest) }
    if let gate = options.waive.flatMap(Gate.init(rawValue:)) {
      try desk.mayBeWaived(gate)
      // What it is about comes before who signs it: the message lists the keys to copy.
      if options.about.isEmpty { throw ValidationError(desk.unnamed(gate)) }
    }
    if let prepare { return try write(try statement(certificate: nil), to: prepare) }
    switch try person.signer() {
    case .certificate(let certificate, let key):
      try record(Waiver(try statement(certificate: certificate), certificate: certificate, key: key))
    case .bare(let key): try record(Waiver(try statement(certificate: nil), ed25519: key))
    }
  }

  private func statement(certificate: Certificate?) throws -> Waiver.Statement {
    let (name, function) = try person.person(certificate, people: desk.project.people)
    try desk.waiverPerson(name)
    let reason = options.reason ?? ""
    if let id = options.withdraw {
      return try desk.withdrawal(of: id.lowercased(), reason: reason, name: name, function: function)
    }
    guard let gate = options.waive.flatMap(Gate.init(rawValue:)) else {
      throw ValidationError("say with --waive which gate")
    }
    return try desk.waiver(
      of: gate, about: options.about, supersedes: options.supersedes.map { $0.lowercased() }, reason: reason,
      name: name,
      function: function)
  }

  private func write(_ statement: Waiver.Statement, to path: String) throws {
    try statement.content().write(to: URL(fileURLWithPath: path), options: .atomic)
    Console.out("Wrote \(path): sign exactly these bytes (CMS, detached, binary, CAdES), e.g.")
    Console.out(
      "  openssl cms -sign -binary -cades -outform DER -in \(path) -signer CERTIFICATE.pem -inkey KEY.pem -out \(path).p7s"
    )
    Console.out("Then: vitrine sign --attach \(path).p7s")
  }

  private func take(_ path: String, _ manifest: String?) throws {
    guard let prepared = Self.prepared(manifest, path) else {
      throw ValidationError("say with --manifest what \(path) is the signature of: the file that --prepare wrote")
    }
    let content = try read(prepared, "the file that --prepare wrote")
    let statement: Waiver.Statement
    do { statement = try Waiver.Statement(content: content) } catch let error as EvidenceError {
      throw EvidenceError(error.code, "\(prepared): \(error.message). --prepare again")
    }
    if let waive = options.waive, waive != statement.gate {
      throw ValidationError("\(prepared) waives '\(statement.gate)', not '\(waive)'")
    }
    let cms = CMSSignature(der: try SignOffCommand.der(read(path, "the signature that openssl or your service made")))
    do { try record(Waiver(statement, cms: cms)) } catch let error as EvidenceError {
      throw EvidenceError(error.code, "\(path): \(error.message)")
    }
  }

  private func read(_ path: String, _ what: String) throws -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw ReportsError(.unreadable, "cannot read \(path), \(what): \(error.localizedDescription)")
    }
  }

  private func record(_ waiver: Waiver) throws {
    let entry = try desk.append(waiver)
    let statement = waiver.statement
    Console.out(
      statement.isWithdrawal
        ? "Withdrawn for model version \(statement.modelVersion): \(statement.supersedes.joined(separator: ", "))"
        : "Waived \(statement.gate) for model version \(statement.modelVersion)")
    Console.out("  by       \(statement.name), \(statement.function)")
    Console.out("           \(try waiver.verify().identity)")
    Console.out("  reason   \(statement.reason)")
    for key in statement.covers { Console.out("  covers   \(key)") }
    if !statement.isWithdrawal {
      for id in statement.supersedes { Console.out("  in place of \(id)") }
    }
    Console.out("  record \(entry.id), entry \(entry.position) of log \(entry.origin)")
    Console.out("Next: 'vitrine dossier build' prints it in the dossier; read that, then sign.")
  }
}

/// What the gates find, for print.
struct GateText {
  private let desk: SignOffDesk

  init(_ desk: SignOffDesk) { self.desk = desk }

  private struct Listed: Encodable {
    let gate: Gate
    let key: GateKey
    let detail: String
    let isWaivable: Bool
    let waivedBy: String?
  }

  /// Prints every finding.
  func print(json: Bool) throws {
    let findings =
      desk.gates.findings(folder: desk.project.dossierFolder(version: desk.gates.inputs.modelVersion))
      + desk.gates.findings(of: .reviewerIsPreparer) + desk.gates.findings(of: .approverIsPreparer)
    let listed = findings.map { finding in
      Listed(
        gate: finding.gate, key: finding.key, detail: finding.detail, isWaivable: finding.gate.isWaivable,
        waivedBy: desk.waivers.waiver(of: finding.gate, about: finding.key.text)?.id)
    }
    if json { return Console.out(try CanonicalJSON.encode(listed)) }
    for note in desk.gates.notes { Console.err(note) }
    if listed.isEmpty { Console.out("No gate finds anything now.") }
    for finding in listed {
      let state = finding.waivedBy.map { "waived by \($0)" } ?? (finding.isWaivable ? "" : "cannot be waived")
      Console.out("[\(finding.gate.rawValue)] --about '\(finding.key)'\(state.isEmpty ? "" : "  (\(state))")")
      Console.out("  \(finding.detail)")
    }
  }

  /// A refusal: what is new since the last one, what is as before, what is settled.
  static func refusal(_ refusals: [GateFinding], _ change: RefusalMemory.Change, all: Bool) -> String {
    let count = refusals.count
    let printed = all ? refusals : change.new
    var lines = ["vitrine: nothing was signed, for \(count == 1 ? "one reason" : "\(count) reasons"):"]
    for finding in printed { lines.append("  [\(finding.gate.rawValue)] \(finding.detail)") }
    if !all, !change.asBefore.isEmpty {
      let byGate = Gate.allCases.compactMap { gate -> String? in
        let number = change.asBefore.count { $0.gate == gate }
        return number == 0 ? nil : "[\(gate.rawValue)] \(number)"
      }
      lines.append("  \(change.asBefore.count) as before: \(byGate.joined(separator: ", ")) (--all shows them)")
    }
    for item in change.settled { lines.append("  settled since the last refusal: [\(item.gate.rawValue)] \(item.key)") }
    let waivable = Gate.allCases.filter { gate in gate.isWaivable && refusals.contains { $0.gate == gate } }
    if !waivable.isEmpty {
      lines.append(
        "A person of vitrine.yaml who holds a role may waive what is named of \(waivable.map(\.rawValue).joined(separator: ", ")), "
          + "each finding by its key: 'vitrine sign --waive GATE --about KEY… --reason TEXT --key K', which the dossier then prints. "
          + "'vitrine sign --gates' lists every key.")
      for finding in printed where finding.gate.isWaivable {
        lines.append("  \(finding.gate.rawValue) --about '\(finding.key)'")
      }
    }
    return lines.joined(separator: "\n")
  }
}
