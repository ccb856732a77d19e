import Foundation
import GRDB

/// The full-text index over what a person asked, wrote or named. It is derived from the documents, can be made anew, and is
/// not evidence: what it finds is looked up in the documents again.
enum SearchIndex {
  /// Makes an empty index.
  static func create(_ database: Database) throws {
    try database.execute(sql: "CREATE VIRTUAL TABLE search USING \(fts5)")
  }

  /// Words are found whatever their case and accents. The texts themselves are not stored again.
  private static let fts5 = "fts5(text, content='', tokenize='unicode61 remove_diacritics 2')"

  /// The texts of the entry `e`: at the top of the document, in the plan of a run, in the statement of a signature. Results
  /// are numbers and digests, which nobody searches by words.
  private static let texts = """
    SELECT group_concat(value, char(10)) FROM (
      SELECT value FROM json_each(CAST(e.document AS TEXT)) WHERE type = 'text' AND key NOT IN ('signature', 'certificate')
      UNION ALL SELECT atom FROM json_tree(CAST(e.document AS TEXT), '$.analysis_plan') WHERE type = 'text'
      UNION ALL SELECT atom FROM json_tree(CAST(e.document AS TEXT), '$.evaluation_plan') WHERE type = 'text'
      UNION ALL SELECT atom FROM json_tree(CAST(e.document AS TEXT), '$.statement') WHERE type = 'text')
    """

  /// Adds an entry.
  static func add(_ sequence: Int64, _ database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO search (rowid, text)
        SELECT e.sequence, (\(texts)) FROM entries e
        WHERE e.sequence = ? AND json_valid(CAST(e.document AS TEXT))
        """
    ).execute(arguments: [sequence])
  }

  /// Makes the index anew from the documents.
  static func rebuild(_ database: Database) throws {
    try database.execute(sql: "DROP TABLE IF EXISTS search")
    try create(database)
    for sequence in try Int64.fetchAll(database, sql: "SELECT sequence FROM entries ORDER BY sequence") {
      try add(sequence, database)
    }
  }

  /// What a person typed as a query of FTS5: every word must occur; a word that ends in `*` is the beginning of one.
  /// - Returns: nil if the text holds no word.
  static func query(_ text: String) -> String? {
    let words = text.split(whereSeparator: \.isWhitespace).compactMap { word -> String? in
      let isBeginning = word.hasSuffix("*")
      let bare = (isBeginning ? word.dropLast() : word[...]).replacingOccurrences(of: "\"", with: "\"\"")
      return bare.contains { $0.isLetter || $0.isNumber } ? "\"\(bare)\"" + (isBeginning ? "*" : "") : nil
    }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// Which of these entries hold the words, by their documents alone.
  static func confirmed(_ sequences: [Int64], query: String, _ database: Database) throws -> Set<Int64> {
    let list = sequences.map(String.init).joined(separator: ", ")
    let rows = try Row.fetchAll(
      database,
      sql:
        "SELECT e.sequence, (\(texts)) FROM entries e WHERE e.sequence IN (\(list)) AND json_valid(CAST(e.document AS TEXT))"
    )
    return try DatabaseQueue().write { memory in
      try create(memory)
      for row in rows {
        try memory.execute(
          sql: "INSERT INTO search (rowid, text) VALUES (?, ?)",
          arguments: [row[0] as DatabaseValue, row[1] as DatabaseValue])
      }
      return try Set(
        Int64.fetchAll(memory, sql: "SELECT rowid FROM search WHERE search MATCH ?", arguments: [query]))
    }
  }
}
