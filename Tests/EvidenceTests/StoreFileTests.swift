import Analysis
import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("The file of a store")
struct StoreFileTests {
  @Test("a new store is in WAL mode, synchronous, with foreign keys, and nothing stays beside it when it is closed")
  func create() throws {
    let scratch = try Scratch()
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    func pragma(_ name: String) throws -> String? {
      try store.database.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
    #expect(try pragma("journal_mode") == "wal")
    #expect(try pragma("synchronous") == "2")
    #expect(try pragma("foreign_keys") == "1")
    #expect(try pragma("user_version") == String(Store.schemaVersion))
    #expect(try pragma("application_id") == String(0x5649_5452))
    let strict = try store.database.read {
      try Int.fetchOne($0, sql: "SELECT strict FROM pragma_table_list WHERE name = 'runs'")
    }
    #expect(strict == 1)
    try store.close()
    #expect(try scratch.names() == ["evidence.sqlite"])
  }

  @Test("reading leaves nothing behind and changes no byte")
  func reading() throws {
    let scratch = try Scratch()
    try scratch.fill(2)
    let before = try Data(contentsOf: scratch.storeFile)
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    #expect(try store.allRuns().count == 2)
    try store.close()
    #expect(try scratch.names() == ["evidence.sqlite"])
    #expect(try Data(contentsOf: scratch.storeFile) == before)
  }

  @Test("a store that does not exist is not made by reading or adding", arguments: [Store.Mode.readOnly, .readWrite])
  func missing(mode: Store.Mode) throws {
    let scratch = try Scratch()
    let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: mode) }
    #expect(error?.code == .storeNotFound)
    #expect(try scratch.names().isEmpty)
  }

  @Test(
    "paths with blanks, signs and letters of other scripts work", arguments: ["a b", "100%25", "what?#;&=", "日本 é"])
  func paths(name: String) throws {
    let scratch = try Scratch()
    let folder = scratch(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var maker = RandomRecord(seed: 30)
    let file = folder.appendingPathComponent("evi dence?.sqlite")
    try Store.open(at: file, mode: .create).append(maker.next())
    #expect(try Store.open(at: file, mode: .readOnly).runs().count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["evi dence?.sqlite"])
    #expect(try scratch.names() == [name])
  }

  @Test(
    "what is not a store is refused and left untouched", arguments: ["text", "empty", "other", "short", "folder"],
    [Store.Mode.readOnly, .readWrite, .create])
  func notAStore(kind: String, mode: Store.Mode) throws {
    let scratch = try Scratch()
    switch kind {
    case "text": try Data(repeating: UInt8(ascii: "x"), count: 5000).write(to: scratch.storeFile)
    case "empty": try Data().write(to: scratch.storeFile)
    case "short": try Data("SQLite format 3\0".utf8).write(to: scratch.storeFile)
    case "folder": try FileManager.default.createDirectory(at: scratch.storeFile, withIntermediateDirectories: true)
    default:
      let database = try scratch.raw()
      try database.write { try $0.execute(sql: "CREATE TABLE runs (a); INSERT INTO runs VALUES (1)") }
      try database.close()
    }
    let before = kind == "folder" ? nil : try Data(contentsOf: scratch.storeFile)
    let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: mode) }
    #expect(error?.code == .notAStore)
    #expect(error?.exitStatus == .badInput)
    #expect(error?.message.contains(scratch.storeFile.path) == true)
    if let before { #expect(try Data(contentsOf: scratch.storeFile) == before) }
    #expect(try scratch.names() == ["evidence.sqlite"])
  }

  @Test(
    "a store of a newer schema is refused with both versions", arguments: [Store.Mode.readOnly, .readWrite, .create])
  func newer(mode: Store.Mode) throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    let database = try scratch.raw()
    try database.write { try $0.execute(sql: "CREATE TABLE later (a); PRAGMA user_version = 99") }
    try database.close()
    let before = try Data(contentsOf: scratch.storeFile)
    let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: mode) }
    #expect(error?.code == .newerSchema)
    #expect(error?.message.contains("schema 99") == true)
    #expect(error?.message.contains("schema \(Store.schemaVersion)") == true)
    #expect(try Data(contentsOf: scratch.storeFile) == before)
  }

  @Test("a file that is cut off is refused wherever it is cut", arguments: [Store.Mode.readOnly, .readWrite])
  func truncated(mode: Store.Mode) throws {
    let scratch = try Scratch()
    try scratch.fill(4)
    let whole = try Data(contentsOf: scratch.storeFile)
    for length in [whole.count - 1, whole.count - 4096, whole.count / 2, 4096, 100, 99, 16] {
      try whole.prefix(length).write(to: scratch.storeFile)
      let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: mode) }
      #expect(error?.code == (length < 100 ? .notAStore : .damagedStore), "\(length): \(error?.message ?? "")")
      #expect(try Data(contentsOf: scratch.storeFile) == whole.prefix(length))
    }
  }

  @Test("what was committed is there after the writer was killed")
  func killedWriter() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(2)
    var maker = RandomRecord(seed: 31)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    // The files as a killed writer leaves them: its log is not worked off, since somebody else is reading.
    let reader = try scratch.busyReader()
    defer { withExtendedLifetime(reader) {} }
    let last = try store.append(maker.next())
    for name in try scratch.names() {
      try FileManager.default.copyItem(at: scratch(name), to: scratch("killed-" + name))
    }
    #expect(try scratch.names().contains("killed-evidence.sqlite-wal"))
    for mode in [Store.Mode.readOnly, .readWrite] {
      let reopened = try Store.open(at: scratch("killed-evidence.sqlite"), mode: mode)
      #expect(try reopened.allRuns() == runs + [last])
    }
  }

  @Test("in a read-only folder a store can be read, and writing is refused with the reason")
  func readOnlyFolder() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(2)
    try withRights(0o555, 0o444, scratch) {
      let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
      #expect(try store.allRuns() == runs)
      #expect(try store.verifyAll().isIntact)
      try store.close()
      for mode in [Store.Mode.readWrite, .create] {
        let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: mode) }
        #expect(error?.code == .readOnly)
        #expect(error?.exitStatus == .inputOutput)
      }
      let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch("new.sqlite"), mode: .create) }
      #expect(error?.code == .readOnly)
    }
    #expect(try scratch.names() == ["evidence.sqlite"])
  }

  @Test("a read-only file in a writable folder can be read")
  func readOnlyFile() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(2)
    try withRights(0o777, 0o444, scratch) {
      let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
      #expect(try store.allRuns() == runs)
      let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: .readWrite) }
      #expect(error?.code == .readOnly)
    }
  }

  @Test("a log left in a read-only folder is not passed over: the error says what to do")
  func logInReadOnlyFolder() throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    var maker = RandomRecord(seed: 32)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let reader = try scratch.busyReader()
    defer { withExtendedLifetime(reader) {} }
    try store.append(maker.next())
    let killed = try Scratch()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: scratch.storeFile.path + suffix, toPath: killed.storeFile.path + suffix)
    }
    try withRights(0o555, 0o444, killed) {
      let error = #expect(throws: EvidenceError.self) { try Store.open(at: killed.storeFile, mode: .readOnly) }
      #expect(error?.code == .readOnly)
      #expect(error?.message.contains("Copy both files") == true)
    }
  }

  /// Runs a block in which folder and files have these rights and the caller is not root, for whom rights do not count.
  private func withRights(_ folder: Int, _ files: Int, _ scratch: Scratch, _ body: @escaping () throws -> Void) throws {
    let manager = FileManager.default
    for name in try scratch.names() {
      try manager.setAttributes([.posixPermissions: files], ofItemAtPath: scratch(name).path)
    }
    try manager.setAttributes([.posixPermissions: folder], ofItemAtPath: scratch.folder.path)
    defer {
      do {
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch.folder.path)
      } catch {
        Issue.record(error)
      }
    }
    guard geteuid() == 0 else { return try body() }
    // On Linux a thread's rights to files are its own: only this one loses root's.
    typealias SetUser = @convention(c) (UInt32) -> Int32
    let symbol = try #require(dlsym(nil, "setfsuid"))
    let setUser = unsafeBitCast(symbol, to: SetUser.self)
    _ = setUser(65534)
    defer { _ = setUser(0) }
    try body()
  }
}
