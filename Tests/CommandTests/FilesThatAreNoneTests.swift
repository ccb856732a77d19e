import Foundation
import Testing

@Suite("A pipe or a device in a file's place")
struct FilesThatAreNoneTests {
  /// A place and a command that reads it.
  static let places: [(path: String, arguments: [String])] = [
    ("vitrine.yaml", ["check"]), ("documentation/1-d.md", ["check"]), ("documentation/1-d.md", ["dossier", "status"]),
    ("templates/style.css", ["dossier", "build"]), ("templates/page.mustache", ["dossier", "build"]),
    ("keys/eve.crt", ["keys", "list"]), ("keys/log.vkey", ["keys", "list"]), ("checkpoints/x.txt", ["runs", "verify"]),
    ("dossier/1.0/dossier.md", ["sign", "--role", "prepared", "--key", "ada"]),
    ("p", ["sign", "--attach", "p", "--manifest", "p"]), ("p", ["runs", "verify", "--file", "p"]),
    ("p", ["runs", "verify", "--trust", "p"]), ("p", ["runs", "verify", "--checkpoint", "p"]),
    ("p", ["runs", "sign", "--all", "--meaning", "x", "--key-file", "p"]),
    ("p", ["keys", "import", "p", "--no-passphrase"]),
    ("p", ["diff", "sign", "p"]), ("p", ["bundle", "--timestamp-reply", "p"]), ("p", ["diff", "p", "1.0"]),
  ]

  @Test("ends at once, with an answer and no signal", arguments: places.indices, ["mkfifo", "ln -s /dev/zero"])
  func endsAtOnce(place: Int, making: String) async throws {
    let (path, arguments) = Self.places[place]
    let site = try await SignedProject.copy()
    let made = try await Program.shell(
      "cd \"$1\" && mkdir -p \"$(dirname \"$2\")\" && rm -rf \"$2\" && \(making) \"$2\"", site.project.path, path)
    try #require(made.status == 0, "\(made)")
    let start = ContinuousClock.now
    let result = try await site.vitrine(arguments)
    #expect(!result.wasKilled && result.status != 70, "\(result)")
    // What is no file is bad input, no permission to go on; a key of one's own and a dossier's file may say no.
    #expect([1, 64, 65, 74].contains(result.status), "\(result)")
    #expect(ContinuousClock.now - start < .seconds(60), "\(arguments)")
  }
}
