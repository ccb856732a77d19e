public import Foundation
import GRDB

extension Store {
  /// Checks one run: the digest of its document, the canonical form, that it reads as a record and holds nothing else,
  /// every index column, and that it is the leaf of the log's tree at its place.
  /// - Parameter id: the run's identifier, or a prefix or suffix of at least 6 characters.
  /// - Returns: what is wrong; empty if the run is intact.
  /// - Throws: `EvidenceError` as `run(id:)`, except `.damagedRun`.
  public func verify(id: String) throws -> [StoreProblem] {
    try reading { database in
      let id = try resolve(id, database)
      let sequence = try Int64.fetchOne(database, sql: "SELECT sequence FROM runs WHERE id = ?", arguments: [id])
      guard let row = try Row.fetchOne(database, sql: "\(EntryCheck.rows) WHERE sequence = ?", arguments: [sequence])
      else {
        return [
          StoreProblem(
            .sequence, column: "sequence", "its index row leads to no entry: the entry was removed or renumbered")
        ]
      }
      var check = try EntryCheck(row, database)
      if (row["id"] as Data?) != Data(id.utf8) {
        check.add(StoreProblem(.indexColumn, column: "id", "the index leads to the entry of another run"))
      }
      let count = try Int64.fetchOne(
        database, sql: "SELECT count(*) FROM entries WHERE sequence <= ?", arguments: [sequence])
      if count != sequence {
        check.add(Self.renumbered(sequence ?? 0, instead: count ?? 0))
      }
      let (log, position) = (row["log"] as DatabaseValue, row["position"] as DatabaseValue)
      let stored = try Data.fetchOne(
        database, sql: "SELECT hash FROM nodes WHERE log = ? AND level = 0 AND place = ?", arguments: [log, position])
      if stored != Data(check.leaf.bytes) {
        check.add(StoreProblem(.tree, "it is not the leaf of the log's tree at its place"))
      }
      return check.problems
    }
  }

  /// Checks every entry and the store itself.
  ///
  /// Each document is checked as `verify(id:)` does; the trees are made anew from the documents and compared with the
  /// stored hashes and with every checkpoint in the store; every signature is checked.
  /// - Throws: `EvidenceError` if the file cannot be read at all.
  /// - Complexity: O(size of the store).
  public func verifyAll() throws -> StoreVerification { try verifyAll(against: []).verification }

  /// Checks everything, and what checkpoints from outside the store say.
  /// - Parameters:
  ///   - checkpoints: the bytes of the notes.
  ///   - now: the reader's clock; nothing may be dated later.
  /// - Returns: with the verification, what is wrong by each of the checkpoints; empty for one that agrees.
  /// - Throws: as `verifyAll()`.
  public func verifyAll(
    against checkpoints: [Data], now: String = Timestamp.now()
  ) throws -> (verification: StoreVerification, outside: [[StoreProblem]]) {
    try reading { database in
      var verifier = LedgerVerifier(database, now: now)
      let problems = try problemsBeforeMigration ?? Self.fileProblems(database, url)
      for problem in problems { verifier.add(problem) }
      try Self.goingOn(&verifier)
      let outside = try checkpoints.map { data in
        do {
          return try verifier.problems(against: LogCheckpoint(data))
        } catch let error as EvidenceError where error.code == .badCheckpoint {
          return [StoreProblem(.checkpoint, error.message)]
        }
      }
      return (verifier.result, outside)
    }
  }

  /// Checks as far as it goes: tables that are not what they should be may not be readable at all.
  private static func goingOn(_ verifier: inout LedgerVerifier) throws {
    do {
      try verifier.run()
    } catch let error as DatabaseError
      where [.SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_CANTOPEN].contains(error.resultCode)
    {
      throw error
    } catch let error as EvidenceError where error.code == .storeMoved || error.code == .cryptography {
      throw error
    } catch {
      verifier.add(StoreProblem(.file, "the store could not be checked to its end: \(error)"))
    }
  }

  static func renumbered(_ number: Int64, instead of: Int64) -> StoreProblem {
    StoreProblem(
      .sequence, column: "sequence",
      "it carries the number \(number) where \(of) follows: entries before it were removed or renumbered")
  }
}
