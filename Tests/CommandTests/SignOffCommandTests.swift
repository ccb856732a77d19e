import Foundation
import GRDB
import Testing

@Suite("sign, bundle, verify")
struct SignOffCommandTests {
  /// The commands of the VERIFY.md that stands in a bundle's own content, as they stand there.
  private func commands(_ text: String) -> String {
    var lines: [Substring] = []
    var isCode = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { isCode = line == "```sh" } else if isCode { lines.append(line) }
    }
    return lines.joined(separator: "\n")
  }

  @Test(
    "from refusal over waiver, a signature made by openssl and a time-stamp to a bundle that VERIFY.md checks to the letter",
    .enabled(if: SignedProject.hasPrograms))
  func journey() async throws {
    let people = """
      people:
        - {name: Ada Example, function: Engineer, roles: [prepared]}
        - {name: Cy Example, function: Head of Risk, roles: [approved]}

      """
    let project = try Sample.folder(Sample.project(analysis: ["methods: [exact-patching]"]) + people)
    let configuration = try Scratch()
    func vitrine(_ arguments: String...) async throws -> Finished {
      try await Program.start(
        arguments + (arguments[0] == "verify" ? [] : ["--project", project.path]), in: project.folder,
        configuration: configuration.folder
      ).finished()
    }
    let id = try #require(try await vitrine("analyze", "--json").json()[0]?["id"]?.string)
    #expect(try await vitrine("dossier", "build").status == 0)
    #expect(try await vitrine("keys", "create", "--name", "Ada Example", "--as", "ada", "--no-passphrase").status == 0)
    let refused = try await vitrine("sign", "--role", "prepared", "--key", "ada")
    #expect(refused.status == 1, "\(refused)")
    for reason in ["[missing-items] 9 ", "[runs-unsigned] run \(id)"] {
      #expect(refused.err.contains(reason), "\(reason)")
    }
    #expect(try await vitrine("bundle").status == 1)

    #expect(try await vitrine("runs", "sign", id, "--meaning", "performed", "--key", "ada").status == 0)
    #expect(try await vitrine("keys", "create", "--name", "Cy Example", "--as", "cy", "--no-passphrase").status == 0)
    let nameless = try await vitrine("sign", "--waive", "missing-items", "--reason", "all of it", "--key", "cy")
    #expect(nameless.status == 64 && nameless.err.contains("--about '9 "), "\(nameless)")
    let listed = try await vitrine("sign", "--gates", "--json").json()
    #expect(try Schema("gates").problems(of: listed) == [])
    let keys = (listed.array ?? []).filter { $0["gate"] == .string("missing-items") }.compactMap { $0["key"]?.string }
    let waiver = try await Program.start(
      [
        "sign", "--project", project.path, "--waive", "missing-items", "--reason", "a trial of the sequence", "--key",
        "cy",
      ]
        + ["--about"] + keys, in: project.folder, configuration: configuration.folder
    ).finished()
    #expect(waiver.status == 0 && waiver.out.contains("covers"), "\(waiver)")
    #expect(try await vitrine("keys", "list").status == 0)
    #expect(try await vitrine("dossier", "build").status == 0)
    let page = try String(contentsOf: project.url("dossier/1.0/dossier.html"), encoding: .utf8)
    #expect(page.contains("a trial of the sequence"))
    let signed = try await vitrine("sign", "--role", "prepared", "--key", "ada")
    #expect(signed.status == 0 && signed.out.contains("Not signed yet as reviewed, approved"), "\(signed)")

    // Cy signs with openssl alone.
    #expect(
      try await Program.shell(
        """
        cd "$1" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 3 \
          -subj "/CN=Cy Example" 2>/dev/null
        """, project.path
      ).status == 0)
    let prepared = try await vitrine("sign", "--role", "approved", "--name", "Cy Example", "--prepare", "a.xml")
    #expect(prepared.status == 0 && prepared.out.contains("openssl cms -sign"), "\(prepared)")
    let made = try await Program.shell(
      "cd \"$1\" && openssl cms -sign -binary -cades -outform DER -in a.xml -signer c.pem -inkey k.pem -out a.xml.p7s",
      project.path)
    #expect(made.status == 0, "\(made)")
    let manifest = try String(contentsOf: project.url("a.xml"), encoding: .utf8)
    try project.write(manifest.replacingOccurrences(of: "Head of Risk", with: "Chief"), to: "b.xml")
    let forged = try await vitrine("sign", "--attach", "a.xml.p7s", "--manifest", "b.xml")
    #expect(forged.status == 1 && forged.err.contains("not of this content"), "\(forged)")
    let attached = try await vitrine("sign", "--attach", "a.xml.p7s")
    #expect(attached.status == 0 && attached.out.contains("approved the dossier"), "\(attached)")
    #expect(try await vitrine("sign", "--attach", "a.xml.p7s").status == 1)

    #expect(try await vitrine("bundle", "--timestamp-query", "q.tsq").status == 0)
    let stamped = try await Program.shell(Self.authority, project.path)
    #expect(stamped.status == 0, "\(stamped)")
    let bundle = try await vitrine("bundle", "--timestamp-reply", "r.tsr", "-o", "b.asice", "--json")
    #expect(bundle.status == 0, "\(bundle)")
    #expect(try Schema("bundle-verify").problems(of: bundle.json()) == [])
    let withheld = try await vitrine("bundle", "--withhold", "runs/", "-o", "w.asice")
    #expect(withheld.status == 0 && withheld.out.contains("withheld runs/"), "\(withheld)")
    #expect(try await vitrine("runs", "verify").status == 0)
    for name in ["b.asice", "w.asice"] { try await follow(project.url(name), isWhole: name == "b.asice") }
    try await schemas(project)

    let verified = try await vitrine("verify", "b.asice")
    for text in ["The identity of those who signed is not established", "a trial of the sequence", "time-stamp"] {
      #expect(verified.status == 0 && verified.said.contains(text), "\(text): \(verified)")
    }
    #expect(try await vitrine("verify", "b.asice", "--trust", "c.pem").status == 1)
    let trusted = try await vitrine("verify", "b.asice", "--trust", "c.pem", "--trust", "keys/ada.crt", "--json")
    #expect(try trusted.status == 0 && trusted.json()["identity"] == .string("established"), "\(trusted)")
    let named = try await vitrine("verify", "w.asice")
    #expect(named.status == 1 && named.out.contains("\nWithheld: "), "\(named)")
    #expect(named.said.contains("it is withheld"), "\(named)")
    #expect(named.out.contains("INCOMPLETE: ") && !named.out.contains("INTACT"), "\(named)")
    let allowed = try await vitrine("verify", "w.asice", "--allow-withheld", "--json")
    #expect(try allowed.status == 0 && allowed.json()["verdict"] == .string("incomplete"), "\(allowed)")
    #expect(try Schema("bundle-verify").problems(of: allowed.json()) == [])
    try await checkKeys(project, vitrine)
    #expect(try await vitrine("verify", "nowhere.asice").status == 74)
    #expect(try await vitrine("verify", "vitrine.yaml").status == 65)
  }

  /// A key of the log that the reader has from elsewhere is the key of the checkpoints, or the answer is no.
  private func checkKeys(_ project: Scratch, _ vitrine: (String...) async throws -> Finished) async throws {
    let own = try await Program.shell(
      "unzip -p b.asice log/origin-1.vkey > own.vkey && cat own.vkey", in: project.folder)
    #expect(try await vitrine("verify", "b.asice", "--key", "own.vkey").status == 0)
    // Another log's, of the same form: the key with another name has another number (c2sp.org/signed-note).
    let other = try await Program.shell(
      """
      python3 -c 'import base64, hashlib, sys
      key = base64.b64decode(sys.argv[1].split("+", 2)[2])
      name = "vitrine/other"
      print(name + "+" + hashlib.sha256(name.encode() + b"\\n" + key).hexdigest()[:8] + "+" + base64.b64encode(key).decode())' \
        "$1"
      """, own.out.trimmingCharacters(in: .whitespacesAndNewlines))
    try project.write(other.out, to: "other.vkey")
    for keys in [["--key", "other.vkey"], ["--key", "own.vkey", "--key", "other.vkey"]] {
      let result = try await Program.start(["verify", "b.asice"] + keys, in: project.folder).finished()
      #expect(result.status == 1 && result.said.contains("signed no checkpoint"), "\(result)")
    }
  }

  /// The JSON files of a bundle, and the records of waivers and signatures, follow their schemas.
  private func schemas(_ project: Scratch) async throws {
    func entry(_ bundle: String, _ name: String) async throws -> JSON {
      let result = try await Program.shell("unzip -p \"$1\" '\(name)'", project.url(bundle).path)
      return try JSON(result.out)
    }
    let proofs = try await entry("b.asice", "log/proofs.json")
    #expect(try Schema("proofs").problems(of: proofs) == [])
    #expect(try Schema("withheld").problems(of: await entry("w.asice", "META-INF/withheld.json")) == [])
    let documents = try await DatabaseQueue(path: project.url("evidence.sqlite").path).read { database in
      try Row.fetchAll(
        database, sql: "SELECT kind, document FROM entries WHERE kind IN ('sign-off', 'waiver', 'timestamp')"
      ).map { (kind: $0["kind"] as String, text: String(decoding: $0["document"] as Data, as: UTF8.self)) }
    }
    #expect(Set(documents.map(\.kind)) == ["sign-off", "timestamp", "waiver"])
    for (kind, text) in documents { #expect(try Schema(kind).problems(of: JSON(text)) == [], "\(text)") }
  }

  /// Plays a time-stamping authority.
  private static let authority = """
    cd "$1"; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout t.key -out t.pem -days 3 \
      -subj '/CN=Trial Time-Stamping' -addext 'extendedKeyUsage=critical,timeStamping' -addext 'basicConstraints=CA:FALSE' \
      2>/dev/null
    echo 01 > serial
    printf '%s\\n' '[this]' 'serial = serial' 'signer_cert = t.pem' 'signer_key = t.key' 'signer_digest = sha256' \
      'default_policy = 1.2.3.4.1' 'digests = sha256' 'ess_cert_id_alg = sha256' > tsa.cnf
    openssl ts -reply -config tsa.cnf -section this -queryfile q.tsq -out r.tsr
    """

  /// Pastes what VERIFY.md says into plain sh, in an empty folder.
  private func follow(_ bundle: URL, isWhole: Bool) async throws {
    let folder = try Scratch()
    try FileManager.default.copyItem(at: bundle, to: folder.url("bundle.asice"))
    let text = try await Program.shell("unzip -p bundle.asice VERIFY.md", in: folder.folder)
    let pasted = try Scratch()
    try pasted.write(commands(text.out) + "\n", to: "lines")
    let result = try await Program.shell("sh < '\(pasted.path)/lines'", in: folder.folder)
    #expect(result.status == (isWhole ? 0 : 1), "\(result)")
    #expect(
      result.out.contains(isWhole ? "\nINTACT: " : "\nINCOMPLETE: ") && !result.out.contains("WRONG"), "\(result)")
    let again = try await Program.shell("VITRINE_ALLOW_WITHHELD=yes sh -eu verify-bundle.sh", in: folder.folder)
    #expect(again.status == 0 && again.out.contains(isWhole ? "\nINTACT: " : "\nINCOMPLETE: "), "\(again)")
    // A changed byte stops it.
    let changed = try await Program.shell(
      "printf x | dd of=bundle.asice bs=1 seek=3000 conv=notrunc 2>/dev/null; sh < '\(pasted.path)/lines'",
      in: folder.folder)
    #expect(changed.status == 1 && changed.out.contains("WRONG"), "\(changed)")
  }
}
