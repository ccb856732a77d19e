import Foundation
import Testing

@testable import Evidence
@testable import Reports

@Suite("A statement of a word processor")
struct StatementConverterTests {
  private static let pandoc = ExternalProgram.find(["pandoc"])?.program
  let catalogue: LawCatalogue

  init() throws { catalogue = try StatusFixtures.catalogue.get() }

  private static let head = """
    item: 9

    responsible: Ada Example

    function: "Head: Risk & *Model*"

    date: 3. März 2026

    status: final

    owner: Ben Example
    """

  private static let body = """
    ## System to evaluate performance in the post-market phase

    The system has <b>no</b> bias & 5 < 6, _see_ [here](javascript:alert(1)).

    ## Post-market monitoring plan

    | a | b |
    |---|---|
    | 1 | 2 |
    """

  /// The document that pandoc makes of Markdown.
  private func document(_ markdown: String, _ format: String) throws -> Data {
    let pandoc = try #require(Self.pandoc)
    let outcome = try ExternalProgram.withScratch { scratch in
      try pandoc.run(
        ["--from=markdown-yaml_metadata_block", "--to=\(format)", "--output=-", "-"], input: Data(markdown.utf8),
        in: scratch,
        limits: .init(seconds: 60, bytes: 10_000_000))
    }
    try #require(outcome.status == 0, "\(outcome.messages)")
    return outcome.output
  }

  private func load(_ files: [String: Data]) throws -> StatementSet {
    try withStatements(bytes: files) { try StatementLoader.load(folder: $0, catalogue: catalogue) }
  }

  @Test(
    "is read as what a person wrote into it, and its own bytes are digested", .enabled(if: pandoc != nil),
    arguments: ["docx", "odt"])
  func read(_ format: String) throws {
    let bytes = try document(Self.head + "\n\n" + Self.body, format)
    let statement = try #require(try load(["9.\(format)": bytes]).statements.first)
    #expect(statement.item == "9" && statement.responsible == "Ada Example" && statement.openKeys.isEmpty)
    #expect(statement.date == CalendarDate("2026-03-03") && statement.assignment.owner?.value == "Ben Example")
    #expect(statement.sha256 == (try SHA256.digest(of: bytes).hex) && statement.converter?.hasPrefix("pandoc ") == true)
    #expect(statement.parts.map(\.element) == ["post-market-system", "post-market-plan"])
    #expect(statement.rawHTMLLines.isEmpty)
    let html = try ProviderMarkdown(
      statement.parts[0].markdown, below: 3, words: .init(rawHTMLRemoved: "(removed)", pictureNotShown: ("(", ")"))
    ).html { "Table \($0)" }
    #expect(!html.contains("<b>") && !html.contains("javascript:"))
    #expect(statement.parts[1].markdown.contains("| 1"))
    #expect(ProviderClaims.sentences(in: statement.parts[0].markdown).count == 1)
  }

  @Test(
    "its front matter may be a table of two columns, and Heading 1 throughout means Heading 2",
    .enabled(if: pandoc != nil))
  func table() throws {
    let text = """
      |    |    |
      |----|----|
      | Item | 9 |
      | Responsible | Ada Example |
      | not applicable | post-market-plan: it is not sold |
      | model versions | 1.0, 1.1 |

      # System to evaluate performance in the post-market phase

      Text.
      """
    let statement = try #require(try load(["plan.docx": document(text, "docx")]).statements.first)
    #expect(statement.item == "9" && statement.modelVersions == ["1.0", "1.1"])
    #expect(statement.notApplicable.map(\.element) == ["post-market-plan"])
    #expect(statement.notApplicable.first?.reason == "it is not sold")
    #expect(statement.parts.map(\.element) == ["post-market-system"])
  }

  @Test("is refused by name where it is none, or has no front matter", .enabled(if: pandoc != nil))
  func refused() throws {
    for (bytes, words) in [
      (Data("no document".utf8), "could not read it"),
      (try document("# Only a title\n\nText.", "docx"), "there is no front matter"),
    ] {
      let error = #expect(throws: ReportsError.self) { try load(["2-b.docx": bytes]) }
      #expect(error?.code == .badStatement && error?.message.hasPrefix("documentation/2-b.docx") == true)
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    let misspelt = try document("item: 9\n\nresponsable: Ada\n\nText.", "docx")
    let error = #expect(throws: ReportsError.self) { try load(["9.docx": misspelt]) }
    #expect(error?.message.contains("did you mean 'responsible'?") == true, "\(error?.message ?? "")")
  }

  @Test("is refused by name, with the remedy, where there is no pandoc")
  func without() {
    let error = #expect(throws: ReportsError.self) {
      try StatementConverter(for: "documentation/2-b.docx", path: "/nonexistent")
    }
    #expect(error?.code == .badStatement && error?.message.contains("apt install pandoc") == true)
    #expect(error?.message.hasPrefix("documentation/2-b.docx: ") == true)
  }

  @Test("a program that runs on or writes on is ended", arguments: [("sleep 60", 0.3), ("yes", 20.0)])
  func bounded(_ command: String, _ seconds: Double) throws {
    let shell = ExternalProgram(file: URL(fileURLWithPath: "/bin/sh"))
    let started = ContinuousClock.now
    let outcome = try ExternalProgram.withScratch { scratch in
      try shell.run(["-c", "exec " + command], in: scratch, limits: .init(seconds: seconds, bytes: 100_000))
    }
    #expect(outcome.status == nil && ContinuousClock.now - started < .seconds(30))
  }

  @Test("other texts in the folder are told by name, unless a statement refers to them; what Word leaves behind is not")
  func unread() throws {
    let statement = Data("---\nitem: 4\n---\nSee [the report](report.pdf).\n".utf8)
    let set = try load([
      "4.md": statement, "report.pdf": Data(), "2-b.doc": Data(), "notes.txt": Data(), "page.html": Data(),
      "a.rtf": Data(),
      "b.markdown": Data(), "~$2-b.docx": Data(), "README.md": Data(), "picture.png": Data(), "c.pdf": Data(),
    ])
    #expect(set.statements.map(\.file) == ["documentation/4.md"])
    #expect(
      set.unread.map(\.file)
        == ["2-b.doc", "a.rtf", "b.markdown", "c.pdf", "notes.txt", "page.html"].map { "documentation/\($0)" })
    #expect(set.unread.first?.remedy == "save it as .docx, .odt or Markdown (.md)")
  }
}
