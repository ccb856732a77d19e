import Foundation
import Testing

@testable import Evidence
@testable import Reports

@Suite("A derived copy of a page")
struct DerivedCopyTests {
  /// A page of a dossier, and a copy of it. The core has tables, law and a picture; the evidence has tables and figures.
  private func copy(_ name: String = "dossier.html") throws -> (DerivedCopy, page: String) {
    let folder = try ProvidedFileTests.folder(
      "![a red field](red.png)\n\n> quoted", ["documentation/red.png": PictureFixtures.png])
    let project = try DossierFixtures.project(folder)
    let runs = [DossierFixtures.analysis(project, id: DossierFixtures.id("1"))]
    let (output, files) = try DossierBuilder().write(DossierFixtures.inputs(folder, runs: runs))
    let page = try #require(files.first { $0.lastPathComponent == name })
    return (try DerivedCopy(of: page, tool: "a tool 1.0", text: output.text), output.text(name))
  }

  @Test("says of which page it is one, by digest, and by which program, before everything else")
  func marked() throws {
    let (copy, page) = try copy()
    let digest = try SHA256.digest(of: Data(page.utf8)).hex
    #expect(copy.sha256 == digest)
    let said = try #require(
      copy.marked.range(of: "This is a copy of dossier.html (SHA-256 \(digest)), made with a tool 1.0."))
    let first = try #require(copy.marked.range(of: "<section"))
    #expect(said.lowerBound < first.lowerBound)
    // Nothing else is changed.
    let lines = copy.marked.split(separator: "\n").filter { !$0.contains("This is a copy of") }
    #expect(lines == page.split(separator: "\n"))
  }

  @Test("keeps the language of the law's words where it is another than the page's")
  func language() throws {
    let folder = try DossierFixtures.Folder([
      "page.html": "<html lang=\"de\"><title>t</title><h1>t</h1><section id=\"a\"><h2>A</h2>"
        + "<blockquote class=\"law\" lang=\"en\"><p>the law</p></blockquote></section></html>"
    ])
    let copy = try DerivedCopy(
      of: folder.url.appendingPathComponent("page.html"), tool: "a tool", text: InterfaceText.english())
    #expect(OfficePage(copy).html.contains("<div custom-style=\"Law\" lang=\"en\"><p>the law</p></div></blockquote>"))
    // A page without any section has no place for what a copy must say.
    let empty = try DossierFixtures.Folder(["page.html": "<html><body></body></html>"])
    #expect(throws: ReportsError.self) {
      try DerivedCopy(
        of: empty.url.appendingPathComponent("page.html"), tool: "a tool", text: InterfaceText.english())
    }
  }

  @Test(
    "for a word processor has every heading, table and word of the page, and each figure once with its alternative",
    arguments: ["dossier.html", "evidence.html"])
  func office(_ name: String) throws {
    let (copy, page) = try copy(name)
    let office = OfficePage(copy)
    func count(_ mark: String, _ text: String) -> Int { text.components(separatedBy: mark).count - 1 }
    for tag in ["<h2", "<h3", "<h4", "<table", "<tr", "<td", "<th ", "<caption"] {
      #expect(count(tag, office.html) == count(tag, page), "\(tag)")
    }
    let figures = count("<figure", page)
    #expect(office.drawings.count == figures && count("<svg", office.html) == 0)
    if name == "dossier.html" {
      #expect(office.pictures.map(\.content) == [PictureFixtures.png])
      #expect(office.html.contains("src=\"picture-1.png\" alt=\"a red field\""))
      #expect(count("<blockquote>", office.html) == 1 && office.html.contains("<p>quoted</p>\n</blockquote>"))
      #expect(count("<blockquote class=\"law\"", page) > 0)
    } else {
      #expect(figures > 0 && office.pictures.isEmpty && count("<blockquote>", office.html) == 0)
    }
    for (name, svg) in office.drawings {
      let text = String(decoding: svg, as: UTF8.self)
      #expect(text.hasPrefix("<svg ") && text.hasSuffix("</svg>") && MarkupReader(text) != nil, "\(name)")
      // What HTML leaves open is no XML.
      #expect(!text.contains("<meta") && !text.contains("<br"), "\(name)")
      let description = try #require(
        text.split(separator: "<desc").last?.split(separator: ">")[1].split(separator: "<")[0])
      #expect(office.html.contains("<img src=\"\(name).png\"") && office.html.contains("alt=\"\(description)\">"))
    }
    #expect(count("<meta name=\"subject\"", office.html) == 1)
    // The law's quotations have their own style, the provider's have not.
    #expect(count("custom-style=\"Law\"", office.html) == count("<blockquote class=\"law\"", page))
    for mark in ["<nav", "<style", "class=\"skip\"", "src=\"data:", "<figure", "<summary"] {
      #expect(!office.html.contains(mark), "\(mark)")
    }
  }
}
