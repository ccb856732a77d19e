import Foundation
import Templates
import Testing

@testable import Analysis
@testable import Reports

/// Code asks for messages by literal keys and gives their placeholders by literal names, so both can be compared with the files.
@Suite("Interface text: keys")
struct InterfaceTextKeyTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources/Reports")

  @Test("every message that code asks for is there, with just the placeholders that it is given")
  func asked() throws {
    let english = try InterfaceText.english()
    let calls = try TextCallScanner.calls(below: Self.sources)
    #expect(calls.count > 50)
    for call in calls {
      guard let message = english.messages[call.key] else {
        Issue.record("\(call.place) asks for '\(call.key)', which no file in Templates/text/en has")
        continue
      }
      #expect(call.isLiteral, "\(call.place): the values of '\(call.key)' are not written in the call")
      #expect(
        Set(call.values.keys) == Set(message.arguments.keys), "\(call.place): placeholders of '\(call.key)'")
      for (name, use) in message.arguments where use == .number {
        #expect(call.values[name] == true, "\(call.place): {\(name)} of '\(call.key)' needs .count")
      }
    }
  }

  @Test("every message of the files is asked for somewhere")
  func used() throws {
    let extracts = try String(contentsOf: Templates.url("dossier/\(ExtractReader.fileName)"), encoding: .utf8)
    let named = extracts.matches(of: /"\{([a-z0-9.-]+)\}"/).map { String($0.output.1) }
    let tables = Methods.steps.flatMap { $0.results }.flatMap { $0.tableNames }
    let ofTables = tables.flatMap { ["method.\($0)-caption", "method.\($0)-columns"] }
    let asked = Set(try TextCallScanner.calls(below: Self.sources).map(\.key) + named + ofTables)
    for key in try InterfaceText.english().messages.keys.sorted() where !asked.contains(key) {
      Issue.record("nothing asks for '\(key)'; remove it from Templates/text/en")
    }
  }

  @Test("every table that a method's result gives has its words, with the placeholders that it is given")
  func tables() throws {
    let english = try InterfaceText.english()
    for name in Methods.steps.flatMap({ $0.results }).flatMap({ $0.tableNames }) {
      let caption = try #require(english.messages["method.\(name)-caption"], "\(name)")
      #expect(Set(caption.arguments.keys).isSubset(of: ["behaviour", "n", "run", "points"]), "\(name)")
      let columns = try #require(english.plain("method.\(name)-columns"), "\(name)")
      #expect(columns.contains(InterfaceText.columnMark), "\(name)")
    }
  }

  /// What would print a literal: running text, headings, captions, terms.
  private static var printed: Regex<Substring> {
    #/
      (?: [^\w)\]]\.text | \.strong | \.attributed | Definition ) \(\s*"[^"\\]*\p{L}{2}
      | (?: heading | caption | summary | alternative | title | subtitle | unit | says ):\s*"[^"\\]*\p{L}{2}
    /#
  }

  @Test("no code of the dossier prints words of its own")
  func literals() throws {
    let files = try #require(FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" && !file.path.contains("/Reports/Diff/") {
      let source = try String(contentsOf: file, encoding: .utf8).replacing(/\/\/\/.*/, with: "")
      for match in source.matches(of: Self.printed) {
        Issue.record("\(file.lastPathComponent) prints a literal: \(match.output)")
      }
    }
  }

  @Test("the scanner sees keys over line breaks, values in calls, and literals in interpolations")
  func scanner() {
    let source = """
      let a = text.words("a.plain")
      let b = text.inlines(
        "b.more", ["one": .count(list["x", default: 0]), "two": .text("\\(names["y"] ?? "z: ]")")])
      let c = text.words("c.variable", values)
      let d = otherwords("d.none")
      """
    let calls = TextCallScanner(source, file: "f").calls
    #expect(calls.map(\.key) == ["a.plain", "b.more", "c.variable"])
    #expect(calls[1].values == ["one": true, "two": false])
    #expect(calls.map(\.isLiteral) == [true, true, false])
    #expect(calls.map(\.place) == ["f:1", "f:3", "f:4"])
  }
}
