import Analysis
import Evidence
import Foundation
import Testing

@testable import Reports

@Suite("A bundle")
struct BundleTests {
  private func verify(_ data: Data, trust: TrustAnchors = .none, keys: [VerifierKey] = []) throws -> BundleReport {
    try BundleVerifier(trust: trust, keys: keys).verify(data, name: "test.asice")
  }

  @Test("is intact, says who signed in which role, and that no identity is established")
  func intact() throws {
    let (site, data) = try SignOffSite.signed()
    let report = try verify(data)
    #expect(report.problems == [])
    #expect(report.isIntact && report.identity == .notEstablished)
    #expect(report.signers.map(\.role).sorted() == ["approved", "prepared", "reviewed"])
    #expect(report.rolesNotSigned == [])
    #expect(report.title == "Example scoring" && report.modelVersion == "1.0")
    #expect(report.waivers.map(\.gate) == ["missing-items"] && report.waivers.map(\.reason) == ["a trial"])
    for part in ["who they say", "revoked", "when the signatures were made", "whose key signed"] {
      #expect(report.notChecked.contains { $0.what.contains(part) }, "\(part): \(report.notChecked)")
    }
    let fingerprints = try site.people.values.map { try $0.certificate.fingerprint() }
    let trusted = try verify(data, trust: TrustAnchors(fingerprints), keys: [])
    #expect(trusted.identity == .established)
    let some = try verify(data, trust: TrustAnchors([fingerprints[0]]))
    #expect(some.identity == .notEstablished && some.signers.count { $0.identity == .established } == 1)
    let key = try VerifierKey(
      name: #require(try site.store.logs().first?.origin), key: site.logKey.publicKey())
    #expect(!(try verify(data, keys: [key]).notChecked.contains { $0.what.contains("whose key signed") }))
  }

  @Test("has the same bytes for the same signatures, begins with its media type, and every file has its time of 1980")
  func deterministic() throws {
    let (site, data) = try SignOffSite.signed()
    _ = try site.bundle("again.asice")
    #expect(try Data(contentsOf: site.bundleFile("again.asice")) == data)
    // ETSI EN 319 162-1 annex A.1: the media type can be read at byte 38 of the file.
    #expect(String(decoding: data[30..<38], as: UTF8.self) == "mimetype")
    #expect(String(decoding: data[38..<69], as: UTF8.self) == "application/vnd.etsi.asic-e+zip")
    #expect(try RawArchive(data).bytes() == data)
  }

  @Test("holds the same content for two signers in either order, and each signature stays valid for what it signed")
  func orders() throws {
    for order in [[("Ada", "prepared"), ("Cy", "approved")], [("Cy", "approved"), ("Ada", "prepared")]] {
      let site = try SignOffSite()
      try site.ready()
      let first = try site.sign(order[0].0, order[0].1)
      let before = try site.bundle("one.asice")
      let second = try site.sign(order[1].0, order[1].1)
      let after = try site.bundle("two.asice")
      #expect(before.contentSha256 == after.contentSha256 && before.signers.count == 1 && after.signers.count == 2)
      #expect(first.statement.files == second.statement.files)
      let files = try BundleArchive.read(try Data(contentsOf: site.bundleFile("two.asice")))
      #expect(files.contains { $0.name == first.statement.signaturePath && $0.content == (try? first.cms().der) })
    }
  }

  @Test("after a change of the dossier needs new signatures; the earlier ones stay valid for the earlier bundle")
  func change() throws {
    let site = try SignOffSite()
    try site.ready()
    try site.sign("Ada", "prepared")
    _ = try site.bundle("before.asice")
    let old = try #require(try site.desk().frozen())
    try site.folder.url.appendingPathComponent("documentation").createFile(
      "9.md", StatusFixtures.statement(try #require(try StatusFixtures.catalogue.get().item("9"))))
    try site.build()
    #expect(try site.desk().frozen() == nil)
    let new = try site.content()
    #expect(new.files["dossier/dossier.json"] != old.files["dossier/dossier.json"])
    #expect(try site.desk().signOffs(of: new).isEmpty && site.desk().signOffs(of: old).count == 1)
    try site.sign("Ada", "prepared")
    let after = try site.bundle("after.asice")
    #expect(after.signers.count == 1)
    #expect(try verify(try Data(contentsOf: site.bundleFile("before.asice"))).isIntact)
    #expect(try site.store.verifyAll().isIntact)
  }

  @Test("that withholds files names them with their digests, does not call them valid, and cannot withhold what proves")
  func withheld() throws {
    let (site, _) = try SignOffSite.signed()
    let run = "runs/\(site.runs[0].record.id).json"
    let report = try site.bundle("deployer.asice", withholding: [run, "dossier/dossier.md"])
    #expect(report.verdict == .incomplete && report.problems == [])
    #expect(report.withheld.map(\.file) == ["dossier/dossier.md", run])
    #expect(report.withheld[1].sha256 == site.runs[0].sha256)
    #expect(report.lacking.contains { $0.what.contains(run) && $0.reason.contains("withheld") })
    #expect(report.checks.first { $0.name == "records" }?.count == 4)
    for path in [
      "SHA256SUMS", "log/proofs.json", "VERIFY.md", "verify_proofs.py", "verify_archive.py", "verify_files.py",
      "verify_signatures.py",
      "nothing.txt",
    ] {
      #expect(throws: ReportsError.self) { try site.bundle("bad.asice", withholding: [path]) }
      #expect(!FileManager.default.fileExists(atPath: site.bundleFile("bad.asice").path))
    }
    // Who withholds cannot say that another file was withheld, or one with another digest.
    var raw = try RawArchive(try Data(contentsOf: site.bundleFile("deployer.asice")))
    let list = String(decoding: raw.content(BundlePath.withheld), as: UTF8.self)
    raw.put(
      BundlePath.withheld, Data(list.replacing(site.runs[0].sha256, with: String(repeating: "0", count: 64)).utf8))
    #expect(try verify(raw.bytes()).codes == [.withheld])
    raw.remove(BundlePath.withheld)
    #expect(try verify(raw.bytes()).codes.contains(.missing))
  }

  @Test("is refused where the dossier contradicts its records, though the signatures hold")
  func contradiction() throws {
    let site = try SignOffSite()
    try site.ready()
    let content = try site.content()
    var files = content.files
    files.removeValue(forKey: BundlePath.sums)
    let text = String(decoding: try #require(files["dossier/dossier.json"]), as: UTF8.self)
    files["dossier/dossier.json"] = Data(
      text.replacing(site.runs[0].sha256, with: String(repeating: "0", count: 64)).utf8)
    let forged = try BundleContent(files)
    let ada = try site.person("Ada")
    let statement = try site.desk().statement(forged, role: "prepared", name: "Ada Example", function: "Engineer")
    let signOff = try SignOff(statement, certificate: ada.certificate, key: ada.key)
    let error = #expect(throws: ReportsError.self) {
      try BundleWriter.write(forged, BundleSeals(signOffs: [signOff]), to: site.bundleFile())
    }
    #expect(error?.message.contains("another digest than the record") == true)
    #expect(!FileManager.default.fileExists(atPath: site.bundleFile().path))
  }

  @Test("a file that is no ZIP archive is bad input")
  func noBundle() throws {
    for data in [Data(), Data("PK".utf8), Data("no bundle".utf8)] {
      let error = #expect(throws: ReportsError.self) { try verify(data) }
      #expect(error?.exitStatus == .badInput)
    }
  }
}

extension URL {
  /// Writes a file into this folder, which is made if it is missing.
  func createFile(_ name: String, _ text: String) throws {
    try FileManager.default.createDirectory(at: self, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: appendingPathComponent(name))
  }
}
