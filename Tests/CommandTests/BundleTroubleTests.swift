import Foundation
import GRDB
import Testing

@Suite("Trouble with bundles")
struct BundleTroubleTests {
  private static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"

  // MARK: Reading

  @Test("what is no bundle, or cannot be read, is named, with its exit status, and nothing is written")
  func badInput() async throws {
    let site = try await SignedProject.copy()
    let sandbox = try Scratch()
    let good = try Data(contentsOf: site.bundle)
    let folder = sandbox.url("parent/here")
    for name in ["parent/here/a-folder", "parent/tmp"] {
      try FileManager.default.createDirectory(at: sandbox.url(name), withIntermediateDirectories: true)
    }
    try sandbox.write("hello\n", to: "parent/here/text")
    try sandbox.write("", to: "parent/here/empty")
    try good.prefix(good.count / 2).write(to: folder.appendingPathComponent("cut"))
    try (good.dropLast(22) + zip64End(good)).write(to: folder.appendingPathComponent("zip64"))
    let made = try await Program.shell("mkfifo \"$1/pipe\"; : \"$1\"", folder.path)
    #expect(made.status == 0)
    func tree() async throws -> String {
      try await Program.shell("cd \"$1\" && find . -printf '%p %y %s %T@\\n' | sort", sandbox.path).out
    }
    let before = try await tree()
    for (name, status, words) in [
      ("text", Int32(65), "begins with 'PK'"), ("empty", 65, "begins with 'PK'"), ("a-folder", 65, "no plain file"),
      ("pipe", 65, "no plain file"), ("/dev/zero", 65, "no plain file"),
      ("nowhere", 74, "cannot read nowhere: No such file"),
      ("/proc/self/mem", 65, "begins with 'PK'"), ("cut", 1, "cut off"), ("zip64", 1, "several volumes"),
    ] {
      let result = try await Program.shell(
        "cd \"$1\" && TMPDIR=\"$1/../tmp\" HOME=\"$1/../tmp\" \"$VITRINE\" verify \"$2\"", folder.path, name)
      #expect(result.status == status && (result.err + result.said).contains(words), "\(name): \(result)")
      #expect(!result.out.contains("INTACT: nothing"), "\(name)")
    }
    #expect(try await tree() == before)
  }

  /// The end of an archive that says that all of it is larger than 4 GiB (APPNOTE 4.3.14 to 4.3.16).
  private func zip64End(_ good: Data) -> Data {
    func number(_ value: UInt64, _ count: Int) -> Data {
      Data((0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) })
    }
    let start = UInt64(good.count - 22)
    var end = Data()
    for part in [number(0x0606_4B50, 4), number(44, 8), number(0x2D, 2), number(0x2D, 2), number(0, 8)] { end += part }
    for part in [number(1, 8), number(1, 8), number(1 << 32, 8), number(1 << 33, 8)] { end += part }
    for part in [number(0x0706_4B50, 4), number(0, 4), number(start, 8), number(1, 4)] { end += part }
    for part in [number(0x0605_4B50, 4), number(0, 4), number(0xFFFF, 2), number(0xFFFF, 2)] { end += part }
    return end + number(0xFFFF_FFFF, 4) + number(0xFFFF_FFFF, 4) + number(0, 2)
  }

  // MARK: Writing

  @Test("a bundle that exists is replaced whole; a folder of its name is not")
  func existing() async throws {
    let site = try await SignedProject.copy()
    try site.project.write("old\n", to: "old.asice")
    try FileManager.default.createDirectory(at: site.project.url("folder.asice"), withIntermediateDirectories: false)
    let replaced = try await site.vitrine("bundle", "-o", "old.asice")
    #expect(replaced.status == 0, "\(replaced)")
    #expect(try Data(contentsOf: site.project.url("old.asice")) == Data(contentsOf: site.bundle))
    let refused = try await site.vitrine("bundle", "-o", "folder.asice")
    #expect(refused.status == 74 && refused.err.contains("folder.asice"), "\(refused)")
    #expect(try site.project.files().allSatisfy { !$0.contains(".tmp") })
    let nowhere = try await site.vitrine("bundle", "-o", "vitrine.yaml/b.asice")
    #expect(nowhere.status == 74, "\(nowhere)")
  }

  @Test("a full disk: 74 and the reason; nothing half-written, and an earlier bundle stays", SmallDisk.trait)
  func fullDisk() async throws {
    let site = try await SignedProject.copy()
    let size = try Data(contentsOf: site.bundle).count / 1024
    let result = try await SmallDisk.run(
      "\(size * 3)k", on: "small",
      "export XDG_CONFIG_HOME=\(site.configuration.path); \"$VITRINE\" bundle -o small/b.asice >/dev/null || exit; "
        + "dd if=/dev/zero of=small/filler bs=4k 2>/dev/null; "
        + "\"$VITRINE\" bundle -o small/b.asice; echo \"again $?\"; \"$VITRINE\" bundle -o small/other.asice; "
        + "echo \"other $?\"; \"$VITRINE\" verify small/b.asice >/dev/null; echo \"verify $?\"; rm small/filler; ls -A small; "
        + "\"$VITRINE\" bundle -o small/other.asice >/dev/null; echo \"then $?\"", in: site.project)
    #expect(result.out == "again 74\nother 74\nverify 0\nb.asice\nthen 0\n", "\(result)")
    #expect(result.err.contains("No space left"), "\(result)")
  }

  @Test("a writer that is killed at any moment leaves a whole bundle or none, and the next one tidies up")
  func killed() async throws {
    let site = try await SignedProject.copy()
    let made = try await site.vitrine("bundle", "-o", "k.asice")
    #expect(made.status == 0, "\(made)")
    let whole = made.duration
    try FileManager.default.removeItem(at: site.project.url("k.asice"))
    let rounds = Self.isFull ? 100 : 6
    for round in 0..<rounds {
      let child = try await Program.start(
        ["bundle", "-o", "k.asice", "--project", site.project.path], in: site.project.folder,
        configuration: site.configuration.folder)
      try await Task.sleep(for: whole * (Double(round) + 0.5) / Double(rounds))
      child.send(SIGKILL)
      _ = try await child.finished()
      guard FileManager.default.fileExists(atPath: site.project.url("k.asice").path) else { continue }
      #expect(try await site.vitrine("verify", "k.asice").status == 0)
    }
    // As a killed one leaves it: its process is gone.
    try site.project.write("half", to: ".k.asice.999999999.tmp")
    try site.project.write("half", to: ".k.asice.999999999.tmp.AbCdEf")
    #expect(try await site.vitrine("bundle", "-o", "k.asice").status == 0)
    #expect(try site.project.files().filter { $0.contains(".k.asice") } == [])
    #expect(try Data(contentsOf: site.project.url("k.asice")) == Data(contentsOf: site.bundle))
    #expect(try await site.vitrine("runs", "verify").status == 0)
  }

  // MARK: Gates

  @Test("a tampered store: nothing is signed, the reason is printed, and it cannot be waived")
  func tampered() async throws {
    let site = try await SignedProject.copy()
    let store = try DatabaseQueue(path: site.project.url("evidence.sqlite").path)
    try await store.writeWithoutTransaction { database in
      let triggers = try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
      for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger["name"] as String)") }
      try database.execute(
        sql: "UPDATE entries SET document = CAST(replace(CAST(document AS TEXT), ?, ?) AS BLOB) WHERE kind = 'run'",
        arguments: ["\"seed\":", "\"Seed\":"])
      for trigger in triggers { try database.execute(sql: trigger["sql"] as String) }
    }
    try store.close()
    let refused = try await site.vitrine("sign", "--role", "prepared", "--key", "ada")
    #expect(refused.status == 1 && refused.err.contains("[runs-not-verified] run \(site.run)"), "\(refused)")
    #expect(refused.err.contains("digest"), "\(refused)")
    let waived = try await site.vitrine(
      "sign", "--waive", "runs-not-verified", "--reason", "it is only one byte", "--as", "Cy Example")
    #expect(
      waived.status != 0
        && waived.err.contains("'runs-not-verified' cannot be waived: it asks whether"),
      "\(waived)")
    #expect(try await site.vitrine("runs", "verify").status == 1)
    // What was signed before stays what it was.
    #expect(try await site.vitrine("verify", "b.asice").status == 0)
  }

  @Test("a name in a certificate cannot print a verdict", .enabled(if: SignedProject.hasPrograms))
  func terminal() async throws {
    let site = try await SignedProject.copy()
    let made = try await Program.shell(
      """
      cd "$1" && printf '[req]\\nprompt=no\\nutf8=yes\\nstring_mask=utf8only\\ndistinguished_name=dn\\n[dn]\\nCN=%s\\n' \
        "$(printf 'Cy \\033[2K\\r \\302\\233 INTACT: all is well')" > evil.cnf &&
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout e.key -out e.pem -days 3 -config evil.cnf
      """, site.project.path)
    #expect(made.status == 0, "\(made)")
    let signed = try await site.vitrine(
      "sign", "--role", "approved", "--name", "Cy Example", "--key-file", "e.key", "--certificate", "e.pem")
    #expect(signed.status == 0, "\(signed)")
    #expect(try await site.vitrine("bundle", "-o", "evil.asice").status == 0)
    let result = try await site.vitrine("verify", "evil.asice")
    #expect(result.said.contains("INTACT: all is well") && !result.out.contains("\nINTACT: all is well"), "\(result)")
    let controls = result.out.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
    #expect(controls.isEmpty && result.out.contains("\\u{1B}"), "\(result)")
  }
}
