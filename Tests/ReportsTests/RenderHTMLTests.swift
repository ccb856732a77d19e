import Foundation
import Testing

@testable import Reports

@Suite("The HTML page")
struct RenderHTMLTests {
  @Test("hostile text stays text: no element, attribute or scheme comes from it", arguments: RenderSamples.hostile)
  func hostileText(_ text: String) throws {
    let page = try RenderSamples.html(RenderSamples.everything(text))
    let reader = try #require(MarkupReader(page), "the page is not well formed")
    let harmless = try #require(MarkupReader(try RenderSamples.html(RenderSamples.everything("plain"))))
    let known = Set(harmless.elements.map(\.name)).union([
      "em", "strong", "code", "pre", "ol", "ul", "li", "hr", "del", "blockquote", "h3", "h4", "table", "thead", "tr",
      "th",
    ])
    #expect(Set(reader.elements.map(\.name)).subtracting(known) == [])
    for element in reader.elements {
      #expect(element.attributes.keys.allSatisfy { !$0.lowercased().hasPrefix("on") })
      for attribute in ["src", "srcset", "data", "action", "formaction", "xlink:href"] {
        #expect(element.attributes[attribute] == nil)
      }
      let target = element.attributes["href"] ?? "#"
      #expect(target.hasPrefix("#") || target.hasPrefix("http://") || target.hasPrefix("https://"))
    }
    #expect(
      !page.unicodeScalars.contains { (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value) })
  }

  @Test("a plain text is found again word for word in paragraph, table and drawing")
  func textSurvives() throws {
    let text = "<b> & \"quotes\" 'n' `ticks` | pipe {{title}} \\"
    let page = try RenderSamples.html(RenderSamples.everything(text))
    let reader = try #require(MarkupReader(page))
    // title and h1; heading, contents; paragraph ×3; list ×2; term, explanation; quotation ×2; notice; details ×2; …
    #expect(reader.text.components(separatedBy: text).count - 1 > 40)
  }

  @Test("a warning stands in the text once and in the margin of every printed page, whatever it holds")
  func warning() throws {
    let warning = "1.1 is NOT VERIFIED: \"</style><script>}\\\n\u{202E}é"
    let page = try RenderSamples.html(
      Document(
        title: "t", subtitle: "s", warning: warning,
        sections: [Section(id: "one", heading: "One", blocks: [.paragraph([.text("x")])])]))
    let reader = try #require(MarkupReader(page), "the page is not well formed")
    #expect(!reader.elements.contains { $0.name == "script" })
    #expect(page.components(separatedBy: "</style").count == 2)
    // CSS Syntax Level 3, section 4.3.7: a backslash, the code point in hexadecimal, a space.
    #expect(page.contains("@top-left"))
    #expect(
      page.contains("content: \"1\\2e 1 is NOT VERIFIED\\3a  \\22 \\3c \\2f style\\3e \\3c script\\3e \\7d \\5c  "))
    let plain = try RenderSamples.html(
      Document(
        title: "t", subtitle: "s", sections: [Section(id: "one", heading: "One", blocks: [.paragraph([.text("x")])])]))
    #expect(!plain.contains("@top-left"))
  }

  @Test("one file without scripts or references to anything outside")
  func selfContained() throws {
    let page = try RenderSamples.html(RenderSamples.everything("plain"))
    let reader = try #require(MarkupReader(page))
    let names = Set(reader.elements.map(\.name))
    #expect(
      names.isDisjoint(with: ["script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use"]))
    #expect(!page.contains("url(") && !page.contains("@import"))
    let policies = reader.elements.filter { $0.attributes["http-equiv"] == "Content-Security-Policy" }
    #expect(
      policies.map { $0.attributes["content"] } == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"])
  }

  @Test("ids are unique and every reference by id leads somewhere")
  func identifiers() throws {
    let reader = try #require(MarkupReader(try RenderSamples.html(RenderSamples.everything("plain"))))
    let ids = reader.elements.compactMap { $0.attributes["id"] }
    #expect(ids.count == Set(ids).count)
    for element in reader.elements {
      for attribute in ["aria-labelledby", "aria-describedby"] {
        if let id = element.attributes[attribute] { #expect(ids.contains(id)) }
      }
      if let target = element.attributes["href"], target.hasPrefix("#") {
        #expect(ids.contains(String(target.dropFirst())))
      }
    }
  }

  @Test("headings start at 1 and never skip a level, whatever levels a statement uses")
  func headingOrder() throws {
    var document = RenderSamples.everything("plain")
    document.sections[0].blocks.append(.markdown("#### deep\n\n###### deeper\n\n# top\n\n### third"))
    let reader = try #require(MarkupReader(try RenderSamples.html(document)))
    let levels = reader.elements.compactMap {
      $0.name.count == 2 && $0.name.hasPrefix("h") ? Int($0.name.dropFirst()) : nil
    }
    #expect(levels.first == 1)
    #expect(levels.filter { $0 == 1 }.count == 1)
    for (before, after) in zip(levels, levels.dropFirst()) { #expect(after <= before + 1) }
    // The section is h2, so: deep h3, deeper h4, top h3, third h4.
    #expect(levels == [1, 2, 3, 4, 3, 4, 3, 2])
  }

  @Test("tables have a caption and scopes, and scroll in a region that the keyboard reaches")
  func tables() throws {
    let reader = try #require(MarkupReader(try RenderSamples.html(RenderSamples.everything("plain"))))
    let tables = reader.elements.count { $0.name == "table" }
    #expect(tables == 4)
    #expect(reader.elements.count { $0.name == "caption" } == tables)
    #expect(reader.elements.filter { $0.name == "th" }.allSatisfy { ["col", "row"].contains($0.attributes["scope"]) })
    let regions = reader.elements.filter { $0.attributes["class"] == "scroll" }
    #expect(regions.count == tables)
    #expect(regions.allSatisfy { $0.attributes["tabindex"] == "0" && $0.attributes["role"] == "region" })
  }

  @Test("the page has a language, a skip link, and one of each landmark")
  func landmarks() throws {
    let reader = try #require(MarkupReader(try RenderSamples.html(RenderSamples.everything("plain"))))
    #expect(reader.elements.first { $0.name == "html" }?.attributes["lang"] == "en")
    for landmark in ["main", "nav", "header"] { #expect(reader.elements.count { $0.name == landmark } == 1) }
    #expect(reader.elements.first { $0.name == "a" }?.attributes["href"] == "#content")
    #expect(reader.elements.first { $0.name == "main" }?.attributes["id"] == "content")
  }

  @Test("a document whose anchors or shapes do not hold is refused before anything is rendered")
  func brokenDocuments() {
    var twice = RenderSamples.everything("plain")
    twice.sections[1].id = "first"
    var lost = RenderSamples.everything("plain")
    lost.sections[1].blocks = [.paragraph([.link(text: "x", target: "#nowhere")])]
    var ragged = RenderSamples.everything("plain")
    ragged.sections[1].blocks.append(
      .table(Table(caption: "c", header: ["a", "b"], alignment: [.left, .left], rows: [[[.text("x")]]])))
    var odd = RenderSamples.everything("plain")
    odd.sections[0].id = "A\"onclick"
    for document in [twice, lost, ragged, odd] {
      #expect(throws: ReportsError.self) { try RenderSamples.html(document) }
      #expect(throws: ReportsError.self) { try RenderSamples.markdown(document) }
    }
  }
}
