import Foundation
import Testing

@testable import Project
@testable import Reports

@Suite("The facts of a project")
struct StatusProjectFactsTests {
  private let model = Project.ModelVersion(
    version: "1.1", folder: URL(fileURLWithPath: "/models"), path: "models", supersedes: "1.0", changes: nil)

  private func system(provider: String?, purpose: String?) -> Project.System {
    Project.System(
      name: "Example", provider: provider, intendedPurpose: purpose, riskClass: nil, annexIIIPoint: nil, annexI: false,
      enterprise: nil, placedOnMarket: nil)
  }

  @Test("are purpose, provider, version and the version it supersedes, with their keys")
  func all() {
    let facts = ProjectFacts(system: system(provider: "Example Bank", purpose: "To test"), model: model)
    #expect(facts.modelVersion == "1.1")
    #expect(
      facts.facts.map(\.key) == [
        "system › intended_purpose", "system › provider", "models › 1.1", "models › 1.1 › supersedes",
      ])
    #expect(facts.facts.map(\.text) == ["To test", "Example Bank", "1.1", "1.0"])
    #expect(
      facts.facts.map(\.element) == ["intended-purpose", "provider-name", "version", "relation-to-previous-versions"])
  }

  @Test("name elements that item 1(a) has")
  func elements() throws {
    let item = try #require(try LawCatalogue.load().item(ProjectFacts.item))
    let facts = ProjectFacts(system: system(provider: "Example Bank", purpose: "To test"), model: model)
    for fact in facts.facts {
      #expect(item.element(fact.element) != nil)
      #expect(ProjectFacts.key(item: item.id, element: fact.element, modelVersion: "1.1") == fact.key)
    }
  }

  @Test("hold nothing that the file does not say")
  func absent() {
    var first = model
    first.supersedes = nil
    let facts = ProjectFacts(system: system(provider: " ", purpose: nil), model: first)
    #expect(facts.facts.map(\.key) == ["models › 1.1"])
  }
}
