import Analysis
import Evidence
import Foundation
import Testing

@testable import Reports

@Suite("A bundle whose dossier has words or looks of the project")
struct BundleLooksTests {
  @Test(
    "verification names each file whose words or looks stand in place of installed ones, and sees a page that does not")
  func looks() throws {
    let site = try SignOffSite()
    let templates = site.folder.url.appendingPathComponent("templates")
    try FileManager.default.createDirectory(at: templates, withIntermediateDirectories: true)
    try Data("p { color: #123456 }\n".utf8).write(to: templates.appendingPathComponent("style.css"))
    let digest = try OpenSSLProgram.shell("sha256sum templates/style.css", in: site.folder.url).prefix(64)
    try site.signRuns()
    _ = try site.waive(.missingItems)
    _ = try DossierBuilder(templates: templates).write(site.desk().gates.inputs)
    try site.sign("Ada", "prepared")
    let report = try site.bundle()
    let check = try #require(report.checks.first { $0.name == "looks" })
    #expect(check.count == 1 && check.problems.isEmpty)
    #expect(check.notes == ["templates/style.css (SHA-256 \(digest)) in place of the installed dossier/style.css"])
    var raw = try RawArchive(try Data(contentsOf: site.bundleFile()))
    let page = String(decoding: raw.content("dossier/dossier.html"), as: UTF8.self)
    raw.put("dossier/dossier.html", Data(page.replacing(String(digest), with: "").utf8))
    let forged = try BundleVerifier().verify(raw.bytes(), name: "forged").checks.first { $0.name == "looks" }
    #expect(forged?.problems.map(\.file) == ["dossier/dossier.html"])
    let (_, plain) = try SignOffSite.signed()
    #expect(try BundleVerifier().verify(plain, name: "plain").checks.first { $0.name == "looks" }?.count == 0)
  }
}
