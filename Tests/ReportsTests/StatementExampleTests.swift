import Foundation
import Testing

@testable import Reports

@Suite("The statements of the credit-screening example")
struct StatementExampleTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("examples/credit-screening/documentation")

  @Test("are all declared, leave out what nobody can say of a demonstration, and are honest about who speaks")
  func statements() throws {
    let catalogue = try LawCatalogue.load()
    let set = try StatementLoader.load(folder: Self.folder, catalogue: catalogue)
    #expect(set.statements.allSatisfy { $0.openKeys == [] && $0.unassignedLine == nil && $0.rawHTMLLines == [] })
    #expect(Set(set.statements.compactMap(\.responsible)) == ["The Vitrine developers"])
    for statement in set.statements {
      let excluded = statement.notApplicable.map(\.element)
      #expect(statement.parts.allSatisfy { $0.isVisible || excluded.contains($0.element) }, "\(statement.file)")
    }
    let status = DossierStatus.evaluate(
      catalogue: catalogue, statements: set, facts: ProjectFacts(modelVersion: "1.0"), runs: [])
    let missing = status.items.filter { $0.state == .missing }.map(\.item.id)
    #expect(missing == ["1(d)", "1(g)", "1(h)", "2(e)", "2(h)", "5", "7", "8", "9"])
    let notApplicable = status.items.flatMap(\.elements).filter { $0.state.kind == .notApplicable }.map(\.element.id)
    #expect(
      notApplicable == [
        "other-ai-systems", "product-illustrations", "continuous-compliance",
        "pre-determined-change-tests",
      ])
    let partial = status.gaps.filter { !missing.contains($0.item.id) }.map { "\($0.item.id) \($0.element.id)" }
    #expect(
      partial == [
        "1(a) intended-purpose", "1(a) provider-name", "1(a) version", "2(b) trade-offs", "2(g) robustness-metrics",
        "2(g) requirement-metrics", "2(g) test-logs", "3 monitoring-functioning-control", "3 group-accuracy",
        "3 overall-accuracy", "3 unintended-outcomes", "3 oversight-measures", "3 interpretation-measures",
      ])
  }

  @Test("claim no conformity", arguments: ["compl", "conform", "meets", "satisf", "fulfil", "in line with", "is safe"])
  func claims(_ word: String) throws {
    for url in try FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil) {
      let text = try String(contentsOf: url, encoding: .utf8).lowercased()
        .replacing("continuous-compliance", with: "").replacing("whether the contract was complied with", with: "")
        .split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(!text.contains(word), "\(url.lastPathComponent) says '\(word)'")
    }
  }
}
