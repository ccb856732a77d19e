import Evidence
import Foundation
import Templates
import Testing

@testable import Reports

@Suite("VERIFY.md, pasted as it stands into plain sh", .enabled(if: Instructions.canBeFollowed))
struct InstructionsTests {
  private static let certificate = "keyUsage=digitalSignature"

  private func good() throws -> (site: SignOffSite, data: Data) { try SignOffSite.shared.get() }

  /// Both readers refuse it, and for a reason with these words; nobody reports success or dies.
  private func refused(_ data: Data, _ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let result = try Instructions.follow(data)
    #expect(result.status == 1, "\(result)", sourceLocation: sourceLocation)
    #expect(result.text.contains("WRONG") && result.text.contains(words), "\(result)", sourceLocation: sourceLocation)
    #expect(!result.text.contains("\nINTACT") && !result.isTraced, "\(result)", sourceLocation: sourceLocation)
    do {
      let report = try BundleVerifier().verify(data, name: "x")
      #expect(report.verdict == .notIntact, sourceLocation: sourceLocation)
    } catch let error as ReportsError {
      #expect(error.code == .badValue, sourceLocation: sourceLocation)
    }
  }

  @Test("names the digests of its scripts, and is one here-document and one line that runs it")
  func form() throws {
    let text = try Instructions.installed()
    for name in BundlePath.scripts {
      let digest = try SHA256.digest(of: Data(contentsOf: Templates.url("bundle/\(name)"))).hex
      #expect(text.contains("\n\(digest)  \(name)\n"), "\(name) has the digest \(digest)")
    }
    let lines = Instructions.commands(text).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.first == "rm -f verify-bundle.sh" && lines.last == "sh -eu verify-bundle.sh")
    #expect(lines.dropFirst().first == "cat > verify-bundle.sh <<'END_OF_SCRIPT'")
    #expect(lines.dropLast().last == "END_OF_SCRIPT" && lines.dropLast(2).last?.hasPrefix("echo \"INTACT: ") == true)
    #expect(lines.filter { $0 == "END_OF_SCRIPT" }.count == 1)
    // Of a pipeline, plain sh asks the last command only.
    #expect(!lines.contains { $0.contains(" | ") && !$0.contains("case") })
    #expect(text.components(separatedBy: "```sh\n").count == 2)
  }

  @Test("ends well for a good bundle, with and without a time-stamp, and says first what it does not check")
  func intact() throws {
    let (site, data) = try SignOffSite.signed()
    for bundle in [data, try BundleMutationTests.withStamp(site)].compactMap({ $0 }) {
      let result = try Instructions.follow(bundle)
      #expect(result.status == 0 && result.text.contains("\nINTACT: "), "\(result)")
      let parts = result.text.components(separatedBy: "ok: the archive")
      #expect(parts.count == 2 && parts[0].contains("CHECKED below") && parts[0].contains("NOT CHECKED here"))
      for person in ["Ada Example", "Bo Example", "Cy Example"] { #expect(result.text.contains(person)) }
      let fingerprint = try site.person("Ada").certificate.fingerprint()
      #expect(result.text.replacing(":", with: "").lowercased().contains(fingerprint))
    }
  }

  @Test("checks the signatures of persons on runs, with a certificate or a bare key")
  func bareKey() throws {
    let site = try SignOffSite()
    let statement = RunSignature.Statement(
      run: site.runs[0], name: "Bo Example", function: "Auditor", meaning: "reviewed")
    let signature = try RunSignature(statement, ed25519: PrivateKey.generate(.ed25519))
    try site.store.append(signature)
    try site.ready()
    try site.sign("Ada", "prepared")
    _ = try site.bundle()
    let path = "records/signature-\(signature.id).json"
    let good = try Instructions.follow(Data(contentsOf: site.bundleFile()))
    #expect(good.status == 0 && good.text.contains("signature: \(path)"), "\(good)")
    // In the log, with its proof, stands what another program wrote: the statement is not the one that was signed.
    let other = try #require(try site.store.documents(RunSignature.self).first { $0.form == .cms })
    for (signature, isBare) in [(signature, true), (other, false)] {
      var bad = signature
      bad.id = RunIdentifier.next()
      bad.statement.meaning = "approved"
      try site.store.append(bad)
      let names = try site.desk().gates.built.files.map(\.name)
      let content = try BundleContent.assemble(
        dossierFolder: site.folder.url.appendingPathComponent("dossier/1.0"), names: names, store: site.store,
        keys: site.folder.url.appendingPathComponent("keys"))
      let forged = try site.forged { $0 = content.files.filter { $0.key != BundlePath.sums } }
      #expect(try BundleVerifier().verify(forged, name: "x").codes == [.record])
      try refused(forged, isBare ? "openssl does not find" : "WRONG")
    }
  }

  @Test("asks what the reader trusts, and takes a name for that of the certificate only")
  func trust() throws {
    let (site, data) = try good()
    let all = try ["Ada", "Bo", "Cy"].map { try site.person($0).certificate.pem() }.joined()
    let some = try ["Ada", "Bo"].map { try site.person($0).certificate.pem() }.joined()
    let environment = ["VITRINE_TRUST": "trusted.pem"]
    let trusted = try Instructions.follow(data, environment: environment, files: ["trusted.pem": Data(all.utf8)])
    #expect(trusted.status == 0, "\(trusted)")
    let other = try Instructions.follow(data, environment: environment, files: ["trusted.pem": Data(some.utf8)])
    #expect(other.status == 1 && other.text.contains("does not vouch"), "\(other)")
    let missing = try Instructions.follow(data, environment: environment)
    #expect(missing.status == 1, "\(missing)")
  }

  @Test("refuses every trick with the ZIP format", arguments: BundleMutationTests.Trick.allCases)
  func archive(_ trick: BundleMutationTests.Trick) throws {
    // What 'unzip' or the digests of the scripts notice before, they may.
    try refused(trick.bytes(good().data), "WRONG")
  }

  enum Edit: String, CaseIterable {
    case dossier, dossierAndSums, record, recordAndSums, added, addedAndSums, removed, removedAndSums, certificate
    case script, scriptAndSums, meta
  }

  @Test(
    "refuses a file that was edited, added or removed, whether SHA256SUMS was made anew or not",
    arguments: Edit.allCases)
  func edited(_ edit: Edit) throws {
    let (site, data) = try good()
    var raw = try RawArchive(data)
    let run = "runs/\(site.runs[0].record.id).json"
    switch edit {
    case .dossier, .dossierAndSums:
      let text = String(decoding: raw.content("dossier/dossier.html"), as: UTF8.self)
      raw.put("dossier/dossier.html", Data(text.replacing("missing", with: "evidenced").utf8))
    case .record, .recordAndSums:
      let text = String(decoding: raw.content(run), as: UTF8.self)
      raw.put(run, Data(text.replacing("\"seed\":", with: "\"Seed\":").utf8))
    case .added, .addedAndSums: raw.put("dossier/more.md", Data("more\n".utf8))
    case .removed, .removedAndSums: raw.remove(run)
    case .certificate: raw.put("certificates/ada.crt", Data("no certificate\n".utf8))
    case .script, .scriptAndSums: raw.put(BundlePath.script, Data("print('ok')\n".utf8))
    case .meta: raw.put("META-INF/extra.xml", Data("<x/>".utf8))
    }
    if edit.rawValue.hasSuffix("AndSums") {
      var files: [String: Data] = [:]
      for file in raw.files { files[String(decoding: file.name, as: UTF8.self)] = file.content }
      let content = files.filter { $0.key != BundlePath.sums && $0.key != "mimetype" && !$0.key.hasPrefix("META-INF/") }
      raw.put(BundlePath.sums, try #require(try BundleContent(content).files[BundlePath.sums]))
    }
    raw.sort()
    try refused(raw.bytes(), edit.rawValue.hasPrefix("script") ? "scripts are not those" : "WRONG")
  }

  /// What openssl makes of a person's signature, that 'verify' refuses.
  @Test(
    "refuses weak keys and digests, and certificates that were not valid or not for this",
    arguments: [
      ("rsa:1024", "", "-md sha256 -cades", "112 bits"),
      ("ec -pkeyopt ec_paramgen_curve:prime192v1", "", "-cades", "112 bits"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "", "-md sha1 -cades", "signing-certificate-v2"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "", "-md sha224 -cades", "its digest is none of"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "", "", "CAdES"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "", "-cades -nodetach", "not detached"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "", "-cades -nocerts", "good"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "keyUsage=keyEncipherment", "-cades", "key usage"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "extendedKeyUsage=timeStamping", "-cades", "time-stamps only"),
      ("ec -pkeyopt ec_paramgen_curve:P-256", "keyUsage=digitalSignature", "-cades -keyid", ""),
      ("rsa:2048", "extendedKeyUsage=emailProtection", "-cades -keyopt rsa_padding_mode:pss", ""),
      ("ec -pkeyopt ec_paramgen_curve:P-384", "", "-md sha384 -cades", ""),
    ])
  func signatures(key: String, use: String, options: String, reason: String) throws {
    let (site, data) = try good()
    let folder = try DossierFixtures.Folder(["empty": ""])
    let extensions = use.isEmpty ? "" : "-addext '\(use)'"
    try OpenSSLProgram.shell(
      "openssl req -x509 -newkey \(key) -nodes -keyout k.pem -out c.pem -days 3 -subj '/CN=Bo Example' \(extensions)",
      in: folder.url)
    let forged = try replacing("reviewed", by: "Bo Example", Timestamp.now(), data, site) { manifest in
      try manifest.write(to: folder.url.appendingPathComponent("m.xml"))
      try OpenSSLProgram.shell(
        "openssl cms -sign -binary -outform DER -in m.xml -signer c.pem -inkey k.pem -out m.p7s \(options)",
        in: folder.url)
      return try Data(contentsOf: folder.url.appendingPathComponent("m.p7s"))
    }
    guard reason.isEmpty else { return try refused(forged, reason) }
    let result = try Instructions.follow(forged)
    #expect(try result.status == 0 && BundleVerifier().verify(forged, name: "x").isIntact, "\(result)")
  }

  @Test(
    "refuses dates on which nothing could be signed",
    arguments: [
      ("20100101000000Z", "20110101000000Z", "2010-06-01T00:00:00.000Z", "is dated before"),
      ("20100101000000Z", "20110101000000Z", nil, "openssl does not find"),
      ("20900101000000Z", "20950101000000Z", "2091-01-01T00:00:00.000Z", "in the future"),
    ] as [(String, String, String?, String)])
  func dates(from: String, to: String, date: String?, words: String) throws {
    let (site, data) = try good()
    let (certificate, key) = try OpenSSLProgram.certificate(from: from, to: to, extensions: Self.certificate)
    let forged = try replacing("reviewed", by: "Bo Example", date ?? Timestamp.now(), data, site) {
      try CMSSignature(signing: $0, certificate: certificate, key: key).der
    }
    try refused(forged, words)
  }

  @Test("refuses a role that the dossier does not give, another's signature, and who approves what they prepared")
  func roles() throws {
    let (site, data) = try good()
    let bo = try site.person("Bo")
    let sign = { (content: Data) in try CMSSignature(signing: content, certificate: bo.certificate, key: bo.key).der }
    try refused(
      replacing("approved", by: "Eve Example", Timestamp.now(), data, site, sign), "does not give that person")
    try refused(
      replacing("approved", by: "Ada Example", Timestamp.now(), data, site, sign), "has prepared and approved")
    let people = SignOffSite.people + ["  - {name: Ada Other, function: Engineer, roles: [reviewed]}"]
    let other = try SignOffSite.signed(people: people)
    let ada = try other.site.person("Ada")
    let second = try Certificate.selfSigned(name: "Ada Other", title: nil, key: ada.key)
    try refused(
      replacing("reviewed", by: "Ada Other", Timestamp.now(), other.data, other.site) {
        try CMSSignature(signing: $0, certificate: second, key: ada.key).der
      }, "have one key")
    try refused(
      replacing("reviewed", by: "Bo Example", Timestamp.now(), data, site) { _ in
        try CMSSignature(signing: Data("other".utf8), certificate: bo.certificate, key: bo.key).der
      }, "openssl does not find")
  }

  /// The bundle with another signature in a role.
  private func replacing(
    _ role: String, by name: String, _ date: String, _ data: Data, _ site: SignOffSite, _ sign: (Data) throws -> Data
  ) throws -> Data {
    var raw = try RawArchive(data)
    for file in raw.files.map({ String(decoding: $0.name, as: UTF8.self) }) where file.contains("-\(role)-") {
      raw.remove(file)
    }
    var statement = try site.desk().statement(site.content(), role: role, name: name, function: "Tester")
    statement.date = date
    raw.put(statement.manifestPath, statement.content())
    raw.put(statement.signaturePath, try sign(statement.content()))
    raw.sort()
    return raw.bytes()
  }

  enum Lie: String, CaseIterable {
    case digestOfRun, waiverReason, recordSignature, proof, checkpoint, key, malformedProofs, malformedDossier
    case malformedRecord, deepRecord, emptyKey, twoKeys
  }

  @Test("refuses what an insider signed though it contradicts itself or is malformed", arguments: Lie.allCases)
  func lies(_ lie: Lie) throws {
    let (site, _) = try SignOffSite.signed()
    let run = site.runs[0]
    let data = try site.forged { files in
      func edit(_ path: String, _ old: String, _ new: String) {
        let text = String(decoding: files[path] ?? Data(), as: UTF8.self)
        #expect(text.contains(old), "\(path) holds no \(old)")
        files[path] = Data(text.replacing(old, with: new).utf8)
      }
      let zeros = String(repeating: "0", count: 64)
      let signature = try #require(files.keys.first { $0.hasPrefix("records/signature-") })
      switch lie {
      case .digestOfRun: edit("dossier/dossier.json", run.sha256, zeros)
      case .waiverReason: edit("dossier/dossier.json", "\"a trial\"", "\"none is needed\"")
      case .recordSignature: edit(signature, "\"meaning\":\"performed\"", "\"meaning\":\"approved!\"")
      case .proof: edit("log/proofs.json", "\"position\":1", "\"position\":2")
      case .checkpoint: edit("log/checkpoint-1.txt", "\n\n\u{2014} ", "\n\n\u{2014} x")
      case .key: files["log/origin-1.vkey"] = Data("x+00000000+AAAA\n".utf8)
      case .malformedProofs:
        files["log/proofs.json"] = Data("{\"entries\":[1],\"heads\":[],\"schema\":\"vitrine.proofs/1\"}".utf8)
      case .malformedDossier: files["dossier/dossier.json"] = Data("{\"runs\":7}".utf8)
      case .malformedRecord: files["runs/\(run.record.id).json"] = Data("[".utf8)
      case .deepRecord: files["runs/\(run.record.id).json"] = Data(repeating: 0x5B, count: 200_000)
      case .emptyKey: files["log/origin-1.vkey"] = Data()
      case .twoKeys: edit(signature, "{\"form\":", "{\"form\":\"cms\",\"form\":")
      }
    }
    try refused(data, "WRONG: ")
  }

  @Test("of an unpacked bundle any file emptied, cut, or filled with nonsense gives an answer and no traceback")
  func nonsense() throws {
    let (_, data) = try good()
    let folder = try DossierFixtures.Folder(["bundle.asice": "", "nonsense.py": Self.nonsense])
    try data.write(to: folder.url.appendingPathComponent("bundle.asice"))
    let templates = Templates.url("bundle").path
    let text = try OpenSSLProgram.shell("python3 -I nonsense.py '\(templates)'", in: folder.url)
    #expect(text.hasSuffix("tried: all\n"), "\(text.suffix(2000))")
  }

  /// Runs both scripts in this process for each file and each nonsense in it.
  private static let nonsense = """
    import contextlib, importlib, io, os, shutil, sys
    sys.path.insert(0, sys.argv[1])
    sys.dont_write_bytecode = True
    import verify_archive, verify_proofs
    home = os.getcwd()
    with contextlib.redirect_stdout(io.StringIO()):
        verify_archive.main("bundle.asice", "good")
    names = [os.path.relpath(os.path.join(f, n), "good") for f, _, ns in os.walk("good") for n in ns]
    for name in sorted(names):
        whole = open("good/" + name, "rb").read()
        for bad in (None, b"", b"{", b"[]", b"null", b"{}", bytes([255, 254, 0]), whole[: len(whole) // 2], b"[" * 100000):
            os.remove("good/" + name)
            if bad is not None:
                open("good/" + name, "wb").write(bad)
            with contextlib.redirect_stdout(io.StringIO()) as out:
                status = verify_proofs.main("good")
            os.chdir(home)
            if name not in ("mimetype",) and (status != 1 or "WRONG" not in out.getvalue()):
                print(name, bad, status, out.getvalue())
            open("good/" + name, "wb").write(whole)
    with contextlib.redirect_stdout(io.StringIO()):
        status = verify_proofs.main("good")
    print("tried: all" if status == 0 else "the good one: %d" % status)
    """
}
