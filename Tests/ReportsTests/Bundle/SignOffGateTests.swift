import Evidence
import Foundation
import Project
import Testing

@testable import Reports

@Suite("Sign-off is refused, and says why")
struct SignOffGateTests {
  @Test("while items are missing, runs are unsigned or the dossier is not built, all in one list")
  func all() throws {
    let site = try SignOffSite()
    let found = Set(try site.refusals("Ada", "prepared"))
    #expect(found == [.missingItems, .runsUnsigned, .dossierChanged])
    let decision = try site.desk().decision(name: "Ada Example", certificate: nil, role: "prepared")
    #expect(decision.refusals.count { $0.gate == .runsUnsigned } == 2)
    #expect(decision.refusals.contains { $0.detail.contains("vitrine runs sign") })
    #expect(decision.refusals.contains { $0.key.text.hasPrefix("9 ") })
  }

  @Test("but not once everything is signed, built, or waived with a reason that the dossier prints")
  func waived() throws {
    let site = try SignOffSite()
    try site.signRuns()
    try site.build()
    let cy = try site.person("Cy")
    let desk = try site.desk()
    let statement = try desk.waiver(
      of: .missingItems, about: desk.gates.findings(of: .missingItems).map(\.key.text),
      reason: "a trial of the sequence", name: "Cy Example", function: "Head of Risk")
    let waiver = try Waiver(statement, certificate: cy.certificate, key: cy.key)
    _ = try desk.append(waiver)
    // Until the dossier is built anew, it does not print the waiver, so nobody can sign it.
    #expect(Set(try site.refusals("Ada", "prepared")) == [.dossierChanged])
    try site.build()
    #expect(try site.refusals("Ada", "prepared") == [])
    let output = try DossierBuilder().build(site.desk().gates.inputs)
    for name in ["dossier.md", "dossier.html"] {
      for text in ["a trial of the sequence", "Cy Example, Head of Risk", "missing-items"] {
        #expect(output.text(name).contains(text), "\(name): \(text)")
      }
    }
    #expect(output.dossier.signOff.waivers.map(\.id) == [waiver.id])
    #expect(
      output.dossier.signOff.roles.map { $0.people.map(\.name) } == [["Ada Example"], ["Bo Example"], ["Cy Example"]])
    #expect(try site.store.verifyAll().isIntact)
  }

  @Test("for what a gate finds after the waiver")
  func laterFinding() throws {
    let site = try SignOffSite()
    try site.waive(.runsUnsigned)
    try site.waive(.missingItems)
    #expect(try site.refusals("Ada", "prepared") == [])
    let project = try site.project()
    let later = DossierFixtures.analysis(project, id: DossierFixtures.id("3"), started: "2026-11-21T10:00:00.000Z")
    try site.store.append(SignOffSite.storable(later.record))
    try site.build()
    #expect(try site.refusals("Ada", "prepared") == [.runsUnsigned])
  }

  @Test("while a file of the dossier is edited")
  func edited() throws {
    let site = try SignOffSite()
    try site.ready()
    let file = try site.project().dossierFolder(version: "1.0").appendingPathComponent("dossier.html")
    try Data("<p>nothing is missing</p>".utf8).write(to: file)
    #expect(try site.refusals("Ada", "prepared") == [.dossierChanged])
    #expect(throws: ReportsError.self) {
      try site.desk().waiver(
        of: .dossierChanged, about: ["dossier.html"], reason: "x", name: "Cy Example", function: "Head")
    }
  }

  @Test(
    "while nobody has checked the law for more than 90 days",
    arguments: [(0, false), (90, false), (91, true), (-1, true)])
  func law(days: Int, isRefused: Bool) throws {
    let site = try SignOffSite()
    try site.ready()
    let checked = try StatusFixtures.catalogue.get().checkedOn
    let today = try #require(
      (1...4000).lazy.compactMap { offset -> CalendarDate? in
        let text = Timestamp.text(Date(timeIntervalSince1970: 1_735_689_600 + Double(offset) * 86_400))
        guard let day = CalendarDate(String(text.prefix(10))) else { return nil }
        return checked.days(until: day) == days ? day : nil
      }.first)
    let found = try site.desk(today: today).gates.findings(of: .staleLaw)
    #expect(found.isEmpty == !isRefused)
  }

  @Test("while a statement is older than the measurement and does not name the version")
  func statements() throws {
    let catalogue = try StatusFixtures.catalogue.get()
    let item = try #require(catalogue.item("9"))
    func text(_ date: String, _ versions: String? = nil) -> String {
      let head =
        ["responsible: Ada Example", "function: Head", "date: \(date)", "status: final"]
        + [versions.map { "model_versions: [\($0)]" }].compactMap { $0 }
      return StatusFixtures.statement(item, head: head)
    }
    for (statement, count) in [
      (text("2026-11-19"), 1), (text("2026-11-20"), 0), (text("2026-11-19", "1.0"), 0), (text("2027-01-01"), 1),
    ] {
      let site = try SignOffSite(documentation: ["9.md": statement])
      let found = try site.desk().gates.findings(of: .staleStatements)
      #expect(found.count == count, "\(found)")
    }
  }

  @Test("while the approver has prepared, or the preparer approved, by name or by key; unless that is waived")
  func sameperson() throws {
    let people =
      SignOffSite.people.dropFirst().map { $0 } + [
        "  - {name: Ada Example, function: Engineer, roles: [prepared, approved]}"
      ]
    for (first, second) in [("prepared", "approved"), ("approved", "prepared")] {
      let site = try SignOffSite(people: people)
      try site.ready()
      try site.sign("Ada", first)
      #expect(try site.refusals("Ada", second) == [.approverIsPreparer])
      let key = try site.person("Ada").certificate
      let other = try site.desk().decision(name: "Cy Example", certificate: key, role: second).refusals.map(\.gate)
      #expect(other.contains(.approverIsPreparer))
    }
    let site = try SignOffSite(people: people)
    try site.ready()
    try site.waive(.approverIsPreparer)
    try site.sign("Ada", "prepared")
    #expect(try site.refusals("Ada", "approved") == [])
    try site.sign("Ada", "approved")
    let report = try site.bundle()
    #expect(report.isIntact && report.waivers.contains { $0.gate == "approver-is-preparer" })
    #expect(report.checks.first { $0.name == "roles" }?.notes.contains { $0.contains("waived") } == true)
  }

  @Test("by 'verify' too, where the approver has prepared and nobody waived it")
  func verified() throws {
    let site = try SignOffSite()
    try site.ready()
    try site.sign("Ada", "prepared")
    try site.sign("Ada", "approved")
    let error = #expect(throws: ReportsError.self) { try site.bundle() }
    #expect(error?.message.contains("approved what the same person prepared") == true)
  }

  @Test("to whom vitrine.yaml does not give the role")
  func role() throws {
    let site = try SignOffSite()
    try site.ready()
    #expect(try site.refusals("Ada", "approved") == [.roleNotHeld])
    #expect(try site.refusals("Bo", "reviewed") == [])
  }

  @Test("for a run made with another plan than the project has now")
  func plan() throws {
    let site = try SignOffSite()
    try site.ready()
    let file = site.folder.url.appendingPathComponent("vitrine.yaml")
    let yaml = try String(contentsOf: file, encoding: .utf8)
    try Data((yaml + "\nanalysis:\n  seed: 77\n").utf8).write(to: file)
    try site.build()
    // What the evaluation evidenced is missing now: a run of another plan is no evidence.
    #expect(Set(try site.refusals("Ada", "prepared")) == [.missingItems, .staleRuns])
  }

  @Test("gates whose evidence would be invented cannot be waived, nor what finds nothing")
  func notWaivable() throws {
    let site = try SignOffSite()
    try site.signRuns()
    #expect(Reports.Gate.allCases.filter { !$0.isWaivable } == [.runsNotVerified, .roleNotHeld, .dossierChanged])
    for gate in [Reports.Gate.runsNotVerified, .roleNotHeld, .runsUnsigned] {
      #expect(throws: ReportsError.self) {
        try site.desk().waiver(of: gate, about: ["x"], reason: "x", name: "Cy Example", function: "Head")
      }
    }
  }
}
