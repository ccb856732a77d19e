import GRDB

/// The shortest endings that tell the runs of a store apart.
///
/// An ending counts only if no identifier *begins* with it either, since a prefix names a run too.
struct ShortSuffixes {
  /// What a person must give at least to name a run.
  static let minimum = 6

  private var lengths: [String: Int] = [:]

  /// - Parameter identifiers: those of all runs of the store.
  /// - Complexity: O(n log n).
  init(_ identifiers: [String]) {
    let forwards = identifiers.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    let backwards = forwards.map { Array($0.reversed()) }.sorted { $0.lexicographicallyPrecedes($1) }
    for (index, reversed) in backwards.enumerated() {
      var length = Self.minimum
      for neighbour in [index - 1, index + 1] where backwards.indices.contains(neighbour) {
        length = max(length, zip(reversed, backwards[neighbour]).prefix { $0 == $1 }.count + 1)
      }
      while length < reversed.count, Self.begins(one: forwards, with: Array(reversed.prefix(length).reversed())) {
        length += 1
      }
      lengths[String(decoding: reversed.reversed(), as: UTF8.self)] = length
    }
  }

  /// The endings of some runs, each looked up in the store: for a few of many runs.
  /// - Complexity: O(m log n) for m of n runs.
  init(of identifiers: [String], _ database: Database) throws {
    let same = try database.cachedStatement(sql: "SELECT id FROM runs WHERE substr(id, -6) = substr(?, -6) AND id <> ?")
    let begins = try database.cachedStatement(sql: "SELECT 1 FROM runs WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 1")
    for id in identifiers {
      let reversed = Array(id.utf8.reversed())
      var length = Self.minimum
      for other in try String.fetchAll(same, arguments: [id, id]) {
        length = max(length, zip(reversed, other.utf8.reversed()).prefix { $0 == $1 }.count + 1)
      }
      while length < reversed.count, try Int.fetchOne(begins, arguments: [String(id.suffix(length))]) != nil {
        length += 1
      }
      lengths[id] = length
    }
  }

  /// The shortest ending of a run's identifier that names it alone.
  func suffix(of identifier: String) -> String { String(identifier.suffix(lengths[identifier] ?? identifier.count)) }

  /// Whether an identifier in a sorted list begins with a text, by bisection.
  private static func begins(one sorted: [[UInt8]], with text: [UInt8]) -> Bool {
    var range = 0..<sorted.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if sorted[middle].lexicographicallyPrecedes(text) {
        range = middle + 1..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return range.lowerBound < sorted.count && sorted[range.lowerBound].starts(with: text)
  }
}
