public import Evidence
import Foundation
import Project

extension SignOffDesk {
  /// A waiver that is to be signed, about findings that are named one by one.
  /// - Parameters:
  ///   - keys: the keys of the findings.
  ///   - supersedes: the waivers that it takes the place of.
  /// - Throws: `ReportsError` `badValue` if the gate cannot be waived, a key is none of its findings now, one is waived already, or the
  ///   person may not waive it.
  public func waiver(
    of gate: Gate, about keys: [String], supersedes: [String] = [], reason: String, name: String, function: String
  ) throws -> Waiver.Statement {
    try mayBeWaived(gate)
    try replaceable(supersedes, gate)
    let findings = gates.findings(of: gate)
    guard !findings.isEmpty else {
      throw ReportsError(.badValue, "'\(gate.rawValue)' finds nothing now, so there is nothing to waive")
    }
    let known = findings.map(\.key.text)
    let list = Self.list(findings)
    guard !keys.isEmpty else { throw ReportsError(.badValue, unnamed(gate)) }
    if let stray = keys.first(where: { !known.contains($0) }) {
      throw ReportsError(
        .badValue, "'\(gate.rawValue)' finds nothing now about '\(stray)'. What it finds, to copy:" + list)
    }
    if let twice = keys.first(where: { key in keys.count { $0 == key } > 1 }) {
      throw ReportsError(.badValue, "--about names '\(twice)' twice")
    }
    for key in keys {
      if let present = waivers.waiver(of: gate, about: key), !supersedes.contains(present.id) {
        throw ReportsError(
          .badValue,
          "'\(key)' is waived already by \(present.id) (\(present.name)); --supersedes \(present.id) takes its place")
      }
    }
    if gate.isAboutOnePerson, let own = keys.first(where: { PersonName.isSame($0, name) }) {
      throw ReportsError(
        .badValue,
        "\(own) cannot waive '\(gate.rawValue)' for themselves: another person of vitrine.yaml with a role must")
    }
    return Waiver.Statement(
      system: project.system.name, modelVersion: gates.inputs.modelVersion, gate: gate.rawValue, covers: keys,
      supersedes: supersedes, reason: reason, name: name, function: function)
  }

  /// Refuses a gate that no waiver opens.
  /// - Throws: `ReportsError` `badValue`.
  public func mayBeWaived(_ gate: Gate) throws {
    guard !gate.isWaivable else { return }
    throw ReportsError(
      .badValue,
      "'\(gate.rawValue)' cannot be waived: it asks \(try InterfaceText.english().meaning(gate)), and nothing is signed until it finds "
        + "nothing")
  }

  /// What to say of a waiver that names no finding.
  public func unnamed(_ gate: Gate) -> String {
    let findings = gates.findings(of: gate)
    guard !findings.isEmpty else { return "'\(gate.rawValue)' finds nothing now, so there is nothing to waive" }
    return
      "a waiver is about findings that it names: give --about with each key that the reason holds for. '\(gate.rawValue)' finds "
      + "now:" + Self.list(findings)
  }

  private static func list(_ findings: [GateFinding]) -> String {
    "\n" + findings.map { "  --about '\($0.key)'" }.joined(separator: "\n")
  }

  /// A statement that takes a waiver back.
  /// - Throws: `ReportsError` `badValue` if there is no such waiver in force.
  public func withdrawal(of id: String, reason: String, name: String, function: String) throws -> Waiver.Statement {
    let entry = waivers.entries.first { $0.waiver.id == id }
    guard let entry, entry.state == .inForce, let gate = Gate(rawValue: entry.waiver.gate) else {
      throw ReportsError(.badValue, inForceMessage(id))
    }
    return Waiver.Statement(
      system: project.system.name, modelVersion: gates.inputs.modelVersion, gate: gate.rawValue, covers: [],
      supersedes: [id], reason: reason, name: name, function: function)
  }

  /// Who may sign a waiver: a person of the project who holds a role.
  /// - Throws: `ReportsError` `badValue`.
  public func waiverPerson(_ name: String) throws {
    let person = project.people.first { $0.name == name }
    guard let person, !person.roles.isEmpty else {
      let holders = project.people.filter { !$0.roles.isEmpty }.map(\.name)
      throw ReportsError(
        .badValue,
        "\(name) holds no role: a waiver is signed by a person of vitrine.yaml who does ("
          + "\(holders.isEmpty ? "there is none; 'people' lists them" : holders.joined(separator: ", ")))")
    }
  }

  /// Takes a signed waiver into the store. The dossier must be built anew to print it.
  /// - Throws: `ReportsError` `badValue` if it is not one that could be signed now; `EvidenceError`.
  public func append(_ waiver: Waiver) throws -> StoredEntry {
    let statement = waiver.statement
    guard let gate = Gate(rawValue: statement.gate), statement.system == project.system.name,
      statement.modelVersion == gates.inputs.modelVersion
    else {
      throw ReportsError(
        .badValue,
        "the waiver is about '\(statement.gate)' of '\(statement.system)' \(statement.modelVersion), not about this project's model "
          + "version \(gates.inputs.modelVersion): prepare it again")
    }
    try waiverPerson(statement.name)
    try notAnother(waiver)
    var expected = try self.expected(statement, gate)
    let now = expected.date
    expected.date = statement.date
    guard expected == statement else {
      throw ReportsError(.badValue, "the waiver is not what would be signed now: prepare it again")
    }
    try dates(statement, now: now)
    guard !(try storedWaivers().contains { $0.statement == statement }) else {
      throw ReportsError(.badValue, "this waiver is in the log already")
    }
    return try append(document: waiver)
  }

  /// What would be signed now, said the same way.
  private func expected(_ statement: Waiver.Statement, _ gate: Gate) throws -> Waiver.Statement {
    guard !statement.isWithdrawal else {
      return try withdrawal(
        of: statement.supersedes.first ?? "", reason: statement.reason, name: statement.name,
        function: statement.function)
    }
    return try waiver(
      of: gate, about: statement.covers, supersedes: statement.supersedes, reason: statement.reason,
      name: statement.name, function: statement.function)
  }

  private func replaceable(_ ids: [String], _ gate: Gate) throws {
    for id in ids {
      let entry = waivers.entries.first { $0.waiver.id == id }
      guard let entry, entry.state == .inForce else { throw ReportsError(.badValue, inForceMessage(id)) }
      guard entry.waiver.gate == gate.rawValue else {
        throw ReportsError(
          .badValue, "\(id) is a waiver of '\(entry.waiver.gate)'; one of '\(gate.rawValue)' cannot take its place")
      }
    }
  }

  private func inForceMessage(_ id: String) -> String {
    let known = waivers.inForce.map(\.id)
    return "no waiver '\(id)' is in force for model version \(gates.inputs.modelVersion); "
      + (known.isEmpty ? "none is" : "these are: \(known.joined(separator: ", "))")
  }

  /// A certificate in the name of another person of the project is not the person's own.
  private func notAnother(_ waiver: Waiver) throws {
    let person = try waiver.person()
    guard let holder = person.certificate?.commonName, !PersonName.isSame(holder, waiver.statement.name),
      project.people.contains(where: { PersonName.isSame($0.name, holder) })
    else { return }
    throw ReportsError(
      .badValue,
      "the certificate is \(holder)'s, and the waiver is \(waiver.statement.name)'s: a waiver is signed with the key of the person "
        + "who waives")
  }

  private func dates(_ statement: Waiver.Statement, now: String) throws {
    guard let date = Timestamp.date(statement.date), let today = Timestamp.date(now) else { return }
    if date.timeIntervalSince(today) > BundleExamination.clockTolerance {
      throw ReportsError(.badValue, "the waiver is dated \(statement.date), which has not come yet: prepare it again")
    }
    for run in gates.inputs.runs where statement.covers.contains(run.record.id) {
      if let ended = Timestamp.date(run.record.ended),
        ended.timeIntervalSince(date) > BundleExamination.clockTolerance
      {
        throw ReportsError(
          .badValue,
          "the waiver is dated \(statement.date), before run \(run.record.id), which it is about, ended (\(run.record.ended)): prepare "
            + "it again")
      }
    }
    for (_, signature) in Staleness.signatures(gates.built.status) {
      let key = GateKey.statement(file: signature.file, date: signature.date.description).text
      let day = CalendarDate(String(statement.date.prefix(10)))
      if statement.covers.contains(key), signature.date <= gates.today, let day, day.days(until: signature.date) > 1 {
        throw ReportsError(
          .badValue,
          "the waiver is dated \(statement.date), before \(signature.file) was made (\(signature.date)): prepare it again"
        )
      }
    }
  }
}
