import Foundation
import GRDB
import Testing

@Suite("runs verify, sign and export; store; keys")
struct EvidenceCommandTests {
  /// A project with one run, and a configuration folder of its own.
  private struct Site {
    let project: Scratch
    let configuration: Scratch
    let id: String

    init() async throws {
      project = try Sample.folder()
      configuration = try Scratch()
      let result = try await Program.vitrine("analyze", project.path, "--methods", "exact-patching", "--json")
      id = try #require(try result.json()[0]?["id"]?.string, "\(result)")
    }

    func vitrine(_ arguments: String...) async throws -> Finished {
      try await Program.start(
        arguments + ["--project", project.path], in: project.folder, configuration: configuration.folder
      ).finished()
    }
  }

  private func expectValid(
    _ result: Finished, _ schema: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try Schema(schema).problems(of: result.json()) == [], "\(result)", sourceLocation: sourceLocation)
  }

  @Test("a run is signed, checkpointed, exported and verified; each step says what it did and what it did not")
  func journey() async throws {
    let site = try await Site()
    let before = try await site.vitrine("runs", "verify")
    #expect(before.status == 0 && before.out.contains("INTACT as far as it was checked"), "\(before)")
    for text in ["Not checked", "cut off", "vitrine store checkpoint", "model 1.0:"] {
      #expect(before.said.contains(text), "\(text): \(before)")
    }
    #expect(!before.out.contains("valid"))

    let none = try await site.vitrine("runs", "sign", site.id, "--meaning", "performed")
    #expect(none.status == 64 && none.err.contains("vitrine keys create"), "\(none)")
    let created = try await site.vitrine(
      "keys", "create", "--name", "Ada Example", "--function", "Tester", "--no-passphrase")
    #expect(created.status == 0 && created.out.contains("does not establish who you are"), "\(created)")
    let meaningless = try await site.vitrine("runs", "sign", site.id)
    #expect(meaningless.status == 64 && meaningless.err.contains("--meaning"), "\(meaningless)")
    let signed = try await site.vitrine("runs", "sign", String(site.id.suffix(8)), "--meaning", "performed")
    #expect(signed.status == 0 && signed.out.contains("Ada Example, Tester: performed"), "\(signed)")
    let shown = try await site.vitrine("runs", "show", site.id)
    for text in [
      "Signatures on this run", "Ada Example, Tester", "performed", "identity of the signer not established",
    ] {
      #expect(shown.said.contains(text), "\(text): \(shown)")
    }
    let list = try await site.vitrine("runs", "list", "--signer", "ada")
    #expect(list.out.contains("Ada Example") && list.out.contains(site.id), "\(list)")

    let checkpoint = try await site.vitrine("store", "checkpoint", "--json")
    try expectValid(checkpoint, "store-checkpoint")
    let file = try #require(try checkpoint.json()["file"]?.string)
    #expect(try site.project.files().contains(file))
    #expect(
      try String(contentsOf: site.project.url(file), encoding: .utf8) == (try checkpoint.json()["note"]?.string))
    let verified = try await site.vitrine("runs", "verify", "--json")
    #expect(verified.status == 0, "\(verified)")
    try expectValid(verified, "verify")
    #expect(try verified.json()["verdict"] == .string("intact"))
    try expectValid(try await site.vitrine("runs", "verify", site.id, "--json"), "verify")
    try expectValid(try await site.vitrine("keys", "list", "--json"), "keys-list")
    try expectValid(try await site.vitrine("store", "stats", "--json"), "store-stats")

    let exported = try await site.vitrine("runs", "export", site.id, "-o", "run.json")
    #expect(exported.status == 0 && exported.err.isEmpty, "\(exported)")
    let elsewhere = try Scratch()
    try FileManager.default.copyItem(at: site.project.url("run.json"), to: elsewhere.url("run.json"))
    let key = try #require(try checkpoint.json()["key"]?.string)
    let check = try await Program.vitrine(
      "runs", "verify", "--file", "run.json", "--key", key, "--json", in: elsewhere.folder)
    #expect(check.status == 0, "\(check)")
    try expectValid(check, "verify")
    let text = try String(contentsOf: elsewhere.url("run.json"), encoding: .utf8)
    try elsewhere.write(text.replacingOccurrences(of: "Ada Example", with: "Eve Example"), to: "run.json")
    let forged = try await Program.vitrine("runs", "verify", "--file", "run.json", in: elsewhere.folder)
    #expect(forged.status == 1 && forged.out.contains("NOT INTACT"), "\(forged)")
    // No private key is in the project.
    let secrets = try await Program.shell("grep -rl 'PRIVATE KEY' \"$1\"", site.project.path)
    #expect(secrets.out.isEmpty, "\(secrets)")
  }

  @Test("a checkpoint kept elsewhere reveals that the store was replaced by an older copy together with checkpoints/")
  func olderCopy() async throws {
    let site = try await Site()
    #expect(try await site.vitrine("store", "checkpoint").status == 0)
    let old = try Data(contentsOf: site.project.url("evidence.sqlite"))
    #expect(try await Program.vitrine("analyze", site.project.path, "--methods", "exact-patching").status == 0)
    let later = try await site.vitrine("store", "checkpoint", "--json").json()
    let kept = try Scratch()
    try kept.write(try #require(later["note"]?.string), to: "kept.txt")
    try old.write(to: site.project.url("evidence.sqlite"))
    let withFiles = try await site.vitrine("runs", "verify")
    #expect(withFiles.status == 1 && withFiles.said.contains("older copy"), "\(withFiles)")
    try FileManager.default.removeItem(at: site.project.url(try #require(later["file"]?.string)))
    #expect(try await site.vitrine("runs", "verify").status == 0)
    let revealed = try await site.vitrine("runs", "verify", "--checkpoint", kept.url("kept.txt").path)
    #expect(revealed.status == 1 && revealed.said.contains("older copy"), "\(revealed)")
    let one = try await site.vitrine("runs", "verify", site.id, "--checkpoint", kept.url("kept.txt").path)
    #expect(one.status == 1 && one.said.contains("older copy"), "\(one)")
  }

  @Test("a changed weight is another model")
  func anotherModel() async throws {
    let project = try Sample.folder(Sample.project(model: "model"))
    try project.copy(Sample.ioi, to: "model")
    #expect(try await Program.vitrine("analyze", project.path, "--methods", "exact-patching").status == 0)
    #expect(try await Program.vitrine("runs", "verify", "--project", project.path).status == 0)
    let weights = project.url("model/model.safetensors")
    var bytes = try Data(contentsOf: weights)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: weights)
    let result = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(result.status == 1 && result.said.contains("is another model"), "\(result)")
    try FileManager.default.removeItem(at: project.url("model"))
    let gone = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(gone.status == 0 && gone.said.contains("its folder"), "\(gone)")
  }

  @Test("stores are merged, and merging again says that nothing is new; a fork is refused")
  func merge() async throws {
    let (first, second) = (try await Site(), try await Site())
    let merged = try Sample.folder()
    func merge(_ options: String...) async throws -> Finished {
      try await Program.start(["store", "merge"] + options + ["--project", merged.path]).finished()
    }
    let result = try await merge(first.project.path, second.project.url("evidence.sqlite").path, "--json")
    #expect(result.status == 0, "\(result)")
    try expectValid(result, "store-merge")
    let again = try await merge(first.project.path)
    #expect(again.status == 0 && again.out.contains("nothing new"), "\(again)")
    let verified = try await Program.vitrine("runs", "verify", "--project", merged.path)
    #expect(verified.status == 0 && verified.said.contains("2 merges"), "\(verified)")
    let list = try await Program.vitrine("runs", "list", "--project", merged.path)
    #expect(list.out.contains(first.id) && list.out.contains(second.id), "\(list)")
    let missing = try await merge("nowhere.sqlite")
    #expect(missing.status == 65, "\(missing)")
  }

  @Test("a backup is a store; it replaces nothing")
  func backup() async throws {
    let site = try await Site()
    let result = try await site.vitrine("store", "backup", "copy.sqlite")
    #expect(result.status == 0 && result.out.contains("all verified"), "\(result)")
    let sum = try await Program.shell("sha256sum \"$1\" | cut -d ' ' -f 1", site.project.url("copy.sqlite").path)
    #expect(result.out.contains(sum.out.trimmingCharacters(in: .newlines)))
    let again = try await site.vitrine("store", "backup", "copy.sqlite")
    #expect(again.status == 74 && again.err.contains("exists"), "\(again)")
  }

  @Test("a lost index of words is made anew; the store stays intact throughout")
  func reindex() async throws {
    let site = try await Site()
    try await DatabaseQueue(path: site.project.url("evidence.sqlite").path).write { database in
      try database.execute(sql: "INSERT INTO search (search) VALUES ('delete-all')")
    }
    let lost = try await site.vitrine("runs", "list", "--search", "object", "--json")
    #expect(try lost.json().array?.isEmpty == true, "\(lost)")
    let result = try await site.vitrine("store", "reindex")
    // The run, and the entry that names the log.
    #expect(result.status == 0 && result.out.contains("Indexed 2 records"), "\(result)")
    let found = try await site.vitrine("runs", "list", "--search", "object", "--json")
    #expect(try found.json()[0]?["id"]?.string == site.id, "\(found)")
    #expect(try await site.vitrine("runs", "verify").status == 0)
  }

  @Test("stats shows until when the documentation is kept, and that nothing is deleted")
  func retention() async throws {
    let yaml = Sample.project().replacingOccurrences(
      of: "{name: Test system}", with: "{name: Test system, placed_on_market: 2027-03-31}")
    let project = try Sample.folder(yaml)
    #expect(try await Program.vitrine("analyze", project.path, "--methods", "exact-patching").status == 0)
    let result = try await Program.vitrine("store", "stats", "--project", project.path)
    #expect(result.out.contains("until 2037-03-31") && result.out.contains("Test system: 1 run,"), "\(result)")
  }

  @Test("the statement is signed elsewhere with openssl and attached; another content is refused")
  func attach() async throws {
    guard try await Program.shell("command -v openssl").status == 0 else {
      print("SKIPPED: the program 'openssl' is not installed")
      return
    }
    let site = try await Site()
    // The certificate first: it must be valid when the statement is made.
    let certificate = try await Program.shell(
      """
      cd "$1" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 3 \
        -subj "/CN=Ada Example" 2>/dev/null
      """, site.project.path)
    #expect(certificate.status == 0, "\(certificate)")
    let prepared = try await site.vitrine(
      "runs", "sign", site.id, "--name", "Ada Example", "--function", "Tester", "--meaning", "reviewed", "--prepare",
      "s.json")
    #expect(prepared.status == 0 && prepared.out.contains("openssl cms -sign"), "\(prepared)")
    let made = try await Program.shell(
      "cd \"$1\" && openssl cms -sign -binary -cades -outform DER -in s.json -signer c.pem -inkey k.pem -out s.json.p7s",
      site.project.path)
    #expect(made.status == 0, "\(made)")
    let attached = try await site.vitrine(
      "runs", "sign", site.id, "--statement", "s.json", "--attach", "s.json.p7s")
    #expect(attached.status == 0 && attached.out.contains("reviewed"), "\(attached)")
    let statement = try String(contentsOf: site.project.url("s.json"), encoding: .utf8)
    try site.project.write(statement.replacingOccurrences(of: "reviewed", with: "approved"), to: "s.json")
    let refused = try await site.vitrine("runs", "sign", site.id, "--statement", "s.json", "--attach", "s.json.p7s")
    #expect(refused.status == 1 && refused.err.contains("not of this content"), "\(refused)")
    #expect(try await site.vitrine("runs", "verify").status == 0)
  }

  @Test("a store of schema 1 is read as it is, and gets its log with the first checkpoint")
  func schema1() async throws {
    let (project, configuration) = (try Scratch(), try Scratch())
    try project.copy("Tests/EvidenceTests/Golden/schema-1.sqlite", to: "evidence.sqlite")
    let list = try await Program.vitrine("runs", "list", "--project", project.path)
    #expect(list.status == 0 && list.out.contains("01a21189-80b5-73ac-ac86-809862ee91c5"), "\(list)")
    let unmigrated = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(unmigrated.status == 0 && unmigrated.said.contains("records 3 runs: digest"), "\(unmigrated)")
    #expect(unmigrated.said.contains("older schema") && !unmigrated.said.contains("log vitrine/"), "\(unmigrated)")
    let refused = try await Program.vitrine("runs", "export", "ee91c5", "--project", project.path)
    #expect(refused.status == 65 && refused.err.contains("older schema"), "\(refused)")
    let made = try await Program.start(
      ["store", "checkpoint", "--project", project.path], configuration: configuration.folder
    ).finished()
    #expect(made.status == 0 && made.out.contains("Signed 4 records"), "\(made)")
    let verified = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(verified.status == 0 && verified.said.contains("1 log, 3 runs"), "\(verified)")
  }
}
