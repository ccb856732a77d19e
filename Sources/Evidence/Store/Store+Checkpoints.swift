public import Foundation
import GRDB

/// A checkpoint as the store keeps it, with the key that signed it.
public struct StoredCheckpoint: Sendable, Equatable {
  /// The log's name.
  public var origin: String
  /// How many entries it covers.
  public var size: Int
  /// The signed note.
  public var note: String
  /// The signer's verifier key.
  public var key: String
}

extension LogCheckpoint {
  /// Writes the checkpoint into a project's `checkpoints/` and the public half of its key into `keys/`, so that whoever gets the
  /// project has both.
  /// - Throws: `EvidenceError.inputOutput`, `.readOnly`, `.diskFull`.
  public func publish(_ verifier: VerifierKey, in folder: URL) throws {
    for (name, file, data) in [
      ("keys", "\(verifier.keyID).vkey", Data((verifier.text + "\n").utf8)), ("checkpoints", fileName, data),
    ] {
      let place = folder.appendingPathComponent(name)
      try DurableFile.makeFolder(place, rights: 0o755)
      try DurableFile.replace(place.appendingPathComponent(file), with: data)
    }
  }
}

extension Store {
  /// Signs what the store's own log is now, and keeps the checkpoint.
  ///
  /// If this key has signed this size before, that checkpoint is given back: Ed25519 signs the same text the same way.
  /// - Parameter key: the log's key, Ed25519.
  /// - Returns: the checkpoint, and its consistency with the one before it was checked.
  /// - Throws: `EvidenceError.damagedStore` if an earlier checkpoint of the log contradicts the log, since a log never signs
  ///   two histories; `.badKey`; as `append`.
  public func checkpoint(key: PrivateKey) throws -> (checkpoint: LogCheckpoint, verifier: VerifierKey) {
    try writable()
    return try transaction { database in
      let log = StoreSchema.ownLog
      let origin = try LogTable.origin(of: log, database)
      let size = try LogTable.size(of: log, database)
      let checkpoint = try LogCheckpoint(origin: origin, size: size, root: root(log, size, database), key: key)
      let verifier = try VerifierKey(name: origin, key: key.publicKey())
      for earlier in try Self.checkpoints(database, log: log) {
        let signed = try LogCheckpoint(Data(earlier.note.utf8))
        guard signed.size <= size, try root(log, signed.size, database) == signed.root else {
          throw EvidenceError(
            .damagedStore,
            "\(url.path): the log is not what the checkpoint of size \(signed.size) says. Nothing was signed: a log never "
              + "signs two histories. 'vitrine runs verify' says more; restore the store from a backup")
        }
      }
      let text = String(decoding: checkpoint.data, as: UTF8.self)
      try database.execute(
        sql: """
          INSERT INTO checkpoints (log, size, note, key) SELECT ?1, ?2, ?3, ?4
          WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE log = ?1 AND size = ?2 AND key = ?4)
          """, arguments: [log, size, text, verifier.text])
      return (checkpoint, verifier)
    }
  }

  /// Every checkpoint, in the order in which it was made or taken over.
  public func checkpoints() throws -> [StoredCheckpoint] { try reading { try Self.checkpoints($0) } }

  static func checkpoints(_ database: Database, log: Int64? = nil) throws -> [StoredCheckpoint] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT l.origin, c.size, c.note, c.key FROM checkpoints c JOIN logs l ON l.log = c.log
        WHERE ?1 IS NULL OR c.log = ?1 ORDER BY c.sequence
        """, arguments: [log]
    ).map { row in
      StoredCheckpoint(
        origin: try StoreSchema.text(row, "origin"), size: try StoreSchema.integer(row, "size"),
        note: try StoreSchema.text(row, "note"), key: try StoreSchema.text(row, "key"))
    }
  }
}
