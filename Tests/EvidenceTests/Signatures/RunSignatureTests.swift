import Analysis
import Foundation
import Testing

@testable import Evidence

@Suite("Signatures of persons on runs")
struct RunSignatureTests {
  private let run: StoredRun
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    run = try scratch.fill(1)[0]
  }

  private func statement(_ meaning: String = "approved test report") -> RunSignature.Statement {
    RunSignature.Statement(run: run, name: "Ada Exämple", function: "Head of Credit Risk", meaning: meaning)
  }

  private func person() throws -> (Certificate, PrivateKey) {
    let key = try PrivateKey.generate(.p256)
    return (try Certificate.selfSigned(name: "Ada Exämple", title: "Head of Credit Risk", key: key), key)
  }

  @Test("a signature with a certificate holds, and says that the identity is not established")
  func cms() throws {
    let (certificate, key) = try person()
    let signature = try RunSignature(statement(), certificate: certificate, key: key)
    let signer = try signature.verify()
    #expect(try signer.isSelfSigned && signer.fingerprint == certificate.fingerprint())
    #expect(signer.identity.contains("identity of the signer not established"))
    #expect(certificate.commonName == "Ada Exämple" && certificate.title == "Head of Credit Risk")
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let entry = try store.append(signature)
    #expect(entry.kind == "signature" && entry.subject == run.record.id)
    #expect(try store.entries(about: run.record.id).map { try $0.decoded(as: RunSignature.self) } == [signature])
    #expect(try store.verifyAll().signatures.count == 1)
  }

  @Test(
    "no word of the statement can be changed",
    arguments: ["name", "function", "meaning", "date", "run", "record", "key"])
  func changed(field: String) throws {
    let (certificate, key) = try person()
    for form in RunSignature.Form.allCases {
      var signature =
        form == .cms
        ? try RunSignature(statement(), certificate: certificate, key: key)
        : try RunSignature(statement(), ed25519: PrivateKey.generate(.ed25519))
      switch field {
      case "name": signature.statement.name += "x"
      case "function": signature.statement.function += "x"
      case "meaning": signature.statement.meaning = "performed"
      case "date": signature.statement.date = "2027-01-01T00:00:00.000Z"
      case "run": signature.statement.run = RunIdentifier.next()
      case "record": signature.statement.recordSha256 = String(repeating: "0", count: 64)
      default:
        if form == .cms {
          signature.signature = try RunSignature(statement("other"), certificate: certificate, key: key).signature
        } else {
          signature.publicKey = try PrivateKey.generate(.ed25519).publicKey().pem()
        }
      }
      let error = #expect(throws: EvidenceError.self) { try signature.verify() }
      #expect(error?.code == .badSignature && error?.exitStatus == .answerIsNo)
    }
  }

  @Test("a signature on a run that the store has not got, or without a name, is not stored")
  func refused() throws {
    let key = try PrivateKey.generate(.ed25519)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    var other = run
    other.record.id = RunIdentifier.next()
    let unknown = RunSignature.Statement(run: other, name: "A", function: "B", meaning: "C")
    #expect(throws: EvidenceError.self) { try store.append(RunSignature(unknown, ed25519: key)) }
    let nameless = RunSignature.Statement(run: run, name: " ", function: "B", meaning: "C")
    #expect(throws: EvidenceError.self) { try store.append(RunSignature(nameless, ed25519: key)) }
    #expect(try store.entries(about: run.record.id).isEmpty)
  }

  @Test("a signature on another record of the same run is found when the store is verified")
  func anotherRecord() throws {
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    var other = run
    other.sha256 = String(repeating: "a", count: 64)
    let statement = RunSignature.Statement(run: other, name: "A", function: "B", meaning: "C")
    try store.append(RunSignature(statement, ed25519: PrivateKey.generate(.ed25519)))
    #expect(try store.verifyAll().entries.flatMap(\.problems).map(\.code) == [.signature])
  }

  @Test("a certificate that was not valid on the day of the signature is refused")
  func expired() throws {
    let (certificate, key) = try person()
    for date in ["2020-01-01T00:00:00.000Z", "2050-01-01T00:00:00.000Z"] {
      var early = statement()
      early.date = date
      let error = #expect(throws: EvidenceError.self) {
        try RunSignature(early, certificate: certificate, key: key)
      }
      #expect(error?.code == .badKey)
      #expect(error?.message.contains(date < "2030" ? "was not yet valid" : "had expired") == true)
    }
  }

  // MARK: openssl

  @Test(
    "openssl verifies what we sign, with the CAdES attribute, and no other content",
    .enabled(if: OtherProgram.hasOpenSSL))
  func opensslVerifies() throws {
    let (certificate, key) = try person()
    let signature = try RunSignature(statement(), certificate: certificate, key: key)
    let folder = try Scratch()
    try signature.statement.content().write(to: folder("statement.json"))
    try #require(Data(base64Encoded: signature.signature)).write(to: folder("signature.p7s"))
    try Data(certificate.pem().utf8).write(to: folder("certificate.pem"))
    let verify =
      "openssl cms -verify -binary -cades -purpose any -inform DER -in signature.p7s -content statement.json "
    let trusted = try OtherProgram.shell(verify + "-CAfile certificate.pem -out /dev/null", in: folder.folder)
    #expect(trusted.status == 0, "\(trusted.out)")
    // Without the certificate from elsewhere the identity is not established for openssl either.
    #expect(try OtherProgram.shell(verify + "-out /dev/null", in: folder.folder).status != 0)
    try Data(signature.statement.content().dropLast() + Data(" }".utf8)).write(to: folder("statement.json"))
    #expect(try OtherProgram.shell(verify + "-CAfile certificate.pem -out /dev/null", in: folder.folder).status != 0)
  }

  @Test(
    "a signature by openssl holds with us, for P-256 and RSA; without the CAdES attribute it is refused",
    .enabled(if: OtherProgram.hasOpenSSL), arguments: ["ec -pkeyopt ec_paramgen_curve:P-256", "rsa:2048"],
    [true, false])
  func opensslSigns(algorithm: String, cades: Bool) throws {
    let folder = try Scratch()
    // The certificate first: it must be valid when the statement is made.
    let made = try OtherProgram.shell(
      "openssl req -x509 -newkey \(algorithm) -nodes -keyout key.pem -out certificate.pem -subj '/CN=Ada Example' -days 30",
      in: folder.folder)
    try #require(made.status == 0, "\(made.out)")
    let content = try statement().content()
    try content.write(to: folder("statement.json"))
    let result = try OtherProgram.shell(
      """
      openssl cms -sign -binary \(cades ? "-cades" : "") -outform DER -in statement.json -signer certificate.pem \
        -inkey key.pem -out signature.p7s
      """, in: folder.folder)
    try #require(result.status == 0, "\(result.out)")
    let cms = CMSSignature(der: try Data(contentsOf: folder("signature.p7s")))
    guard cades else {
      let error = #expect(throws: EvidenceError.self) { try cms.signer(of: content) }
      #expect(error?.message.contains("CAdES") == true)
      return
    }
    #expect(try cms.signer(of: content).commonName == "Ada Example")
    #expect(throws: EvidenceError.self) { try cms.signer(of: content + Data(" ".utf8)) }
    let attached = try RunSignature(try CanonicalJSON.decode(RunSignature.Statement.self, from: content), cms: cms)
    #expect(try attached.verify().subject == "CN = Ada Example")
    // The key and certificate that openssl made sign here, too.
    let own = try RunSignature(
      statement(), certificate: Certificate(pem: Data(contentsOf: folder("certificate.pem"))),
      key: PrivateKey(pem: Data(contentsOf: folder("key.pem"))))
    #expect(throws: Never.self) { try own.verify() }
  }

  @Test("openssl verifies our Ed25519 signatures, and we verify openssl's", .enabled(if: OtherProgram.hasOpenSSL))
  func ed25519() throws {
    let folder = try Scratch()
    let signature = try RunSignature(statement(), ed25519: PrivateKey.generate(.ed25519))
    try signature.statement.content().write(to: folder("statement.json"))
    try #require(Data(base64Encoded: signature.signature)).write(to: folder("signature"))
    try Data((signature.publicKey ?? "").utf8).write(to: folder("public.pem"))
    let result = try OtherProgram.shell(
      """
      openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in statement.json -sigfile signature &&
      openssl genpkey -algorithm ed25519 -out key.pem && openssl pkey -in key.pem -pubout -out own.pem &&
      openssl pkeyutl -sign -inkey key.pem -rawin -in statement.json -out own.signature
      """, in: folder.folder)
    #expect(result.status == 0, "\(result.out)")
    var other = signature
    other.publicKey = try String(contentsOf: folder("own.pem"), encoding: .utf8)
    other.signature = try Data(contentsOf: folder("own.signature")).base64EncodedString()
    #expect(throws: Never.self) { try other.verify() }
  }

  @Test("openssl reads our certificate as what it says", .enabled(if: OtherProgram.hasOpenSSL))
  func certificate() throws {
    let (certificate, _) = try person()
    let folder = try Scratch()
    try Data(certificate.pem().utf8).write(to: folder("certificate.pem"))
    let printed = try OtherProgram.shell(
      "openssl x509 -in certificate.pem -noout -text -fingerprint -sha256 -nameopt oneline,-esc_msb,utf8",
      in: folder.folder)
    for text in [
      "Subject: CN = Ada Exämple, title = Head of Credit Risk", "CA:FALSE", "Digital Signature, Non Repudiation",
      "ecdsa-with-SHA256", "prime256v1", "Version: 3",
    ] { #expect(printed.out.contains(text), "\(text): \(printed.out)") }
    let fingerprint = printed.out.components(separatedBy: "Fingerprint=").last?.split(separator: "\n").first
    #expect(
      fingerprint?.replacingOccurrences(of: ":", with: "").lowercased() == (try certificate.fingerprint()))
    let check = try OtherProgram.shell("openssl verify -CAfile certificate.pem certificate.pem", in: folder.folder)
    #expect(check.status == 0, "\(check.out)")
  }
}

@Suite("The user's keys")
struct UserKeysTests {
  @Test("private keys are files of the user's alone, and one that others may read is refused")
  func rights() throws {
    let scratch = try Scratch()
    let keys = UserKeys.ofUser(["XDG_CONFIG_HOME": scratch.folder.path, "HOME": "/nowhere"])
    let key = try PrivateKey.generate(.p256)
    let certificate = try Certificate.selfSigned(name: "Ada", title: nil, key: key)
    let identity = try keys.add("ada", key: key, certificate: certificate)
    let (log, isNew) = try keys.logKey(origin: "vitrine/3f2a91c0")
    #expect(isNew)
    let again = try keys.logKey(origin: "vitrine/3f2a91c0")
    #expect(!again.isNew)
    #expect(try again.key.publicKey().pem() == log.publicKey().pem())
    let manager = FileManager.default
    for (path, rights) in [
      ("vitrine/keys", 0o700), ("vitrine/keys/ada.key", 0o600), ("vitrine/logs/3f2a91c0.key", 0o600),
    ] {
      let found = try manager.attributesOfItem(atPath: scratch(path).path)[.posixPermissions] as? Int
      #expect(found == rights, "\(path)")
    }
    #expect(throws: Never.self) { try keys.privateKey(of: identity) }
    try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: identity.keyFile.path)
    let error = #expect(throws: EvidenceError.self) { try keys.privateKey(of: identity) }
    #expect(error?.code == .badKey && error?.message.contains("chmod 600") == true)
  }

  @Test("a taken name, a name that is a path, a foreign certificate and a missing key are refused")
  func refused() throws {
    let scratch = try Scratch()
    let keys = UserKeys(folder: scratch.folder)
    let key = try PrivateKey.generate(.p256)
    let certificate = try Certificate.selfSigned(name: "Ada", title: nil, key: key)
    _ = try keys.add("ada", key: key, certificate: certificate)
    for name in ["ada", "../ada", "", "Ada", "a b"] {
      #expect(throws: EvidenceError.self, "\(name)") { try keys.add(name, key: key, certificate: certificate) }
    }
    #expect(throws: EvidenceError.self) {
      try keys.add("other", key: PrivateKey.generate(.p256), certificate: certificate)
    }
    #expect(throws: EvidenceError.self) { try keys.identity("nobody") }
    #expect(try keys.identities().map(\.name) == ["ada"])
  }

  @Test(
    "a key is called after its person in plain letters",
    arguments: [("Ada Example", "ada-example"), ("Zoë Ångström", "zoe-angstrom"), ("山田", "shan-tian"), ("!", "key")])
  func names(person: String, name: String) {
    #expect(UserKeys.plainName(person) == name)
  }

  @Test("PKCS#12 files and encrypted PEM keys of openssl", .enabled(if: OtherProgram.hasOpenSSL))
  func pkcs12() throws {
    let folder = try Scratch()
    let result = try OtherProgram.shell(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out c.pem -subj "/CN=Ada" &&
      openssl pkcs12 -export -inkey key.pem -in c.pem -out ada.p12 -passout pass:secret &&
      openssl pkcs8 -topk8 -in key.pem -out encrypted.pem -passout pass:secret
      """, in: folder.folder)
    try #require(result.status == 0, "\(result.out)")
    let data = try Data(contentsOf: folder("ada.p12"))
    let (key, certificate) = try PKCS12.read(data, password: "secret")
    #expect(certificate.commonName == "Ada" && certificate.belongs(to: key))
    let wrong = #expect(throws: EvidenceError.self) { try PKCS12.read(data, password: "wrong") }
    #expect(wrong?.code == .wrongPassphrase)
    let cut = #expect(throws: EvidenceError.self) { try PKCS12.read(data.prefix(100), password: "secret") }
    #expect(cut?.code == .badKey)
    let encrypted = try Data(contentsOf: folder("encrypted.pem"))
    #expect(certificate.belongs(to: try PrivateKey(pem: encrypted, password: "secret")))
    for password in [nil, "", "wrong"] {
      #expect(throws: EvidenceError.self) { try PrivateKey(pem: encrypted, password: password) }
    }
    #expect(throws: EvidenceError.self) { try PrivateKey(pem: Data("nothing".utf8)) }
    #expect(throws: EvidenceError.self) { try Certificate(pem: Data("nothing".utf8)) }
  }
}
