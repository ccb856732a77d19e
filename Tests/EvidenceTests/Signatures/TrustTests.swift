import Foundation
import Testing

@testable import Evidence

/// Certificates that openssl makes: authorities, persons and what should not be believed.
///
/// Unchecked: the folder is filled once and only read afterwards.
private final class Authorities: @unchecked Sendable {
  static let shared = Result { try Authorities() }

  let folder: Scratch

  private init() throws {
    folder = try Scratch()
    let result = try OtherProgram.shell(Self.script, in: folder.folder)
    guard result.status == 0 else { throw EvidenceError(.cryptography, result.out) }
  }

  /// `authority` and `person` make a certificate NAME.pem with NAME.key, issued by the certificate of the second name.
  private static let script = """
    set -eu
    key() { openssl req -new -newkey "${3:-ec}" ${4:--pkeyopt ec_paramgen_curve:P-256} -nodes -keyout "$1.key" -out "$1.csr" \
      -subj "/CN=$2" 2>&1; }
    issue() { printf '%b\\n' "$3" > "$1.ext"; openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial \
      -days "${5:-30}" "${4:--sha256}" -extfile "$1.ext" -out "$1.pem" 2>&1; }
    root() { printf '%b\\n' "$2" > "$1.ext"; openssl x509 -req -in "$1.csr" -signkey "$1.key" -days 30 -extfile "$1.ext" \
      -out "$1.pem" 2>&1; }
    ca='basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign\\nsubjectKeyIdentifier=hash'
    end='basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature,nonRepudiation'
    key root 'Test Root'; root root "$ca"
    key other 'Other Root'; root other "$ca"
    key short 'Root of one step'; root short 'basicConstraints=critical,CA:TRUE,pathlen:0\\nkeyUsage=critical,keyCertSign'
    key weak 'Weak Root' rsa:1024 '-sha256'; root weak "$ca"
    key between 'Test Issuer'; issue between root "$ca"
    key expired 'Expired Issuer'; issue expired root "$ca" -sha256 -1
    key person 'Bo Example'; issue person root "$end"
    key under-short 'Issuer under one step'; issue under-short short "$ca"
    for issuer in between expired person under-short weak root; do
      key "ada-$issuer" 'Ada Example'; issue "ada-$issuer" "$issuer" "$end"
    done
    key ada-sha1 'Ada Example'; issue ada-sha1 root "$end" -sha1
    key mallory 'Mallory'; issue mallory between "$end"
    key selfmade 'Ada Example'; root selfmade "$end"
    """

  func path(_ name: String) -> String { folder("\(name).pem").path }

  /// A run's signature by openssl, in the name of Ada Example.
  /// - Parameter with: certificates that the signature carries beside the signer's.
  func signature(_ run: StoredRun, by signer: String, with others: [String] = []) throws -> RunSignature {
    let statement = RunSignature.Statement(run: run, name: "Ada Example", function: "Tester", meaning: "performed")
    let place = try Scratch()
    try statement.content().write(to: place("s.json"))
    let chain = others.map { "-certfile '\(path($0))'" }.joined(separator: " ")
    let result = try OtherProgram.shell(
      """
      openssl cms -sign -binary -cades -outform DER -in s.json -out s.p7s -signer '\(path(signer))' \
        -inkey '\(folder("\(signer).key").path)' \(chain)
      """, in: place.folder)
    guard result.status == 0 else { throw EvidenceError(.cryptography, result.out) }
    return try RunSignature(statement, cms: CMSSignature(der: try Data(contentsOf: place("s.p7s"))))
  }
}

@Suite("Who a signature is by", .enabled(if: OtherProgram.hasOpenSSL))
struct TrustTests {
  private let run: StoredRun
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    run = try scratch.fill(1)[0]
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let what: String
    let signer: String
    var others: [String] = []
    let trusted: [String]
    let voucher: String?
    var testDescription: String { what }
  }

  @Test(
    "is established through a chain to what the reader trusts, and through nothing else",
    arguments: [
      Case(what: "an authority", signer: "ada-root", trusted: ["root"], voucher: "Test Root"),
      Case(what: "over an issuer", signer: "ada-between", others: ["between"], trusted: ["root"], voucher: "Test Root"),
      Case(what: "the issuer itself", signer: "ada-between", trusted: ["between"], voucher: "Test Issuer"),
      Case(what: "one of several", signer: "ada-root", trusted: ["other", "root"], voucher: "Test Root"),
      Case(what: "the person's own", signer: "selfmade", trusted: ["selfmade"], voucher: "its certificate"),
      Case(what: "issuer not carried", signer: "ada-between", trusted: ["root"], voucher: nil),
      Case(what: "another authority", signer: "ada-between", others: ["between"], trusted: ["other"], voucher: nil),
      Case(what: "expired issuer", signer: "ada-expired", others: ["expired"], trusted: ["root"], voucher: nil),
      Case(what: "expired anchor", signer: "ada-expired", trusted: ["expired"], voucher: nil),
      Case(what: "issued by a trusted person", signer: "ada-person", trusted: ["person"], voucher: nil),
      Case(
        what: "longer than allowed", signer: "ada-under-short", others: ["under-short"], trusted: ["short"],
        voucher: nil),
      Case(what: "a weak authority", signer: "ada-weak", trusted: ["weak"], voucher: nil),
      Case(what: "issued with SHA-1", signer: "ada-sha1", trusted: ["root"], voucher: nil),
      Case(what: "self-signed by one's own hand", signer: "selfmade", trusted: ["root"], voucher: nil),
    ])
  func chains(_ test: Case) throws {
    let authorities = try Authorities.shared.get()
    let person = try authorities.signature(run, by: test.signer, with: test.others).person()
    let finding = try TrustAnchors(test.trusted.map(authorities.path)).finding(person)
    #expect((finding.answer == .established) == (test.voucher != nil))
    #expect(finding.vouchedBy?.contains(test.voucher ?? "nobody") == (test.voucher == nil ? nil : true), "\(finding)")
    #expect(try TrustAnchors.none.finding(person) == .init(answer: .notEstablished))
  }

  @Test("is not even asked where the signature carries an issuer that is none")
  func issuedByPerson() throws {
    let authorities = try Authorities.shared.get()
    let error = #expect(throws: EvidenceError.self) {
      try authorities.signature(run, by: "ada-person", with: ["person"])
    }
    #expect(error?.code == .badSignature)
  }

  @Test("is not established by a certificate with another name, unless the reader says that it is the same person")
  func names() throws {
    let authorities = try Authorities.shared.get()
    let person = try authorities.signature(run, by: "mallory", with: ["between"]).person()
    let fingerprint = try #require(person.certificate).fingerprint()
    for text in [authorities.path("root"), authorities.path("mallory"), fingerprint, "Mallory=\(fingerprint)"] {
      let finding = try TrustAnchors([text]).finding(person)
      #expect(finding.answer == .notEstablished && finding.vouchedBy != nil, "\(text)")
      #expect(
        finding.doubt?.contains("in the name of 'Ada Example', but the holder of the certificate is 'Mallory'") == true)
    }
    for text in ["Ada Example=\(fingerprint)", "Ada  Example=\(authorities.path("mallory"))"] {
      #expect(try TrustAnchors([text]).finding(person).answer == .established, "\(text)")
    }
    // A name before an authority's certificate says nothing about those to whom it issues.
    #expect(try TrustAnchors(["Ada Example=\(authorities.path("root"))"]).finding(person).answer == .notEstablished)
    #expect(throws: EvidenceError.self) { try TrustAnchors(["Ada Example=nowhere.pem"]) }
  }

  @Test("by a bare key is established only for the name that the reader gives its fingerprint")
  func bareKey() throws {
    let key = try PrivateKey.generate(.ed25519)
    let statement = RunSignature.Statement(run: run, name: "Ada Example", function: "Tester", meaning: "performed")
    let person = try RunSignature(statement, ed25519: key).person()
    let fingerprint = try key.publicKey().fingerprint()
    let unnamed = try TrustAnchors([fingerprint]).finding(person)
    #expect(unnamed.answer == .notEstablished && unnamed.doubt?.contains("names nobody") == true)
    #expect(try TrustAnchors(["Bo Example=\(fingerprint)"]).finding(person).answer == .notEstablished)
    #expect(try TrustAnchors(["Ada Example=\(fingerprint)"]).finding(person).answer == .established)
  }

  @Test(
    "is answered by the check of a store, of a run and of an exported run alike, apart from whether they are intact")
  func audits() throws {
    let authorities = try Authorities.shared.get()
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    try store.append(authorities.signature(run, by: "ada-between", with: ["between"]))
    let id = run.record.id
    func reports(_ trusted: [String]) throws -> [AuditReport] {
      let trust = try TrustAnchors(trusted.map(authorities.path))
      let audit = StoreAudit(store, checkpoints: [], keys: [], trust: trust, models: [])
      return [try audit.all(), try audit.run(id: id), try store.export(id: id).audit(keys: [], trust: trust)]
    }
    for report in try reports([]) + reports(["other"]) {
      #expect(report.isIntact && report.identity == .notEstablished && report.signers.map(\.run) == [id])
      #expect(report.notChecked.contains { $0.what.contains("identity of") })
    }
    for report in try reports(["root"]) {
      #expect(report.isIntact && report.identity == .established)
      #expect(
        report.checks.first { $0.name == "signatures" }?.notes[0].contains("established by the authority") == true)
      #expect(!report.notChecked.contains { $0.what.contains("identity of") })
    }
  }

  @Test(
    "is not asked of a certificate that was not valid then or is for something else: the signature is refused",
    arguments: [
      ("keyUsage=critical,keyEncipherment", "its key usage has neither"),
      ("extendedKeyUsage=serverAuth", "extended key usage allows servers"),
      ("extendedKeyUsage=timeStamping", "extended key usage allows servers"),
      ("basicConstraints=CA:FALSE", ""), ("extendedKeyUsage=emailProtection", ""),
    ])
  func usage(of extensions: String, reason: String) throws {
    let folder = try Scratch()
    let made = try OtherProgram.shell(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -subj '/CN=Ada' -days 3 \
        -addext '\(extensions)'
      """, in: folder.folder)
    try #require(made.status == 0, "\(made.out)")
    let certificate = try Certificate(pem: Data(contentsOf: folder("c.pem")))
    let key = try PrivateKey(pem: Data(contentsOf: folder("k.pem")))
    let statement = RunSignature.Statement(run: run, name: "Ada", function: "Tester", meaning: "performed")
    guard !reason.isEmpty else {
      #expect(throws: Never.self) { try RunSignature(statement, certificate: certificate, key: key) }
      return
    }
    let error = #expect(throws: EvidenceError.self) {
      try RunSignature(statement, certificate: certificate, key: key)
    }
    #expect(error?.code == .badKey && error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }
}
