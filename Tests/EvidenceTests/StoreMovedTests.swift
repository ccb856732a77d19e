import Analysis
import Foundation
import GRDB
import Testing

@testable import Evidence

/// What happens when somebody removes, replaces or cuts off the files of a store that a process has open.
@Suite("A store that moves while it is used")
struct StoreMovedTests {
  private let scratch: Scratch
  private let manager = FileManager.default
  private var maker = RandomRecord(seed: 77)

  init() throws {
    scratch = try Scratch()
    try scratch.fill(2)
  }

  private func path(_ suffix: String) -> String { scratch.storeFile.path + suffix }

  /// The bytes of another store, with three runs.
  private func other() throws -> Data {
    let other = try Scratch()
    try other.fill(3, seed: 78)
    return try Data(contentsOf: other.storeFile)
  }

  private func rescued() throws -> [String] { try scratch.names().filter { $0.contains("rescued") } }

  @Test("removed between two runs: an error, and the record is in a file that can be taken in when the store is back")
  mutating func removed() throws {
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    try manager.moveItem(atPath: path(""), toPath: path("-away"))
    let record = maker.next(kind: .analysis, status: .finished)
    let error = #expect(throws: EvidenceError.self) { try store.append(record) }
    #expect(error?.code == .storeMoved && error?.exitStatus == .inputOutput)
    let name = "evidence.rescued-\(record.id).json"
    #expect(try rescued() == [name] && error?.message.contains(name) == true, "\(error?.message ?? "")")
    #expect(try Data(contentsOf: scratch(name)) == RecordCoder.encode(record))

    try manager.moveItem(atPath: path("-away"), toPath: path(""))
    let back = try Store.open(at: scratch.storeFile, mode: .readWrite)
    #expect(try Rescue.takeIn(scratch(name), into: back).id == record.id)
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact && verification.runs.map(\.id).contains(record.id), "\(verification)")
    #expect(throws: EvidenceError.self) { try Rescue.takeIn(scratch(name), into: back) }
  }

  @Test("replaced by another store: an error, and not a byte of the other is touched", arguments: [false, true])
  mutating func replaced(inPlace: Bool) throws {
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    try store.append(maker.next())
    let theirs = try other()
    if inPlace {
      let handle = try FileHandle(forWritingTo: scratch.storeFile)
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: theirs)
      try handle.close()
    } else {
      try theirs.write(to: scratch.storeFile, options: .atomic)
    }
    let error = #expect(throws: EvidenceError.self) { try store.append(maker.next()) }
    #expect(error?.code == .storeMoved)
    #expect(try Data(contentsOf: scratch.storeFile) == theirs)
    #expect(try rescued().count == 1)
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact && verification.runs.count == 3)
  }

  @Test("replaced by an older copy of itself: an error, since a run that was stored is not in it")
  mutating func olderCopy() throws {
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let copy = try Data(contentsOf: scratch.storeFile)
    try store.append(maker.next())
    try copy.write(to: scratch.storeFile, options: .atomic)
    let error = #expect(throws: EvidenceError.self) { try store.append(maker.next()) }
    #expect(error?.code == .storeMoved)
    #expect(try Data(contentsOf: scratch.storeFile) == copy)
  }

  @Test("replaced by a whole copy of itself: the run is in the file that is at the path")
  mutating func sameLog() throws {
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let copy = try Data(contentsOf: scratch.storeFile)
    try copy.write(to: scratch.storeFile, options: .atomic)
    try store.append(maker.next())
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact && verification.runs.count == 3)
    #expect(try rescued().isEmpty)
  }

  /// What is done to the files inside of a transaction, and whether the record can be stored all the same.
  enum Change: String, CaseIterable {
    case removeAll, removeStore, replaceStore, removeLog, removeIndex, replaceLog, replaceIndex
    var canBeDoneAgain: Bool { self == .removeLog || self == .removeIndex }
  }

  private func make(_ change: Change, _ theirs: Data) throws {
    switch change {
    case .removeAll: for suffix in ["", "-wal", "-shm"] { try manager.removeItem(atPath: path(suffix)) }
    case .removeStore: try manager.removeItem(atPath: path(""))
    case .replaceStore: try theirs.write(to: scratch.storeFile, options: .atomic)
    case .removeLog: try manager.removeItem(atPath: path("-wal"))
    case .removeIndex: try manager.removeItem(atPath: path("-shm"))
    case .replaceLog: try theirs.write(to: URL(fileURLWithPath: path("-wal")), options: .atomic)
    case .replaceIndex: try theirs.write(to: URL(fileURLWithPath: path("-shm")), options: .atomic)
    }
  }

  @Test(
    "moved in the middle of a transaction: stored in the file at the path, or an error; never half",
    arguments: Change.allCases)
  mutating func inTransaction(change: Change) throws {
    let theirs = try other()
    let before = try Data(contentsOf: scratch.storeFile)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let entry = try NewEntry(maker.next(kind: .analysis, status: .finished))
    var isFirst = true
    let result = Result {
      try store.transaction { database in
        try EntryWriter.append(entry, database)
        if isFirst { try make(change, theirs) }
        isFirst = false
      }
    }
    switch result {
    case .success:
      let (verification, _) = try scratch.verification()
      #expect(
        verification.isIntact && verification.runs.map(\.id).contains(entry.id), "\(change): \(verification.problems)")
    case .failure(let error):
      #expect((error as? EvidenceError)?.code == .storeMoved, "\(change): \(error)")
      #expect(!change.canBeDoneAgain, "\(change): \(error)")
    }
    switch change {
    case .replaceStore: #expect(try Data(contentsOf: scratch.storeFile) == theirs)
    case .replaceLog: #expect(try Data(contentsOf: URL(fileURLWithPath: path("-wal"))) == theirs)
    case .removeAll, .removeStore: #expect(!manager.fileExists(atPath: path("")))
    default: #expect(try Data(contentsOf: scratch.storeFile) == before || result.isSuccess)
    }
  }

  @Test("its log is removed at any moment, also after the commit: a run is stored once, or kept beside the store")
  mutating func logRemovedAgainAndAgain() throws {
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let log = path("-wal")
    let remover = Thread {
      while !Thread.current.isCancelled {
        unlink(log)
        usleep(.random(in: 500...8000))
      }
    }
    remover.start()
    var stored: Set<String> = []
    for _ in 0..<150 {
      let record = maker.next(kind: .analysis, status: .finished)
      do {
        try store.append(record)
        stored.insert(record.id)
      } catch let error as EvidenceError {
        #expect(error.code == .storeMoved, "\(error)")
        #expect(try rescued().contains("evidence.rescued-\(record.id).json"))
      }
    }
    remover.cancel()
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact && stored.isSubset(of: verification.runs.map(\.id)), "\(verification.problems)")
    #expect(!stored.isEmpty)
  }

  @Test("a reader whose store is replaced while it reads says so")
  func reader() throws {
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    #expect(try store.runs().count == 2)
    try other().write(to: scratch.storeFile, options: .atomic)
    let error = #expect(throws: EvidenceError.self) { try store.verifyAll() }
    #expect(error?.code == .storeMoved)
  }

  @Test("a new store beside the log of one that is gone is not made")
  func logOfAnother() throws {
    let other = try Scratch()
    try Data(repeating: 1, count: 4152).write(to: URL(fileURLWithPath: other.storeFile.path + "-wal"))
    let error = #expect(throws: EvidenceError.self) { try Store.open(at: other.storeFile, mode: .create) }
    #expect(error?.code == .damagedStore && error?.message.contains("-wal") == true)
    #expect(try other.names() == ["evidence.sqlite-wal"])
  }

  @Test(
    "a pipe, folder or dangling link in place of a file of the store is refused at once",
    arguments: ["", "-wal", "-shm", "-journal"], ["pipe", "folder", "link"])
  func specialFiles(suffix: String, kind: String) throws {
    let place = path(suffix)
    if suffix.isEmpty { try manager.removeItem(atPath: place) }
    switch kind {
    case "pipe": #expect(mkfifo(place, 0o644) == 0)
    case "folder": try manager.createDirectory(atPath: place, withIntermediateDirectories: false)
    default: try manager.createSymbolicLink(atPath: place, withDestinationPath: "/nowhere/at all")
    }
    for mode in [Store.Mode.readOnly, .readWrite, .create] {
      let error = #expect(throws: EvidenceError.self) { try Store.open(at: scratch.storeFile, mode: mode) }
      #expect(error?.code == .notAStore && error?.message.contains(place) == true, "\(error?.message ?? "")")
    }
  }

  @Test("what a killed process left of a new store, a backup or an export is removed by the next; what is in use stays")
  func leftovers() throws {
    let store = scratch.storeFile
    let inUse = try TemporaryFile(for: store)
    let left = [UUID(), UUID()].map { ".evidence.sqlite.new-\($0.uuidString.lowercased())" }
    for name in left { for suffix in ["", "-wal", "-shm"] { try Data("x".utf8).write(to: scratch(name + suffix)) } }
    try Data("x".utf8).write(to: scratch(".evidence.sqlite.new-mine"))
    try Store.open(at: store, mode: .readOnly).close()
    #expect(
      try Set(scratch.names()) == ["evidence.sqlite", ".evidence.sqlite.new-mine", inUse.url.lastPathComponent])
    inUse.remove()
    #expect(try Set(scratch.names()) == ["evidence.sqlite", ".evidence.sqlite.new-mine"])
  }
}

extension Result {
  fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
