import Foundation
import Templates
import Testing

@testable import Reports

@Suite("The skeleton statements of a new project")
struct StatementSkeletonTests {
  let catalogue: LawCatalogue
  let folder = Templates.url("project/documentation")

  init() throws { catalogue = try StatusFixtures.catalogue.get() }

  @Test("are one file per item, with a heading for each element, and declare nothing unedited")
  func skeletons() throws {
    let set = try StatementLoader.load(folder: folder, catalogue: catalogue)
    #expect(Set(set.statements.map(\.item)) == Set(catalogue.items.map(\.id)))
    for statement in set.statements {
      let item = try #require(catalogue.item(statement.item))
      #expect(statement.file == "documentation/\(item.slug).md")
      #expect(statement.parts.map(\.element) == item.elements.map(\.id), "\(item.id)")
      #expect(statement.parts.allSatisfy { !$0.isVisible }, "\(item.id)")
      #expect(statement.openKeys == ["responsible", "function", "date", "status"], "\(item.id)")
      #expect(statement.notApplicable == [] && statement.unassignedLine == nil && statement.rawHTMLLines == [])
    }
    let status = DossierStatus.evaluate(
      catalogue: catalogue, statements: set, facts: ProjectFacts(modelVersion: "1.0"), runs: [])
    #expect(status.items.allSatisfy { $0.state == .missing })
  }

  @Test("quote the law under each heading")
  func quotations() throws {
    for item in catalogue.items {
      let text = try String(contentsOf: folder.appendingPathComponent("\(item.slug).md"), encoding: .utf8)
      let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains(item.passage.text), "\(item.id)")
      for element in item.elements {
        #expect(text.contains("\n## \(element.title)\n"), "\(item.id) \(element.id)")
        #expect(
          words.contains("Element \(element.id). The law's words: \"\(element.quote)\""), "\(item.id) \(element.id)")
      }
    }
  }
}
