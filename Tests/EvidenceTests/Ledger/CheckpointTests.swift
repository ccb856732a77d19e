import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("What an earlier checkpoint reveals")
struct CheckpointTests {
  /// A store of six runs, with a checkpoint of it that is kept elsewhere.
  private func store() throws -> (scratch: Scratch, runs: [StoredRun], checkpoint: LogCheckpoint, key: PrivateKey) {
    let scratch = try Scratch()
    let runs = try scratch.fill(6)
    let key = try PrivateKey.generate(.ed25519)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let checkpoint = try store.checkpoint(key: key).checkpoint
    try store.close()
    return (scratch, runs, checkpoint, key)
  }

  /// Makes the tree and the checkpoints of a forged store anew, as an attacker with our program would.
  private func forge(_ scratch: Scratch, _ change: String) throws {
    try scratch.tamper { database in
      try database.execute(sql: change)
      try database.execute(sql: "DELETE FROM nodes; DELETE FROM checkpoints")
      // Numbers without gaps again, by way of numbers that nothing has. The first entry is no run.
      for (table, first) in [("entries", 1), ("runs", 2)] {
        let old = try Int.fetchAll(database, sql: "SELECT sequence FROM \(table) ORDER BY sequence")
        for (index, sequence) in old.enumerated() {
          try database.execute(
            sql: "UPDATE \(table) SET sequence = ? WHERE sequence = ?", arguments: [1000 + index, sequence])
        }
        for index in old.indices {
          try database.execute(
            sql: "UPDATE \(table) SET sequence = ? WHERE sequence = ?", arguments: [first + index, 1000 + index])
        }
      }
      try database.execute(sql: "UPDATE entries SET position = sequence + 1000")
      try database.execute(sql: "UPDATE entries SET position = sequence - 1")
      for row in try Row.fetchAll(database, sql: "SELECT position, document FROM entries ORDER BY position") {
        let position: Int = row["position"]
        let leaf = try MerkleTree.leafHash(row["document"])
        for (level, hash) in try MerkleTree.appending(
          leaf, at: position, nodes: { try TreeNodes.node(1, $0, $1, database) }
        ).enumerated() {
          try database.execute(
            sql: "INSERT INTO nodes VALUES (1, ?, ?, ?)", arguments: [level, position >> level, Data(hash.bytes)])
        }
      }
    }
  }

  @Test(
    "a store that was forged so well that it is intact by itself is revealed",
    arguments: [
      ("deletion of a run", "DELETE FROM entries WHERE sequence = 4; DELETE FROM runs WHERE sequence = 4"),
      ("deletion of the last run", "DELETE FROM entries WHERE sequence = 7; DELETE FROM runs WHERE sequence = 7"),
      (
        "truncation", "DELETE FROM entries WHERE sequence > 4; DELETE FROM runs WHERE sequence > 4"
      ),
      (
        "exchange of two runs",
        """
        UPDATE entries SET sequence = 100 WHERE sequence = 4; UPDATE entries SET sequence = 4 WHERE sequence = 5;
        UPDATE entries SET sequence = 5 WHERE sequence = 100; UPDATE runs SET sequence = 100 WHERE sequence = 4;
        UPDATE runs SET sequence = 4 WHERE sequence = 5; UPDATE runs SET sequence = 5 WHERE sequence = 100
        """
      ),
    ])
  func forged(name: String, change: String) throws {
    let (scratch, _, checkpoint, _) = try store()
    try forge(scratch, change)
    let (verification, outside) = try scratch.verification(against: [checkpoint])
    #expect(verification.isIntact, "by itself the forged store should look intact: \(verification)")
    #expect(outside[0].map(\.code) == [.checkpoint], "\(name)")
  }

  @Test("an older copy in the store's place is revealed")
  func olderCopy() throws {
    let (scratch, _, first, key) = try store()
    let old = try Data(contentsOf: scratch.storeFile)
    var maker = RandomRecord(seed: 80)
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    try store.append(maker.next())
    let second = try store.checkpoint(key: key).checkpoint
    try store.close()
    #expect(try scratch.verification(against: [first, second]).1 == [[], []])
    try old.write(to: scratch.storeFile)
    let (verification, outside) = try scratch.verification(against: [first, second])
    #expect(verification.isIntact)
    #expect(outside[0].isEmpty)
    #expect(outside[1].map(\.code) == [.checkpoint])
    #expect(outside[1].first?.detail.contains("older copy") == true)
  }

  @Test("a checkpoint of another store is not taken for one of this")
  func anotherStore() throws {
    let (scratch, _, _, _) = try store()
    let (_, _, foreign, _) = try store()
    #expect(try scratch.verification(against: [foreign]).1[0].map(\.code) == [.checkpoint])
  }

  @Test("a log never signs two histories")
  func twoHistories() throws {
    let (scratch, _, checkpoint, key) = try store()
    try scratch.tamper {
      try $0.execute(sql: "UPDATE nodes SET hash = zeroblob(32) WHERE level = 0 AND place = 2")
      try $0.execute(sql: "UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND place = 1")
      try $0.execute(sql: "UPDATE nodes SET hash = zeroblob(32) WHERE level = 2 AND place = 0")
    }
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    let error = #expect(throws: EvidenceError.self) { try store.checkpoint(key: key) }
    #expect(error?.code == .damagedStore)
    #expect(error?.message.contains("never signs two histories") == true)
    #expect(try store.checkpoints().count == 1 && checkpoint.size == 7)
  }

  @Test("signing the same state again gives the same checkpoint and keeps it once")
  func again() throws {
    let (scratch, _, checkpoint, key) = try store()
    let store = try Store.open(at: scratch.storeFile, mode: .readWrite)
    #expect(try store.checkpoint(key: key).checkpoint == checkpoint)
    #expect(try store.checkpoints().count == 1)
    let other = try PrivateKey.generate(.ed25519)
    #expect(try store.checkpoint(key: other).checkpoint.root == checkpoint.root)
    #expect(try store.checkpoints().count == 2)
    #expect(throws: EvidenceError.self) { try store.checkpoint(key: PrivateKey.generate(.p256)) }
  }

  @Test("every entry is proved against every later size, and every size against every later one")
  func proofs() throws {
    let scratch = try Scratch()
    try scratch.fill(10)
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let log = try #require(try store.logs().first)
    #expect(log.size == 11 && log.isOwn)
    for run in try store.allRuns() {
      let entry = try store.entry(id: run.record.id)
      for size in entry.position + 1...log.size {
        let proof = try store.inclusionProof(of: run.record.id, size: size).proof
        #expect(
          try MerkleProof.verifyInclusion(
            leaf: MerkleTree.leafHash(entry.document), index: entry.position, size: size, proof: proof,
            root: store.root(of: log.origin, size: size)))
      }
      if entry.position > 0 {
        #expect(throws: EvidenceError.self) { try store.inclusionProof(of: run.record.id, size: entry.position) }
      }
    }
    for old in 1...log.size {
      let proof = try store.consistencyProof(of: log.origin, from: old, to: log.size)
      #expect(
        try MerkleProof.verifyConsistency(
          old: old, oldRoot: store.root(of: log.origin, size: old), new: log.size,
          newRoot: store.root(of: log.origin, size: log.size), proof: proof))
    }
    #expect(throws: EvidenceError.self) { try store.root(of: log.origin, size: log.size + 1) }
    #expect(throws: EvidenceError.self) { try store.root(of: "vitrine/another", size: 1) }
  }

  @Test("openssl holds a checkpoint's signature for the key's", .enabled(if: OtherProgram.hasOpenSSL))
  func openssl() throws {
    let (_, _, checkpoint, key) = try store()
    let folder = try Scratch()
    try Data(checkpoint.note.text.utf8).write(to: folder("text"))
    try checkpoint.note.signatures[0].bytes.write(to: folder("signature"))
    try Data(key.publicKey().pem().utf8).write(to: folder("key.pem"))
    let verify = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"
    #expect(try OtherProgram.shell(verify, in: folder.folder).status == 0)
    try Data(checkpoint.note.text.uppercased().utf8).write(to: folder("text"))
    #expect(try OtherProgram.shell(verify, in: folder.folder).status != 0)
  }
}
