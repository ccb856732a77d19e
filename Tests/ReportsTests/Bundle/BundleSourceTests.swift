import Evidence
import Foundation
import Testing

@testable import Reports

/// What goes into a bundle, and what must not.
@Suite("What a bundle carries")
struct BundleSourceTests {
  private func refusal(_ site: SignOffSite) -> String {
    let error = #expect(throws: ReportsError.self) { try site.content() }
    #expect(error?.code == .badValue)
    #expect(!FileManager.default.fileExists(atPath: (try? site.desk().contentFolder.path) ?? "/"))
    return error?.message ?? ""
  }

  /// Keys of every form, made by openssl and ssh-keygen.
  private static let keys = """
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out pkcs8.pem
    openssl pkcs8 -topk8 -in pkcs8.pem -passout pass:x -out encrypted.pem
    openssl ec -in pkcs8.pem -out ec.pem
    openssl genrsa -traditional -out rsa.pem 2048
    openssl pkcs8 -topk8 -nocrypt -in pkcs8.pem -outform DER -out pkcs8.der
    openssl pkcs8 -topk8 -in pkcs8.pem -passout pass:x -outform DER -out encrypted.der
    openssl rsa -in rsa.pem -traditional -outform DER -out rsa.der
    openssl ec -in pkcs8.pem -outform DER -out ec.der
    openssl genpkey -algorithm ed25519 -outform DER -out ed25519.der
    openssl req -x509 -key pkcs8.pem -out c.crt -days 3 -subj '/CN=Ada Example'
    openssl x509 -in c.crt -outform DER -out c.der
    openssl pkcs12 -export -inkey pkcs8.pem -in c.crt -passout pass:x -out both.p12
    cat c.crt pkcs8.pem > both.crt
    cat pkcs8.pem c.crt > first.crt
    base64 pkcs8.der > base64.txt
    sed 's/^/  /' ec.pem > indented.txt
    iconv -t UTF-16 pkcs8.pem > utf16.txt 2>/dev/null || cp pkcs8.pem utf16.txt
    { echo 'Bag Attributes'; cat c.crt; } > text.crt
    openssl x509 -in c.crt -out plain.crt
    if command -v ssh-keygen > /dev/null; then ssh-keygen -q -t ed25519 -N '' -f ssh; else cp ec.pem ssh; fi
    openssl pkey -in pkcs8.pem -pubout -out public.pem
    """
  private static let texts = [
    "jwk.json": #"{"crv":"P-256","d":"AAAA","kty":"EC","x":"AAAA","y":"AAAA"}"#,
    "jwks.json": #"{"keys": [{"kty" : "RSA", "n":"AAAA", "e":"AQAB", "d":"AAAA"}]}"#,
    "secret.json": #"{"kty":"oct","k":"AAAA"}"#,
    "note.key": "PRIVATE+KEY+vitrine/x+00000000+AAAA\n",
    "putty.ppk": "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
  ]
  private static let harmless = [
    "public.json": #"{"crv":"P-256","kty":"EC","x":"AAAA","y":"AAAA"}"#,
    "log.vkey": "vitrine/x+00000000+AAAA\n", "words.txt": "Keep your private key elsewhere.\n",
  ]

  @Test("a private key of any form in keys/ stops everything, by name", .enabled(if: OpenSSLProgram.isThere))
  func privateKeys() throws {
    let made = try DossierFixtures.Folder(Self.texts.merging(Self.harmless) { $1 })
    try OpenSSLProgram.shell(Self.keys, in: made.url)
    let site = try SignOffSite()
    try site.ready()
    let keys = site.folder.url.appendingPathComponent("keys/deep")
    try FileManager.default.createDirectory(at: keys, withIntermediateDirectories: true)
    let names = try FileManager.default.contentsOfDirectory(atPath: made.url.path).sorted()
    let open = ["c.crt", "c.der", "text.crt", "plain.crt", "public.pem", "ssh.pub"] + Self.harmless.keys
    let secret = names.filter { !open.contains($0) }
    #expect(secret.count == 21, "\(secret)")
    for name in secret {
      let file = keys.appendingPathComponent(name)
      try FileManager.default.copyItem(at: made.url.appendingPathComponent(name), to: file)
      let message = refusal(site)
      #expect(
        message.contains(file.path) && message.contains("private key") && message.contains("move"),
        "\(name): \(message)")
      try FileManager.default.removeItem(at: file)
    }
    for name in open where names.contains(name) {
      let file = keys.appendingPathComponent(name)
      try FileManager.default.copyItem(at: made.url.appendingPathComponent(name), to: file)
    }
    // What travels is the certificate as openssl writes it, whatever stood beside it.
    let content = try site.content()
    let certificates = content.paths.filter { $0.hasPrefix("certificates/") }
    #expect(certificates == ["certificates/deep/c.crt", "certificates/deep/plain.crt", "certificates/deep/text.crt"])
    let plain = try Data(contentsOf: made.url.appendingPathComponent("plain.crt"))
    for path in certificates { #expect(content.files[path] == plain, "\(path)") }
  }

  @Test("a link, a pipe, or a certificate that is none in keys/ stops everything, by name")
  func noPlainFile() throws {
    let site = try SignOffSite()
    try site.ready()
    let keys = site.folder.url.appendingPathComponent("keys")
    try FileManager.default.createDirectory(at: keys, withIntermediateDirectories: true)
    let file = keys.appendingPathComponent("x.crt")
    for make in ["ln -s ../vitrine.yaml", "mkfifo", "ln -s /dev/zero", "echo nothing >", "truncate -s 5M"] {
      try OpenSSLProgram.shell("\(make) keys/x.crt", in: site.folder.url)
      #expect(refusal(site).contains(file.path), "\(make)")
      try FileManager.default.removeItem(at: file)
    }
  }

  @Test("no file of the content may hold a private key, wherever it came from; 'verify' names one that is there")
  func lastLine() throws {
    let pem = String(decoding: try PrivateKey.generate(.p256).pem(), as: UTF8.self)
    let (site, _) = try SignOffSite.signed()
    let files = try site.content().files.filter { $0.key != BundlePath.sums }
    for path in ["dossier/dossier.md", "law/catalogue.yaml", "runs/x.json"] {
      let forged = try BundleContent(files.merging([path: Data("text\n\(pem)".utf8)]) { $1 })
      let error = #expect(throws: ReportsError.self) {
        try BundleWriter.write(forged, BundleSeals(signOffs: []), to: site.bundleFile("never.asice"))
      }
      #expect(error?.message.contains(path) == true && error?.code == .badValue)
    }
    let old = try site.forged { $0["certificates/ada.crt"] = Data(pem.utf8) }
    let report = try BundleVerifier().verify(old, name: "x")
    let notes = report.checks.first { $0.name == "digests" }?.notes ?? []
    #expect(report.isIntact && notes.contains { $0.contains("certificates/ada.crt holds a private key") }, "\(notes)")
  }

  @Test(
    "of the dossier's folder exactly what a build writes is signed: a printed copy is left out, anything else stops it")
  func strangers() throws {
    let site = try SignOffSite()
    try site.ready()
    let folder = site.folder.url.appendingPathComponent("dossier/1.0")
    for name in ["notes.txt", "other.pdf", "sub/dossier.pdf", ".dossier.md.12.tmp"] {
      try folder.appendingPathComponent(name).deletingLastPathComponent()
        .createFile((name as NSString).lastPathComponent, "x")
      let message = refusal(site)
      #expect(message.contains(folder.path) && message.contains("move it out"), "\(name): \(message)")
      try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
      try? FileManager.default.removeItem(at: folder.appendingPathComponent("sub"))
    }
    try folder.createFile("dossier.pdf", "%PDF-")
    let content = try site.content()
    #expect(try site.desk().derivedCopies() == ["dossier.pdf"])
    let written = try site.desk().gates.built.files.map { "dossier/\($0.name)" }.sorted()
    #expect(content.paths.filter { $0.hasPrefix("dossier/") } == written)
    // Neither does one that comes later change what was signed.
    try site.sign("Ada", "prepared")
    try folder.createFile("model-card.docx", "PK")
    #expect(try site.desk().frozen() == content)
    // A link in place of a file of the build is none of it.
    let page = folder.appendingPathComponent("dossier.md")
    try FileManager.default.moveItem(at: page, to: site.folder.url.appendingPathComponent("elsewhere.md"))
    try FileManager.default.createSymbolicLink(
      at: page, withDestinationURL: site.folder.url.appendingPathComponent("elsewhere.md"))
    #expect(try site.desk().frozen() == nil)
    #expect(try site.refusals("Ada", "prepared").contains(.dossierChanged))
    // Nobody waits for a pipe.
    try OpenSSLProgram.shell("rm dossier/1.0/dossier.md; mkfifo dossier/1.0/dossier.md", in: site.folder.url)
    #expect(try site.desk().frozen() == nil)
    #expect(try site.refusals("Ada", "prepared").contains(.dossierChanged))
  }

  @Test("every record that the dossier names is there: also a decision about a change, which must be the one it prints")
  func decisions() throws {
    let site = try SignOffSite {
      $0.replacing("  1.0: {folder: model}", with: "  0.9: {folder: model}\n  1.0: {folder: model, supersedes: 0.9}")
    }
    let ada = try site.person("Ada")
    let statement = ChangeDecision.Statement(
      system: "Example scoring", before: "0.9", after: "1.0", diffSha256: String(repeating: "a", count: 64),
      answers: [.init(id: "foreseen", quote: "foreseen", answer: "yes", reason: "it was planned")],
      isSubstantial: false,
      reason: "it was foreseen", name: "Ada Example", function: "Engineer", decided: "2026-11-25")
    let decision = try ChangeDecision(statement, certificate: ada.certificate, key: ada.key)
    try site.store.append(decision)
    try site.ready()
    let path = "records/change-decision-\(decision.id).json"
    #expect(try site.content().files[path] == CanonicalJSON.encode(decision))
    try site.sign("Ada", "prepared")
    let report = try site.bundle()
    #expect(report.isIntact, "\(report.problems)")
    #expect(try site.bundle("w.asice", withholding: [path]).verdict == .incomplete)
    // Another reason than the person gave.
    let lie = try site.forged { files in
      let text = String(decoding: files["dossier/dossier.json"] ?? Data(), as: UTF8.self)
      files["dossier/dossier.json"] = Data(text.replacing("it was foreseen", with: "nobody minded").utf8)
    }
    #expect(try BundleVerifier().verify(lie, name: "x").codes == [.dossier])
    // The record left out: version 0.1.0 did so, and had one script; now it is wrong.
    func without(_ more: [String]) throws -> BundleReport {
      try BundleVerifier().verify(
        try site.forged { files in
          var proofs = try BundleProofs.read(files[BundlePath.proofs] ?? Data())
          proofs.entries.removeAll { $0.file == path }
          files[BundlePath.proofs] = try CanonicalJSON.encode(proofs)
          for file in [path] + more { files[file] = nil }
        }, name: "x")
    }
    #expect(try without([]).codes == [.dossier])
    let old = try without(["verify_archive.py", "verify_files.py", "verify_signatures.py"])
    #expect(old.verdict == .incomplete && old.lacking.contains { $0.reason.contains("0.1.0") }, "\(old.problems)")
    guard Instructions.canBeFollowed else { return }
    let good = try Instructions.follow(Data(contentsOf: site.bundleFile()))
    #expect(good.status == 0, "\(good)")
    let wrong = try Instructions.follow(lie)
    #expect(wrong.status == 1 && wrong.text.contains("prints something else"), "\(wrong)")
  }

  @Test("a bundle of version 0.1.0, with one script, still verifies")
  func old() throws {
    let (site, _) = try SignOffSite.signed()
    let old = try site.forged { files in
      for file in ["verify_archive.py", "verify_files.py", "verify_signatures.py"] { files[file] = nil }
      files["VERIFY.md"] = Data("# How to check this bundle\n".utf8)
    }
    let report = try BundleVerifier().verify(old, name: "x")
    #expect(report.isIntact && report.checks.first { $0.name == "digests" }?.notes.count == 1, "\(report)")
  }
}
