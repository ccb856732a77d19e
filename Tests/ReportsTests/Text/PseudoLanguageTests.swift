import Evidence
import Foundation
import Project
import Templates
import Testing

@testable import Reports

/// Renders dossiers and extracts in a pseudo-language: what is printed outside its brackets must stand in the inputs (the law, the
/// project, its statements and its runs), so that no sentence of ours is left in code.
@Suite("Interface text: a pseudo-language")
struct PseudoLanguageTests {
  /// Everything that is not interface text, on one line.
  private struct Data {
    let text: String

    init(_ inputs: DossierInputs, _ output: DossierBuilder.Output) throws {
      var texts: [String] = []
      for name in ["annex-iv", "provisions", "catalogue"] {
        texts.append(try String(contentsOf: Templates.url("law/\(name).yaml"), encoding: .utf8))
      }
      texts.append(String(decoding: inputs.project.fileBytes, as: UTF8.self))
      for run in inputs.runs {
        texts.append(String(decoding: try CanonicalJSON.encode(run.record), as: UTF8.self))
        texts.append(run.sha256)
        texts.append("\(run.record.program.name) \(run.record.program.version)")
      }
      texts += inputs.statements.statements.flatMap { statement in
        [statement.file, statement.responsible ?? "", statement.function ?? ""] + statement.parts.map(\.markdown)
          + statement.notApplicable.map(\.reason)
      }
      texts += inputs.signatures.flatMap { [$0.statement, $0.identity] }
      // The names of files, headings and keys that a gap asks for.
      texts += output.status.gaps.flatMap { [$0.gap.file, $0.gap.heading] + $0.gap.remedy.openKeys }
      text = texts.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Whether the data has it; names of parts of a model have their own syntax.
    func holds(_ piece: String) -> Bool {
      piece.wholeMatch(of: /(L\d+)?(H\d+)?(MLP)?/) != nil || text.contains(piece)
    }
  }

  private func built(_ inputs: DossierInputs) throws -> DossierBuilder.Output {
    try DossierBuilder(text: PseudoLanguage.text()).build(inputs)
  }

  /// The words of a page: text between tags and labels, without code, statements, the law's words and the style sheet.
  private func words(html: String) -> [String] {
    var page = html
    for pattern in [
      #"<style>[\s\S]*?</style>"#, #"<code>[\s\S]*?</code>"#, #"<blockquote[\s\S]*?</blockquote>"#,
      #"<div class="statement">[\s\S]*?\n</div>"#,
    ] {
      page = page.replacingOccurrences(of: pattern, with: "\n", options: .regularExpression)
    }
    let labels = page.matches(of: /aria-label="([^"]*)"/).map { String($0.output.1) }
    let texts = page.replacingOccurrences(of: "<[^>]*>", with: "\n", options: .regularExpression)
    return ([texts] + labels).map {
      $0.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
        .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }
  }

  /// The words of a Markdown file, without code, the law's words, statements, anchors and link targets.
  private func words(markdown: String, statements: [String]) -> String {
    var text = markdown
    for statement in statements { text = text.replacing(statement, with: "\n") }
    for pattern in [
      #"\A---\n[\s\S]*?\n---\n"#, #"(?m)^> [^*\n].*$"#, #"`+[^`\n]*`+"#, #"<a id="[^"]*"></a>"#, #"\]\([^)\n]*\)"#,
    ] {
      text = text.replacingOccurrences(of: pattern, with: "\n", options: .regularExpression)
    }
    return text.replacing("\\", with: "")
  }

  private func check(_ inputs: DossierInputs) throws {
    let output = try built(inputs)
    let data = try Data(inputs, output)
    for (name, content) in output.files {
      let text = String(decoding: content, as: UTF8.self)
      #expect(text.contains("⟦"), "\(name)")
      let words: [String] =
        switch true {
        case name.hasSuffix(".html"): self.words(html: text)
        case name.hasSuffix(".md"): [self.words(markdown: text, statements: [])]
        default: []
        }
      let left = Set(words.flatMap(PseudoLanguage.pieces)).filter { !data.holds($0) }
      #expect(left.isEmpty, "\(name) prints what is in no file of text and in no input: \(left.sorted())")
      if name.hasSuffix(".html") { #expect(text.contains("<html lang=\"qps\">"), "\(name)") }
    }
  }

  @Test(
    "no words of ours are left outside the files of text, in the dossier of a measured store",
    arguments: ["1.0", "1.1"])
  func golden(_ version: String) throws { try check(try DossierGoldenTests.inputs(version)) }

  @Test("nor with every method of analysis, nor in an empty project")
  func methods() throws {
    let folder = try DossierFixtures.folder()
    let project = try ProjectLoader.load(folder: folder.url)
    try check(try DossierFixtures.inputs(folder, runs: [MechanismFixtures.run(project)]))
    try check(try DossierFixtures.inputs(folder, runs: []))
    try check(try DossierFixtures.inputs(folder, version: "1.1", runs: []))
  }

  @Test("the law's words are marked as English on a page in another language, and only there")
  func law() throws {
    let inputs = try DossierGoldenTests.inputs("1.1")
    func html(_ output: DossierBuilder.Output) throws -> String {
      String(decoding: try #require(output.files.first { $0.name == "dossier.html" }).content, as: UTF8.self)
    }
    let other = try html(built(inputs))
    #expect(other.contains("<blockquote class=\"law\" lang=\"en\">"))
    #expect(!other.contains("<blockquote class=\"law\">"))
    #expect(!(try html(DossierBuilder().build(inputs))).contains("lang=\"en\">\n<p>"))
  }

  @Test("the JSON says what a reader reads in the language, and keeps codes, days and data as they are")
  func json() throws {
    let inputs = try DossierGoldenTests.inputs("1.1")
    let (own, english) = (try built(inputs).dossier, try DossierBuilder().build(inputs).dossier)
    #expect(own.behaviours.flatMap(\.claims).allSatisfy { $0.text.contains("⟦") })
    #expect(own.items.allSatisfy { $0.state.contains("⟦") })
    #expect(own.items.flatMap(\.elements).map(\.state) == english.items.flatMap(\.elements).map(\.state))
    #expect(own.items.flatMap(\.elements).compactMap(\.gap).allSatisfy { $0.action.contains("⟦") })
    #expect(own.items.map(\.text) == english.items.map(\.text))
    #expect(own.date == english.date && own.law.asOf == english.law.asOf)
    #expect(own.behaviours.map(\.numbers) == english.behaviours.map(\.numbers))
    #expect(own.behaviours.flatMap(\.claims).map(\.standing) == english.behaviours.flatMap(\.claims).map(\.standing))
  }

  @Test("numbers, days and quotation marks follow the language on all pages")
  func marks() throws {
    let output = try built(try DossierGoldenTests.inputs("1.1"))
    let core = words(markdown: output.text("dossier.md"), statements: [])
    #expect(core.contains(/−\d+,\d/) && core.contains(/\d\d\/\d\d\/\d{4}/) && core.contains("„"))
    let text = words(markdown: output.pages("md"), statements: [])
    #expect(text.contains(/−0,\d{3}/) && text.contains(/\d\d\/\d\d\/\d{4}/) && text.contains("„"))
    #expect(!text.contains(/−\d+\.\d{3}\b/))
  }
}
