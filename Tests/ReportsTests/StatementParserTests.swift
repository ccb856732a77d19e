import Foundation
import Testing

@testable import Evidence
@testable import Reports

/// A documentation folder for one test, removed afterwards.
func withStatements<Result>(_ files: [String: String], _ body: (URL) throws -> Result) throws -> Result {
  try withStatements(bytes: files.mapValues { Data($0.utf8) }, body)
}

/// The same from bytes.
func withStatements<Result>(bytes files: [String: Data], _ body: (URL) throws -> Result) throws -> Result {
  let parent = FileManager.default.temporaryDirectory.appendingPathComponent("statements-\(UUID().uuidString)")
  let folder = parent.appendingPathComponent("documentation")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: parent) }
  for (name, content) in files { try content.write(to: folder.appendingPathComponent(name)) }
  return try body(folder)
}

@Suite("A statement file")
struct StatementParserTests {
  let catalogue: LawCatalogue

  init() throws { catalogue = try StatusFixtures.catalogue.get() }

  private func load(_ files: [String: String]) throws -> StatementSet {
    try withStatements(files) { try StatementLoader.load(folder: $0, catalogue: catalogue) }
  }

  private func parse(_ text: String) throws -> Statement {
    try #require(try load(["file.md": text]).statements.first)
  }

  private func refusal(_ text: String) -> ReportsError? {
    #expect(throws: ReportsError.self) { try parse(text) }
  }

  private static let head = """
    responsible: Ada Example
    function: Head of Model Risk
    date: 2026-11-23
    status: final
    """

  @Test("gives its front matter and its texts by element, with lines")
  func reading() throws {
    let statement = try parse(
      """
      ---
      item: 2(b)
      \(Self.head)
      model_versions: [1.0, 1.1]
      not_applicable:
        trade-offs: none was made
      ---

      # Design specifications

      ## General logic of the AI system and of the algorithms

      A *score* is computed.

      ### A heading of our own

      More.

      ## optimisation-target

      Fewest errors.
      """)
    #expect(statement.file == "documentation/file.md")
    #expect(statement.item == "2(b)")
    #expect(statement.responsible == "Ada Example")
    #expect(statement.function == "Head of Model Risk")
    #expect(statement.date == CalendarDate("2026-11-23"))
    #expect(statement.status == .final)
    #expect(statement.openKeys == [])
    #expect(statement.modelVersions == ["1.0", "1.1"])
    #expect(statement.notApplicable == [.init(element: "trade-offs", reason: "none was made", line: 9)])
    #expect(
      statement.parts == [
        .init(
          element: "general-logic", markdown: "A *score* is computed.\n\n### A heading of our own\n\nMore.", line: 14,
          textLine: 16, isVisible: true),
        .init(
          element: "optimisation-target", markdown: "Fewest errors.", line: 22, textLine: 24, isVisible: true),
      ])
    #expect(statement.unassignedLine == nil)
  }

  @Test("carries the digest of its bytes")
  func digest() throws {
    // printf -- '---\nitem: 9\n---\n' | sha256sum
    #expect(
      try parse("---\nitem: 9\n---\n").sha256 == "05c2d76f913e1203eb016860c4977530d01f1fd9add8dff889ba052f95304941")
  }

  @Test("names an element by title or id, whatever the case, spacing or heading style")
  func headings() throws {
    for heading in [
      "## Post-market Monitoring  plan", "## post-market-plan", "## Post-market monitoring plan ##",
      "Post-market monitoring plan\n---", "## *Post-market* monitoring plan:",
    ] {
      let statement = try parse("---\nitem: 9\n\(Self.head)\n---\n\(heading)\nText.\n")
      #expect(statement.parts.map(\.element) == ["post-market-plan"], "\(heading)")
      #expect(statement.parts.map(\.markdown) == ["Text."], "\(heading)")
    }
  }

  @Test("needs no heading where the item has one element")
  func singleElement() throws {
    let statement = try parse("---\nitem: 4\n\(Self.head)\n---\n\n# Metrics\n\nThey fit.\n")
    #expect(
      statement.parts == [
        .init(element: "metric-appropriateness", markdown: "They fit.", line: 11, textLine: 11, isVisible: true)
      ])
  }

  @Test("has text under no heading where the item has several elements, and says on which line")
  func unassigned() throws {
    let statement = try parse("---\nitem: 9\n\(Self.head)\n---\n\nWe watch it.\n")
    #expect(statement.parts == [])
    #expect(statement.unassignedLine == 9)
  }

  @Test("takes no heading from code, comments or quotations")
  func notHeadings() throws {
    let body = "```\n## post-market-system\n```\n\n<!--\n## post-market-system\n-->\n\n> ## post-market-system\n\nText."
    let statement = try parse("---\nitem: 9\n\(Self.head)\n---\n## post-market-plan\n\(body)\n")
    #expect(statement.parts.map(\.element) == ["post-market-plan"])
    #expect(statement.parts.first?.markdown == body)
  }

  @Test(
    "declares nothing with comments, raw HTML or bare markup alone",
    arguments: [
      "", "<!-- later -->", "<!--\na\n\nb\n-->", "<div>text</div>", "<script>alert(1)</script>", "***", "- \n- ", "...",
    ])
  func invisible(_ body: String) throws {
    let statement = try parse("---\nitem: 4\n\(Self.head)\n---\n\(body)\n")
    #expect(statement.parts.map(\.isVisible) == [false])
  }

  @Test("keeps hostile text as it stands and says where raw HTML is")
  func hostile() throws {
    let body =
      "Text {{name}} [x](javascript:alert(1)) \u{202E}evil\u{202C}\n\n<script>alert(1)</script>\n\n<!-- note -->"
    let statement = try parse("---\nitem: 4\n\(Self.head)\n---\n\(body)\n")
    #expect(statement.parts.first?.markdown == body)
    #expect(statement.parts.first?.isVisible == true)
    #expect(statement.rawHTMLLines == [10])
    let long = String(repeating: "a *b* ", count: 200_000)
    #expect(try parse("---\nitem: 4\n\(Self.head)\n---\n\(long)\n").parts.first?.markdown == long)
  }

  @Test("is read with Windows line ends and a byte order mark")
  func lineEnds() throws {
    let text = "\u{FEFF}---\nitem: 4\n\(Self.head)\n---\nThey fit.\n".replacing("\n", with: "\r\n")
    #expect(try parse(text).parts.map(\.markdown) == ["They fit."])
  }

  @Test("is open while front matter is not filled in")
  func open() throws {
    let statement = try parse("---\nitem: 4\nresponsible:\nfunction: ''\ndate:\nstatus: draft\n---\nText.\n")
    #expect(statement.openKeys == ["responsible", "function", "date", "status"])
    #expect(try parse("---\nitem: 4\n---\nText.\n").openKeys == ["responsible", "function", "date", "status"])
  }

  @Test(
    "is refused with code, line and remedy",
    arguments: [
      ("Text only.", ReportsError.Code.badStatement, "line 1: there is no front matter"),
      ("---\nitem: 4\n", .badStatement, "line 1: there is no front matter"),
      (
        "---\nresponsable: x\nitem: 4\n---\n", .unknownKey,
        "unknown key 'responsable' in documentation/file.md line 2; did you mean 'responsible'?"
      ),
      ("---\nresponsible: x\n---\n", .missingKey, "'item' is missing"),
      ("---\nitem: 2(i)\n---\n", .unknownItem, "line 2: Annex IV has no item '2(i)'"),
      ("---\nitem: 4\ndate: 2026-02-30\n---\n", .badValue, "line 3: 'date' is '2026-02-30', which is no day"),
      (
        "---\nitem: 4\ndate: 03/04/2026\n---\n", .badValue,
        "line 3: 'date' is '03/04/2026', which can be read as 2026-04-03"
      ),
      (
        "---\nitem: 4\nfunction: Head: Risk\n---\n", .badYAML,
        "documentation/file.md line 3 is not valid YAML: mapping values are not allowed"
      ),
      (
        "---\nitem: 4\nfunction: Head: Risk\n---\n", .badYAML,
        "write the text in quotation marks: function: \"Head: Risk\""
      ),
      ("---\nitem: 4\nfunction: @x\n---\n", .badYAML, "function: \"@x\""),
      ("---\nitem: 4\nfunction: *x*\n---\n", .badYAML, "function: \"*x*\""),
      ("---\nitem: 4\nstatus: yes\n---\n", .badValue, "'status' is 'yes'"),
      ("---\nitem: 4\nnot_applicable: capabilities: x\n---\n", .badYAML, "not_applicable: /   capabilities: \"x\""),
      ("---\nitem: 4\nstatus: finished\n---\n", .badValue, "It can be draft, final"),
      (
        "---\nitem: 4\nitem: 5\n---\n", .duplicate,
        "the key 'item' is written twice in one group in documentation/file.md, first in line 2"
      ),
      ("---\nitem: [4]\n---\n", .wrongType, "'item' must be a text, not a list, in documentation/file.md line 2"),
      (
        "---\nitem: 4\nmodel_versions: 1.0\n---\n", .wrongType,
        "'model_versions' must be a list of texts, not '1.0', in documentation/file.md line 3"
      ),
      ("---\nitem: 4\n  bad: \"\n---\n", .badYAML, "documentation/file.md line 3 is not valid YAML"),
      (
        "---\nitem: 9\n---\n## Post-market plans\nText.\n", .unknownElement,
        "line 4: item 9 has no element 'Post-market plans'"
      ),
      ("---\nitem: 9\n---\n## post-market-plan\na\n## post-market-plan\nb\n", .duplicate, "line 6: the heading"),
      ("---\nitem: 9\nnot_applicable: {plan: x}\n---\n", .unknownElement, "line 3: item 9 has no element 'plan'"),
      (
        "---\nitem: 9\nnot_applicable:\n  post-market-plan:\n---\n", .missingKey,
        "line 4: 'post-market-plan' is said not to apply, but no reason"
      ),
      (
        "---\nitem: 9\nnot_applicable: {post-market-plan: x}\n---\n## post-market-plan\na\n", .badStatement,
        "line 5: 'post-market-plan' is declared here, but line 3"
      ),
    ])
  func refusals(_ text: String, _ code: ReportsError.Code, _ words: String) {
    let error = refusal(text)
    #expect(error?.code == code)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    // The file comes first, or in the words that name its line.
    #expect(error?.message.hasPrefix("documentation/file.md") == true || words.contains("documentation/file.md"))
  }

  @Test("names the known elements when a heading is not one")
  func knownElements() {
    let message = refusal("---\nitem: 9\n---\n## Plan\nText.\n")?.message ?? ""
    #expect(message.contains("post-market-system (System to evaluate performance in the post-market phase)"))
    #expect(message.contains("use ### or deeper"))
  }
}

@Suite("The folder of statements")
struct StatementLoaderTests {
  let catalogue: LawCatalogue

  init() throws { catalogue = try StatusFixtures.catalogue.get() }

  private func load(_ files: [String: String]) throws -> StatementSet {
    try withStatements(files) { try StatementLoader.load(folder: $0, catalogue: catalogue) }
  }

  @Test("is read in order of file names, without README, hidden and other files")
  func files() throws {
    let set = try load([
      "b.md": "---\nitem: 5\n---\n", "a.MD": "---\nitem: 4\n---\n", "README.md": "No front matter.", ".x.md": "hidden",
      "notes.txt": "other",
    ])
    #expect(set.statements.map(\.file) == ["documentation/a.MD", "documentation/b.md"])
  }

  @Test("holds no statements if it does not exist, and is refused if it is a file")
  func absence() throws {
    try withStatements(["x.txt": ""]) { folder in
      let missing = try StatementLoader.load(folder: folder.appendingPathComponent("no"), catalogue: catalogue)
      #expect(missing.statements == [])
      let error = #expect(throws: ReportsError.self) {
        try StatementLoader.load(folder: folder.appendingPathComponent("x.txt"), catalogue: catalogue)
      }
      #expect(error?.code == .unreadable)
    }
  }

  @Test("has one statement per item and model version")
  func duplicates() throws {
    let error = #expect(throws: ReportsError.self) {
      try load(["a.md": "---\nitem: 4\n---\n", "b.md": "---\nitem: 4\n---\n"])
    }
    #expect(error?.code == .duplicate)
    #expect(error?.message.contains("documentation/b.md and documentation/a.md both state item 4") == true)
    func head(_ versions: String) -> String { "---\nitem: 4\nmodel_versions: \(versions)\n---\n" }
    #expect(throws: ReportsError.self) { try load(["a.md": head("[1.0, 1.1]"), "b.md": head("[1.1]")]) }
    let set = try load(["a.md": head("[1.0]"), "b.md": head("[1.1]")])
    #expect(set.statement(item: "4", modelVersion: "1.1")?.file == "documentation/b.md")
    #expect(set.statement(item: "4", modelVersion: "2.0") == nil)
  }

  @Test("refuses bytes that are not UTF-8")
  func encoding() throws {
    try withStatements(bytes: ["a.md": Data([0x2D, 0x2D, 0x2D, 0x0A, 0xFF, 0xFE])]) { folder in
      let error = #expect(throws: ReportsError.self) { try StatementLoader.load(folder: folder, catalogue: catalogue) }
      #expect(error?.code == .badValue)
      #expect(error?.message == "documentation/a.md: this is not UTF-8 text; save it as UTF-8.")
    }
  }
}
