import Analysis
import Evidence
import Foundation
import Project
import Templates
import Testing

@testable import Reports

/// A project's own words and looks: what they may not say, and how a document that has them says so.
@Suite("A project's own words and looks")
struct OwnWordsTests {
  private typealias Fixtures = DossierFixtures

  /// The installed English files as those of another language.
  static func copied(to language: String, _ changes: [(String, String)] = []) throws -> [String: String] {
    let folder = Templates.url("text/en")
    var files: [String: String] = [:]
    var found = Set<Int>()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      var text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      for (index, change) in changes.enumerated() where text.contains(change.0) {
        text = text.replacing(change.0, with: change.1)
        found.insert(index)
      }
      files["text/\(language)/\(name)"] = text
    }
    try #require(found.count == changes.count)
    return files
  }

  private func refusal(_ files: [String: String], language: String) throws -> String? {
    let templates = try Fixtures.Folder(files)
    do {
      _ = try DossierBuilder(templates: templates.url, language: language)
      return nil
    } catch let error as ReportsError {
      #expect(error.exitStatus == .badInput)
      return error.message
    }
  }

  @Test(
    "in English, and in any English, the names of states and what carries values stay as installed",
    arguments: ["en", "en-GB"],
    [
      ("  missing: missing", "  missing: complete", "status.missing"),
      ("{missing} missing.", "{missing} complete.", "brief.counts"),
      ("  not-established: not established", "  not-established: measured", "standing.not-established"),
      ("  failed: FAILED", "  failed: passed", "methods.failed"),
      ("  unsettled: unsettled", "  unsettled: unchanged", "diff.unsettled"),
      ("| Declared | Not applicable | Missing\"", "| Missing | Not applicable | Declared\"", "brief.state-columns"),
      ("  missing: Missing.", "  missing: Complete.", "page.missing"),
      ("(draft form)", "(final)", "extracts.declaration-title"),
      ("  refused: refused", "  refused: finished", "record.refused"),
    ])
  func english(_ language: String, _ change: (String, String, String)) throws {
    let message = try #require(
      try refusal(try Self.copied(to: language, [(change.0, change.1)]), language: language))
    #expect(
      message.contains("text/\(language)/") && message.contains("line ") && message.contains(change.2), "\(message)")
  }

  @Test(
    "words of any language that lose, change or add a value are refused with file, line and key",
    arguments: [
      (
        "{missing} of {n, plural, one {# element} other {# elements}} missing",
        "{n, plural, one {{missing} of #} other {of #}}", "{missing}"
      ),
      (
        "one {# element is} other {# elements are}} missing.", "one {# element is} other {an element is}} missing.",
        "{n}"
      ),
      ("and {missing} missing.", "and 0{missing} missing.", "digit"),
      ("and {missing} missing.", "and {missing}00 missing.", "digit"),
      ("and {missing} missing.", "and 62 {missing} missing.", "62"),
      ("and {missing} missing.", "and -{missing} missing.", "'-'"),
      ("and {missing} missing.", "and {missing}\u{305} missing.", "combining"),
      ("  missing: missing", "  missing: \"complete [evidenced]\"", "bracket"),
      ("  missing: missing", "  missing: \"mis\\u202Esing\"", "U+202E"),
      ("  missing: missing", "  missing: \"mis\\u200Bsing\"", "U+200B"),
      ("  missing: missing", "  missing: \"\\u0301issing\"", "U+301"),
      ("  missing: missing", "  missing: \"<s>missing</s>\"", "markup"),
      ("  missing: missing", "  missing: \"mis\\x1B[8msing\"", "U+1B"),
      ("  missing: missing", "  missing: compliant with all", "compliant with"),
      ("heading: In brief", "heading: This system meets every requirement", "meets every"),
      ("group-mark: \"\\u202F\"", "group-mark: \"0\"", "group-mark"),
      ("decimal-mark: \".\"", "decimal-mark: \"5\"", "decimal-mark"),
      ("group-mark: \"\\u202F\"", "group-mark: \".\"", "decimal-mark"),
      ("percent: \"{number}\\_%\"", "percent: \"9{number}%\"", "percent"),
      ("percent: \"{number}\\_%\"", "percent: \"{number} of a thousand\"", "percent"),
      ("date: \"{year}-{month}-{day}\"", "date: \"2{year}-{month}-{day}\"", "date"),
      ("not-finite: not finite", "not-finite: \"0\"", "not-finite"),
      ("quote-open: “", "quote-open: \"not \"", "quote-open"),
    ])
  func otherLanguage(_ old: String, _ new: String, _ hint: String) throws {
    let message = try #require(try refusal(try Self.copied(to: "fr", [(old, new)]), language: "fr"), "\(new)")
    #expect(message.contains("text/fr/") && message.contains("line ") && message.contains(hint), "\(message)")
  }

  @Test(
    "beside each state of a project's own language stands the program's name of it, with the counts, in page and JSON")
  func marks() throws {
    let changes = [
      ("  missing: missing", "  missing: zfini"), ("  declared: declared", "  declared: prouvé"),
      ("and {missing} missing.", "et {missing} zfinis."), ("  missing: Missing.", "  missing: Zfini."),
    ]
    let templates = try Fixtures.Folder(try Self.copied(to: "fr", changes))
    let folder = try Fixtures.folder()
    let inputs = try Fixtures.inputs(folder, runs: [])
    let output = try DossierBuilder(templates: templates.url, language: "fr").build(inputs)
    for name in ["dossier.html", "dossier.md", "instructions-for-use.html"] {
      let text = output.text(name).replacing("\\", with: "")
      #expect(text.contains("zfini [missing]"), "\(name)")
      // Never the word alone: each is followed by the mark.
      #expect(
        text.components(separatedBy: "zfini").dropFirst().allSatisfy {
          $0.hasPrefix(" [missing]") || $0.hasPrefix("s.")
        }, "\(name)")
    }
    let page = output.text("dossier.html")
    let counts = output.dossier.counts
    #expect(page.contains("Missing [missing]</th>") && page.contains("Zfini. [missing]</strong>"))
    #expect(
      page.contains("\(counts.declared) declared, \(counts.notApplicable) not applicable and \(counts.missing) missing")
    )
    #expect(output.dossier.items.allSatisfy { $0.state.contains("missing]") || $0.state.contains("[") })
    // The same bytes as installed are no other words.
    let same = try Fixtures.Folder(try Self.copied(to: "en"))
    let plain = try DossierBuilder(templates: same.url).build(inputs)
    let installed = try DossierBuilder().build(inputs)
    #expect(plain.dossier.looks == nil && plain.files.map(\.content) == installed.files.map(\.content))
  }

  @Test("each file in place of an installed one is named with its SHA-256 on every page and in dossier.json")
  func named() throws {
    let frame = try String(contentsOf: Templates.url("dossier/dossier.html.mustache"), encoding: .utf8)
      .replacing("<div class=\"columns\">", with: "<div class=\"columns own-x\">")
    let extracts = try String(contentsOf: Templates.url("dossier/extracts.yaml"), encoding: .utf8) + "# ours\n"
    var files = ["style.css": "p { color: #123456 }\n", "dossier.html.mustache": frame, "extracts.yaml": extracts]
    // An English heading is a project's own to word.
    files.merge(try Self.copied(to: "en", [("heading: In brief", "heading: In short words")])) { $1 }
    let templates = try Fixtures.Folder(files)
    let folder = try Fixtures.folder()
    let output = try DossierBuilder(templates: templates.url).build(Fixtures.inputs(folder, runs: []))
    let expected = ["dossier.html.mustache", "extracts.yaml", "style.css", "text/en/dossier.yaml"]
    // The digests are those of the system's sha256sum.
    let sums = try OpenSSLProgram.shell("sha256sum \(expected.joined(separator: " "))", in: templates.url)
      .split(separator: "\n").map { String($0.prefix(64)) }
    #expect(output.dossier.looks?.map(\.path) == expected.map { "templates/\($0)" })
    #expect(output.dossier.looks?.map(\.sha256) == sums)
    #expect(
      output.dossier.looks?.map(\.replaces) == [
        "dossier/dossier.html.mustache", "dossier/extracts.yaml", "dossier/style.css", "text/en/dossier.yaml",
      ])
    for (name, content) in output.files where name.hasSuffix(".html") || name.hasSuffix(".md") {
      let text = String(decoding: content, as: UTF8.self)
      #expect(sums.allSatisfy(text.contains), "\(name)")
    }
    let page = output.text("dossier.html")
    let place = try #require(page.range(of: "4 files of the project are used in their place"))
    let brief = try #require(page.range(of: "id=\"in-brief\""))
    #expect(place.lowerBound < brief.lowerBound && page.contains("In short words"))
  }

  @Test("the notice is the installed English text, whatever the files of words say of it")
  func notice() throws {
    let templates = try Fixtures.Folder(
      try Self.copied(
        to: "fr",
        [("are not those installed with the program", "sont installés"), ("heading: In brief", "heading: En bref")]))
    let folder = try Fixtures.folder()
    let output = try DossierBuilder(templates: templates.url, language: "fr").build(Fixtures.inputs(folder, runs: []))
    #expect(
      output.text("dossier.html").contains(
        "The words or looks of this document are not those installed with the program"))
    #expect(
      output.text("eu-declaration-of-conformity-draft.html").contains(
        "The installed title of this document is “EU declaration of conformity (draft form)”"))
  }

  @Test(
    "a project's own extracts lose nothing that the installed ones of the same name say, and claim nothing",
    arguments: [
      ("\n        measured: [reading, decisions, limits]", "\n        measured: [reading, decisions]", "limits"),
      ("        elements: [\"3 unintended-outcomes\"]\n", "", "3 unintended-outcomes"),
      (
        "      - provision: annex-v-3\n        blanks: [\"{extracts.blank-statement-of-the-provider}\"]\n", "",
        "annex-v-3"
      ),
      ("title: \"{extracts.declaration-title}\"", "title: EU declaration of conformity", "title"),
      (
        "        says: \"{extracts.instructions-says-article-13-3-b-iv}\"\n",
        "        says: Deployers can rely on it.\n", "sentence"
      ),
      ("introduction: [article-13-2, article-13-3]", "introduction: [article-13-2]", "article-13-3"),
      ("id: model-card", "id: card", "limits\""),
      (
        "id: model-card\n    title: \"{extracts.model-card-title}\"",
        "id: card\n    title: \"This system meets Article 13\"", "meets article"
      ),
      ("id: model-card\n    title: \"{extracts.model-card-title}\"", "id: card\n    title: \"Car\\u202Ed\"", "U+202E"),
    ])
  func extracts(_ old: String, _ new: String, _ hint: String) throws {
    let installed = try String(contentsOf: Templates.url("dossier/extracts.yaml"), encoding: .utf8)
    var own = installed.replacing(old, with: new, maxReplacements: 1)
    try #require(own != installed)
    if hint == "limits\"" { own = own.replacing("        measured: [limits]\n", with: "") }
    let templates = try Fixtures.Folder(["extracts.yaml": own])
    let folder = try Fixtures.folder()
    #expect {
      try DossierBuilder(templates: templates.url).build(Fixtures.inputs(folder, runs: []))
    } throws: {
      let text = "\($0)"
      return ($0 as? ReportsError)?.exitStatus == .badInput && text.contains("extracts.yaml")
        && text.contains(hint.replacing("\"", with: ""))
    }
  }
}
