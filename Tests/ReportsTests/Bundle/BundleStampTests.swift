import Evidence
import Foundation
import Testing

@testable import Reports

@Suite("A time-stamp of an authority", .enabled(if: OpenSSLProgram.isThere))
struct BundleStampTests {
  @Test("is asked for, taken and checked; it changes no earlier signature, and a later one is named as not covered")
  func later() throws {
    let authority = try #require(try StampingAuthority())
    let site = try SignOffSite()
    try site.ready()
    let first = try site.sign("Ada", "prepared")
    _ = try site.bundle("before.asice")
    let desk = try site.desk()
    let content = try site.content()
    let (query, manifest) = try desk.prepareStamp(content)
    let response = try authority.answer(query)
    // openssl finds the imprint to be that of the manifest.
    try query.write(to: authority.folder.url.appendingPathComponent("again.tsq"))
    let text = try OpenSSLProgram.shell(
      "openssl ts -verify -in r.tsr -data '\(manifest.path)' -CAfile tsa.pem -partial_chain 2>&1",
      in: authority.folder.url)
    #expect(text.contains("Verification: OK"))
    _ = try desk.attachStamp(response, to: content)
    let report = try site.bundle("stamped.asice")
    #expect(report.isIntact && report.timestamps.count == 1)
    #expect(report.timestamps[0].covers == [first.statement.signaturePath])
    #expect(report.timestamps[0].imprintOf == "META-INF/ASiCManifest-timestamp-1.xml")
    #expect(report.timestamps[0].identity == .notEstablished)
    let files = try BundleArchive.read(try Data(contentsOf: site.bundleFile("stamped.asice")))
    #expect(files.contains { $0.name == first.statement.signaturePath && $0.content == (try? first.cms().der) })

    try site.sign("Cy", "approved")
    let after = try site.bundle("after.asice")
    #expect(after.isIntact && after.signers.count == 2)
    #expect(after.checks.first { $0.name == "timestamps" }?.notes.contains { $0.contains("added later") } == true)
    let trusted = try BundleVerifier(trust: TrustAnchors([authority.certificate])).verify(
      try Data(contentsOf: site.bundleFile("after.asice")), name: "x")
    #expect(trusted.timestamps[0].identity == .established && trusted.identity == .notEstablished)

    // A second one covers both signatures and the first.
    let again = try site.desk()
    _ = try again.attachStamp(authority.answer(again.prepareStamp(content).query), to: content)
    let twice = try site.bundle("twice.asice")
    #expect(twice.isIntact && twice.timestamps.map(\.covers.count) == [1, 2])
  }

  @Test("is a record of the log: it needs no file beside the store, and no word of it can be changed")
  func record() throws {
    let authority = try #require(try StampingAuthority())
    let site = try SignOffSite()
    try site.ready()
    try site.sign("Ada", "prepared")
    let desk = try site.desk()
    let content = try site.content()
    let token = try desk.attachStamp(authority.answer(desk.prepareStamp(content).query), to: content)
    #expect(!FileManager.default.fileExists(atPath: desk.stampFolder.path))
    let records = try site.store.documents(TimestampRecord.self)
    #expect(records.map(\.time) == [token.time] && records[0].authority == "CN = Trial Time-Stamping")
    #expect(try site.store.verifyAll().isIntact)
    #expect(try site.desk().stamps(of: content).map(\.token) == [token.der])
    var changed = [TimestampRecord](repeating: records[0], count: 4)
    changed[0].time = "2020-01-01T00:00:00.000Z"
    changed[1].authority = "CN = Somebody Else"
    changed[2].manifest = changed[2].manifest.replacing("SHA256SUMS", with: "SHA256SUM")
    changed[3].token = Data(token.der.dropLast()).base64EncodedString()
    for record in changed { #expect(throws: EvidenceError.self) { try record.verify() } }
    // What another program put into the store is told apart from what was checked.
    changed[0].id = RunIdentifier.next()
    try site.store.append(changed[0])
    let found = try site.store.verifyAll()
    #expect(found.entries.flatMap(\.problems).map(\.code) == [.signature])
  }

  @Test("over other bytes, refused by the authority, or no time-stamp at all is not taken")
  func refused() throws {
    let authority = try #require(try StampingAuthority())
    let site = try SignOffSite()
    try site.ready()
    try site.sign("Ada", "prepared")
    let desk = try site.desk()
    let content = try site.content()
    #expect(throws: ReportsError.self) { try desk.attachStamp(Data(), to: content) }
    _ = try desk.prepareStamp(content)
    let other = try authority.answer(TimestampToken.query(for: Data("other".utf8)))
    for bytes in [other, Data("no answer".utf8), Data()] {
      let error = #expect(throws: EvidenceError.self) { try desk.attachStamp(bytes, to: content) }
      #expect(error?.code == .badSignature)
    }
    #expect(try desk.stamps(of: content).isEmpty)
  }
}
