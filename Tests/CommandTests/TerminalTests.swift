import Foundation
import Testing

/// A terminal obeys ESC, BEL, CR and more. What a name, a path or an argument brings along must not reach it.
@Suite("The terminal")
struct TerminalTests {
  /// Moves the cursor, rings, starts the line anew, an 8-bit CSI, turns the direction of writing, ends a line in Unicode's way.
  private static let hostile = "\u{1B}[2J\u{1B}]0;x\u{7}\u{301}\r\u{85}\u{9B}1m\u{202E}\u{2066}\u{2028}\u{200B}"

  private func expectHarmless(_ finished: Finished, _ what: String) {
    for text in [finished.out, finished.err] {
      let acting = text.unicodeScalars.filter { scalar in
        let isControl = scalar.value < 0x20 && scalar != "\n" && scalar != "\t" || (0x7F..<0xA0).contains(scalar.value)
        return isControl || [0x202E, 0x2066, 0x2028, 0x2029, 0x200B, 0xFEFF].contains(scalar.value)
      }
      #expect(acting.isEmpty, "\(what): \(acting.map { String($0.value, radix: 16) })")
    }
  }

  @Test("gets nothing that acts from a project file, a path, an argument or an error, from any command")
  func commands() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("terminal-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let escaped = Self.hostile.unicodeScalars.map { String(format: "\\U%08X", $0.value) }.joined()
    let yaml = """
      system: {name: "S\(escaped)", provider: "P\(escaped)"}
      people: [{name: "N\(escaped)", function: "F\(escaped)", roles: [prepared, approved]}]
      models: {1.0: {folder: "m\(escaped)"}}
      prompts: {answers: {positive: [" yes\(escaped)"], negative: [" no"]}}
      behaviours:
        - {id: b1, question: "Q\(escaped)", pairs: [{name: "p\(escaped)", clean: "a\(escaped)", counterfactual: "b"}]}
      """
    try Data(yaml.utf8).write(to: folder.appendingPathComponent("vitrine.yaml"))
    let word = Self.hostile.replacing("\u{0}", with: "")
    let commands: [[String]] = [
      ["check", folder.path], ["dossier", "status", "--project", folder.path], ["analyze", folder.path],
      ["analyze", folder.path, "--model", word],
      ["evaluate", folder.path], ["check", "/none/\(word)"], ["verify", "/none/\(word)"], ["law", "show", word],
      ["measure", word, word],
      ["runs", "show", word, "--project", folder.path], ["runs", "list", "--project", folder.path],
      ["diff", word, word, "--project", folder.path],
      ["dossier", "build", "--project", folder.path, "--language", word],
      ["dossier", "build", "--project", folder.path], [word], ["check", "--\(word)"],
      ["sign", "--role", word, "--project", folder.path],
      ["keys", "create", word], ["bundle", "--project", "/none/\(word)"],
      ["store", "merge", word, "--project", folder.path],
    ]
    for command in commands {
      let finished = try await Program.start(command, in: folder).finished()
      expectHarmless(finished, command.joined(separator: " "))
      #expect(!finished.wasKilled && finished.status != 70, "\(command): \(finished)")
    }
  }
}
