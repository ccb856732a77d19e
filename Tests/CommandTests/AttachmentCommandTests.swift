import Foundation
import Testing

@Suite("vitrine evidence, and copies of the dossier in other forms")
struct AttachmentCommandTests {
  private func project() throws -> Scratch {
    let yaml = Sample.project().replacingOccurrences(
      of: "models:", with: "people:\n  - {name: Ada Example, function: Engineer}\nmodels:")
    let project = try Sample.folder(yaml)
    try project.write("abc", to: "test log.txt")
    return project
  }

  @Test("add, list and verify say what there is, follow their schemas, and end with 1 when a copy has changed")
  func commands() async throws {
    let project = try project()
    let added = try await Program.vitrine(
      "evidence", "add", project.url("test log.txt").path, "--for", "2(g) test-logs", "--title", "The log", "--by",
      "Ada Example", "--project", project.path, "--json")
    #expect(added.status == 0, "\(added)")
    #expect(try Schema("evidence-add").problems(of: try added.json()) == [])
    // SHA-256 of "abc" (FIPS 180-4, example).
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(try added.json()["record"]?["sha256"] == .string(digest))
    #expect(try added.json()["copy"] == .string("evidence/files/\(digest)"))
    let id = try #require(try added.json()["record"]?["id"]?.string)
    let list = try await Program.vitrine("evidence", "list", "--project", project.path, "--json")
    #expect(try Schema("evidence-list").problems(of: try list.json()) == [])
    #expect(try list.json()[0]?["copy"] == .string("here"))
    let verified = try await Program.vitrine("evidence", "verify", "--project", project.path, "--json")
    #expect(verified.status == 0, "\(verified)")
    #expect(try Schema("verify").problems(of: try verified.json()) == [])
    let shown = try await Program.vitrine("runs", "show", id, "--project", project.path)
    #expect(shown.status == 0 && shown.out.contains("The log"), "\(shown)")
    let built = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(built.status == 0 && built.out.contains("files/ba7816bf8f01cfea-test_log.txt"), "\(built)")
    try project.write("abd", to: "evidence/files/\(digest)")
    let wrong = try await Program.vitrine("evidence", "verify", "--project", project.path)
    #expect(wrong.status == 1 && wrong.out.contains("NOT INTACT: 1 problem") && wrong.out.contains(digest), "\(wrong)")
    #expect(try await Program.vitrine("runs", "verify", "--project", project.path).status == 1)
    let stopped = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(stopped.status == 65 && stopped.err.contains("has other bytes than were attached"), "\(stopped)")
    let checked = try await Program.vitrine("check", project.path)
    #expect(checked.status == 65 && checked.out.contains("has other bytes than were attached"), "\(checked)")
  }

  @Test("add refuses what is no element, no person or no file, and leaves nothing behind")
  func refusals() async throws {
    let project = try project()
    func add(_ file: String, _ more: String...) async throws -> Finished {
      try await Program.vitrine(
        list: ["evidence", "add", project.url(file).path, "--title", "T", "--project", project.path] + more)
    }
    let none = try await add("test log.txt", "--by", "Ada Example")
    #expect(none.status == 64 && none.err.contains("--for"), "\(none)")
    let element = try await add("test log.txt", "--by", "Ada Example", "--for", "2(g) test-lags")
    #expect(element.status == 65 && element.err.contains("test-logs"), "\(element)")
    let person = try await add("test log.txt", "--by", "Eve", "--for", "2(g) test-logs")
    #expect(person.status == 65 && person.err.contains("The people are Ada Example"), "\(person)")
    let missing = try await add("nowhere.txt", "--by", "Ada Example", "--for", "2(g) test-logs")
    #expect(missing.status == 74 && missing.err.contains("nowhere.txt"), "\(missing)")
    let version = try await add("test log.txt", "--by", "Ada Example", "--for", "9", "--model", "7")
    #expect(version.status == 1 || version.status == 65, "\(version)")
    #expect(try project.files().sorted() == ["test log.txt", "vitrine.yaml"])
  }

  @Test(
    "--docx and --pdf without the programs that make them say which to install, and write nothing",
    arguments: ["--docx", "--pdf"])
  func programsMissing(_ option: String) async throws {
    let project = try project()
    let refused = try await Program.shell(
      "PATH=/nowhere; export PATH; \"$VITRINE\" dossier build --project \"$1\" \(option)", project.path)
    #expect(refused.status == 74 && refused.err.contains("apt install"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: project.url("dossier").path))
  }

  /// Where pandoc is installed, its own reader of DOCX says what is in the file.
  @Test(
    "a DOCX has the page's headings and tables, its language, and says what it is a copy of; the same page gives the same bytes"
  )
  func docx() async throws {
    let programs = try await Program.shell("command -v pandoc && command -v rsvg-convert")
    guard programs.status == 0 else { return }
    let project = try project()
    let build = ["dossier", "build", "--project", project.path, "--docx", "--json"]
    let built = try await Program.vitrine(list: build)
    #expect(built.status == 0, "\(built)")
    let derived = try #require(try built.json()[0]?["derived"]?.array)
    let copy = try #require(derived.first { $0["from"] == .string("dossier.html") })
    let digest = try #require(copy["from_sha256"]?.string)
    let file = project.url("dossier/1.0/dossier.docx")
    let first = try Data(contentsOf: file)
    let text = try await Program.shell(
      "pandoc --from=docx --to=html --standalone --metadata pagetitle=x \"$1\"", file.path)
    let page = try String(contentsOf: project.url("dossier/1.0/dossier.html"), encoding: .utf8)
    func count(_ mark: String, _ text: String) -> Int { text.components(separatedBy: mark).count - 1 }
    // Sections of the page begin at its second level, in the file at the first.
    for level in 2...4 {
      #expect(
        count("</h\(level)>", page) == count("</h\(level - 1)>", text.out)
          - (level == 2 ? count("class=\"title\"", text.out) : 0))
    }
    #expect(count("<table", page) == count("<table", text.out))
    #expect(text.out.replacingOccurrences(of: "\n", with: " ").contains("SHA-256 \(digest)"))
    let style = try await Program.shell("unzip -p \"$1\" word/styles.xml | grep -o 'w:lang [^>]*' | head -1", file.path)
    #expect(style.out.contains("w:val=\"en\""), "\(style)")
    #expect(try await Program.vitrine(list: build).status == 0)
    #expect(try Data(contentsOf: file) == first)
    // A copy stands in no signature's way.
    let status = try await Program.vitrine("dossier", "status", "--project", project.path)
    #expect(status.status == 0)
  }
}
