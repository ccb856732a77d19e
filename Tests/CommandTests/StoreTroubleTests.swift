import Evidence
import Foundation
import GRDB
import Testing

@Suite("Trouble with the store's file and folder")
struct StoreTroubleTests {
  @Test("A store of a newer schema is refused with 65 and left untouched", arguments: ["analyze", "runs list"])
  func newerSchema(command: String) async throws {
    let project = try Sample.folder()
    #expect(try await Program.vitrine("analyze", project.path).status == 0)
    let file = project.url("evidence.sqlite")
    let database = try DatabaseQueue(path: file.path)
    try await database.write { try $0.execute(sql: "CREATE TABLE later (a); PRAGMA user_version = 99") }
    try database.close()
    let before = try Data(contentsOf: file)
    let result = try await Program.start(command.split(separator: " ").map(String.init), in: project.folder).finished()
    #expect(result.status == 65, "\(result)")
    #expect(result.err.contains("schema 99") && result.err.contains("Use the newer vitrine"), "\(result)")
    #expect(result.out.isEmpty)
    #expect(try Data(contentsOf: file) == before)
    #expect(try project.files() == ["evidence.sqlite", "vitrine.yaml"])
  }

  @Test("A file that is no store is refused with 65 and left untouched", arguments: ["", "not a store\n"])
  func notAStore(content: String) async throws {
    let project = try Sample.folder()
    try project.write(content, to: "evidence.sqlite")
    for arguments in [["analyze"], ["runs", "list"], ["runs", "show", "abcdef"]] {
      let result = try await Program.start(arguments, in: project.folder).finished()
      #expect(result.status == 65, "\(result)")
      #expect(result.err.contains("not an evidence store"), "\(result)")
    }
    #expect(try String(contentsOf: project.url("evidence.sqlite"), encoding: .utf8) == content)
    #expect(try project.files() == ["evidence.sqlite", "vitrine.yaml"])
  }

  @Test("A folder where the store should be is refused with 65")
  func folderInTheWay() async throws {
    let project = try Sample.folder()
    try FileManager.default.createDirectory(at: project.url("evidence.sqlite"), withIntermediateDirectories: false)
    let result = try await Program.vitrine("analyze", project.path)
    #expect(result.status == 65, "\(result)")
    #expect(result.err.contains("evidence.sqlite") && result.err.contains("not a regular file"), "\(result)")
  }

  @Test("No store yet: list and show say which command makes it")
  func noStore() async throws {
    let project = try Sample.folder()
    for arguments in [["runs", "list"], ["runs", "show", "abcdef"]] {
      let result = try await Program.start(arguments, in: project.folder).finished()
      #expect(result.status == 65, "\(result)")
      #expect(result.err.contains("no evidence store") && result.err.contains("vitrine analyze"), "\(result)")
    }
    #expect(try project.files() == ["vitrine.yaml"])
  }

  @Test("A new project where no folder can be made: 74, and nothing is left")
  func initNowhere() async throws {
    let folder = try Scratch()
    try folder.write("", to: "file")
    let result = try await Program.vitrine("init", "file/project", in: folder.folder)
    #expect(result.status == 74, "\(result)")
    #expect(result.err.contains("cannot make the folder"), "\(result)")
    #expect(try folder.files() == ["file"])
  }

  // MARK: File systems of our own

  /// Runs a script with a small file system on `$1`, which is gone when the script ends.
  private func mounted(_ size: String, _ script: String, _ project: Scratch) async throws -> Finished {
    try await Program.shell(
      "exec unshare --map-root-user --mount sh -ec '"
        + "kept=$(mktemp); cp \"$1/vitrine.yaml\" \"$kept\"; mount -t tmpfs -o size=\(size) none \"$1\"; "
        + "mv \"$kept\" \"$1/vitrine.yaml\"; cd \"$1\"; set +e; \(script)' sh \"$1\"", project.path)
  }

  @Test("A read-only folder: analyze ends with 74 before it computes, and says what to change", SmallDisk.trait)
  func readOnlyFolder() async throws {
    let project = try Sample.folder()
    let result = try await mounted(
      "16m", "mount -o remount,ro \"$1\"; \"$VITRINE\" analyze; status=$?; ls -A; exit $status", project)
    #expect(result.status == 74, "\(result)")
    #expect(result.err.contains("evidence.sqlite") && result.err.contains("Read-only file system"), "\(result)")
    #expect(!result.err.contains("prompt pairs"), "it computed first: \(result)")
    #expect(result.out == "vitrine.yaml\n", "\(result)")
  }

  @Test("A store on a read-only medium: list and show work, analyze ends with 74", SmallDisk.trait)
  func readOnlyStore() async throws {
    let project = try Sample.folder()
    let result = try await mounted(
      "16m",
      "\"$VITRINE\" analyze --json >id || exit; mount -o remount,ro \"$1\"; "
        + "\"$VITRINE\" runs list --json; echo \" list $?\"; \"$VITRINE\" analyze; echo \"analyze $?\"", project)
    #expect(result.out.contains("\"status\":\"finished\""), "\(result)")
    #expect(result.out.contains("list 0\nanalyze 74\n"), "\(result)")
    #expect(result.err.contains("the store cannot be written"), "\(result)")
  }

  @Test("A full disk: 74 and the reason; what was stored before stays, the failed run leaves nothing", SmallDisk.trait)
  func fullDisk() async throws {
    let project = try Sample.folder()
    // Filled up to its last block after the first run.
    let result = try await mounted(
      "2m",
      "\"$VITRINE\" analyze >/dev/null || exit; dd if=/dev/zero of=filler bs=4k 2>/dev/null; "
        + "\"$VITRINE\" analyze; echo \"analyze $?\"; rm filler; \"$VITRINE\" runs list --status finished; ls -A; "
        + "\"$VITRINE\" analyze --json >/dev/null; echo \"again $?\"", project)
    #expect(result.out.contains("analyze 74\n"), "\(result)")
    #expect(result.err.contains("disk is full") || result.err.contains("No space left"), "\(result)")
    #expect(result.out.components(separatedBy: "  finished  ").count == 2, "one run: \(result)")
    #expect(result.out.contains("\nevidence.sqlite\nvitrine.yaml\nagain 0\n"), "\(result)")
  }

  @Test("A disk too full to make the store: 74, and no half-made store", SmallDisk.trait)
  func fullDiskAtFirst() async throws {
    let project = try Sample.folder()
    let result = try await mounted("16k", "\"$VITRINE\" analyze; echo \"analyze $?\"; ls -A", project)
    #expect(result.out == "analyze 74\nvitrine.yaml\n", "\(result)")
    #expect(result.err.contains("disk is full") || result.err.contains("No space left"), "\(result)")
  }

  // MARK: What else is written

  /// A key to sign with, and a folder for the keys that are made, outside the file system under test.
  private func keys() throws -> Scratch {
    let keys = try Scratch()
    let key = keys.url("person.key")
    try PrivateKey.generate(.ed25519).pem().write(to: key)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key.path)
    return keys
  }

  /// Defines `all`: every command that writes to a store with a run, each followed by its name and exit status.
  private func allWriters(_ keys: Scratch) -> String {
    """
    export XDG_CONFIG_HOME=\(keys.path)
    all() {
      "$VITRINE" store checkpoint >>\(keys.path)/out; echo "checkpoint $?"
      "$VITRINE" runs sign "$id" --key-file \(keys.path)/person.key --name A --function B --meaning performed \
        >>\(keys.path)/out; echo "sign $?"
      "$VITRINE" runs reproduce "$id" >>\(keys.path)/out; echo "reproduce $?"
    }
    "$VITRINE" analyze --methods exact-patching >\(keys.path)/run || exit; id=$(cut -c1-36 \(keys.path)/run)
    """
  }

  @Test(
    "A full disk: checkpoint, sign and reproduce end with 74 and add nothing; with space again all work",
    SmallDisk.trait)
  func fullDiskForAll() async throws {
    let (project, keys) = try (Sample.folder(), keys())
    let script = """
      \(allWriters(keys))
      dd if=/dev/zero of=filler bs=4k 2>/dev/null; all; rm filler
      "$VITRINE" runs verify >/dev/null; echo "verify $?"; "$VITRINE" store stats --json; echo
      all; "$VITRINE" runs verify >/dev/null; echo "verify $?"; ls -A
      """
    let result = try await mounted("2m", script, project)
    #expect(result.out.hasPrefix("checkpoint 74\nsign 74\nreproduce 74\nverify 0\n"), "\(result)")
    #expect(result.err.components(separatedBy: "disk is full").count > 3, "\(result)")
    // The log's beginning and the run, and nothing else before there was space again.
    #expect(result.out.contains("\"checkpoints\":0") && result.out.contains("\"size\":2}"), "\(result)")
    #expect(
      result.out.hasSuffix(
        "checkpoint 0\nsign 0\nreproduce 0\nverify 0\ncheckpoints\nevidence.sqlite\nkeys\nvitrine.yaml\n"),
      "\(result)")
  }

  @Test(
    "A read-only medium: checkpoint, sign and reproduce end with 74; verify and reproduce --no-record work",
    SmallDisk.trait)
  func readOnlyForAll() async throws {
    let (project, keys) = try (Sample.folder(), keys())
    let script = """
      \(allWriters(keys))
      mount -o remount,ro "$1"; all
      "$VITRINE" runs verify >/dev/null; echo "verify $?"
      "$VITRINE" runs reproduce "$id" --no-record >/dev/null; echo "compare $?"; ls -A
      """
    let result = try await mounted("16m", script, project)
    #expect(
      result.out
        == "checkpoint 74\nsign 74\nreproduce 74\nverify 0\ncompare 0\nevidence.sqlite\nvitrine.yaml\n", "\(result)")
    #expect(result.err.components(separatedBy: "the store cannot be written").count == 4, "\(result)")
  }
}
