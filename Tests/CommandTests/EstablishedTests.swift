import Foundation
import Testing

/// What `runs verify` says of keys, of files that are no stores, and of records alone.
@Suite("runs verify: keys, files, pipes", .enabled(if: SignedProject.hasPrograms))
struct EstablishedTests {
  @Test("--key: exit 0 for the keys that signed every checkpoint, 1 for another's, for one too many, for no checkpoint")
  func keys() async throws {
    let site = try await SignedProject.copy()
    let other = try await SignedProject.copy()
    // A log key of another person for the same log, and so of another log too.
    try FileManager.default.removeItem(at: other.configuration.url("vitrine/logs"))
    #expect(try await other.vitrine("store", "checkpoint").status == 0)
    #expect(try await site.vitrine("store", "checkpoint").status == 0)
    func keyFiles(_ site: SignedProject) throws -> [String] {
      try site.project.files().filter { $0.hasPrefix("keys/") && $0.hasSuffix(".vkey") }.map {
        site.project.url($0).path
      }
    }
    let own = try #require(try keyFiles(site).first)
    let others = try keyFiles(other).filter { !$0.hasSuffix((own as NSString).lastPathComponent) }
    let foreign = try #require(others.first)
    for arguments in [["runs", "verify"], ["runs", "verify", site.run]] {
      for (keys, status, words) in [
        ([own], Int32(0), "signed by the keys that you gave"), ([foreign], 1, "NOT those"),
        ([own, foreign], 1, "it signed no checkpoint"),
      ] {
        let result = try await site.vitrine(arguments + keys.flatMap { ["--key", $0] })
        #expect(result.status == status && result.said.contains(words), "\(keys): \(result)")
      }
    }
    #expect(try await site.vitrine("runs", "export", site.run, "-o", "run.json").status == 0)
    let exported = site.project.url("run.json").path
    #expect(try await Program.vitrine("runs", "verify", "--file", exported, "--key", own).status == 0)
    #expect(try await Program.vitrine("runs", "verify", "--file", exported, "--key", foreign).status == 1)
    // The other store has checkpoints of two keys: one of them does not establish the other.
    for (key, status) in [([foreign], Int32(1)), ([own, foreign], 0)] {
      let result = try await other.vitrine(["runs", "verify"] + key.flatMap { ["--key", $0] } + ["--json"])
      #expect(result.status == status, "\(result)")
      #expect(
        try result.json()["log_identity"] == .string(status == 0 ? "established" : "not-established"), "\(result)")
      #expect(try Schema("verify").problems(of: result.json()) == [])
    }
    // Without a checkpoint a key establishes nothing.
    let bare = try Sample.folder()
    #expect(try await Program.vitrine("analyze", bare.path, "--methods", "exact-patching").status == 0)
    let none = try await Program.vitrine("runs", "verify", "--project", bare.path, "--key", own)
    #expect(none.status == 1 && none.said.contains("no checkpoint here"), "\(none)")
  }

  @Test(
    "a record of an unpacked bundle is checked up to the checkpoint; alone it is incomplete; changed it is not intact")
  func recordFile() async throws {
    let site = try await SignedProject.copy()
    let unpacked = try await Program.shell("cd \"$1\" && unzip -q b.asice -d unpacked", site.project.path)
    #expect(unpacked.status == 0, "\(unpacked)")
    let record = site.project.url("unpacked/runs/\(site.run).json")
    let proved = try await Program.vitrine("runs", "verify", "--file", record.path, "--json")
    #expect(proved.status == 0, "\(proved)")
    #expect(try proved.json()["verdict"] == .string("intact") && Schema("verify").problems(of: proved.json()) == [])
    let names = try proved.json()["checks"]?.array?.compactMap { $0["name"]?.string }
    #expect(names == ["record", "tree", "checkpoints"])
    let key = site.project.url("unpacked/log/origin-1.vkey").path
    #expect(try await Program.vitrine("runs", "verify", "--file", record.path, "--key", key).status == 0)
    for file in try FileManager.default.contentsOfDirectory(atPath: site.project.url("unpacked/records").path) {
      let result = try await Program.vitrine(
        "runs", "verify", "--file", site.project.url("unpacked/records/\(file)").path)
      #expect(result.status == 0, "\(result)")
    }
    let alone = site.project.url("alone.json")
    try FileManager.default.copyItem(at: record, to: alone)
    let incomplete = try await Program.vitrine("runs", "verify", "--file", alone.path)
    #expect(incomplete.status == 1 && incomplete.out.contains("INCOMPLETE"), "\(incomplete)")
    let text = try String(contentsOf: record, encoding: .utf8)
    for (changed, verdict) in [
      (text.replacing("\"status\":\"finished\"", with: "\"status\":\"refused\""), "incomplete"),
      (text + "\n", "not-intact"),
    ] {
      try Data(changed.utf8).write(to: record)
      let result = try await Program.vitrine("runs", "verify", "--file", record.path, "--json")
      #expect(result.status == 1, "\(result)")
      #expect(try result.json()["verdict"] == .string(verdict), "\(result)")
    }
  }

  @Test(
    "a pipe, a device or a folder where a file is asked for: refused at once",
    arguments: ["pipe", "/dev/zero", "folder", "dangling"])
  func specialFiles(kind: String) async throws {
    let project = try Sample.folder()
    #expect(try await Program.vitrine("analyze", project.path, "--methods", "exact-patching").status == 0)
    var path = project.url("special").path
    switch kind {
    case "pipe": #expect(mkfifo(path, 0o644) == 0)
    case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    case "dangling": try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere/x")
    default: path = kind
    }
    for arguments in [
      ["runs", "verify", "--checkpoint", path], ["runs", "verify", "--key", path], ["runs", "verify", "--file", path],
      ["store", "rescue", path],
    ] {
      let place = arguments.contains("--file") ? [] : ["--project", project.path]
      let result = try await Program.start(arguments + place, in: project.folder).finished()
      #expect([65, 74].contains(result.status) && !result.wasKilled, "\(arguments): \(result)")
      // One that waits for ever would be killed.
      #expect(result.err.contains("vitrine: "), "\(arguments): \(result)")
    }
    // In place of the store itself.
    guard kind != "/dev/zero" else { return }
    try FileManager.default.removeItem(at: project.url("evidence.sqlite"))
    try FileManager.default.moveItem(atPath: path, toPath: project.url("evidence.sqlite").path)
    for arguments in [["runs", "verify"], ["runs", "list"], ["store", "checkpoint"], ["analyze"]] {
      let result = try await Program.start(arguments, in: project.folder).finished()
      #expect(result.status == 65 && !result.wasKilled, "\(arguments): \(result)")
    }
  }

  @Test("every command of docs/evidence.md works as it stands, in a plain sh, in a project that was bundled")
  func recipe() async throws {
    let site = try await SignedProject.copy()
    let key = site.configuration.url("bare.key").path
    let bare = try await Program.shell(
      "openssl genpkey -algorithm ed25519 -out \"$1\" && chmod 600 \"$1\" && rm \"$2\"/keys/cy.crt", key,
      site.project.path)
    #expect(bare.status == 0, "\(bare)")
    for arguments in [
      [
        "runs", "sign", site.run, "--key-file", key, "--name", "Bo Example", "--function", "Tester", "--meaning",
        "performed",
      ], ["runs", "export", site.run, "-o", "run.json"],
    ] {
      let result = try await site.vitrine(arguments)
      #expect(result.status == 0, "\(result)")
    }
    try FileManager.default.copyItem(
      at: Program.repository.appendingPathComponent("Tests/EvidenceTests/Golden/check_export.py"),
      to: site.project.url("check_export.py"))
    let page = try String(
      contentsOf: Program.repository.appendingPathComponent("docs/evidence.md"), encoding: .utf8)
    let blocks = page.matches(of: /```sh\n(.*?)\n```/.dotMatchesNewlines()).map { String($0.1) }
    #expect(blocks.count == 9)
    // Nothing that looks like a command stands in a block that is not run.
    #expect(page.matches(of: /```\n/).count == page.matches(of: /```(sh|text)\n/).count)
    try site.project.write(blocks.joined(separator: "\n"), to: "recipe.sh")
    let result = try await Program.shell("cd \"$1\" && exec sh -eu recipe.sh", site.project.path)
    #expect(result.status == 0, "\(result)")
    let lines = result.out.split(separator: "\n").map(String.init)
    // The digest of the record as stored and as counted, and its leaf as stored and as made.
    #expect(
      lines[0].split(separator: "|").last.map(String.init) == lines[1].split(separator: " ").first.map(String.init))
    #expect(lines[2].split(separator: " ").first.map(String.init) == lines[3])
    #expect(result.out.components(separatedBy: "Signature Verified Successfully").count == 3, "\(result)")
    // The root that the checkpoint signs is among those made anew only if nothing was appended since; the digest is printed.
    #expect(result.err.contains("CAdES") || result.err.contains("successful"), "\(result)")
  }
}
