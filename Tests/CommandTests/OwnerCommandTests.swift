import Foundation
import Testing

@Suite("Who owes what, on the command line")
struct OwnerCommandTests {
  private static let owners = """

    owners:
      - {elements: ["3"], owner: Ada Example, due: 31 January 2027, reviewer: Grace Example}
      - {elements: ["4"], owner: Ben Example, due: 2027-02-28}

    """

  private func project(_ owners: String = owners, files: [String: String] = [:]) throws -> Scratch {
    let project = try Scratch()
    try project.write(Sample.project(model: "model", analysis: []) + owners, to: "vitrine.yaml")
    for (path, text) in files { try project.write(text, to: path) }
    return project
  }

  private func status(_ project: Scratch, _ arguments: String...) async throws -> Finished {
    try await Program.start(["dossier", "status", "--project", project.path] + arguments, in: project.folder).finished()
  }

  @Test("status names person and day; --overdue goes by --on, exits 1 only if something is late, and so does its JSON")
  func overdue() async throws {
    let project = try project()
    let plain = try await status(project, "--on", "2027-01-31")
    #expect(plain.status == 0 && plain.out.contains("MISSING, AND WHAT TO DO"), "\(plain)")
    #expect(plain.said.contains("Ada Example: 2027-01-31") && plain.said.contains("To be read by Grace Example."))
    #expect(!plain.said.contains("overdue"))
    let before = try await status(project, "--overdue", "--on", "31 January 2027")
    #expect(before.status == 0 && before.said.contains("nothing is overdue on 2027-01-31"), "\(before)")
    let after = try await status(project, "--overdue", "--on", "1.2.2027")
    #expect(after.status == 1 && after.said.contains("overdue on 2027-02-01"), "\(after)")
    #expect(after.said.contains("Ada Example: 2027-01-31, overdue") && !after.out.contains("Ben Example"))
    let json = try await status(project, "--overdue", "--on", "2027-02-01", "--json")
    #expect(json.status == 1)
    let items = try #require(try json.json()[0]?["items"]?.array)
    #expect(items.compactMap { $0["id"]?.string } == ["3"])
    let elements = try #require(items[0]["elements"]?.array)
    #expect(elements.allSatisfy { $0["due"]?.string == "2027-01-31" && $0["owner"]?.string == "Ada Example" })
    #expect(try await status(project, "--overdue", "--on", "2099-01-01").status == 1)
  }

  @Test("a day that is none, or two, is a wrong use; a name that the law has not is bad input, wherever it is read")
  func refused() async throws {
    let project = try project()
    let ambiguous = try await status(project, "--on", "03/04/2027")
    #expect(ambiguous.status == 64 && ambiguous.err.contains("2027-04-03 (day first)"), "\(ambiguous)")
    let wrong = try self.project("\nowners:\n  - {elements: [\"2(b) general-logik\"], owner: Ada}\n")
    for arguments in [["dossier", "status"], ["dossier", "build"]] {
      let refused = try await Program.start(arguments + ["--project", wrong.path], in: wrong.folder).finished()
      #expect(refused.status == 65 && refused.err.contains("did you mean 'general-logic'?"), "\(refused)")
    }
    let check = try await Program.vitrine("check", wrong.path)
    #expect(check.out.contains("did you mean 'general-logic'?"), "\(check)")
  }

  @Test("files that are no statements, two sayings and claims are told, and the gap list stands beside the dossier")
  func told() async throws {
    let statement = """
      ---
      item: 9
      responsible: Ada Example
      function: Head of Model Risk
      date: 23 November 2026
      status: final
      owner: Cy Example
      ---
      ## Post-market monitoring plan

      The system complies with the AI Act.
      """
    let project = try project(
      Self.owners + "  - {elements: [\"9\"], owner: Ada Example}\n",
      files: ["documentation/9.md": statement, "documentation/2-b.pdf": "%PDF-"])
    let status = try await status(project)
    #expect(status.said.contains("documentation/2-b.pdf: save what it was made from"), "\(status)")
    #expect(status.said.contains("documentation/9.md:7 says owner: Cy Example"), "\(status)")
    #expect(status.said.contains("SHOWN BY NOTHING IN THE FILE: 1 sentence"), "\(status)")
    let check = try await Program.vitrine("check", project.path)
    #expect(check.said.contains("'documentation/2-b.pdf' is not read"), "\(check)")
    let built = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(built.status == 0 && built.err.contains("NOT READ: documentation/2-b.pdf"), "\(built)")
    let version = try #require(
      try FileManager.default.contentsOfDirectory(atPath: project.url("dossier").path).first)
    for name in ["gaps.md", "gaps.csv", "gaps.ics"] {
      #expect(FileManager.default.fileExists(atPath: project.url("dossier/\(version)/\(name)").path))
    }
    let dossier = try JSON(String(contentsOf: project.url("dossier/\(version)/dossier.json"), encoding: .utf8))
    #expect(try Schema("dossier").problems(of: dossier) == [])
    let page = try String(contentsOf: project.url("dossier/\(version)/dossier.html"), encoding: .utf8)
    #expect(
      page.contains("“The system complies with the AI Act.” is the provider’s claim; nothing in this file shows it."))
  }
}
