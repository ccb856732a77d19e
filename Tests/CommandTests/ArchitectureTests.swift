import Foundation
import Testing

/// Holds the sources against the table "What each target may import" of ARCHITECTURE.md.
@Suite("What each target may import")
struct ArchitectureTests {
  private static let platform: Set<String> = [
    "Foundation", "FoundationEssentials", "Glibc", "Darwin", "Dispatch", "Synchronization",
  ]

  /// By target, the modules that its row names.
  private static func table(of text: String) throws -> [String: Set<String>] {
    let heading = try #require(text.range(of: "### What each target may import"))
    let rows = text[heading.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
      .drop { !$0.hasPrefix("|---") }.dropFirst().prefix { $0.hasPrefix("|") }
    return try rows.reduce(into: [:]) { table, row in
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      try #require(cells.count == 3, "\(row)")
      let modules = cells[1...].flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
      table[cells[0]] = Set(modules).subtracting(["none"])
    }
  }

  /// The modules that a file imports, e.g. `Analysis` of `@testable public import struct Analysis.Node`.
  static func imports(_ source: String) -> [String] {
    source.split(separator: "\n").compactMap { line in
      line.wholeMatch(
        of:
          /\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+).*/
      )
      .map { String($0.1) }
    }
  }

  private static func swiftFiles(_ folder: URL) throws -> [URL] {
    let all = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    return all.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
  }

  @Test("No source imports what its target's row in ARCHITECTURE.md does not name, and every named module is imported")
  func imports() throws {
    let text = try String(contentsOf: Program.repository.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
    let table = try Self.table(of: text)
    let sources = Program.repository.appendingPathComponent("Sources")
    let ours = try FileManager.default.contentsOfDirectory(atPath: sources.path).filter { !$0.hasPrefix(".") }
    // Module maps of system libraries have no sources of their own.
    let maps: Set<String> = ["COpenSSL", "CLibzip", "CCmarkGFM"]
    #expect(Set(table.keys) == Set(ours).subtracting(maps).union(["Templates"]))
    for (target, allowed) in table {
      let folder =
        target == "Templates"
        ? Program.repository.appendingPathComponent(target) : sources.appendingPathComponent(target)
      var found: Set<String> = []
      for file in try Self.swiftFiles(folder) {
        let modules = Set(Self.imports(try String(contentsOf: file, encoding: .utf8))).subtracting(Self.platform)
        #expect(modules.subtracting(allowed) == [], "\(target): \(file.lastPathComponent)")
        found.formUnion(modules)
      }
      #expect(allowed.subtracting(found) == [], "\(target)'s row names what it does not import")
    }
  }

  @Test(
    "An import is found however it is written",
    arguments: [
      "import GRDB", "public import GRDB", "@testable import GRDB", "@preconcurrency public import GRDB",
      "  import struct GRDB.Row", "internal import class GRDB.Database // why", "@_spi(Testing) import GRDB",
    ])
  func forms(line: String) {
    #expect(Self.imports("// A file\n\(line)\nlet important = 1\n// import of goods\n") == ["GRDB"])
  }
}
