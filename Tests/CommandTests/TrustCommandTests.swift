import Foundation
import Testing

@Suite("--trust, keys import", .enabled(if: SignedProject.hasPrograms))
struct TrustCommandTests {
  /// An authority, an issuer under it, a person, an authority of somebody else, and an expired certificate.
  private static let authorities = """
    set -eu; cd "$1"
    key() { openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2"; }
    ca='basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign'
    end='basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature,nonRepudiation'
    printf "$ca\\n" > ca.ext; printf "$end\\n" > end.ext
    root() { key "$1" "$2"; openssl x509 -req -in "$1.csr" -signkey "$1.key" -days 30 -extfile ca.ext -out "$1.pem"; }
    root root 'Trial Root'; root other 'Another Root'
    key issuer 'Trial Issuer'
    openssl x509 -req -in issuer.csr -CA root.pem -CAkey root.key -CAcreateserial -days 30 -extfile ca.ext -out issuer.pem
    openssl x509 -req -in issuer.csr -CA root.pem -CAkey root.key -CAcreateserial -days -1 -extfile ca.ext -out expired.pem
    key cy 'Cy Example'
    openssl x509 -req -in cy.csr -CA issuer.pem -CAkey issuer.key -CAcreateserial -days 30 -extfile end.ext -out cy.pem
    openssl pkcs12 -export -inkey cy.key -in cy.pem -out cy.p12 -passout pass:secret
    openssl pkcs8 -topk8 -in cy.key -passout pass:secret -out cy.enc.pem; echo secret > password
    """

  @Test("tells integrity and identity apart in runs and bundles: chain, wrong, expired and missing issuer")
  func chain() async throws {
    let site = try await SignedProject.copy()
    let made = try await Program.shell(Self.authorities, site.project.path)
    try #require(made.status == 0, "\(made)")
    func sign(_ content: String, carrying issuer: String) async throws {
      let result = try await Program.shell(
        """
        cd "$1" && openssl cms -sign -binary -cades -outform DER -in "$2" -signer cy.pem -inkey cy.key -certfile "$3" \
          -out "$2.p7s"
        """, site.project.path, content, issuer)
      try #require(result.status == 0, "\(result)")
    }
    // Ada has signed with a self-signed certificate, Cy with one of an authority.
    let run = try await site.vitrine(
      "runs", "sign", site.run, "--name", "Cy Example", "--meaning", "reviewed", "--prepare", "s.json")
    #expect(run.status == 0, "\(run)")
    try await sign("s.json", carrying: "issuer.pem")
    let attached = try await site.vitrine("runs", "sign", site.run, "--statement", "s.json", "--attach", "s.json.p7s")
    #expect(attached.status == 0, "\(attached)")
    // The dossier prints who signed its runs.
    #expect(try await site.vitrine("dossier", "build").status == 0)
    #expect(try await site.vitrine("sign", "--role", "prepared", "--key", "ada").status == 0)
    let prepared = try await site.vitrine("sign", "--role", "approved", "--name", "Cy Example", "--prepare", "a.xml")
    #expect(prepared.status == 0, "\(prepared)")
    try await sign("a.xml", carrying: "issuer.pem")
    #expect(try await site.vitrine("sign", "--attach", "a.xml.p7s").status == 0)
    #expect(try await site.vitrine("bundle", "-o", "c.asice").status == 0)
    #expect(try await site.vitrine("store", "checkpoint").status == 0)
    #expect(try await site.vitrine("runs", "export", site.run, "-o", "run.json").status == 0)

    let own = ["--trust", "keys/ada.crt", "--trust", "keys/cy.crt"]
    for (trust, identity, words) in [
      ([], "not-established", ""), (own + ["--trust", "root.pem"], "established", "CN = Trial Root"),
      (own + ["--trust", "issuer.pem"], "established", "CN = Trial Issuer"),
      (own + ["--trust", "other.pem"], "not-established", ""),
      (own + ["--trust", "expired.pem"], "not-established", ""),
      (["--trust", "root.pem"], "not-established", "CN = Trial Root"),
    ] {
      let expected: Int32 = identity == "established" || trust.isEmpty ? 0 : 1
      for command in [
        ["verify", "c.asice"], ["runs", "verify"], ["runs", "verify", site.run],
        ["runs", "verify", "--file", "run.json"],
      ] {
        let place = command[0] == "verify" || command.contains("--file") ? [] : ["--project", site.project.path]
        let json = try await Program.start(command + trust + ["--json"] + place, in: site.project.folder).finished()
        #expect(json.status == expected, "\(command) \(trust): \(json)")
        #expect(try json.json()["verdict"] == .string("intact") && json.json()["identity"] == .string(identity))
        #expect(words.isEmpty || json.out.contains(words), "\(command) \(trust)")
        #expect(try Schema(command[0] == "verify" ? "bundle-verify" : "verify").problems(of: json.json()) == [])
      }
    }
    let text = try await site.vitrine("runs", "verify", "--trust", "root.pem")
    for words in [
      "identity established by the authority 'CN = Trial Root'", "identity of the signer not established",
      "The identity of those who signed is not established", "the identity of 5 of 7 persons",
    ] {
      #expect(text.said.contains(words), "\(words): \(text)")
    }
    let bad = try await site.vitrine("runs", "verify", "--trust", "nowhere.pem")
    #expect(bad.status == 65 && bad.err.contains("neither a file"), "\(bad)")
    let key = try await site.vitrine("verify", "c.asice", "--key", "vitrine/x+00000000+AAAA")
    #expect(key.status != 0)
  }

  @Test("a key comes in as PKCS#12 or PEM with its password, is the user's alone, and is listed")
  func keys() async throws {
    let site = try await SignedProject.copy()
    let made = try await Program.shell(Self.authorities, site.project.path)
    try #require(made.status == 0, "\(made)")
    for (name, arguments) in [
      ("from-p12", ["cy.p12"]), ("from-pem", ["cy.enc.pem", "--certificate", "cy.pem"]),
    ] {
      func take(_ more: [String]) async throws -> Finished {
        try await Program.start(
          ["keys", "import"] + arguments + ["--as", name, "--project", site.project.path] + more,
          in: site.project.folder,
          configuration: site.configuration.folder
        ).finished()
      }
      #expect(try await take([]).status == 65)
      try site.project.write("wrong\n", to: "wrong")
      #expect(try await take(["--password-file", "wrong", "--no-passphrase"]).status == 65)
      let taken = try await take(["--password-file", "password", "--no-passphrase"])
      #expect(
        taken.status == 0 && taken.out.contains("CN = Cy Example") && !taken.out.contains("self-signed"), "\(taken)")
      let file = site.configuration.url("vitrine/keys/\(name).key").path
      let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let signed = try await site.vitrine(
        "runs", "sign", site.run, "--meaning", "reviewed", "--key", name, "--function", "Head of Risk")
      #expect(signed.status == 0 && signed.out.contains("issued by 'CN = Trial Issuer'"), "\(signed)")
    }
    let list = try await site.vitrine("keys", "list")
    for words in ["from-p12", "from-pem", "self-signed certificate", "CN = Cy Example"] {
      #expect(list.out.contains(words), "\(words): \(list)")
    }
    let secrets = try await Program.shell(
      "cd \"$1\" && rm -f *.key cy.enc.pem cy.p12 && grep -rl 'PRIVATE KEY' . ; sqlite3 evidence.sqlite .dump 2>/dev/null "
        + "| grep -c 'PRIVATE KEY'", site.project.path)
    #expect(secrets.out.allSatisfy { $0 == "0" || $0 == "\n" }, "\(secrets)")
  }
}
