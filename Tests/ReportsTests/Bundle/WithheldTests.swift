import Evidence
import Foundation
import Testing

@testable import Reports

/// What a check lacks it does not report as checked.
@Suite("A bundle of which files are withheld is incomplete")
struct WithheldTests {
  /// The bundle with files withheld, as anybody who has it can make it.
  private func withholding(_ paths: Set<String>, from data: Data) throws -> Data {
    var raw = try RawArchive(data)
    let list = Withheld(
      schema: Withheld.format,
      files: try paths.sorted().map {
        Withheld.File(file: $0, sha256: try SHA256.digest(of: raw.content($0)).hex)
      })
    for path in paths { raw.remove(path) }
    raw.put(BundlePath.withheld, try CanonicalJSON.encode(list))
    raw.sort()
    return raw.bytes()
  }

  private func verify(_ data: Data) throws -> BundleReport { try BundleVerifier().verify(data, name: "x") }

  private func states(_ report: BundleReport) -> [String: BundleReport.State] {
    Dictionary(uniqueKeysWithValues: report.checks.map { ($0.name, $0.state) })
  }

  /// Which checks cannot be made whole without a file.
  private func lacking(_ path: String) -> Set<String> {
    switch path {
    case "dossier/dossier.json": ["digests", "dossier", "files", "looks", "binding", "roles"]
    case _ where path.hasPrefix("records/waiver-"): ["digests", "records", "proofs", "dates", "dossier", "binding"]
    case _ where path.hasPrefix("runs/"): ["digests", "records", "proofs", "dates", "binding"]
    case _ where path.hasPrefix("runs/") || path.hasPrefix("records/"): ["digests", "records", "proofs", "dates"]
    case _ where path.hasPrefix("log/"): ["digests", "checkpoints"]
    default: ["digests"]
    }
  }

  @Test("whichever file it is: the checks that need it say so, the others are made, and VERIFY.md says the same")
  func each() throws {
    let (site, data) = try SignOffSite.shared.get()
    #expect(try verify(data).verdict == .intact && verify(data).lacking == [])
    #expect(try verify(data).checks.filter { $0.state != .ok }.map(\.name) == ["timestamps", "files", "looks"])
    var followed: Set<[String]> = []
    for path in try site.content().paths where !Withheld.indispensable.contains(path) {
      let bundle = try withholding([path], from: data)
      let report = try verify(bundle)
      #expect(report.verdict == .incomplete && report.problems == [], "\(path): \(report.problems)")
      let open = Set(report.checks.filter { $0.state == .notChecked }.map(\.name))
      #expect(open == lacking(path), "\(path): \(open)")
      for check in report.checks {
        #expect((check.count < check.of) == (check.state == .notChecked), "\(path): \(check)")
      }
      // One of a kind stands for all where each is followed to the letter.
      guard followed.insert(open.sorted()).inserted, Instructions.canBeFollowed else { continue }
      let result = try Instructions.follow(bundle)
      #expect(result.status == 1 && result.text.contains("\nINCOMPLETE: ") && !result.isTraced, "\(path): \(result)")
      #expect(result.text.contains("not checked: ") && !result.text.contains("WRONG"), "\(path): \(result)")
      let allowed = try Instructions.follow(bundle, environment: ["VITRINE_ALLOW_WITHHELD": "yes"])
      #expect(allowed.status == 0 && allowed.text.contains("\nINCOMPLETE: "), "\(path): \(allowed)")
    }
    #expect(followed.count == 6 || !Instructions.canBeFollowed)
  }

  @Test("without a list of what is withheld, and for what cannot be withheld, a missing file is wrong")
  func hidden() throws {
    let (site, data) = try SignOffSite.shared.get()
    for path in try site.content().paths {
      var raw = try RawArchive(data)
      raw.remove(path)
      #expect(try verify(raw.bytes()).verdict == .notIntact, "\(path)")
    }
    for path in Withheld.indispensable where path != BundlePath.sums {
      #expect(try verify(withholding([path], from: data)).verdict == .notIntact, "\(path)")
    }
    #expect(try verify(withholding(["dossier/nothing.md"], from: data)).codes == [.withheld])
  }

  @Test(
    "who approves without the role, or before the records were made, is never in order once the evidence is withheld")
  func hidingWrong() throws {
    let (site, data) = try SignOffSite.signed()
    let key = try PrivateKey.generate(.p256)
    let eve = try Certificate.selfSigned(name: "Eve Example", title: nil, key: key)
    var statement = try site.desk().statement(site.content(), role: "approved", name: "Eve Example", function: "x")
    func forged(_ date: String, _ certificate: Certificate, _ key: PrivateKey) throws -> Data {
      statement.date = date
      var raw = try RawArchive(data)
      for file in raw.files.map({ String(decoding: $0.name, as: UTF8.self) }) where file.contains("-approved-") {
        raw.remove(file)
      }
      raw.put(statement.manifestPath, statement.content())
      raw.put(
        statement.signaturePath,
        try CMSSignature(signing: statement.content(), certificate: certificate, key: key).der)
      raw.sort()
      return raw.bytes()
    }
    let evidence = try site.content().paths.filter {
      $0 == "dossier/dossier.json" || $0.hasPrefix("runs/") || $0.hasPrefix("records/")
    }
    let role = try forged(Timestamp.now(), eve, key)
    #expect(try verify(role).codes == [.role])
    let hidden = try verify(withholding(Set(evidence), from: role))
    #expect(hidden.verdict == .incomplete && states(hidden)["roles"] == .notChecked)
    #expect(states(hidden)["dates"] == .notChecked && states(hidden)["dossier"] == .notChecked)
    guard OpenSSLProgram.isThere else { return }
    // An identifier tells when it was given, also of a record that is withheld.
    let (old, oldKey) = try OpenSSLProgram.certificate(
      from: "20000101000000Z", to: "20950101000000Z", extensions: "keyUsage=digitalSignature")
    let early = try forged("2020-01-01T00:00:00.000Z", old, oldKey)
    #expect(try verify(early).codes == [.role, .signature])
    let hiddenDate = try verify(withholding(Set(evidence), from: early))
    #expect(hiddenDate.codes == [.signature] && hiddenDate.problems[0].detail.contains("did not exist then"))
    guard Instructions.canBeFollowed else { return }
    let result = try Instructions.follow(withholding(Set(evidence), from: early))
    #expect(result.status == 1 && result.text.contains("is dated before"), "\(result)")
  }

  @Test("a log of which no checkpoint was there when the bundle was made is not checked either")
  func noCheckpoint() throws {
    let (site, _) = try SignOffSite.signed()
    let data = try site.forged { files in
      var proofs = try BundleProofs.read(files[BundlePath.proofs] ?? Data())
      for index in proofs.heads.indices { (proofs.heads[index].checkpoint, proofs.heads[index].key) = (nil, nil) }
      files[BundlePath.proofs] = try CanonicalJSON.encode(proofs)
      for path in files.keys where path.hasPrefix("log/") && path != BundlePath.proofs { files[path] = nil }
    }
    let report = try verify(data)
    #expect(report.verdict == .incomplete && states(report)["checkpoints"] == .notChecked, "\(report.problems)")
  }
}
