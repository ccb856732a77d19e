import Foundation
import Project
import Templates
import Testing

@testable import Reports

/// A language that is added as files of a project, without touching code.
@Suite("Interface text: a project's own language")
struct LanguageFolderTests {
  /// The installed English files as those of another language in a templates folder, without the terminal's, which speaks English.
  private func copied(to language: String, changing change: (String) -> String = { $0 }) throws -> [String: String] {
    let folder = Templates.url("text/en")
    var files: [String: String] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != "terminal.yaml" {
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      files["text/\(language)/\(name)"] = change(text)
    }
    return files
  }

  @Test("is read from templates/text/, names the page's language, and is asked for by its code")
  func own() throws {
    let templates = try DossierFixtures.Folder(
      try copied(to: "fr") {
        $0.replacing("heading: In brief", with: "heading: En bref").replacing(
          "contents: Contents", with: "contents: Table"
        )
        .replacing("decimal-mark: \".\"", with: "decimal-mark: \",\"")
      })
    let folder = try DossierFixtures.folder()
    let inputs = try DossierFixtures.inputs(folder, runs: [])
    let output = try DossierBuilder(templates: templates.url, language: "fr").build(inputs)
    let html = output.text("dossier.html")
    #expect(
      html.contains("<html lang=\"fr\">") && html.contains("<h2>En bref</h2>")
        && html.contains("<summary>Table</summary>"))
    #expect(output.text("instructions-for-use.html").contains("<html lang=\"fr\">"))
    let english = try DossierBuilder(templates: templates.url).build(inputs).text("dossier.html")
    #expect(english.contains("<html lang=\"en\">") && english.contains("<h2>In brief</h2>"))
  }

  @Test("is refused while it lacks a text, with the keys that it lacks")
  func incomplete() throws {
    let templates = try DossierFixtures.Folder(
      try copied(to: "fr") { $0.replacing("  heading: In brief\n", with: "") })
    #expect {
      try DossierBuilder(templates: templates.url, language: "fr")
    } throws: {
      ($0 as? ReportsError)?.code == .missingKey && "\($0)".contains("text/fr/") && "\($0)".contains("brief.heading")
    }
  }

  @Test("is refused with the forms that its plural rule needs")
  func plurals() throws {
    let templates = try DossierFixtures.Folder(
      try copied(to: "pl") { $0.replacing("plural-rule: one-other", with: "plural-rule: polish") })
    #expect {
      try DossierBuilder(templates: templates.url, language: "pl")
    } throws: {
      ($0 as? ReportsError)?.code == .badValue && "\($0)".contains("few, many") && "\($0)".contains("text/pl/")
    }
  }

  @Test(
    "a folder of texts with anything else in it is refused",
    arguments: ["text/notes.yaml", "text/EN/a.yaml", "text/fr_FR/a.yaml", "text/fr/a.txt"])
  func strays(_ path: String) throws {
    let templates = try DossierFixtures.Folder([path: "a: b\n"])
    #expect {
      try TemplateFolder.check(templates.url)
    } throws: {
      ($0 as? ReportsError)?.code == .badTemplate && "\($0)".contains("/text/")
    }
  }

  @Test("the project file names the language; English is what it says otherwise")
  func projectFile() throws {
    let plain = try DossierFixtures.folder()
    #expect(try ProjectLoader.load(folder: plain.url).language == "en")
    let file = plain.url.appendingPathComponent("vitrine.yaml")
    let yaml = try String(contentsOf: file, encoding: .utf8)
    try (yaml + "\nlanguage: fr\n").write(to: file, atomically: true, encoding: .utf8)
    #expect(try ProjectLoader.load(folder: plain.url).language == "fr")
  }
}
