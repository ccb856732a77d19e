import Evidence
import Foundation
import Project
import Testing

@testable import Reports

@Suite("A waiver is a person's signed word about named findings")
struct WaiverTests {
  private static let both = [
    "  - {name: Ada Example, function: Engineer, roles: [prepared, reviewed, approved]}",
    "  - {name: Bo Example, function: Auditor, roles: [reviewed]}",
    "  - {name: Cy Example, function: Head of Risk, roles: [approved]}",
    "  - {name: Di Example, function: Clerk}",
  ]

  private func statement(
    _ site: SignOffSite, _ gate: Reports.Gate, _ keys: [String], supersedes: [String] = [],
    by name: String = "Cy Example"
  ) throws -> Waiver.Statement {
    try site.desk().waiver(
      of: gate, about: keys, supersedes: supersedes, reason: "a trial", name: name, function: "Tester")
  }

  private func take(_ site: SignOffSite, _ statement: Waiver.Statement, key: String = "Cy") throws -> Waiver {
    let signer = try site.person(key)
    let waiver = try Waiver(statement, certificate: signer.certificate, key: signer.key)
    _ = try site.desk().append(waiver)
    return waiver
  }

  @Test("without a key of a finding, with 'all' or a wildcard it is refused, and the message lists the keys")
  func named() throws {
    let site = try SignOffSite()
    for keys in [[], ["all"], ["*"], ["9"], ["9 *"]] {
      let error = #expect(throws: ReportsError.self) { try statement(site, .missingItems, keys) }
      #expect(error?.message.contains("--about '9 post-market-plan'") == true, "\(error?.message ?? "")")
    }
    let one = try #require(try site.desk().gates.findings(of: .missingItems).first)
    _ = try take(site, statement(site, .missingItems, [one.key.text]))
    let left = try site.desk().decision(name: "Ada Example", certificate: nil, role: "prepared")
    #expect(left.waived.map(\.finding.key) == [one.key])
    #expect(left.refusals.contains { $0.gate == .missingItems })
  }

  @Test("the format that nobody signed is printed and opens no gate")
  func unsigned() throws {
    let site = try SignOffSite()
    try site.signRuns()
    let keys = try site.desk().gates.findings(of: .missingItems).map(\.key.text)
    try site.store.append(
      UnsignedWaiver(
        modelVersion: "1.0", gate: "missing-items", covers: keys, reason: "said once", name: "Cy Example",
        function: "Head of Risk"))
    try site.build()
    #expect(Set(try site.refusals("Ada", "prepared")) == [.missingItems])
    let output = try DossierBuilder().build(site.desk().gates.inputs)
    #expect(output.dossier.signOff.waivers.map(\.state) == ["unsigned"])
    #expect(output.text("dossier.html").contains("signed by nobody; opens no gate"))
    #expect(try site.store.verifyAll().isIntact)
  }

  @Test(
    "it takes the place of an earlier one by name, is taken back by name, and a second one without the name is refused")
  func superseded() throws {
    let site = try SignOffSite()
    let key = try #require(try site.desk().gates.findings(of: .missingItems).first).key.text
    let first = try take(site, statement(site, .missingItems, [key]))
    let error = #expect(throws: ReportsError.self) { try statement(site, .missingItems, [key]) }
    #expect(error?.message.contains("--supersedes \(first.id)") == true)
    let second = try take(site, statement(site, .missingItems, [key], supersedes: [first.id]))
    #expect(try site.desk().waivers.entries.map(\.state) == [.superseded, .inForce])
    let withdrawal = try site.desk().withdrawal(
      of: second.id, reason: "not so", name: "Cy Example", function: "Tester")
    _ = try take(site, withdrawal)
    #expect(try site.desk().waivers.entries.map(\.state) == [.superseded, .withdrawn, .withdrawal])
    #expect(try site.desk().decision(name: "Ada Example", certificate: nil, role: "prepared").waived.isEmpty)
    #expect(throws: ReportsError.self) {
      try site.desk().withdrawal(of: second.id, reason: "again", name: "Cy Example", function: "Tester")
    }
  }

  @Test("it is signed by somebody who holds a role, with a key that is not another person's, and of a day that can be")
  func person() throws {
    let site = try SignOffSite(people: Self.both)
    let key = try #require(try site.desk().gates.findings(of: .missingItems).first).key.text
    for name in ["Di Example", "Nobody Example"] {
      let statement = try statement(site, .missingItems, [key], by: name)
      #expect(throws: ReportsError.self) { try take(site, statement) }
    }
    #expect(throws: ReportsError.self) { try take(site, statement(site, .missingItems, [key]), key: "Ada") }
    var ahead = try statement(site, .missingItems, [key])
    ahead.date = "2031-01-01T00:00:00.000Z"
    #expect(throws: (any Error).self) { try take(site, ahead) }
    var early = try statement(site, .runsUnsigned, [DossierFixtures.id("1")])
    early.date = "2025-01-01T00:00:00.000Z"
    #expect(throws: (any Error).self) { try take(site, early) }
    #expect(try site.desk().waivers.entries.isEmpty)
  }

  @Test("one of another system's store opens nothing here")
  func anotherSystem() throws {
    let site = try SignOffSite()
    let key = try #require(try site.desk().gates.findings(of: .missingItems).first).key.text
    var foreign = try statement(site, .missingItems, [key])
    foreign.system = "Another system"
    let cy = try site.person("Cy")
    try site.store.append(try Waiver(foreign, certificate: cy.certificate, key: cy.key))
    #expect(try site.desk().waivers.entries.map(\.fault) == [.otherSystem])
    #expect(try site.desk().decision(name: "Ada Example", certificate: nil, role: "prepared").waived.isEmpty)
  }

  @Test(
    "whoever prepared neither reviews nor approves, in either order, unless somebody else waived it",
    arguments: [("reviewed", Reports.Gate.reviewerIsPreparer), ("approved", .approverIsPreparer)])
  func separation(_ role: String, _ gate: Reports.Gate) throws {
    for (first, second) in [("prepared", role), (role, "prepared")] {
      let site = try SignOffSite(people: Self.both)
      try site.ready()
      try site.sign("Ada", first)
      #expect(try site.refusals("Ada", second) == [gate])
      // Two names and two certificates of one key are one person.
      let ada = try site.person("Ada")
      let renamed = try Certificate.selfSigned(name: "Cy Example", title: nil, key: ada.key)
      let found = RoleCheck.findings(
        name: "Cy Example", certificate: renamed, role: second, people: try site.project().people,
        earlier: [.init(role: first, name: "Ada Example", certificate: ada.certificate)])
      #expect(found.contains { $0.gate == gate })
      try site.sign("Ada", second)
      let error = #expect(throws: ReportsError.self) { try site.bundle() }
      #expect(error?.message.contains("\(role) what the same person prepared") == true, "\(error?.message ?? "")")
    }
    let own = try SignOffSite(people: Self.both)
    #expect(throws: ReportsError.self) { try statement(own, gate, ["Ada Example"], by: "Ada Example") }
    let site = try SignOffSite(people: Self.both)
    try site.ready()
    _ = try take(site, statement(site, gate, ["Ada Example"]))
    try site.build()
    try site.sign("Ada", "prepared")
    #expect(try site.refusals("Ada", role) == [])
    try site.sign("Ada", role)
    let report = try site.bundle()
    #expect(
      report.isIntact && report.checks.first { $0.name == "roles" }?.notes.contains { $0.contains("waived") } == true)
  }

  @Test("a waiver of one's own, signed with one's key under another's name, opens nothing")
  func ownKey() throws {
    let site = try SignOffSite(people: Self.both)
    try site.ready()
    let ada = try site.person("Ada")
    let statement = try statement(site, .approverIsPreparer, ["Ada Example"])
    try site.store.append(try Waiver(statement, certificate: ada.certificate, key: ada.key))
    try site.build()
    try site.sign("Ada", "prepared")
    #expect(try site.refusals("Ada", "approved") == [.approverIsPreparer])
    try site.sign("Ada", "approved")
    let error = #expect(throws: ReportsError.self) { try site.bundle() }
    #expect(error?.message.contains("waived that with the same key") == true)
  }

  @Test("who reviewed may approve")
  func reviewerApproves() throws {
    let site = try SignOffSite(
      people: [
        "  - {name: Ada Example, function: Engineer, roles: [prepared]}",
        "  - {name: Bo Example, function: Auditor, roles: [reviewed, approved]}",
        "  - {name: Cy Example, function: Head of Risk, roles: [approved]}",
      ])
    try site.ready()
    try site.sign("Ada", "prepared")
    try site.sign("Bo", "reviewed")
    #expect(try site.refusals("Bo", "approved") == [])
  }

  @Test("only a waiver that names it lets a run of another plan be cited, and every page and 'verify' say so")
  func stalePlan() throws {
    let site = try SignOffSite()
    try site.signRuns()
    let file = site.folder.url.appendingPathComponent("vitrine.yaml")
    let yaml = try String(contentsOf: file, encoding: .utf8)
    try Data((yaml + "\nanalysis:\n  seed: 77\n").utf8).write(to: file)
    try site.waive(.missingItems)
    #expect(Set(try site.refusals("Ada", "prepared")) == [.staleRuns])
    #expect(try DossierBuilder().build(site.desk().gates.inputs).dossier.runs.isEmpty)
    try site.waive(.staleRuns)
    let output = try DossierBuilder().build(site.desk().gates.inputs)
    #expect(Set(output.dossier.runs.map(\.id)) == Set(site.runs.map(\.record.id)))
    #expect(output.dossier.runs.allSatisfy { $0.binding?.plan == "other" && $0.binding?.planDiffers == ["seed"] })
    let page = output.text("dossier.html")
    #expect(page.contains("another plan than the project"))
    #expect(!page.contains("Every cited run was made with"))
    #expect(try site.refusals("Ada", "prepared") == [])
    try site.sign("Ada", "prepared")
    let report = try site.bundle()
    #expect(report.isIntact)
    #expect(report.checks.first { $0.name == "binding" }?.notes.count { $0.contains("waived that: a trial") } == 2)
  }

  @Test("'verify' says what was not held against the model")
  func verifyNotHeld() throws {
    let site = try SignOffSite()
    try FileManager.default.removeItem(at: site.folder.url.appendingPathComponent("model"))
    try site.ready()
    #expect(try site.desk().gates.notes.contains { $0.hasPrefix("NOT HELD AGAINST THE MODEL") })
    try site.sign("Ada", "prepared")
    let report = try site.bundle()
    #expect(report.notChecked.contains { $0.what == "2 of the 2 cited runs: NOT HELD AGAINST THE MODEL" })
  }

  @Test("what was refused is remembered: the next refusal tells what is new, as before and settled")
  func memory() throws {
    let folder = try DossierFixtures.Folder([:])
    let memory = RefusalMemory(folder: folder.url, name: "s-1.0", role: "prepared", person: "Ada")
    let (a, b, c) = (
      GateFinding(.missingItems, .element(item: "9", "plan"), "9 is missing"),
      GateFinding(.staleLaw, .law(checkedOn: "2026-01-01"), "old"), GateFinding(.runsUnsigned, .run("x"), "unsigned")
    )
    #expect(memory.change([a, b]) == .init(new: [a, b], asBefore: [], settled: []))
    memory.keep([a, b])
    let change = memory.change([b, c])
    #expect(change.new == [c] && change.asBefore == [b] && change.settled.map(\.key) == [a.key])
    let other = RefusalMemory(folder: folder.url, name: "s-1.0", role: "approved", person: "Cy")
    #expect(other.change([a]).new == [a])
    memory.keep([])
    #expect(memory.change([a]).new == [a])
    try Data("[".utf8).write(to: folder.url.appendingPathComponent(".s-1.0.refusals.json"))
    #expect(memory.change([a]).new == [a])
  }
}
