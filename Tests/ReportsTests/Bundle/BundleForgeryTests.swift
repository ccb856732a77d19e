import Evidence
import Foundation
import Testing

@testable import Reports

/// What somebody could do who has a valid signature of one's own, or none: bundles that are well formed and lie.
@Suite("A bundle cannot be made to say more than was signed")
struct BundleForgeryTests {
  private func verify(
    _ raw: RawArchive, trust: [String] = [], now: String = Timestamp.now(), keys: [VerifierKey] = []
  ) throws -> BundleReport {
    try BundleVerifier(trust: TrustAnchors(trust), keys: keys, now: now).verify(raw.bytes(), name: "x")
  }

  /// The bundle with one more signature.
  private func adding(
    _ signer: (key: PrivateKey, certificate: Certificate), _ name: String, _ role: String,
    date: String = Timestamp.now(),
    to data: Data, _ site: SignOffSite
  ) throws -> RawArchive {
    var statement = try site.desk().statement(site.content(), role: role, name: name, function: "Tester")
    statement.date = date
    let cms = try CMSSignature(signing: statement.content(), certificate: signer.certificate, key: signer.key)
    var changed = try RawArchive(data)
    changed.put(statement.manifestPath, statement.content())
    changed.put(statement.signaturePath, cms.der)
    changed.sort()
    return changed
  }

  /// The bundle without the signature in a role.
  private func removing(_ role: String, from raw: RawArchive) -> RawArchive {
    var changed = raw
    for file in raw.files.map({ String(decoding: $0.name, as: UTF8.self) }) where file.contains("-\(role)-") {
      changed.remove(file)
    }
    return changed
  }

  private func fingerprints(_ site: SignOffSite, _ names: [String]) throws -> [String] {
    try names.map { try site.person($0).certificate.fingerprint() }
  }

  @Test("a trusted person who signs in the name of another establishes nobody")
  func anothersName() throws {
    let (site, data) = try SignOffSite.signed()
    let trust = try fingerprints(site, ["Ada", "Bo"])
    let forged = try adding(
      site.person("Bo"), "Cy Example", "approved", to: removing("approved", from: RawArchive(data)).bytes(), site)
    let report = try verify(forged, trust: trust)
    let approver = try #require(report.signers.first { $0.role == "approved" })
    #expect(report.identity == .notEstablished && approver.identity == .notEstablished)
    #expect(approver.doubt?.contains("'Bo Example'") == true && approver.vouchedBy != nil)
    // Unless the reader says that the holder of the certificate is that person.
    let named = try verify(forged, trust: trust + ["Cy Example=\(trust[1])"])
    #expect(named.identity == .established)
  }

  @Test("a person to whom the dossier does not give the role is named")
  func anothersRole() throws {
    let (site, data) = try SignOffSite.signed()
    let key = try PrivateKey.generate(.p256)
    let eve = (key: key, certificate: try Certificate.selfSigned(name: "Eve Example", title: nil, key: key))
    let forged = try adding(
      eve, "Eve Example", "approved", to: removing("approved", from: RawArchive(data)).bytes(), site)
    let report = try verify(forged, trust: try fingerprints(site, ["Ada", "Bo"]) + [eve.certificate.fingerprint()])
    #expect(report.codes == [.role] && report.problems[0].detail.contains("does not give"), "\(report.problems)")
  }

  @Test("one key under two certificates is one person")
  func oneKey() throws {
    let people =
      SignOffSite.people + ["  - {name: Ada Other, function: Engineer, roles: [approved]}"]
    let (site, data) = try SignOffSite.signed(people: people)
    let ada = try site.person("Ada")
    let other = (key: ada.key, certificate: try Certificate.selfSigned(name: "Ada Other", title: nil, key: ada.key))
    let forged = try adding(
      other, "Ada Other", "approved", to: removing("approved", from: RawArchive(data)).bytes(), site)
    let report = try verify(forged)
    #expect(report.codes == [.role] && report.problems[0].detail.contains("same person prepared"), "\(report.problems)")
  }

  @Test(
    "a date on which the certificate was valid, but the content did not exist, or that has not come, is found",
    .enabled(if: OpenSSLProgram.isThere),
    arguments: [
      ("2010-06-01T00:00:00.000Z", "did not exist then"), ("2090-06-01T00:00:00.000Z", "has not come yet"),
    ])
  func dates(date: String, reason: String) throws {
    let people = SignOffSite.people + ["  - {name: Eve Example, function: Tester, roles: [reviewed]}"]
    let (site, data) = try SignOffSite.signed(people: people)
    let (certificate, key) = try OpenSSLProgram.certificate(
      from: "20000101000000Z", to: "20950101000000Z", extensions: "keyUsage=digitalSignature")
    let forged = try adding((key, certificate), "Eve Example", "reviewed", date: date, to: data, site)
    let report = try verify(forged, trust: try fingerprints(site, ["Ada", "Bo", "Cy"]) + [certificate.fingerprint()])
    #expect(report.codes == [.signature] && report.problems.count == 1, "\(report.problems)")
    #expect(report.problems[0].detail.contains(reason))
    // Our program signs its own clock, too; another may leave that out.
    #expect(report.checks.first { $0.name == "signatures" }?.notes.contains { $0.contains("gives itself") } == true)
    // The reader's clock decides, not the file.
    let later = try verify(forged, now: "2095-01-01T00:00:00.000Z")
    #expect(later.isIntact == (date > "2090"), "\(later.problems)")
  }

  @Test(
    "a signature or time-stamp that was left out whole leaves a bundle intact, which says that it could have been so")
  func leftOut() throws {
    let (_, data) = try SignOffSite.signed()
    let report = try verify(removing("reviewed", from: RawArchive(data)))
    #expect(report.isIntact && report.rolesNotSigned == ["reviewed"])
    #expect(report.notChecked.contains { $0.what.contains("more signatures or time-stamps were there once") })
  }

  @Test("a time-stamp holds the signatures of its time: none can be left out, or made again over the same bytes")
  func pinned() throws {
    let (site, _) = try SignOffSite.signed()
    guard let stamped = try BundleMutationTests.withStamp(site) else {
      return print("SKIPPED: no openssl to play the time-stamping authority")
    }
    let raw = try RawArchive(stamped)
    #expect(try verify(raw).isIntact)
    #expect(try verify(removing("reviewed", from: raw)).codes == [.timestamp])
    // ECDSA gives another signature each time; all of them hold, but only one existed when the time-stamp was made.
    let names = raw.files.map { String(decoding: $0.name, as: UTF8.self) }
    let manifest = try #require(names.first { $0.hasPrefix("META-INF/ASiCManifest-reviewed-") })
    let signature = try #require(names.first { $0.hasPrefix("META-INF/signature-reviewed-") })
    let bo = try site.person("Bo")
    let again = try CMSSignature(signing: raw.content(manifest), certificate: bo.certificate, key: bo.key)
    for (bundle, codes) in [(stamped, [BundleProblem.Code.timestamp]), (try Data(contentsOf: site.bundleFile()), [])] {
      var changed = try RawArchive(bundle)
      changed.put(signature, again.der)
      #expect(try verify(changed).codes == Set(codes))
    }
  }

  @Test("the issuer's name in a signature, which the signature does not cover, cannot change the case of a letter")
  func letterCase() throws {
    let (_, data) = try SignOffSite.signed()
    var raw = try RawArchive(data)
    let names = raw.files.map { String(decoding: $0.name, as: UTF8.self) }
    let signature = try #require(names.first { $0.hasPrefix("META-INF/signature-prepared-") })
    var der = raw.content(signature)
    // The name stands in the certificate as issuer and as subject, then in the signer's identifier, at last among what is signed.
    let last = try #require(der.range(of: Data("Ada Example".utf8), options: .backwards))
    let place = try #require(
      der.range(of: Data("Ada Example".utf8), options: .backwards, in: der.startIndex..<last.lowerBound))
    der[place.lowerBound] ^= 0x20
    raw.put(signature, der)
    let report = try verify(raw)
    #expect(report.codes == [.signature] && report.problems[0].detail.contains("issuer"), "\(report.problems)")
  }

  @Test("withholding the dossier or a waiver does not hide that something was waived")
  func hiddenWaiver() throws {
    let (site, _) = try SignOffSite.signed()
    let record = try #require(try site.content().paths.first { $0.hasPrefix("records/waiver-") })
    let dossier = try site.content().paths.filter { $0.hasPrefix("dossier/") }
    let shown = try site.bundle("a.asice", withholding: Set(dossier))
    #expect(shown.verdict == .incomplete && shown.waivers.map(\.reason) == ["a trial"])
    let told = try site.bundle("b.asice", withholding: [record])
    #expect(told.verdict == .incomplete && told.waivers.map(\.reason) == ["a trial"])
    let hidden = try site.bundle("c.asice", withholding: Set(dossier + [record]))
    #expect(hidden.verdict == .incomplete && hidden.waivers.isEmpty)
    #expect(hidden.lacking.contains { $0.what.contains(record) && $0.reason.contains("somebody waived a gate") })
  }

  @Test("instructions that the maker of the bundle wrote are named as not those of Vitrine")
  func instructions() throws {
    let (site, data) = try SignOffSite.signed()
    #expect(try verify(RawArchive(data)).checks.first { $0.name == "digests" }?.notes == [])
    var files = try site.content().files
    files.removeValue(forKey: BundlePath.sums)
    files[BundlePath.script] = Data("print('nothing is wrong')\n".utf8)
    let forged = try BundleContent(files)
    let ada = try site.person("Ada")
    let statement = try site.desk().statement(forged, role: "prepared", name: "Ada Example", function: "Engineer")
    let report = try BundleWriter.write(
      forged, BundleSeals(signOffs: [SignOff(statement, certificate: ada.certificate, key: ada.key)]),
      to: site.bundleFile("forged.asice"))
    let notes = report.checks.first { $0.name == "digests" }?.notes ?? []
    #expect(notes.count == 1 && notes[0].contains("verify_proofs.py is not that of this version"), "\(notes)")
  }

  @Test("the key of another log than the reader's does not pass for the reader's")
  func anotherLog() throws {
    let (site, data) = try SignOffSite.signed()
    let origin = try #require(try site.store.logs().first?.origin)
    let own = try VerifierKey(name: origin, key: site.logKey.publicKey())
    let other = try VerifierKey(name: origin, key: PrivateKey.generate(.ed25519).publicKey())
    #expect(try verify(RawArchive(data), keys: [own]).logIdentity == .established)
    #expect(try verify(RawArchive(data), keys: [other]).logIdentity == .notEstablished)
    #expect(try verify(RawArchive(data)).logIdentity == .notEstablished)
    let both = try verify(RawArchive(data), keys: [own, other])
    #expect(both.logIdentity == .notEstablished)
    #expect(both.notChecked.contains { $0.what.contains(other.text) && $0.reason.contains("signed no checkpoint") })
  }

  @Test("who signed the runs is asked of the same trust, and is not part of the answer on the dossier's signers")
  func runSigners() throws {
    let (site, data) = try SignOffSite.signed()
    let raw = try RawArchive(data)
    let all = try verify(raw, trust: try fingerprints(site, ["Ada", "Bo", "Cy"]))
    #expect(all.identity == .established && all.runSigners.map(\.identity) == [.established, .established])
    #expect(all.runSigners.allSatisfy { $0.name == "Ada Example" })
    let some = try verify(raw, trust: try fingerprints(site, ["Bo"]))
    #expect(some.runSigners.map(\.identity) == [.notEstablished, .notEstablished])
    #expect(some.notChecked.contains { $0.what.contains("2 of the 2 signatures on runs") })
  }
}
