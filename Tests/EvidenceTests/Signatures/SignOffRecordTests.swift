import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("Records of sign-offs, decisions and waivers")
struct SignOffRecordTests {
  private static let digest = String(repeating: "ab", count: 32)

  private func person() throws -> (Certificate, PrivateKey) {
    let key = try PrivateKey.generate(.p256)
    return (try Certificate.selfSigned(name: "Ada Example", title: "Tester", key: key), key)
  }

  private func statement() -> SignOff.Statement {
    SignOff.Statement(
      about: "dossier", title: "Scoring", modelVersion: "1.0", role: "approved", name: "Ada Example",
      function: "Tester",
      files: [ASiCManifest.Reference(uri: "SHA256SUMS", mediaType: "text/plain", sha256: Self.digest)])
  }

  private func decision(_ certificate: Certificate, _ key: PrivateKey) throws -> ChangeDecision {
    try ChangeDecision(
      ChangeDecision.Statement(
        system: "Scoring", before: "1.0", after: "1.1", diffSha256: Self.digest,
        answers: [.init(id: "foreseen", quote: "not foreseen", answer: "no", reason: "planned")], isSubstantial: false,
        reason: "planned from the start", name: "Ada Example", function: "Tester", decided: "2026-11-24"),
      certificate: certificate, key: key)
  }

  /// A store with a run, a sign-off, a decision and a waiver.
  private func filled() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.fill(1)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let (certificate, key) = try person()
    try store.append(SignOff(statement(), certificate: certificate, key: key))
    try store.append(decision(certificate, key))
    try store.append(
      Waiver(
        Waiver.Statement(
          system: "Scoring", modelVersion: "1.0", gate: "missing-items", covers: ["9 plan"], reason: "a trial",
          name: "Ada Example", function: "Tester"), certificate: certificate, key: key))
    try store.close()
    return scratch
  }

  /// Every value of a document with each of its paths.
  private static func leaves(_ value: JSONValue, _ path: [String] = []) -> [[String]] {
    switch value {
    case .object(let members): members.keys.sorted().flatMap { leaves(members[$0] ?? .null, path + [$0]) }
    case .array(let items): items.indices.flatMap { leaves(items[$0], path + [String($0)]) }
    default: [path]
    }
  }

  /// The document with another value at a path.
  private static func changing(_ value: JSONValue, _ path: ArraySlice<String>) -> JSONValue {
    guard let key = path.first else {
      switch value {
      case .string(let text):
        // What stays a digest, a time or base64 stays one, so that only the check of its meaning can notice.
        let last = text.last.map { $0 == "0" ? "1" : $0 == "=" || $0 == "Z" ? String($0) : "0" } ?? "0"
        let changed = text.dropLast() + last
        return .string(changed == text ? "0" + text.dropFirst() : String(changed))
      case .bool(let flag): return .bool(!flag)
      default: return .string("changed")
      }
    }
    switch value {
    case .object(var members):
      members[key] = changing(members[key] ?? .null, path.dropFirst())
      return .object(members)
    case .array(var items):
      guard let index = Int(key) else { return value }
      items[index] = changing(items[index], path.dropFirst())
      return .array(items)
    default: return value
    }
  }

  @Test(
    "whose every field is altered through raw SQLite, with the digest made right, are found by the check of the store",
    arguments: ["sign-off", "change-decision", "waiver"])
  func tampered(kind: String) throws {
    let scratch = try filled()
    #expect(try scratch.verification().0.isIntact)
    let original = try scratch.raw().read { database in
      try #require(try Data.fetchOne(database, sql: "SELECT document FROM entries WHERE kind = ?", arguments: [kind]))
    }
    func put(_ document: Data, _ sha256: String) throws {
      try scratch.tamper { database in
        try database.execute(
          sql: "UPDATE entries SET document = ?, sha256 = ? WHERE kind = ?", arguments: [document, sha256, kind])
      }
    }
    let value = try CanonicalJSON.parse(original)
    let paths = Self.leaves(value)
    #expect(paths.count >= 9)
    for path in paths {
      let changed = try CanonicalJSON.write(Self.changing(value, path[...]))
      #expect(changed != original, "\(path)")
      // The digest as it was, and as a careful forger would have it.
      for sha256 in [try SHA256.digest(of: original).hex, try SHA256.digest(of: changed).hex] {
        try put(changed, sha256)
        let found = try scratch.verification().0
        let entry = try #require(found.entries.first { $0.kind == kind })
        #expect(!found.isIntact && found.problems.contains { $0.code == .tree }, "\(path)")
        if path[0] == "statement" || path[0] == "signature" {
          #expect(entry.problems.contains { $0.code == .signature }, "\(path): \(entry.problems)")
          #expect(!found.persons.contains { $0.record.hasPrefix(kind) }, "\(path)")
        }
      }
    }
    try put(original, try SHA256.digest(of: original).hex)
    #expect(try scratch.verification().0.isIntact)
  }

  @Test("a waiver of version 0.1.0, which nobody signed, stays readable beside signed ones, and is no signature")
  func unsignedWaiver() throws {
    let scratch = try filled()
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let old = UnsignedWaiver(
      modelVersion: "1.0", gate: "missing-items", covers: ["9 plan"], reason: "said once", name: "Cy Example",
      function: "Tester")
    try store.append(old)
    #expect(try store.documents(UnsignedWaiver.self) == [old] && store.documents(Waiver.self).count == 1)
    #expect(try store.waivers().map(\.person?.name) == ["Ada Example", nil])
    #expect(try store.entry(matching: String(old.id.suffix(12))).summary.contains("signed by nobody"))
    try store.close()
    let found = try scratch.verification().0
    #expect(found.isIntact && found.persons.count == 3)
  }

  @Test("deleted or exchanged for one of another person are found")
  func replaced() throws {
    let scratch = try filled()
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let checkpoint = try store.checkpoint(key: PrivateKey.generate(.ed25519)).checkpoint
    try store.close()
    let other = try filled()
    let document = try other.raw().read {
      try Data.fetchOne($0, sql: "SELECT document FROM entries WHERE kind = 'sign-off'")
    }
    try scratch.tamper { try $0.execute(sql: "DELETE FROM entries WHERE kind = 'waiver'") }
    let (cut, outside) = try scratch.verification(against: [checkpoint])
    #expect(!cut.isIntact && !outside[0].isEmpty)
    try scratch.tamper {
      try $0.execute(sql: "UPDATE entries SET document = ? WHERE kind = 'sign-off'", arguments: [document])
    }
    let codes = Set(try scratch.verification().0.entries.flatMap(\.problems).map(\.code))
    #expect(codes.isSuperset(of: [.digest, .indexColumn]))
  }

  @Test("keep their bytes: a sign-off holds no form and no key, a decision no more keys than its schema")
  func layout() throws {
    let (certificate, key) = try person()
    let signOff = try CanonicalJSON.parse(
      CanonicalJSON.encode(SignOff(statement(), certificate: certificate, key: key)))
    #expect(try #require(signOff.keys) == ["id", "schema", "signature", "statement"])
    let decision = try CanonicalJSON.parse(CanonicalJSON.encode(decision(certificate, key)))
    #expect(try #require(decision.keys) == ["form", "id", "schema", "signature", "statement"])
  }

  // MARK: Two signatures for one

  @Test("the twin (r, n - s) of an ECDSA signature holds for the same bytes and the same person, and for nothing else")
  func twin() throws {
    let (certificate, key) = try person()
    let statement = statement()
    let cms = try CMSSignature(signing: statement.content(), certificate: certificate, key: key)
    let twin = CMSSignature(der: try DERSurgery.twin(cms.der))
    #expect(twin != cms)
    #expect(try DERSurgery.twin(twin.der) == cms.der)
    let (one, other) = (try SignOff(statement, cms: cms).person(), try SignOff(statement, cms: twin).person())
    #expect(one.signer == other.signer && one.summary == other.summary)
    #expect(throws: EvidenceError.self) { try twin.signer(of: statement.content() + Data(" ".utf8)) }
    // In a store it is another record: the digest tells them apart.
    #expect(try SHA256.digest(of: cms.der) != SHA256.digest(of: twin.der))
  }

  @Test("a signature whose numbers are not written in the one form that DER allows is refused")
  func notMinimal() throws {
    let (certificate, key) = try person()
    let statement = statement()
    let cms = try CMSSignature(signing: statement.content(), certificate: certificate, key: key)
    let error = #expect(throws: EvidenceError.self) {
      try SignOff(statement, cms: CMSSignature(der: DERSurgery.notMinimal(cms.der)))
    }
    #expect(error?.code == .badSignature)
    #expect(throws: EvidenceError.self) { try SignOff(statement, cms: CMSSignature(der: cms.der + Data([0]))) }
  }
}

extension JSONValue {
  /// The keys of an object, in order; nil if it is none.
  fileprivate var keys: [String]? { if case .object(let members) = self { members.keys.sorted() } else { nil } }
}
