import Evidence
import Foundation
import Templates
import Testing

@testable import Reports

/// Renders comparisons in the pseudo-language: what is printed outside its brackets must be the law's words or a value of the
/// comparison itself.
@Suite("Interface text: the comparison and the history in a pseudo-language")
struct DiffLanguageTests {
  /// The words of a page: text between tags and labels, without code, statements, the law's words and the style sheet.
  private func words(_ html: String) -> [String] {
    var page = html
    for pattern in [
      #"<style>[\s\S]*?</style>"#, #"<code>[\s\S]*?</code>"#, #"<blockquote[\s\S]*?</blockquote>"#,
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

  private func check(_ files: [(name: String, content: Data)], _ data: [String]) throws {
    let html = try #require(files.first { $0.name.hasSuffix(".html") })
    let json = try #require(files.first { $0.name.hasSuffix(".json") })
    let known = (data + [String(decoding: json.content, as: UTF8.self)]).joined(separator: " ")
      .replacing("\\\"", with: "\"").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    var brackets = 0
    for words in words(String(decoding: html.content, as: UTF8.self)) {
      // A label that was cut has lost its closing bracket.
      let text = words.replacing(/⟦[^⟦⟧\n]*…/, with: "\n")
      brackets += text.count { $0 == "⟦" }
      for piece in PseudoLanguage.pieces(outsideBracketsOf: text)
      where !known.contains(piece) && piece.wholeMatch(of: /(L\d+)?(H\d+)?(MLP\d*)?/) == nil {
        Issue.record("'\(piece)' in \(html.name) is neither interface text nor a value of the comparison")
      }
    }
    #expect(brackets > 20)
  }

  @Test("no word of the comparison's page stands in code")
  func comparison() throws {
    let demo = try DiffDemo.shared.get()
    let (before, after) = DiffFixtures.demo(demo)
    let builder = try DiffBuilder(text: PseudoLanguage.text())
    let sides = [before, after].map { "\($0.dossier.system.name) \($0.label) \($0.dossier.behaviours.map(\.question))" }
    for (first, second) in [(before, after), (before, before)] {
      let built = try builder.build(DiffFixtures.inputs(first, second))
      try check(built.files, sides)
      #expect(String(decoding: built.files[1].content, as: UTF8.self).contains("<html lang=\"qps\">"))
    }
  }

  @Test("no word of the history stands in code")
  func history() throws {
    let demo = try DiffDemo.shared.get()
    let (before, after) = DiffFixtures.demo(demo)
    let built = try HistoryBuilder(confidence: 0.95, text: PseudoLanguage.text()).build([before, after])
    try check(built.files, [])
  }
}
