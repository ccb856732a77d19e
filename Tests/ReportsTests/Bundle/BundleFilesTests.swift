import Foundation
import Testing

@testable import Evidence
@testable import Reports

@Suite("A bundle's files that the dossier refers to")
struct BundleFilesTests {
  /// A signed bundle of a dossier that shows a picture, links to a plan, and has an attachment.
  private func site() throws -> (SignOffSite, picture: String, plan: String, record: AttachmentRecord) {
    let site = try SignOffSite(
      documentation: ["9.md": ProvidedFileTests.head + "![a red field](red.png) [the plan](plan.txt)\n"])
    let documentation = site.folder.url.appendingPathComponent("documentation")
    try PictureFixtures.png.write(to: documentation.appendingPathComponent("red.png"))
    try Data("abc".utf8).write(to: documentation.appendingPathComponent("plan.txt"))
    try Data("log".utf8).write(to: site.folder.url.appendingPathComponent("test log.txt"))
    let record = try AttachmentDesk(project: site.project(), store: site.store).attach(
      site.folder.url.appendingPathComponent("test log.txt"), to: ["2(g) test-logs"], title: "The test's log",
      by: "Ada Example"
    ).record
    try site.ready()
    for (name, role) in [("Ada", "prepared"), ("Bo", "reviewed"), ("Cy", "approved")] { try site.sign(name, role) }
    _ = try site.bundle()
    let files = try site.content().paths.filter { $0.hasPrefix("dossier/files/") }
    return (
      site, try #require(files.first { $0.hasSuffix("red.png") }),
      try #require(files.first { $0.hasSuffix("plan.txt") }),
      record
    )
  }

  private func problems(_ data: Data) throws -> [String] {
    try BundleVerifier().verify(data, name: "x").problems.map { "\($0)" }
  }

  @Test("are in it, with the attachment's record and its proof; verify and VERIFY.md find them in order")
  func honest() throws {
    let (site, picture, plan, record) = try site()
    let content = try site.content()
    #expect(content.files[picture] == PictureFixtures.png && content.files[plan] == Data("abc".utf8))
    #expect(content.files["records/attachment-\(record.id).json"] == (try CanonicalJSON.encode(record)))
    #expect(try site.desk().frozen() == content)
    let report = try BundleVerifier().verify(file: site.bundleFile())
    #expect(report.isIntact, "\(report.problems)")
    // Picture, plan, the attached file, and the attachment against its record.
    let check = try #require(report.checks.first { $0.name == "files" })
    #expect(check.count == 4 && check.of == 4 && check.problems.isEmpty)
    let html = String(decoding: content.files["dossier/dossier.html"] ?? Data(), as: UTF8.self)
    #expect(html.contains("The test&#39;s log") && html.contains(record.id))
    guard Instructions.canBeFollowed else { return }
    let followed = try Instructions.follow(Data(contentsOf: site.bundleFile()))
    #expect(followed.status == 0 && followed.text.contains("ok: attached files: 4"), "\(followed)")
  }

  @Test("one that was removed, exchanged, added or is listed no more is found, also if an insider signs it")
  func forged() throws {
    let (site, picture, plan, record) = try site()
    func json(_ files: inout [String: Data], _ old: String, _ new: String) {
      let text = String(decoding: files["dossier/dossier.json"] ?? Data(), as: UTF8.self)
      #expect(text.contains(old))
      files["dossier/dossier.json"] = Data(text.replacing(old, with: new).utf8)
    }
    let record2 = "records/attachment-\(record.id).json"
    let forgeries: [(String, String, (inout [String: Data]) throws -> Void)] = [
      ("removed", "another digest than it has here, or it is missing", { $0[plan] = nil }),
      ("exchanged", "another digest than it has here", { $0[plan] = Data("abd".utf8) }),
      ("added", "does not list it", { $0["dossier/files/0123456789abcdef-x.txt"] = Data("x".utf8) }),
      (
        "picture exchanged in the page", "none of the files",
        { files in
          let page = String(decoding: files["dossier/dossier.html"] ?? Data(), as: UTF8.self)
          let other = PictureFixtures.gif.base64EncodedString()
          files["dossier/dossier.html"] = Data(
            page.replacing(PictureFixtures.png.base64EncodedString(), with: other).utf8)
        }
      ),
      (
        "listed no more", "refers to 'red.png'",
        { files in json(&files, "\"target\":\"red.png\"", "\"target\":\"rad.png\"") }
      ),
      ("another title", "is not the record", { files in json(&files, "The test's log", "The test's result") }),
      (
        "record removed", "is not the record",
        { files in
          files[record2] = nil
          var proofs = try BundleProofs.read(files[BundlePath.proofs] ?? Data())
          proofs.entries.removeAll { $0.file == record2 }
          files[BundlePath.proofs] = try CanonicalJSON.encode(proofs)
        }
      ),
    ]
    for (name, words, change) in forgeries {
      let data = try site.forged(change)
      let found = try problems(data)
      #expect(found.contains { $0.contains(words) }, "\(name): \(found)")
      guard Instructions.canBeFollowed, name != "picture exchanged in the page", name != "listed no more" else {
        continue
      }
      #expect(try Instructions.follow(data).status == 1, "\(name)")
    }
    // Without a signature of the forger nothing needs to be listed: the digests tell.
    var raw = try RawArchive(Data(contentsOf: site.bundleFile()))
    raw.put(picture, PictureFixtures.gif)
    #expect(try BundleVerifier().verify(raw.bytes(), name: "x").codes.contains(.digest))
  }

  @Test("one that is withheld leaves the answer incomplete")
  func withheld() throws {
    let (site, _, plan, _) = try site()
    let report = try site.bundle("w.asice", withholding: [plan])
    #expect(report.verdict == .incomplete && report.lacking.contains { $0.what.contains("plan.txt") })
  }

  @Test("a dossier whose file changed since it was built is not signed")
  func changed() throws {
    let (site, _, _, _) = try site()
    try Data("abd".utf8).write(to: site.folder.url.appendingPathComponent("documentation/plan.txt"))
    #expect(try site.refusals("Ada", "prepared").contains(.dossierChanged))
    try Data("abc".utf8).write(to: site.folder.url.appendingPathComponent("documentation/plan.txt"))
    #expect(try !site.refusals("Ada", "prepared").contains(.dossierChanged))
  }

  @Test("an attachment that a later one supersedes is not in the dossier; a copy with other bytes stops the build")
  func attachments() throws {
    let (site, _, _, record) = try site()
    let file = site.folder.url.appendingPathComponent("better.txt")
    try Data("better".utf8).write(to: file)
    let desk = try AttachmentDesk(project: site.project(), store: site.store)
    let later = try desk.attach(
      file, to: ["2(g)/test-logs"], title: "A better log", by: "ada example", supersedes: String(record.id.suffix(12)))
    #expect(later.record.supersedes == record.id && later.record.name == "Ada Example" && later.left.isEmpty)
    #expect(try site.desk().gates.built.dossier.attachments?.map(\.title) == ["A better log"])
    #expect(throws: ReportsError.self) {
      try desk.attach(file, to: ["2(g) test-logs"], title: "x", by: "Ada Example", supersedes: record.id)
    }
    let moved = try desk.attach(
      file, to: ["4"], title: "A better log", by: "Ada Example", supersedes: later.record.id)
    #expect(moved.left == ["2(g) test-logs"], "what lost its file is told")
    try Data("other".utf8).write(to: later.copy)
    let error = #expect(throws: ReportsError.self) { try site.desk() }
    #expect(error?.message.contains("has other bytes than were attached") == true)
    try FileManager.default.removeItem(at: later.copy)
    #expect(throws: ReportsError.self) { try site.desk() }
  }

  @Test(
    "an attachment to no element of Annex IV, of nobody in the project or of what is no file is refused, and nothing is kept",
    arguments: [
      ("2(z) x", "T", "Ada Example", "has no item"),
      ("2g test-logs", "T", "Ada Example", "no item '2g'; did you mean '2(g)'?"),
      ("2(g) nothing", "T", "Ada Example", "no element"),
      ("2(g)", "T", "Ada Example", "several elements"), ("4", " ", "Ada Example", "--title is empty"),
      ("4", "T", "Eve Example", "names no 'Eve Example'"),
    ])
  func refusedAttachments(_ element: String, _ title: String, _ name: String, _ words: String) throws {
    let site = try SignOffSite()
    let file = site.folder.url.appendingPathComponent("x.txt")
    try Data("abc".utf8).write(to: file)
    let desk = try AttachmentDesk(project: site.project(), store: site.store)
    let error = #expect(throws: ReportsError.self) { try desk.attach(file, to: [element], title: title, by: name) }
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    let noFile = #expect(throws: ReportsError.self) {
      try desk.attach(site.folder.url, to: ["4"], title: "T", by: "Ada Example")
    }
    #expect(noFile?.message.contains("folder") == true, "\(noFile?.message ?? "")")
    #expect(try site.store.documents(AttachmentRecord.self).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: site.folder.url.appendingPathComponent("evidence").path))
  }
}
