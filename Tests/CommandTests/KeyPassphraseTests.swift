import Foundation
import Testing

@Suite("Passphrases of private keys", .enabled(if: SignedProject.hasPrograms))
struct KeyPassphraseTests {
  private let project: Scratch
  private let configuration: Scratch

  init() throws {
    project = try Sample.folder()
    configuration = try Scratch()
  }

  /// Runs the program without a terminal, whoever runs the tests.
  private func vitrine(_ arguments: String...) async throws -> Finished {
    _ = try Program.executable.get()
    return try await Child.start(
      URL(fileURLWithPath: "/usr/bin/env"), ["setsid", "--wait", Program.executable.get().path] + arguments,
      in: project.folder, configuration: configuration.folder
    ).finished()
  }

  private func passphrase(_ text: String, _ name: String = "passphrase") throws -> String {
    try project.write(text, to: name)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: project.url(name).path)
    return name
  }

  private var keyFile: String { configuration.url("vitrine/keys/ada.key").path }

  /// What openssl says of the key with a passphrase.
  private func openssl(_ passphrase: String) async throws -> Int32 {
    try await Program.shell("openssl pkey -in \"$1\" -passin \"pass:$2\" -noout", keyFile, passphrase).status
  }

  @Test("without a terminal and without an option: exit 64 with the remedy, and nothing is written")
  func nobodyToAsk() async throws {
    let result = try await vitrine("keys", "create", "--name", "Ada Example", "--as", "ada")
    #expect(result.status == 64 && result.err.contains("--passphrase-file"), "\(result)")
    #expect(result.err.contains("--no-passphrase"), "\(result)")
    #expect(try configuration.files() == [])
    let both = try await vitrine(
      "keys", "create", "--name", "Ada", "--no-passphrase", "--passphrase-file", try passphrase("long enough\n"))
    #expect(both.status == 64, "\(both)")
  }

  @Test(
    "from a file: the key is encrypted under its first line, signing takes it, another one is refused and signs nothing"
  )
  func fromFile() async throws {
    let right = try passphrase("correct horse\nsecond line\n")
    let created = try await vitrine(
      "keys", "create", "--name", "Ada Example", "--function", "Tester", "--as", "ada", "--passphrase-file", right)
    #expect(created.status == 0 && created.out.contains("your passphrase"), "\(created)")
    #expect(try await openssl("correct horse") == 0)
    #expect(try await openssl("correct hors") != 0)
    let list = try await vitrine("keys", "list", "--json")
    #expect(try list.json()[0]?["is_protected"] == .bool(true), "\(list)")
    #expect(try Schema("keys-list").problems(of: list.json()) == [])

    let id = try #require(try await vitrine("analyze", "--json").json()[0]?["id"]?.string)
    let before = try await vitrine("runs", "list", "--json").out
    let mute = try await vitrine("runs", "sign", id, "--meaning", "performed")
    #expect(mute.status == 64 && mute.err.contains("--passphrase-file"), "\(mute)")
    let wrong = try await vitrine(
      "runs", "sign", id, "--meaning", "performed", "--passphrase-file", try passphrase("another one\n", "wrong"))
    #expect(wrong.status == 65 && wrong.err.contains("not that of this key"), "\(wrong)")
    #expect(try await vitrine("runs", "list", "--json").out == before)
    let signed = try await vitrine("runs", "sign", id, "--meaning", "performed", "--passphrase-file", right)
    #expect(signed.status == 0 && !signed.err.contains("hint"), "\(signed)")
    #expect(try await vitrine("runs", "verify").status == 0)
    // From standard input, as a password manager gives it.
    let piped = try await Program.shell(
      "cd \"$1\"; export XDG_CONFIG_HOME=\"$2\"; printf 'correct horse\\n' | \"$VITRINE\" runs sign \"$3\" --meaning reviewed "
        + "--passphrase-file -", project.path, configuration.path, id)
    #expect(piped.status == 0, "\(piped)")
  }

  @Test(
    "a passphrase file that is none, too short or open to others",
    arguments: [
      ("mkfifo p", 65, "named pipe"), ("ln -s /dev/zero p", 65, "device"), ("mkdir p", 65, "folder"),
      ("ln -s nowhere p", 74, "No such file"), (": > p", 65, "empty"), ("printf '\\nlong enough' > p", 65, "empty"),
      ("printf 1234567 > p", 65, "7 characters"), ("head -c 100000 /dev/zero > p", 65, "more than"),
      ("printf 12345678 > p; chmod 644 p", 0, "others may read"),
    ])
  func files(making: String, status: Int32, words: String) async throws {
    #expect(try await Program.shell("cd \"$1\"; umask 077; \(making)", project.path).status == 0)
    let start = ContinuousClock.now
    let result = try await vitrine("keys", "create", "--name", "Ada", "--as", "ada", "--passphrase-file", "p")
    #expect(result.status == status && result.err.contains(words), "\(result)")
    #expect(ContinuousClock.now - start < .seconds(60))
    if status != 0 { #expect(try configuration.files() == []) }
  }

  @Test("without a passphrase it says what that means, signing hints at 'keys protect', which encrypts in place")
  func protecting() async throws {
    let created = try await vitrine(
      "keys", "create", "--name", "Ada Example", "--function", "Tester", "--as", "ada", "--no-passphrase")
    #expect(created.status == 0 && created.out.contains("can sign as you"), "\(created)")
    let listed = try await vitrine("keys", "list")
    #expect(listed.out.contains("not protected") && listed.err.contains("keys protect ada"), "\(listed)")
    let id = try #require(try await vitrine("analyze", "--json").json()[0]?["id"]?.string)
    let signed = try await vitrine("runs", "sign", id, "--meaning", "performed")
    #expect(signed.status == 0 && signed.err.contains("vitrine keys protect ada"), "\(signed)")

    let first = try passphrase("first passphrase\n")
    let protected = try await vitrine("keys", "protect", "ada", "--passphrase-file", first)
    #expect(protected.status == 0, "\(protected)")
    #expect(try await openssl("first passphrase") == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: keyFile)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try await vitrine("keys", "list").out.contains("passphrase"))
    let second = try passphrase("second passphrase\n", "second")
    let unasked = try await vitrine("keys", "protect", "ada", "--passphrase-file", second)
    #expect(unasked.status == 64 && unasked.err.contains("--current-passphrase-file"), "\(unasked)")
    let changed = try await vitrine(
      "keys", "protect", "ada", "--passphrase-file", second, "--current-passphrase-file", first)
    #expect(changed.status == 0, "\(changed)")
    #expect(try await openssl("second passphrase") == 0)
    #expect(try configuration.files().filter { $0.contains("new-") } == [])
  }

  @Test("a key that is encrypted already comes in under a passphrase of its own; a weak one does not come in")
  func importing() async throws {
    let made = try await Program.shell(
      """
      cd "$1"; umask 077
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout k.pem -out c.pem -subj '/CN=Ada Example' \
        -passout pass:old 2>/dev/null
      openssl req -x509 -newkey rsa:1024 -nodes -keyout weak.pem -out weak.crt -subj '/CN=Ada Example' 2>/dev/null
      """, project.path)
    try #require(made.status == 0, "\(made)")
    let (old, new) = (try passphrase("old\n", "old"), try passphrase("new passphrase\n"))
    let taken = try await vitrine(
      "keys", "import", "k.pem", "--certificate", "c.pem", "--as", "ada", "--password-file", old, "--passphrase-file",
      new)
    #expect(taken.status == 0, "\(taken)")
    #expect(try await openssl("new passphrase") == 0)
    let weak = try await vitrine(
      "keys", "import", "weak.pem", "--certificate", "weak.crt", "--as", "weak", "--no-passphrase")
    #expect(weak.status == 65 && weak.err.contains("1024 bits") && weak.err.contains("Nothing was imported"), "\(weak)")
    #expect(!FileManager.default.fileExists(atPath: configuration.url("vitrine/keys/weak.crt").path))
  }

  /// Plays a person at a terminal: reads what is asked and types the next answer, and prints what was seen and the exit status.
  private static let person = """
    import os, pty, select, signal, sys, termios, time
    answers, command = sys.argv[1].split("|"), sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    seen, asked = b"", 0
    end = time.time() + 120
    while time.time() < end:
        ready = select.select([terminal], [], [], 0.2)[0]
        if ready:
            try: data = os.read(terminal, 4096)
            except OSError: break
            if not data: break
            seen += data
        if seen.count(b"assphrase") + seen.count(b"again") > 0 and seen.endswith(b": ") and asked < len(answers):
            time.sleep(0.05)
            print("ECHO", bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
            answer = answers[asked]; asked += 1
            if answer.startswith("SIG"):
                os.kill(pid, getattr(signal, answer))
                _, status = os.waitpid(pid, 0)
                print("ECHO AFTER", bool(termios.tcgetattr(terminal)[3] & termios.ECHO))
                print(seen.decode()); print("STATUS", os.waitstatus_to_exitcode(status)); sys.exit()
            os.write(terminal, answer.encode() + b"\\n")
            seen += b" "
    _, status = os.waitpid(pid, 0)
    print(seen.decode()); print("STATUS", os.waitstatus_to_exitcode(status))
    """

  private func typing(_ answers: String, _ arguments: String...) async throws -> String {
    try project.write(Self.person, to: "person.py")
    return try await Child.start(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["python3", "person.py", answers, Program.executable.get().path] + arguments,
      in: project.folder, configuration: configuration.folder
    ).finished().out
  }

  @Test("at a terminal: asked twice without an echo, up to three tries, and once for signing")
  func terminal() async throws {
    let created = try await typing(
      "short|correct horse|other horse|correct horse|correct horse", "keys", "create", "--name", "Ada Example",
      "--function",
      "Tester", "--as", "ada")
    #expect(created.contains("STATUS 0") && created.contains("not the same"), "\(created)")
    #expect(
      created.contains("5 characters") && created.contains("ECHO False") && !created.contains("ECHO True"), "\(created)"
    )
    #expect(!created.contains("horse"), "\(created)")
    #expect(try await openssl("correct horse") == 0)
    let id = try #require(try await vitrine("analyze", "--json").json()[0]?["id"]?.string)
    let signed = try await typing("wrong horse|correct horse", "runs", "sign", id, "--meaning", "performed")
    #expect(signed.contains("STATUS 0") && signed.contains("that is not the passphrase"), "\(signed)")
    let refused = try await typing("wrong 1|wrong 2|wrong 3|correct horse", "runs", "sign", id, "--meaning", "again")
    #expect(refused.contains("STATUS 65"), "\(refused)")
    #expect(!(try await vitrine("runs", "show", id).out.contains(": again")))
  }

  @Test(
    "interrupted at the question: exit 130, the terminal shows again what is typed, nothing is written",
    arguments: ["SIGINT", "SIGTERM", "SIGHUP"])
  func interruptedAtTerminal(signal: String) async throws {
    let result = try await typing(signal, "keys", "create", "--name", "Ada Example", "--as", "ada")
    #expect(result.contains("STATUS 130") && result.contains("ECHO False"), "\(result)")
    #expect(result.contains("ECHO AFTER True"), "\(result)")
    #expect(try configuration.files() == [])
  }
}
