import Foundation
import Testing

@Suite("runs sign --all")
struct RunsSignAllTests {
  @Test(
    "signs every run that the dossiers cite, once; says which are signed already; the gate on unsigned runs then finds nothing"
  )
  func all() async throws {
    let yaml = Sample.project(
      behaviours: [("one", [Sample.pair()]), ("two", [Sample.pair("park")])], analysis: ["methods: [exact-patching]"])
    let project = try Sample.folder(
      yaml + "people:\n  - {name: Ada Example, function: Engineer, roles: [prepared]}\n")
    let configuration = try Scratch()
    func vitrine(_ arguments: String...) async throws -> Finished {
      try await Program.start(
        arguments + ["--project", project.path], in: project.folder, configuration: configuration.folder
      ).finished()
    }
    try project.write("correct horse\n", to: "passphrase")
    let secret = ["--passphrase-file", "passphrase"]
    #expect(
      try await vitrine("keys", "create", "--name", "Ada Example", "--as", "ada", secret[0], secret[1]).status == 0)
    let none = try await vitrine("runs", "sign", "--all", "--meaning", "performed", secret[0], secret[1])
    #expect(none.status == 1 && none.err.contains("cite no run"), "\(none)")
    let old = try #require(try await vitrine("analyze", "--behaviour", "one", "--json").json()[0]?["id"]?.string)
    let cited = try await vitrine("analyze", "--json").json().array?.compactMap { $0["id"]?.string } ?? []
    try #require(cited.count == 2)

    #expect(try await vitrine("runs", "sign", "--meaning", "performed").status == 64)
    #expect(try await vitrine("runs", "sign", cited[0], "--all", "--meaning", "performed").status == 64)
    let trial = try await vitrine("runs", "sign", "--all", "--dry-run", "--meaning", "performed")
    #expect(trial.status == 0 && cited.allSatisfy(trial.out.contains) && !trial.out.contains(old), "\(trial)")
    #expect(try await vitrine("runs", "sign", cited[1], "--meaning", "performed", secret[0], secret[1]).status == 0)
    let all = try await vitrine("runs", "sign", "--all", "--meaning", "performed", secret[0], secret[1])
    #expect(all.status == 0 && all.out.contains("Signed run \(cited[0])"), "\(all)")
    #expect(all.out.contains("Signed already by Ada Example as 'performed': run \(cited[1])"), "\(all)")
    #expect(!all.out.contains("Signed run \(cited[1])") && !all.out.contains(old), "\(all)")
    // Another meaning is another statement.
    let reviewed = try await vitrine("runs", "sign", "--all", "--meaning", "reviewed", secret[0], secret[1])
    #expect(reviewed.status == 0 && cited.allSatisfy { reviewed.out.contains("Signed run \($0)") }, "\(reviewed)")
    // Everything is signed: nobody is asked for a passphrase.
    let again = try await vitrine("runs", "sign", "--all", "--meaning", "reviewed", "--model", "1.0")
    #expect(again.status == 0 && !again.out.contains("Signed run"), "\(again)")
    #expect(try await vitrine("runs", "verify").status == 0)
    #expect(try await vitrine("dossier", "build").status == 0)
    let gate = try await vitrine("sign", "--role", "prepared", secret[0], secret[1])
    #expect(gate.status == 1 && !gate.err.contains("runs-unsigned"), "\(gate)")
  }
}
