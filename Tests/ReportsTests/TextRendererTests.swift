import Testing

@testable import Reports

@Suite("Rendering: text for a terminal")
struct TextRendererTests {
  private func render(_ blocks: [Block], width: Int = 40, warning: String? = nil) throws -> String {
    let document = Document(
      title: "Title", subtitle: "", warning: warning, sections: [Section(id: "s", heading: "Head", blocks: blocks)])
    return try TextRenderer(text: .english(), width: width).render(document)
  }

  /// The body of a document of one section.
  private func body(_ blocks: [Block], width: Int = 40) throws -> [String] {
    let lines = try render(blocks, width: width).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map(String.init).suffix(from: 5).map { $0 }
  }

  /// Expected widths are `wcwidth` 0.7.0's, summed over code points.
  @Test(
    "columns: wide characters take two, combining ones none",
    arguments: [
      ("abc", 3), ("中文", 4), ("ｱ", 1), ("A\u{30A}", 1), ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("👍", 2), ("é", 1),
      ("a\u{200D}b", 2), ("\u{915}\u{93F}", 1), ("⟦", 1), ("−→…①Ω☎", 6), ("！\u{3000}ａノ", 8), ("⏰", 2),
    ])
  func columns(_ text: String, _ columns: Int) { #expect(TerminalText.columns(of: text) == columns) }

  @Test("paragraphs and lists are wrapped at the width, and what a text spaces stays spaced")
  func wrapped() throws {
    #expect(
      try body([.paragraph([.text("one two three four five six seven eight nine")])], width: 24)
        == ["  one two three four", "  five six seven eight", "  nine"])
    #expect(
      try body([.list([[.text("one two three four five")], [.strong("six"), .text(" "), .code("seven")]])], width: 24)
        == ["  - one two three four", "    five", "  - six seven"])
    #expect(try body([.paragraph([.code("\" John\"  two")])]) == ["  \" John\"  two"])
  }

  @Test("words wrap by their width on the screen, not by their count of characters")
  func wideWords() throws {
    // Each word is 6 columns; 22 columns hold three with two spaces.
    let words = Array(repeating: "中文字", count: 4).joined(separator: " ")
    #expect(try body([.paragraph([.text(words)])], width: 24) == ["  中文字 中文字 中文字", "  中文字"])
    let combined = Array(repeating: "A\u{30A}A\u{30A}A\u{30A}A\u{30A}A\u{30A}A\u{30A}", count: 4).joined(separator: " ")
    #expect(try body([.paragraph([.text(combined)])], width: 24).count == 2)
  }

  @Test("terms are one column, their explanations the next; a long term stands alone")
  func definitions() throws {
    let blocks: [Block] = [
      .definitions([
        Definition("run", [.text("one two three four five six seven")]), Definition("中文", [.code("x")]),
        Definition("a term that is too long", [.text("y")]),
      ])
    ]
    #expect(
      try body(blocks) == [
        "  run   one two three four five six", "        seven", "  中文  x", "  a term that is too long", "        y",
      ])
  }

  @Test("columns are aligned, numbers to the right; headings are broken where there is no room")
  func table() throws {
    let table = Table(
      caption: "Caption", header: ["Group", "Mean of all"], alignment: [.left, .right],
      rows: [[[.text("中文")], [.text("1.25")]], [[.text("all")], [.text("−10.5")]]])
    #expect(
      try body([.table(table)]) == [
        "  Caption", "  Group  Mean of all", "  -----  -----------", "  中文          1.25", "  all          −10.5",
      ])
    #expect(
      try body([.table(table)], width: 24) == [
        "  Caption", "  Group  Mean of all", "  -----  -----------", "  中文          1.25", "  all          −10.5",
      ])
    let narrow = Table.plain("", ["Group", "Mean of all", "n"], numbers: 2, [["all", "−10.5", "200"]])
    #expect(
      try body([.table(narrow)], width: 24) == [
        "  Group   Mean    n", "            of", "           all", "  -----  -----  ---", "  all    −10.5  200",
      ])
  }

  @Test("a column of words is broken where the table is too wide; else columns stand in groups, each beside the first")
  func wideTable() throws {
    let words = Table(
      caption: "", header: ["State", "What", "n"], alignment: [.left, .left, .right],
      rows: [[[.text("ok")], [.text("one two three four five six seven eight")], [.text("12")]]])
    #expect(
      try body([.table(words)]) == [
        "  State  What                          n", "  -----  ---------------------------  --",
        "  ok     one two three four five six  12", "         seven eight",
      ])
    let numbers = Table.plain(
      "", ["Part", "First", "Second"], numbers: 2, [["L0H0", "−0.168 (−0.190 to −0.146)", "+0.094 (+0.080 to +0.107)"]])
    #expect(
      try body([.table(numbers)]) == [
        "  Part                      First", "  ----  -------------------------", "  L0H0  −0.168 (−0.190 to −0.146)",
        "",
        "  Part                     Second", "  ----  -------------------------", "  L0H0  +0.094 (+0.080 to +0.107)",
      ])
  }

  @Test("where no column has room beside the first, each row is a list of what it says")
  func listed() throws {
    let table = Table.plain("", ["Path", "Value"], numbers: 1, [["embedding>L0H1.v>L3H2", "−12.5 (−13.0 to −12.0)"]])
    #expect(
      try body([.table(table)], width: 24) == [
        "  - Path:", "    embedding>L0H1.v>L3H2", "    Value: −12.5", "      (−13.0 to −12.0)",
      ])
  }

  @Test("badges are words, links texts, notices marked, details open, a figure is its data, a warning first and last")
  func others() throws {
    let data = Table.plain("Numbers", ["Part", "Value"], numbers: 1, [["L0", "1"]])
    let text = try render(
      [
        .paragraph([
          .badge(Badge(kind: .measured, text: "measured")), .text(" "), .link(text: "run a", target: "#nowhere"),
          .anchor("x"),
        ]),
        .notice(kind: .missing, [.text("Nothing.")]), .details(summary: "More", [.paragraph([.text("inside")])]),
        .figure(
          Figure(
            id: "f", caption: "Drawn", alternative: "In words",
            drawing: .heatMap(rows: ["L0"], columns: ["H0"], values: [[1]], unit: ""), data: data)),
        .quotation(text: "The law\nsays", citation: "Article 1"),
      ], warning: "NOT VERIFIED")
    #expect(
      text == """
        Title

        ! NOT VERIFIED

        Head
        ====

          [measured] run a

        ! Missing. Nothing.

          More:

          inside

          Numbers
          Part  Value
          ----  -----
          L0        1

          | The law
          | says
          | — Article 1

        ! NOT VERIFIED
        """)
  }

  @Test(
    "nothing in any text acts on the terminal or begins a line",
    arguments: RenderSamples.hostile + ["\u{1B}[2J\u{9B}1m\r\u{85}x"])
  func hostile(_ text: String) throws {
    for width in [24, 80] {
      let page = try TextRenderer(text: .english(), width: width).render(RenderSamples.everything(text))
      #expect(TerminalText.visible(page) == page)
      #expect(!page.unicodeScalars.contains { [0x200C, 0x200D, 0x9, 0xD].contains($0.value) })
      for line in page.split(separator: "\n") { #expect(!line.hasPrefix("second") && !line.hasPrefix("INTACT")) }
    }
  }

  @Test("at any width no line is longer than it, and no word is lost", arguments: [24, 31, 40, 57, 80, 132])
  func anyWidth(_ width: Int) throws {
    let word = Array("abcdefghij").map(String.init)
    let cells = (1...7).map { n in
      (1...n).map { word[$0 % 10] + String(repeating: "z", count: $0 % 5) }.joined(separator: " ")
    }
    let table = Table.plain("Caption of it", cells, numbers: 3, [cells, cells.reversed()])
    let blocks: [Block] = [
      .table(table), .paragraph([.text(cells.joined(separator: " "))]), .list([[.text(cells.joined(separator: " "))]]),
      .definitions(cells.map { Definition($0, [.text($0)]) }),
    ]
    let text = try render(blocks, width: width)
    for line in text.split(separator: "\n") {
      #expect(TerminalText.columns(of: String(line)) <= width, "\(line)")
    }
    let words = Set(text.split { " \n".contains($0) })
    for cell in cells { for word in cell.split(separator: " ") { #expect(words.contains(word), "\(word)") } }
  }
}
