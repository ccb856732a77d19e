import Foundation
import Testing

/// Tests/Forgeries/run makes every forgery the way an outsider would, and asks sign, verify, runs verify and VERIFY.md about it.
@Suite("Forgeries", .enabled(if: ForgeryPrograms.areThere))
struct ForgeryTests {
  private static let runner = Program.repository.appendingPathComponent("Tests/Forgeries/run").path

  @Test("every check says of every forgery what docs/threat-model.md says, and of what is honest that it is")
  func all() async throws {
    let result = try await Program.shell("exec python3 \"$1\" \"$VITRINE\"", Self.runner, limit: .seconds(900))
    let lines = result.out.split(separator: "\n", omittingEmptySubsequences: false)
    let wrong = lines.filter { !$0.hasPrefix("ok ") }.joined(separator: "\n")
    #expect(result.status == 0, "\(wrong)\n\(result.err)")
  }

  @Test("the table of docs/threat-model.md is what the runner prints")
  func table() async throws {
    let result = try await Program.shell("exec python3 \"$1\" --table", Self.runner)
    #expect(result.status == 0, "\(result)")
    let page = try String(
      contentsOf: Program.repository.appendingPathComponent("docs/threat-model.md"), encoding: .utf8)
    // Its remedy: put what '--table' prints in place of everything from the first table on.
    #expect(page.hasSuffix("\n\n" + result.out))
  }

  @Test("the runner can fail: a forgery that passes, a crash, a fault that is not named, a check that was not made")
  func canFail() async throws {
    let script = """
      import os, sys
      sys.dont_write_bytecode = True
      sys.path.insert(0, os.path.dirname(sys.argv[1]))
      from forgeries.catalogue import Answer as answer, incomplete, passes, refused
      cases = [
        (answer(0, "INTACT"), refused("WRONG")), (answer(1, "all is well"), refused("WRONG")),
        (answer(1, "WRONG: x"), passes("never")), (answer(1, "WRONG: x"), incomplete()),
        (answer(139, "WRONG"), refused("WRONG")), (answer(70, "WRONG"), refused("WRONG")),
        (answer(1, "WRONG\\nTraceback (most recent call last):"), refused("WRONG")),
        (answer(1, "incomplete\\n  ok     roles"), incomplete(never="ok +roles")),
      ]
      fine = [
        (answer(1, "WRONG: x"), refused("WRONG")), (answer(0, "INTACT"), passes("never")),
        (answer(1, "INCOMPLETE"), incomplete()),
      ]
      print(sum(case.problem(expected) is not None for case, expected in cases), len(cases))
      print(sum(case.problem(expected) is None for case, expected in fine), len(fine))
      """
    let result = try await Program.shell("exec python3 -c \"$1\" \"$2\"", script, Self.runner)
    #expect(result.status == 0 && result.out == "8 8\n3 3\n", "\(result)")
  }
}

private enum ForgeryPrograms {
  /// What the machine lacks to forge; the suite is skipped without it, and says so.
  static let areThere: Bool = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let missing = ["openssl", "python3", "sha256sum", "sqlite3", "unzip", "zip"].filter { name in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
    if !missing.isEmpty { print("SKIPPED: \(missing.joined(separator: ", ")) not installed, so nothing is forged") }
    return missing.isEmpty
  }()
}
