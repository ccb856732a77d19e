import Foundation
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

@Suite("The list of what is missing, as files")
struct OwedFileTests {
  private static let owners = """

    owners:
      - {elements: ["2(b)"], owner: "=cmd|' /C calc'!A0", due: 2026-11-01, reviewer: Grace Example}
      - {elements: ["3"], owner: "Ümit Öz, Head; \\\\ \\"Q\\"", due: 2027-01-31}

    """

  private func output() throws -> DossierBuilder.Output {
    let folder = try DossierFixtures.folder(
      DossierFixtures.yaml(system: "Scoring 🏦 für Anträge, größer als alles; sehr \\ lang") + Self.owners)
    return try DossierBuilder().build(try DossierFixtures.inputs(folder, runs: []))
  }

  private func file(_ name: String, _ output: DossierBuilder.Output) throws -> String {
    String(decoding: try #require(output.files.first { $0.name == name }).content, as: UTF8.self)
  }

  /// Fields of CSV by the grammar of RFC 4180, section 2.
  private func fields(_ text: String) throws -> [[String]] {
    var (rows, row, field, inside) = ([[String]](), [String](), String.UnicodeScalarView(), false)
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch (scalar, inside) {
      case ("\"", true):
        if rest.first == "\"" {
          field.append("\"")
          rest.removeFirst()
        } else {
          inside = false
        }
      case ("\"", false): inside = true
      case (",", false):
        row.append(String(field))
        field = .init()
      case ("\r", false):
        try #require(rest.popFirst() == "\n")
        rows.append(row + [String(field)])
        (row, field) = ([], .init())
      case (_, false): Issue.record("a character outside quotation marks")
      default: field.append(scalar)
      }
    }
    #expect(!inside && row.isEmpty && field.isEmpty)
    return rows
  }

  @Test(
    "CSV: one row for each missing element, every row as long as the first, and no cell that a spreadsheet computes")
  func csv() throws {
    let output = try output()
    let rows = try fields(try file("gaps.csv", output))
    #expect(rows.count == output.status.gaps.count + 1 && rows.allSatisfy { $0.count == rows[0].count })
    #expect(
      Set(rows.dropFirst().map { "\($0[0]) \($0[1])" })
        == Set(output.status.gaps.map { "\($0.item.id) \($0.element.id)" }))
    #expect(rows.allSatisfy { $0.allSatisfy { !"=+-@\t\r".contains($0.first ?? "x") } })
    let own = try #require(rows.first { $0[0] == "2(b)" })
    #expect(own[3] == "'=cmd|' /C calc'!A0" && own[5] == "2026-11-01" && own[6] == "Grace Example")
    #expect(rows.first { $0[0] == "3" }?[3] == "Ümit Öz, Head; \\ \"Q\"")
    #expect(rows.last?[3] == "" && rows.last?[4] == "the provider")
  }

  @Test("calendar: content lines of RFC 5545, one task for each element, open where it is missing")
  func calendar() throws {
    let output = try output()
    let text = try file("gaps.ics", output)
    let physical = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    #expect(physical.last == "" && physical.dropLast().allSatisfy { $0.unicodeScalars.last == "\r" })
    #expect(physical.allSatisfy { $0.utf8.count <= 76 }, "75 octets and the carriage return")
    #expect(physical.contains { $0.utf8.count > 70 && $0.hasPrefix(" ") }, "something was folded")
    let lines = text.replacingScalars("\r\n ", with: "").splitScalars("\r\n").map { String($0) }.dropLast()
    #expect(lines.first == "BEGIN:VCALENDAR" && lines.last == "END:VCALENDAR")
    let elements = output.status.items.reduce(0) { $0 + $1.elements.count }
    #expect(lines.count { $0 == "BEGIN:VTODO" } == elements && lines.count { $0 == "END:VTODO" } == elements)
    #expect(lines.count { $0 == "STATUS:NEEDS-ACTION" } == output.status.gaps.count)
    let identifiers = lines.filter { $0.hasPrefix("UID:") }
    #expect(Set(identifiers).count == elements)
    #expect(
      identifiers.allSatisfy {
        $0.wholeMatch(of: /UID:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
      })
    #expect(lines.filter { $0.hasPrefix("DTSTAMP:") }.allSatisfy { $0.wholeMatch(of: /DTSTAMP:\d{8}T000000Z/) != nil })
    #expect(lines.contains("DUE;VALUE=DATE:20261101") && lines.contains("DUE;VALUE=DATE:20270131"))
    #expect(lines.contains("CONTACT:Ümit Öz\\, Head\\; \\\\ \"Q\""), "RFC 5545, section 3.3.11")
  }

  @Test("identifiers of tasks stay when owner and day change, and differ between versions")
  func identifiers() throws {
    func identifiers(_ owners: String, version: String = "1.0") throws -> [String] {
      let folder = try DossierFixtures.folder(DossierFixtures.yaml() + owners)
      let output = try DossierBuilder().build(try DossierFixtures.inputs(folder, version: version, runs: []))
      return try file("gaps.ics", output).splitScalars("\r\n").map { String($0) }.filter { $0.hasPrefix("UID:") }
    }
    let plain = try identifiers("")
    #expect(try identifiers(Self.owners) == plain)
    #expect(Set(try identifiers("", version: "1.1")).isDisjoint(with: plain))
  }

  /// RFC 5545, section 3.1: a line is folded between two octets of characters, never within one.
  @Test("lines are cut after at most 75 octets, never within a character, and come back together")
  func folding() {
    for text in [
      String(repeating: "x", count: 75), String(repeating: "x", count: 76), String(repeating: "é", count: 200),
      String(repeating: "🏦", count: 90),
    ] {
      let folded = TaskCalendar.folded(text)
      #expect(folded.splitScalars("\r\n").allSatisfy { String($0).utf8.count <= 75 })
      #expect(folded.replacingScalars("\r\n ", with: "") == text)
    }
    #expect(!TaskCalendar.folded(String(repeating: "x", count: 75)).contains("\r\n"))
  }

  @Test("Markdown: every person and day with what to do, overdue by the dossier's own day only where it has one")
  func markdown() throws {
    let text = try file("gaps.md", try output())
    #expect(text.contains("2026-11-01") && text.contains("Grace Example") && !text.contains("overdue"))
    let folder = try DossierFixtures.folder(
      DossierFixtures.yaml() + Self.owners,
      documentation: ["9.md": StatusFixtures.statement(try #require(try StatusFixtures.catalogue.get().item("9")))])
    let dated = try DossierBuilder().build(try DossierFixtures.inputs(folder, runs: []))
    #expect(dated.dossier.date == "2026-11-23")
    let page = try file("gaps.md", dated)
    #expect(page.contains("2026-11-01, overdue") && !page.contains("2027-01-31, overdue"))
    #expect(page.contains("8 of them were due before 2026-11-23"), "2(b) has eight elements")
  }

  @Test("the first page's table has at most twelve rows, and they hold every missing element")
  func rows() throws {
    let items = try StatusFixtures.catalogue.get().items
    let owners =
      "\nowners:\n"
      + items.enumerated().map { "  - {elements: [\"\($1.id)\"], owner: Person \($0)}" }.joined(separator: "\n")
    let folder = try DossierFixtures.folder(DossierFixtures.yaml() + owners)
    let output = try DossierBuilder().build(try DossierFixtures.inputs(folder, runs: []))
    let list = OwedList(output.status)
    #expect(list.groups.count > 12)
    let page = try file("gaps.md", output)
    let table = page.splitScalars("\n").map { String($0) }.filter {
      $0.hasPrefix("| ") && !$0.hasPrefix("| Who") && !$0.hasPrefix("| -")
    }
    #expect(table.count == 12, "\(table)")
    let counts = table.compactMap { row in
      row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }.last.flatMap { Int($0) }
    }
    #expect(counts.reduce(0, +) == output.status.gaps.count)
  }
}
