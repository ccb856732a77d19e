import Analysis
import Evidence
import Foundation
import Testing

@testable import Reports

/// The mutations of a bundle: none may verify, none may crash. The full campaign has 5,000.
@Suite("No change of a bundle verifies")
struct BundleMutationTests {
  static let isFull = ProcessInfo.processInfo.environment["VITRINE_TEST_FULL"] == "1"

  /// The codes of what is found; empty if the bundle verifies. A file that is no bundle any more counts as found.
  static func codes(_ data: Data) throws -> Set<BundleProblem.Code> {
    do {
      let report = try BundleVerifier().verify(data, name: "test.asice")
      #expect(report.isIntact == report.problems.isEmpty)
      #expect(report.problems.allSatisfy { !$0.detail.isEmpty })
      return report.codes
    } catch let error as ReportsError where error.code == .badValue {
      return [.archive]
    }
  }

  @Test("a bit flipped anywhere in the file is found in the archive", arguments: 0..<4)
  func bits(seed: Int) throws {
    let (_, data) = try SignOffSite.signed()
    var random = SplitMix64(seed: UInt64(seed))
    let structure = try StrictArchive(data)
    // Headers, names and directory are a small part of the file; a bundle's bytes are mostly text.
    let headers = structure.entries.map { $0.range.lowerBound - 30 - $0.name.utf8.count..<$0.range.lowerBound }
    let directory = try #require(structure.entries.last).range.upperBound..<data.count
    for round in 0..<(Self.isFull ? 500 : 15) {
      let region =
        switch round % 4 {
        case 0: headers.randomElement(using: &random) ?? directory
        case 1: directory
        case 2: structure.entries.randomElement(using: &random)?.range ?? directory
        default: 0..<data.count
        }
      guard !region.isEmpty else { continue }
      let place = Int.random(in: region, using: &random)
      var changed = data
      changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(try Self.codes(changed).contains(.archive), "byte \(place)")
    }
  }

  @Test("a byte changed in any file, with the archive's checksums made right, is found", arguments: 0..<4)
  func contents(seed: Int) throws {
    let (site, data) = try SignOffSite.signed()
    var random = SplitMix64(seed: UInt64(100 + seed))
    let stamped = try Self.withStamp(site) ?? data
    let raw = try RawArchive(stamped)
    let names = raw.files.map { String(decoding: $0.name, as: UTF8.self) }
    let seals = names.filter { $0.hasPrefix("META-INF/") }
    for round in 0..<(Self.isFull ? 500 : 20) {
      guard let name = (round % 2 == 0 ? seals : names).randomElement(using: &random) else { continue }
      var content = raw.content(name)
      let place = Int.random(in: 0..<content.count, using: &random)
      content[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      var changed = raw
      changed.put(name, content)
      #expect(try !Self.codes(changed.bytes()).isEmpty, "\(name), byte \(place) of \(content.count)")
    }
  }

  /// The bundle with a time-stamp; nil without openssl, which plays the authority.
  static func withStamp(_ site: SignOffSite) throws -> Data? {
    guard let authority = try StampingAuthority() else { return nil }
    let desk = try site.desk()
    let content = try site.content()
    _ = try desk.attachStamp(authority.answer(desk.prepareStamp(content).query), to: content)
    _ = try site.bundle("stamped.asice")
    return try Data(contentsOf: site.bundleFile("stamped.asice"))
  }

  @Test("files exchanged, added, renamed, missing or doubled are found, each with its reason", arguments: 0..<2)
  func files(seed: Int) throws {
    let (_, data) = try SignOffSite.signed()
    var random = SplitMix64(seed: UInt64(200 + seed))
    let raw = try RawArchive(data)
    for round in 0..<(Self.isFull ? 500 : 18) {
      var changed = raw
      let one = Int.random(in: 0..<raw.files.count, using: &random)
      let other = (one + Int.random(in: 1..<raw.files.count, using: &random)) % raw.files.count
      switch round % 6 {
      case 0:
        (changed.files[one].content, changed.files[one].crc) = (raw.files[other].content, raw.files[other].crc)
        (changed.files[other].content, changed.files[other].crc) = (raw.files[one].content, raw.files[one].crc)
      case 1: changed.files.swapAt(one, other)
      case 2: changed.files.remove(at: one)
      case 3:
        changed.put(["extra.txt", "META-INF/extra.xml", "dossier/zzz.md", "runs/x.json"][one % 4], Data("x".utf8))
        changed.sort()
      case 4:
        changed.files[one].name += Array("x".utf8)
        changed.sort()
      default: changed.files.insert(raw.files[one], at: other)
      }
      let codes = try Self.codes(changed.bytes())
      #expect(!codes.isEmpty, "round \(round): \(one), \(other)")
    }
  }

  /// What can be done to a ZIP archive so that two programs read two things, or one writes where it should not.
  enum Trick: String, CaseIterable {
    case parentFolder, absolute, backslash, link, folder, bomb, twice, twiceInOtherCase, prefix, suffix, comment
    case beforeDirectory, gap, otherLocalName, encrypted, compressed, descriptor, extraField, sizesDiffer, overlap
    case hidden, fileAndFolder, control, notASCII, emptyName, otherSystem, driveLetter

    /// A good archive with the trick.
    func bytes(_ data: Data) throws -> Data {
      var raw = try RawArchive(data)
      let last = raw.files.count - 1
      func name(_ text: String) { raw.files[last].name = Array(text.utf8) }
      switch self {
      case .parentFolder: name("../evil.txt")
      case .absolute: name("/tmp/evil.txt")
      case .backslash: name("..\\evil.txt")
      case .driveLetter: name("C:evil.txt")
      case .link: raw.files[last].attributes = 0xA1FF_0000
      case .folder: name("verify/")
      case .bomb:
        raw.files[last].size = 0x7FFF_0000
        raw.files[last].method = 8
      case .twice: raw.files.append(raw.files[last])
      case .twiceInOtherCase:
        raw.files.append(raw.files[last])
        name(String(decoding: raw.files[last].name, as: UTF8.self).uppercased())
      case .prefix: raw.prefix = Data("#!/bin/sh\n".utf8)
      case .suffix: return data + Data("x".utf8)
      case .comment: raw.comment = Data("hello".utf8)
      case .beforeDirectory: raw.beforeDirectory = Data("hidden".utf8)
      case .gap: raw.files[last].gap = Data("hidden".utf8)
      case .otherLocalName: raw.files[last].localName = Array("verify_proofs.pY".utf8)
      case .encrypted: raw.files[last].flags = 1
      case .compressed: raw.files[last].method = 8
      case .descriptor:
        raw.files[last].flags = 8
        raw.files[last].descriptor = Data(count: 16)
      case .extraField: raw.files[last].extra = Data([0x55, 0x54, 1, 0, 0])
      case .sizesDiffer: raw.files[last].localSize = 1
      case .overlap: raw.files[last].offset = 0
      case .hidden: raw.files[last].isListed = false
      case .fileAndFolder: raw.put("mimetype/x", Data("x".utf8))
      case .control: name("evil\n.txt")
      case .notASCII: name("evil\u{202E}txt.exe")
      case .emptyName: name("")
      case .otherSystem: raw.files[last].versionMadeBy = 0x003F
      }
      return raw.bytes()
    }
  }

  @Test("a trick with the ZIP format is named and stops everything", arguments: Trick.allCases)
  func trick(_ trick: Trick) throws {
    let bytes = try trick.bytes(SignOffSite.shared.get().data)
    if trick == .prefix {
      // It does not even begin as an archive any more.
      #expect(throws: ReportsError.self) { try BundleVerifier().verify(bytes, name: "x") }
      return
    }
    let report = try BundleVerifier().verify(bytes, name: "x")
    #expect(report.codes == [.archive] && report.checks.count == 2 || report.checks.count == 1, "\(report.problems)")
    #expect(!report.isIntact && report.signers.isEmpty && report.notChecked.contains { $0.what == "everything else" })
  }

  @Test("each region of the archive cut off is found", arguments: [0.0, 0.1, 0.5, 0.9, 0.999])
  func cut(share: Double) throws {
    let (_, data) = try SignOffSite.signed()
    #expect(try Self.codes(data.prefix(Int(Double(data.count) * share))) == [.archive])
  }

  // MARK: Signatures

  @Test("another signer's signature, manifest or both under another name are found")
  func exchanged() throws {
    let (_, data) = try SignOffSite.signed()
    let raw = try RawArchive(data)
    let signatures = raw.files.map { String(decoding: $0.name, as: UTF8.self) }.filter { $0.hasSuffix(".p7s") }
    let manifests = raw.files.map { String(decoding: $0.name, as: UTF8.self) }.filter { $0.hasSuffix(".xml") }
    var changed = raw
    changed.put(signatures[0], raw.content(signatures[1]))
    #expect(try Self.codes(changed.bytes()) == [.signature])
    changed = raw
    changed.put(manifests[0], raw.content(manifests[1]))
    #expect(try Self.codes(changed.bytes()).contains(.manifest))
    changed.put(signatures[0], raw.content(signatures[1]))
    #expect(try Self.codes(changed.bytes()).contains(.manifest))
    changed = raw
    for file in signatures + manifests { changed.remove(file) }
    #expect(try Self.codes(changed.bytes()) == [.signature])
  }

  @Test("a manifest signed over other or fewer files does not stand for the content")
  func otherManifest() throws {
    let (site, data) = try SignOffSite.signed()
    let raw = try RawArchive(data)
    let content = try site.content()
    for change in ["fewer", "other digest", "other order", "more"] {
      var statement = try site.desk().statement(content, role: "reviewed", name: "Bo Example", function: "x")
      switch change {
      case "fewer": statement.files.removeFirst()
      case "other digest": statement.files[0].sha256 = String(repeating: "0", count: 64)
      case "other order": statement.files.swapAt(0, 1)
      default:
        statement.files.append(.init(uri: "zzz", mediaType: "text/plain", sha256: String(repeating: "0", count: 64)))
      }
      let bo = try site.person("Bo")
      let signOff = try SignOff(statement, certificate: bo.certificate, key: bo.key)
      var changed = raw
      changed.put(statement.manifestPath, statement.content())
      changed.put(statement.signaturePath, try signOff.cms().der)
      changed.sort()
      #expect(try Self.codes(changed.bytes()) == [.manifest], "\(change)")
    }
  }

  @Test("a signature outside the validity of its certificate is found", arguments: ["2001-01-01", "2099-01-01"])
  func validity(day: String) throws {
    let (site, data) = try SignOffSite.signed()
    var statement = try site.desk().statement(site.content(), role: "reviewed", name: "Ada Example", function: "x")
    statement.date = day + "T00:00:00.000Z"
    let ada = try site.person("Ada")
    let cms = try CMSSignature(signing: statement.content(), certificate: ada.certificate, key: ada.key)
    #expect(throws: EvidenceError.self) { try SignOff(statement, cms: cms) }
    var changed = try RawArchive(data)
    changed.put(statement.manifestPath, statement.content())
    changed.put(statement.signaturePath, cms.der)
    changed.sort()
    let report = try BundleVerifier().verify(changed.bytes(), name: "x")
    #expect(report.codes == [.certificate])
    #expect(report.problems[0].detail.contains(day < "2020" ? "not yet valid" : "had expired"))
  }

  @Test(
    "a certificate that is expired, not yet valid or for something else is found and named",
    .enabled(if: OpenSSLProgram.isThere),
    arguments: [
      ("20100101000000Z", "20110101000000Z", "keyUsage=digitalSignature", "had expired"),
      ("20900101000000Z", "20910101000000Z", "keyUsage=digitalSignature", "not yet valid"),
      ("20200101000000Z", "20400101000000Z", "keyUsage=keyEncipherment", "key usage"),
      ("20200101000000Z", "20400101000000Z", "extendedKeyUsage=timeStamping", "extended key usage"),
      ("20200101000000Z", "20400101000000Z", "keyUsage=nonRepudiation", ""),
    ])
  func certificates(from: String, to: String, usage: String, reason: String) throws {
    let (site, data) = try SignOffSite.signed(
      people: SignOffSite.people + ["  - {name: Eve Example, function: Tester, roles: [reviewed]}"])
    let (certificate, key) = try OpenSSLProgram.certificate(from: from, to: to, extensions: usage)
    let statement = try site.desk().statement(site.content(), role: "reviewed", name: "Eve Example", function: "x")
    let cms = try CMSSignature(signing: statement.content(), certificate: certificate, key: key)
    var changed = try RawArchive(data)
    changed.put(statement.manifestPath, statement.content())
    changed.put(statement.signaturePath, cms.der)
    changed.sort()
    let report = try BundleVerifier().verify(changed.bytes(), name: "x")
    if reason.isEmpty {
      #expect(report.isIntact, "\(report.problems)")
    } else {
      #expect(report.codes == [.certificate] && report.problems[0].detail.contains(reason), "\(report.problems)")
      #expect(report.signers.count == 3)
    }
  }
}
