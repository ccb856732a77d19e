import Foundation
import Testing

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
    let asked = Set(try TextCallScanner.calls(below: Self.sources).map(\.key))
    for key in try InterfaceText.english().messages.keys.sorted() where !asked.contains(key) {
      Issue.record("nothing asks for '\(key)'; remove it from Templates/text/en")
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
