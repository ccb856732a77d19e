import Foundation
import Testing
import Yams

@testable import Analysis
@testable import Evidence
@testable import Reports

/// Random texts of strangers, made of what acts in HTML, Markdown, YAML and on a terminal and of marks that stick to it, through every
/// writer, read back by programs that know nothing of ours: Python's html.parser and PyYAML, libyaml, cmark-gfm.
@Suite("Escapes hold whatever stands beside the character that is escaped")
struct EscapingPropertyTests {
  private static let pieces: [String] =
    "\"'<>&|`*_[](){}#\\-+=.!~:/$^;,?%0129pa éß漢😀".unicodeScalars.map { String($0) }
    + [
      "\u{301}", "\u{20DD}", "\u{200D}", "\u{FE0F}", "\u{327}", "\u{0}", "\u{7}", "\u{1B}", "\r", "\n", "\t", "\u{85}",
      "\u{9B}",
      "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{202E}", "\u{2066}", "\u{A0}", "\u{E0041}", "\u{FFFE}", "\r\n", "---",
      "<b>", "</p>",
      "<!--", "-->", "]]>", "http://e.x", "www.e.x", "![i](u)", "[x](javascript:y)", "&lt;", "&#60;", "| - |", "```",
      "~~", "1. ", "# ",
      "- ", "> ", "null", "true", "2026-11-29", "1e5", ": ", " #", "!!python/object:x", "*a", "&a", "{{body}}", "%YAML",
    ]

  private static func texts(_ count: Int, seed: UInt64) -> [String] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { index in
      let length = index % 50 == 0 ? 300 : 1 + Int(random.next() % 14)
      var text = String.UnicodeScalarView()
      for _ in 0..<length {
        text.append(contentsOf: pieces[Int(random.next() % UInt64(pieces.count))].unicodeScalars)
      }
      return String(text)
    }
  }

  private static let hasPython: Bool = {
    let works =
      (try? OpenSSLProgram.shell("python3 -c 'import yaml'", in: FileManager.default.temporaryDirectory)) != nil
    if !works { print("SKIPPED: no python3 with PyYAML: no second reader of HTML and YAML") }
    return works
  }()

  private func python(_ script: String, _ cases: [[String]]) throws -> String {
    let folder = try DossierFixtures.Folder(["check.py": script])
    try JSONEncoder().encode(cases).write(to: folder.url.appendingPathComponent("cases.json"))
    return try OpenSSLProgram.shell("python3 check.py", in: folder.url)
  }

  @Test("in HTML: the text reads back, and there is no element more", .enabled(if: EscapingPropertyTests.hasPython))
  func html() throws {
    let cases = Self.texts(3000, seed: 1).map { text in
      [
        text,
        "<p title=\"\(PlainText.html(text))\">" + HTMLBody.html([.text(text), .code(text), .strong(text)]) + "</p>",
      ]
    }
    let script = #"""
      import json, unicodedata
      from html.parser import HTMLParser
      def shown(text):
          out = []
          for c in text:
              n = ord(c)
              if c in "\r\u2028\u2029": out.append("\n")
              elif c in "\t\n": out.append(c)
              elif n < 0x20 or 0x7F <= n < 0xA0 or c in "\u061c\u200e\u200f\ufeff" or 0x202A <= n <= 0x202E \
                  or 0x2066 <= n <= 0x2069 or 0xFFF9 <= n <= 0xFFFB or 0xE0000 <= n <= 0xE007F or n & 0xFFFE == 0xFFFE \
                  or 0xFDD0 <= n <= 0xFDEF:
                  out.append("\u27e6U+%04X\u27e7" % n)
              else: out.append(c)
          return "".join(out)
      class Reader(HTMLParser):
          def __init__(self):
              super().__init__(); self.tags = []; self.text = ""; self.other = []
          def handle_starttag(self, tag, attributes): self.tags.append((tag, dict(attributes)))
          def handle_data(self, data): self.text += data
          def handle_comment(self, data): self.other.append(data)
          def handle_decl(self, data): self.other.append(data)
          def handle_pi(self, data): self.other.append(data)
          unknown_decl = handle_decl
      for text, html in json.load(open("cases.json", encoding="utf-8")):
          reader = Reader(); reader.feed(html); reader.close()
          wanted = shown(text)
          assert reader.tags == [("p", {"title": wanted}), ("code", {}), ("strong", {})], (text, html)
          assert reader.text == wanted * 3 and not reader.other, (text, html, reader.text)
      print("read", end="")
      """#
    #expect(try python(script, cases) == "read")
  }

  @Test("in YAML: libyaml and PyYAML read the same text back, as a text", .enabled(if: EscapingPropertyTests.hasPython))
  func yaml() throws {
    let cases = try
      (Self.texts(3000, seed: 2) + [
        "", " ", "a\u{85}b\u{2028}--- c", "null", "~", "yes", "0x1F", "2026-11-29", String(repeating: "k", count: 5000),
      ])
      .map { [String($0.unicodeScalars.drop { $0 == "\u{FEFF}" }), try YAMLText.quoted($0)] }
    for entry in cases {
      let back = try #require(try Yams.compose(yaml: "key: \(entry[1])\nnext: 1\n")?.mapping)
      #expect(
        back.count == 2 && back["key"]?.scalar.map { Array($0.string.unicodeScalars) } == Array(entry[0].unicodeScalars)
      )
      #expect(!entry[1].utf8.contains(0x0A))
    }
    let script = #"""
      import json, yaml
      for text, quoted in json.load(open("cases.json", encoding="utf-8")):
          for loader in [yaml.SafeLoader] + ([yaml.CSafeLoader] if yaml.__with_libyaml__ else []):
              read = yaml.load("key: " + quoted + "\nnext: 1\n", Loader=loader)
              assert read == {"key": text, "next": 1}, (text, quoted, read)
      print("read", end="")
      """#
    #expect(try python(script, cases) == "read")
  }

  @Test("in Markdown: cmark-gfm shows the text, and no element, link or cell more")
  func markdown() throws {
    func document(_ text: String) -> Document {
      let table = Table(
        caption: "c", header: ["a", "b"], alignment: [.left, .left],
        rows: [[[.text(text)], [.code(text)]], [[.code(text), .code(text)], [.text("z")]]],
        firstColumnNamesRow: false)
      return Document(
        title: "t \(text)", subtitle: text,
        sections: [
          Section(
            id: "s", heading: "h \(text)",
            blocks: [
              .paragraph([.text(text), .text(" "), .code(text)]), .list([[.text(text)]]),
              .quotation(text: "q \(text)", citation: text),
              .table(table),
            ])
        ])
    }
    func counts(_ text: String) throws -> (counts: [String: Int], read: MarkupReader) {
      let html = try CmarkJudge.html(try RenderSamples.markdown(document(text)))
      let read = try #require(MarkupReader(html), "\(html)")
      return (Dictionary(grouping: read.elements, by: \.name).mapValues(\.count), read)
    }
    let plain = try counts("x").counts
    for text in Self.texts(1500, seed: 3) {
      let (found, read) = try counts(text)
      let extra = found.filter { $0.key != "code" && $0.key != "p" && $0.value != plain[$0.key] }
      #expect(extra.isEmpty, "\(text.unicodeScalars.map { String($0.value, radix: 16) }): \(extra)")
      #expect(read.elements.filter { $0.name == "a" }.allSatisfy { ($0.attributes["href"] ?? "#").hasPrefix("#") })
      let words = PlainText.oneLine(text)
      #expect(words.isEmpty || PlainText.oneLine(read.text).contains(words), "\(words)")
    }
  }

  @Test(
    "a marked backtick, quotation mark, bracket, pipe or backslash is what it is without its mark",
    arguments: ["\u{301}", "\u{20DD}", "\u{200D}"])
  func marked(_ mark: String) throws {
    let text = "a`\(mark)<img src=x onerror=alert(1)>\"\(mark)|\(mark)&\(mark)[\(mark)x](y)*\(mark)\\\(mark)"
    let table = Table(
      caption: text, header: [text], alignment: [.left], rows: [[[.code(text)]]], firstColumnNamesRow: false)
    let document = Document(
      title: text, subtitle: text,
      sections: [Section(id: "s", heading: text, blocks: [.table(table), .paragraph([.code(text)])])])
    let read = try #require(MarkupReader(try CmarkJudge.html(try RenderSamples.markdown(document))))
    #expect(!read.elements.contains { $0.name == "img" })
    #expect(read.elements.count { $0.name == "td" } == 1)
    let page = try #require(MarkupReader(try RenderSamples.html(document)))
    #expect(!page.elements.contains { $0.name == "img" } && page.text.contains("onerror=alert(1)"))
  }
}
