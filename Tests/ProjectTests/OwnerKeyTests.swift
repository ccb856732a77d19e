import Foundation
import Testing

@testable import Evidence
@testable import Project

@Suite("Who owes what, in the project file")
struct OwnerKeyTests {
  /// The sample with a group `owners`, whose first entry is on line 32.
  private func project(_ lines: String...) throws -> TemporaryProject {
    let all = ["  confidence: 0.9", "owners:"] + lines.map { "  " + $0 }
    return try Sample.project(replacing: [29: all.joined(separator: "\n")])
  }

  @Test("is read with the lines of its names, and dates as people write them")
  func values() throws {
    #expect(try Sample.project().load().owners.isEmpty)
    let owners = try project(
      "- elements: [\"2(b)\", \"2(b) general-logic\"]", "  owner: Ada", "  due: 31. März 2027",
      "  reviewer: Ben Example",
      "- elements: 3", "  due: 2027-01-31"
    ).load().owners
    #expect(owners.count == 2)
    #expect(
      owners[0].elements.map(\.text) == ["2(b)", "2(b) general-logic"] && owners[0].elements.map(\.line) == [31, 31])
    #expect(owners[0].owner == "Ada" && owners[0].reviewer == "Ben Example" && owners[0].place == "vitrine.yaml:31")
    #expect(owners[0].due == CalendarDate("2027-03-31"))
    #expect(
      owners[1].elements.map(\.text) == ["3"] && owners[1].owner == nil && owners[1].due == CalendarDate("2027-01-31"))
  }

  @Test(
    "is refused with key, line and remedy",
    arguments: [
      (
        "- {elements: [\"3\"], ownr: Ada}", ProjectError.Code.unknownKey,
        ["'ownr' under 'owners'", "did you mean 'owner'?"]
      ),
      ("- {owner: Ada}", .missingKey, ["'elements' under 'owners'"]),
      ("- {elements: [], owner: Ada}", .badValue, ["'elements' under 'owners' is an empty list", "line 31"]),
      ("- {elements: [\"3\"]}", .missingKey, ["neither an owner nor a day nor a reviewer", "line 31"]),
      (
        "- {elements: [\"3\"], due: 2027-02-30}", .badValue,
        ["'due'", "line 31", "2027-02-30", "no day of the calendar"]
      ),
      ("- {elements: [\"3\"], due: 03/04/2027}", .badValue, ["2027-04-03 (day first)", "2027-03-04 (month first)"]),
      ("- {elements: [\"3\"], due: soon}", .badValue, ["'soon', which is no date", "YYYY-MM-DD"]),
      ("owner: Ada", .wrongType, ["'owners' must be a list"]),
      ("- {elements: [\"3\"], owner: [Ada, Ben]}", .wrongType, ["'owner' under 'owners' must be a text"]),
    ])
  func refused(_ line: String, _ code: ProjectError.Code, _ words: [String]) throws {
    let project = try project(line)
    let error = #expect(throws: ProjectError.self) { try project.load() }
    #expect(error?.code == code)
    for word in words { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
  }

  @Test("a name that is nearly a listed person's, and one person in two roles, are noted")
  func doubts() throws {
    let warnings = try project("- {elements: [\"3\"], owner: Adda, reviewer: Adda}").load().warnings
    #expect(warnings.contains { $0.contains("'Adda' is nobody under 'people'; did you mean 'Ada'?") })
    #expect(warnings.contains { $0.contains("'Adda' is owner and reviewer") })
    let plain = try project("- {elements: [\"3\"], owner: Ada, reviewer: Grace}").load().warnings
    #expect(!plain.contains { $0.contains("owner") })
  }

  @Test("dates of system and models are read in the same way, and kept as ISO 8601 has them")
  func dates() throws {
    let project = try Sample.project(replacing: [3: "  provider: Test provider\n  placed_on_market: 31 March 2027"])
    #expect(try project.load().system.placedOnMarket == "2027-03-31")
    let refused = try Sample.project(replacing: [3: "  provider: Test provider\n  placed_on_market: 03/04/2027"])
    let error = #expect(throws: ProjectError.self) { try refused.load() }
    #expect(error?.message.contains("'placed_on_market'") == true && error?.message.contains("line 4") == true)
  }
}
