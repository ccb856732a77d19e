import Foundation
import GRDB

/// What a store holds.
public struct StoreStatistics: Codable, Sendable, Equatable {
  /// How many there are of one kind.
  public struct Count: Codable, Sendable, Equatable {
    /// The kind, e.g. `run`, or of runs `analysis finished`.
    public var name: String
    /// How many.
    public var count: Int
    /// Bytes of their documents.
    public var bytes: Int

    /// A count from its parts.
    public init(name: String, count: Int, bytes: Int) {
      self.name = name
      self.count = count
      self.bytes = bytes
    }
  }

  /// One AI system.
  public struct System: Codable, Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Runs on it.
    public var runs: Int
    /// When the first of them began.
    public var first: String
    /// When the last of them began.
    public var last: String
    /// When it was placed on the market or put into service, as the project says.
    public var placedOnMarket: String?
    /// Until when the documentation is kept, 10 years later (Article 18(1)).
    public var keepUntil: String?
  }

  /// One log.
  public struct Log: Codable, Sendable, Equatable {
    /// Its name, size and root.
    public var log: LedgerLog
    /// The size that its last checkpoint covers; nil if it has none.
    public var checkpointSize: Int?
    /// How many checkpoints it has.
    public var checkpoints: Int
  }

  /// The file's schema.
  public var schema: Int
  /// Bytes of the file, without SQLite's log beside it.
  public var bytes: Int
  /// Entries by kind.
  public var entries: [Count]
  /// Runs by kind and status.
  public var runs: [Count]
  /// Systems by name.
  public var systems: [System]
  /// Logs, the store's own first.
  public var logs: [Log]
}

extension Store {
  /// Counts what the store holds. Nothing is checked, and nothing is ever deleted.
  /// - Parameter placedOnMarket: when systems were placed on the market, by name, `YYYY-MM-DD`.
  /// - Complexity: O(size of the store's index).
  public func statistics(placedOnMarket: [String: String] = [:]) throws -> StoreStatistics {
    let logs = try logs()
    let byLog = Dictionary(grouping: try checkpoints(), by: \.origin)
    let size = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
    return try reading { database in
      // Apart, so that only the lengths are sorted and the documents are not read.
      let sizes = "WITH sizes AS MATERIALIZED (SELECT sequence, kind, length(document) AS bytes FROM entries)"
      func counts(_ sql: String) throws -> [StoreStatistics.Count] {
        try Row.fetchAll(database, sql: sql).map { row in
          StoreStatistics.Count(
            name: try StoreSchema.text(row, "name"), count: try StoreSchema.integer(row, "count"),
            bytes: try StoreSchema.integer(row, "bytes"))
        }
      }
      let systems = try Row.fetchAll(
        database,
        sql: "SELECT system, count(*) AS n, min(started) AS first, max(started) AS last FROM runs GROUP BY system")
      return StoreStatistics(
        schema: StoreSchema.version, bytes: size ?? 0,
        entries: try counts(
          "\(sizes) SELECT kind AS name, count(*) AS count, sum(bytes) AS bytes FROM sizes GROUP BY kind ORDER BY kind"
        ),
        runs: try counts(
          """
          \(sizes) SELECT r.kind || ' ' || r.status AS name, count(*) AS count, sum(e.bytes) AS bytes
          FROM runs r JOIN sizes e ON e.sequence = r.sequence GROUP BY name ORDER BY name
          """),
        systems: try systems.map { row in
          let name = try StoreSchema.text(row, "system")
          return StoreStatistics.System(
            name: name, runs: try StoreSchema.integer(row, "n"), first: try StoreSchema.text(row, "first"),
            last: try StoreSchema.text(row, "last"), placedOnMarket: placedOnMarket[name],
            keepUntil: placedOnMarket[name].flatMap(Retention.keepUntil))
        },
        logs: logs.map { log in
          let own = byLog[log.origin] ?? []
          return StoreStatistics.Log(log: log, checkpointSize: own.map(\.size).max(), checkpoints: own.count)
        })
    }
  }
}
