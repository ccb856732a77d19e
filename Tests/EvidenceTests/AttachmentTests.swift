import Foundation
import SchemaSupport
import Testing

@testable import Evidence

@Suite("Attachments")
struct AttachmentTests {
  /// SHA-256 of "abc" (FIPS 180-4, example).
  private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  private func record(_ sha256: String = abc, size: Int = 3, supersedes: String? = nil) -> AttachmentRecord {
    AttachmentRecord(
      system: "Scoring", modelVersions: ["1.0"], elements: ["2(g) test-logs"], title: "A log", file: "log.txt",
      mediaType: "text/plain", sha256: sha256, size: size, name: "Ada Example", function: "Tester",
      supersedes: supersedes)
  }

  @Test("follow their schema, which names nothing else; are read back, dated and summed up")
  func schema() throws {
    let scratch = try Scratch()
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    let first = record()
    try store.append(first)
    try store.append(record(supersedes: first.id))
    var checker = try SchemaChecker("attachment")
    for entry in try store.entries(kind: "attachment") { checker.check(try CanonicalJSON.parse(entry.document)) }
    #expect(checker.errors == [])
    #expect(checker.declared.subtracting(checker.met) == [])
    #expect(try store.documents(AttachmentRecord.self).first == first)
    #expect(first.summary == "Ada Example, Tester attached 'A log' (log.txt, 3 bytes) to 2(g) test-logs")
    try store.close()
    #expect(try scratch.verification().0.isIntact)
  }

  @Test("without what they need are not stored")
  func problems() throws {
    let scratch = try Scratch()
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    for change in [
      { $0.sha256 = "x" }, { $0.size = 0 }, { $0.elements = [] }, { $0.title = " " }, { $0.name = "" },
      { $0.date = "today" }, { $0.modelVersions = [] }, { $0.supersedes = "1" },
    ] as [(inout AttachmentRecord) -> Void] {
      var wrong = record()
      change(&wrong)
      #expect(throws: EvidenceError.self) { try store.append(wrong) }
    }
  }

  @Test("have their bytes beside the store, which 'runs verify' and 'evidence verify' hold against the record")
  func files() throws {
    let scratch = try Scratch()
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    let files = AttachmentFiles(besideStore: store.url)
    let record = record()
    try files.keep(Data("abc".utf8), sha256: Self.abc)
    try files.keep(Data("abc".utf8), sha256: Self.abc)
    try store.append(record)
    #expect(files.url(record).path.hasSuffix("/evidence/files/\(Self.abc)"))
    let audit = StoreAudit(store, checkpoints: [], keys: [], models: [])
    func problems() throws -> [StoreProblem.Code] {
      let all = try audit.all()
      #expect(all.checks.contains { $0.name == "attachments" && $0.count == 1 })
      let own = try audit.attachments()
      #expect(own.isIntact == all.isIntact && own.isAnswerYes == own.isIntact)
      return own.checks.flatMap(\.problems).map(\.code)
    }
    #expect(try problems() == [] && files.content(record).content == Data("abc".utf8))
    var checker = try SchemaChecker("verify")
    for content in ["abd", "abcd", "ab"] {
      try Data(content.utf8).write(to: files.url(record))
      #expect(try problems() == [.attachment] && files.content(record).state == .changed)
      checker.check(try CanonicalJSON.parse(CanonicalJSON.encode(audit.attachments())))
    }
    #expect(checker.errors == [])
    // A file of other bytes under the name is not taken for the file, nor replaced.
    #expect(throws: EvidenceError.self) { try files.keep(Data("abc".utf8), sha256: Self.abc) }
    try FileManager.default.removeItem(at: files.url(record))
    #expect(try problems() == [.attachment] && files.content(record).state == .missing)
    try FileManager.default.createDirectory(at: files.url(record), withIntermediateDirectories: false)
    #expect(try problems() == [.attachment])
  }

  @Test("come with a merge, as far as their bytes are beside the other store")
  func merge() throws {
    let (one, two) = (try Scratch(), try Scratch())
    let (store, other) = (
      try Store.open(at: one.storeFile, mode: .create), try Store.open(at: two.storeFile, mode: .create)
    )
    let (good, lost) = (record(), record(String(repeating: "0", count: 64)))
    for record in [good, lost] { try other.append(record) }
    try AttachmentFiles(besideStore: other.url).keep(Data("abc".utf8), sha256: Self.abc)
    _ = try store.merge(other)
    let outcome = try AttachmentFiles(besideStore: store.url).takeOver(
      store.documents(AttachmentRecord.self), from: AttachmentFiles(besideStore: other.url))
    #expect(outcome.taken == 1 && outcome.lacking == [lost])
    #expect(AttachmentFiles(besideStore: store.url).content(good).state == .here)
  }
}
