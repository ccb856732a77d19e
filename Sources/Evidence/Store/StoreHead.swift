import Foundation
import GRDB

/// What a store's own log was at one moment, so that it can be told whether a file holds the same log going on from there.
struct StoreHead: Equatable, Sendable {
  /// The log's name.
  let origin: String
  /// How many entries it had.
  let size: Int
  /// The root of its tree.
  let root: SHA256Digest
  /// How many checkpoints the store had.
  let checkpoints: Int
  /// How many entries the store had, of all logs.
  let entries: Int

  /// What it is now.
  /// - Throws: `EvidenceError.damagedStore` if the tree has lost a hash.
  init(_ database: Database) throws {
    origin = try LogTable.origin(of: StoreSchema.ownLog, database)
    size = try LogTable.size(of: StoreSchema.ownLog, database)
    root = try Self.root(size, database)
    checkpoints = try Self.last("checkpoints", database)
    entries = try Self.last("entries", database)
  }

  /// Whether the store's log begins as it was then, and nothing else that it held is gone.
  func isBeginning(of database: Database) throws -> Bool {
    guard try LogTable.origin(of: StoreSchema.ownLog, database) == origin,
      try LogTable.size(of: StoreSchema.ownLog, database) >= size,
      try Self.last("checkpoints", database) >= checkpoints,
      try Self.last("entries", database) >= entries, try Self.root(size, database) == root
    else { return false }
    // The documents that the last hash is of must be there too.
    let document = try Data.fetchOne(
      database, sql: "SELECT document FROM entries WHERE log = ? AND position = ?",
      arguments: [StoreSchema.ownLog, size - 1])
    return try document.map { try MerkleTree.leafHash($0) }
      == (size == 0 ? nil : TreeNodes.node(StoreSchema.ownLog, 0, size - 1, database))
  }

  private static func root(_ size: Int, _ database: Database) throws -> SHA256Digest {
    try MerkleTree.root(size: size) { try TreeNodes.node(StoreSchema.ownLog, $0, $1, database) }
  }

  private static func last(_ table: String, _ database: Database) throws -> Int {
    try Int.fetchOne(database, sql: "SELECT max(sequence) FROM \(table)") ?? 0
  }
}
