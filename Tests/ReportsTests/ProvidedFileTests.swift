import Analysis
import Foundation
import SchemaSupport
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

@Suite("Files that statements refer to")
struct ProvidedFileTests {
  /// SHA-256 of "abc" (FIPS 180-4, example).
  static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  /// The front matter of a statement of point 9, and the heading of the element under which what follows is declared.
  static let head =
    "---\nitem: 9\n" + StatusFixtures.signed.joined(separator: "\n") + "\n---\n## Post-market monitoring plan\n"

  /// A project whose statement of point 9 has a text, with files beside it.
  static func folder(_ markdown: String, _ files: [String: Data] = [:], status: String = "final") throws
    -> DossierFixtures.Folder
  {
    let folder = try DossierFixtures.folder(
      documentation: ["9.md": head.replacing("status: final", with: "status: \(status)") + markdown + "\n"])
    for (path, content) in files {
      let url = folder.url.appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: url)
    }
    return folder
  }

  private func build(_ folder: DossierFixtures.Folder) throws -> DossierBuilder.Output {
    try DossierBuilder().build(DossierFixtures.inputs(folder, runs: []))
  }

  private func refusal(_ markdown: String, _ files: [String: Data] = [:], prepare: (URL) throws -> Void = { _ in })
    throws
    -> String
  {
    let folder = try Self.folder(markdown, files)
    try prepare(folder.url)
    let error = #expect(throws: ReportsError.self) { try DossierFixtures.inputs(folder, runs: []) }
    #expect(error?.exitStatus == .badInput, "\(error?.message ?? "")")
    return error?.message ?? ""
  }

  @Test("are copied under a name that begins with their digest, shown or linked, and listed")
  func copied() throws {
    let folder = try Self.folder(
      "See ![a red field](red.png) and\n[the plan](plans/the%20plan.TXT#page=2), [again](../plan.txt).",
      [
        "documentation/red.png": PictureFixtures.png, "documentation/plans/the plan.TXT": Data("abc".utf8),
        "plan.txt": Data("abc".utf8),
      ])
    let output = try build(folder)
    let plan = "files/\(Self.abc.prefix(16))-the_plan.txt"
    let picture = try #require(output.files.first { $0.name.hasSuffix("-red.png") })
    #expect(picture.name == "files/\(try SHA256.digest(of: PictureFixtures.png).hex.prefix(16))-red.png")
    #expect(picture.content == PictureFixtures.png)
    #expect(output.files.first { $0.name == plan }?.content == Data("abc".utf8))
    // One file of the same bytes under another name is another copy.
    #expect(output.files.map(\.name).filter { $0.hasPrefix("files/") }.count == 3)
    let html = output.text("dossier.html")
    #expect(
      html.contains("src=\"data:image/png;base64,\(PictureFixtures.png.base64EncodedString())\" alt=\"a red field\""))
    #expect(html.contains("<img width=\"3\" height=\"2\""))
    #expect(html.contains("<a href=\"\(plan)#page=2\">the plan</a>"))
    let markdown = output.text("dossier.md")
    #expect(markdown.contains("![a red field](\(picture.name))") && markdown.contains("[the plan](\(plan)#page=2)"))
    let files = try #require(output.dossier.files)
    let listed = try #require(files.first { $0.file == plan })
    #expect(listed.sha256 == Self.abc && listed.size == 3 && listed.mediaType == "text/plain")
    #expect(listed.source == "documentation/plans/the plan.TXT")
    let references = try #require(files.first { $0.file == picture.name }).references
    #expect(
      references == [
        .init(
          item: "9", element: "post-market-plan", statement: "documentation/9.md:9", target: "red.png", isPicture: true)
      ])
    #expect(listed.references.map(\.statement) == ["documentation/9.md:10"])
    let annex = output.text("traceability.html")
    #expect(annex.contains("<section id=\"files\"") && annex.contains(Self.abc) && annex.contains("href=\"\(plan)\""))
    var checker = try SchemaChecker("dossier")
    checker.check(try CanonicalJSON.parse(Data(output.text("dossier.json").utf8)))
    #expect(checker.errors == [])
  }

  @Test("that are larger than a page should hold are linked with their words, and their copy is there")
  func large() throws {
    let large = PictureFixtures.png + Data(count: ProvidedFile.shownBytes)
    let output = try build(Self.folder("![a red field](red.png)", ["documentation/red.png": large]))
    let name = try #require(output.dossier.files?.first?.file)
    #expect(output.text("dossier.html").contains("(picture not shown: <a href=\"\(name)\">a red field</a>)"))
    #expect(!output.text("dossier.html").contains("data:image"))
  }

  @Test("are no files where a link leads elsewhere, within the text or to another statement")
  func elsewhere() throws {
    let output = try build(
      Self.folder("[a](https://example.org/a.pdf) [b](#x) [c](2-b.md) [d](mailto:a@example.org) [e](//host/f)"))
    #expect(output.dossier.files == nil && !output.files.contains { $0.name.hasPrefix("files/") })
  }

  @Test("are not read while a statement is a draft, which declares nothing")
  func draft() throws {
    #expect(try build(Self.folder("[a](nowhere.pdf)", status: "draft")).dossier.files == nil)
  }

  @Test("are refused with statement, line and file where there is none, or one that must not be read")
  func refused() throws {
    for (markdown, files, words) in [
      (
        "text\n\n[a](nowhere.pdf)", [:],
        ["documentation/9.md, line 11: 'nowhere.pdf' is not there", "documentation/nowhere.pdf"]
      ),
      ("[a](/etc/passwd)", [:], ["'/etc/passwd' is a place on one machine"]),
      ("[a](../../etc/passwd)", [:], ["leads out of the project's folder"]),
      ("[a](%2e%2e/%2e%2e/x)", [:], ["leads out of the project's folder"]),
      ("[a](plans)", ["documentation/plans/x": Data("x".utf8)], ["is a folder"]),
      ("[a](.hidden/x)", ["documentation/.hidden/x": Data("x".utf8)], ["hidden"]),
      ("[a](empty.txt)", ["documentation/empty.txt": Data()], ["is empty"]),
      ("[a](plans%5Cx)", [:], ["backslash"]), ("[a](50%25%)", [:], ["is no path"]),
      ("![](red.png)", ["documentation/red.png": PictureFixtures.png], ["has no text alternative"]),
      ("![a red field](red.png)", ["documentation/red.png": Data("<svg/>".utf8)], ["no PNG, JPEG, GIF or WebP"]),
      ("![x](red.png)", ["documentation/red.png": wide()], ["1000000 × 1000 pixels"]),
    ] as [(String, [String: Data], [String])] {
      let message = try refusal(markdown, files)
      for word in words { #expect(message.contains(word), "\(markdown): \(message)") }
      #expect(message.contains("documentation/9.md, line "), "\(message)")
    }
  }

  private func wide() -> Data {
    var bytes = PictureFixtures.png
    bytes.replaceSubrange(16..<24, with: [0, 0x0F, 0x42, 0x40, 0, 0, 0x03, 0xE8])
    return bytes
  }

  @Test("are refused where a link leads out of the project, or to what is no plain file, or is a key")
  func unsafe() throws {
    let outside = try DossierFixtures.Folder(["secret.txt": "secret"])
    let link = try refusal("[a](a.txt)") { folder in
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent("documentation/a.txt"),
        withDestinationURL: outside.url.appendingPathComponent("secret.txt"))
    }
    #expect(link.contains("leads out of the project's folder by a symbolic link"))
    let pipe = try refusal("[a](a.txt)") { folder in
      try OpenSSLProgram.shell("mkfifo documentation/a.txt", in: folder)
    }
    #expect(pipe.contains("is a FIFO"))
    let pem = try PrivateKey.generate(.p256).pem()
    #expect(try refusal("[a](a.txt)", ["documentation/a.txt": Data(pem)]).contains("holds a private key"))
    let large = try refusal("[a](a.bin)") { folder in
      let url = folder.appendingPathComponent("documentation/a.bin")
      try Data().write(to: url)
      let file = try FileHandle(forWritingTo: url)
      try file.truncate(atOffset: UInt64(ProjectLimits.providedFileBytes + 1))
      try file.close()
    }
    #expect(large.contains("64000001 bytes"))
  }

  @Test("inside the project may be reached by a link within it")
  func linkInside() throws {
    let folder = try Self.folder("[a](a.txt)", ["plan.txt": Data("abc".utf8)])
    try FileManager.default.createSymbolicLink(
      at: folder.url.appendingPathComponent("documentation/a.txt"),
      withDestinationURL: folder.url.appendingPathComponent("plan.txt"))
    #expect(try build(folder).dossier.files?.map(\.sha256) == [Self.abc])
  }

  @Test("a copy that nothing refers to any more is removed by the next build; another file stays")
  func oldCopies() throws {
    let folder = try Self.folder("[a](a.txt)", ["documentation/a.txt": Data("abc".utf8)])
    let place = folder.url.appendingPathComponent("dossier/1.0/files")
    func write() throws { _ = try DossierBuilder().write(DossierFixtures.inputs(folder, runs: [])) }
    try write()
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["\(Self.abc.prefix(16))-a.txt"])
    try Data("abd".utf8).write(to: folder.url.appendingPathComponent("documentation/a.txt"))
    try Data("mine".utf8).write(to: place.appendingPathComponent("\(Self.abc.prefix(16))-other.txt"))
    try write()
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    // printf abd | sha256sum
    #expect(names == ["a52d159f262b2c6d-a.txt", "\(Self.abc.prefix(16))-other.txt"])
    try FileManager.default.removeItem(at: place.appendingPathComponent("\(Self.abc.prefix(16))-other.txt"))
    try Data((Self.head + "No file.\n").utf8).write(to: folder.url.appendingPathComponent("documentation/9.md"))
    try write()
    #expect(!FileManager.default.fileExists(atPath: place.path))
  }

  @Test("the same words about a file of other bytes are another statement to the comparison of versions")
  func compared() throws {
    func dossier(_ text: String) throws -> Dossier {
      try build(Self.folder("[a](a.txt)", ["documentation/a.txt": Data(text.utf8)])).dossier
    }
    func states(_ before: String, _ after: String) throws -> [Diff.Documentation.State] {
      let compared = DocumentationComparison(
        before: try dossier(before), after: try dossier(after), changed: [:], modelDiffers: false
      ).documentation()
      return compared.elements.filter { $0.item == "9" }.flatMap { $0.statements.map(\.state) }
    }
    #expect(try states("abc", "abc") == [])
    #expect(try states("abc", "abd") == [.reworded])
  }
}
