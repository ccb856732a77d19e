import Evidence
import Foundation
import Templates
import Testing

@testable import Reports

@Suite("A changed law catalogue is refused with file, line and remedy")
struct LawCatalogueErrorTests {
  /// The installed catalogue with one replacement in one file, in a folder of its own.
  private func load(_ file: String, replacing old: String, with new: String) throws -> LawCatalogue {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("law-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(at: Templates.url("law"), to: folder)
    let url = folder.appendingPathComponent(file)
    let text = try String(contentsOf: url, encoding: .utf8)
    let range = try #require(text.range(of: old), "\(file) has no '\(old)'")
    try text.replacingCharacters(in: range, with: new).write(to: url, atomically: true, encoding: .utf8)
    return try LawCatalogue.load(from: folder)
  }

  @Test(
    "by what is wrong",
    arguments: [
      (
        "annex-iv.yaml", "the name of the provider and", "the names of the providers and",
        ReportsError.Code.badQuotation
      ),
      ("annex-iv.yaml", "quote: its intended purpose", "quote: the intended purpose", .badQuotation),
      ("annex-iv.yaml", "condition: where applicable", "condition: where needed", .badQuotation),
      ("annex-iv.yaml", "our_title:", "my_title:", .unknownKey),
      ("annex-iv.yaml", "- id: 1(b)", "- id: 1(a)", .duplicate),
      ("annex-iv.yaml", "id: provider-name", "id: Provider name", .badValue),
      ("annex-iv.yaml", "id: provider-name", "id: intended-purpose", .duplicate),
      ("annex-iv.yaml", "from: [analysis]", "from: [analyses]", .badValue),
      ("annex-iv.yaml", "          findings: [\"accuracy.*.**\", \"mean-absolute-error.*.**\"]\n", "", .missingKey),
      ("provisions.yaml", "    verification: byte-verified", "    verification: verified", .badValue),
      (
        "provisions.yaml", "file: article-006.txt\n    verification: byte-verified",
        "file: x\n    verification: not-byte-verified", .missingKey
      ),
      ("provisions.yaml", "application: general", "application: generally", .badValue),
      ("provisions.yaml", "shall be considered to be", "is", .badQuotation),
      ("catalogue.yaml", "checked_on: 2026-11-23", "checked_on: 11/10/2026", .badValue),
      ("catalogue.yaml", "checked_on: 2026-11-23", "checked_on: 31.11.2026", .badValue),
      ("catalogue.yaml", "checked_on: 2026-11-23", "checked_on: November 2026", .badValue),
      ("catalogue.yaml", "law_as_of: 2026-07-27", "", .missingKey),
      ("catalogue.yaml", "vitrine.law/1", "vitrine.law/2", .badValue),
      ("catalogue.yaml", "provision: article-113-second", "provision: article-113-2", .badValue),
      ("catalogue.yaml", "sources:", "sources: [", .badYAML),
      (
        "catalogue.yaml", "read_with: chapter-iii-sections-1-to-3", "read_with: chapter-three", .badValue
      ),
      ("catalogue.yaml", "articles: [article-9-1]", "articles: [article-9-11]", .badValue),
      ("catalogue.yaml", "status: pending", "status: expected", .badValue),
      ("annex-iv.yaml", "provision: article-4a-1-a", "provision: article-4a-1-g", .badValue),
      ("annex-iv.yaml", "processing other data, including", "processing other data, without", .badQuotation),
      ("provisions.yaml", "systems: annex-iii", "systems: annex-3", .badValue),
    ])
  func refusals(_ file: String, _ old: String, _ new: String, _ code: ReportsError.Code) {
    let error = #expect(throws: ReportsError.self) { _ = try load(file, replacing: old, with: new) }
    #expect(error?.code == code)
    #expect(error?.message.contains("law") == true)
  }

  @Test("but a day may be written as people write it, where it can be one day only")
  func day() throws {
    let catalogue = try load("catalogue.yaml", replacing: "checked_on: 2026-11-23", with: "checked_on: 23.11.2026")
    #expect(catalogue.checkedOn.description == "2026-11-23")
  }

  @Test("and an unknown key comes with the nearest known one and its line")
  func nearest() {
    let error = #expect(throws: ReportsError.self) {
      try load("catalogue.yaml", replacing: "checked_on:", with: "cheked_on:")
    }
    #expect(error?.message.contains("did you mean 'checked_on'?") == true)
    #expect(error?.message.contains("law/catalogue.yaml line 7") == true)
  }

  @Test("and a missing folder is named")
  func missing() {
    let error = #expect(throws: ReportsError.self) {
      try LawCatalogue.load(from: FileManager.default.temporaryDirectory.appendingPathComponent("no-such-law"))
    }
    #expect(error?.code == .unreadable)
  }
}
