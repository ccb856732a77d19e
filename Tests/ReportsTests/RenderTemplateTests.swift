import Foundation
import Testing

@testable import Reports

@Suite("The page template")
struct RenderTemplateTests {
  private let whole =
    "{{language}}{{title}}{{subtitle}}{{{style}}}{{skipToContent}}{{contents}}{{{contentsList}}}{{{body}}}"

  private func message(_ frame: String, style: String = "") -> (code: ReportsError.Code, text: String)? {
    do {
      _ = try PageTemplate(frame: frame, style: style)
      return nil
    } catch let error as ReportsError {
      return (error.code, error.message)
    } catch {
      return nil
    }
  }

  @Test("the installed template and style sheet are accepted")
  func installed() throws { _ = try PageTemplate() }

  @Test("a misspelt name is named, and so is the one that is left out for it")
  func misspelt() throws {
    let found = try #require(message(whole.replacing("{{title}}", with: "{{titel}}")))
    #expect(found.code == .badTemplate)
    #expect(found.text.contains("unknown names: titel"))
    #expect(found.text.contains("names left out: title"))
  }

  @Test("a page that leaves out its body is refused", arguments: PageTemplate.Name.allCases)
  func leftOut(_ name: PageTemplate.Name) throws {
    let tag = name.isMarkup ? "{{{\(name.rawValue)}}}" : "{{\(name.rawValue)}}"
    let found = try #require(message(whole.replacing(tag, with: "")))
    #expect(found.text.contains("names left out: \(name.rawValue)"))
  }

  @Test("plain text in triple braces and markup in double braces are refused with the line")
  func braces() throws {
    let raw = try #require(message("\n" + whole.replacing("{{title}}", with: "{{{title}}}")))
    #expect(raw.text.contains("line 2") && raw.text.contains("{{title}}"))
    #expect(message(whole.replacing("{{{body}}}", with: "{{body}}"))?.text.contains("{{{body}}}") == true)
  }

  @Test(
    "sections, partials, changed delimiters, transforms and open tags are refused",
    arguments: ["{{#body}}", "{{>part}}", "{{=<% %>=}}", "{{&title}}", "{{uppercased(title)}}", "{{title", "{{}}"])
  func otherTags(_ tag: String) throws {
    #expect(message(whole + tag)?.code == .badTemplate)
  }

  @Test("comments are allowed")
  func comments() { #expect(message(whole + "{{! my looks }}") == nil) }

  @Test(
    "a style sheet that reaches outside or ends its element is refused",
    arguments: ["@import 'x.css';", "a{background:URL(http://e.x)}", "</STYLE><script>", "<!--"])
  func styles(_ style: String) throws {
    #expect(message(whole, style: style)?.code == .badTemplate)
  }

  @Test("a user's own file replaces the installed one, file by file")
  func overrides() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("looks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try "p { color: #123456 }".write(to: folder.appendingPathComponent("style.css"), atomically: true, encoding: .utf8)
    let page = try HTMLRenderer(text: InterfaceText.english(), page: PageTemplate(overrides: folder))
      .render(RenderSamples.everything("plain"))
    #expect(page.contains("p { color: #123456 }"))
    #expect(page.contains("<main id=\"content\""))
  }
}
