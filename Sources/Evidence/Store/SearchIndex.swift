import Foundation
import GRDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

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
  /// - Returns: how many entries it holds.
  static func rebuild(_ database: Database) throws -> Int {
    try database.execute(sql: "DROP TABLE IF EXISTS search")
    try create(database)
    let entries = try Int64.fetchAll(database, sql: "SELECT sequence FROM entries ORDER BY sequence")
    for sequence in entries { try add(sequence, database) }
    return entries.count
  }

  /// What a person typed as a query of FTS5: every word must occur; a word that ends in `*` is the beginning of one.
  /// - Returns: nil if the text holds no word.
  static func query(_ text: String) -> String? {
    let words = text.split(whereSeparator: \.isWhitespace).compactMap { word -> String? in
      let isBeginning = word.hasSuffix("*")
      // By scalars: a quotation mark with a combining mark after it ends the phrase all the same.
      let scalars = (isBeginning ? word.dropLast() : word[...]).unicodeScalars
      let bare = scalars.map { $0 == "\"" ? "\"\"" : $0 == "\0" ? " " : String($0) }.joined()
      return bare.contains { $0.isLetter || $0.isNumber } ? "\"\(bare)\"" + (isBeginning ? "*" : "") : nil
    }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// Looks up in a document what the index says that it holds.
  struct Confirmation {
    private let query: String
    /// The words with the ways in which they are usually written; nil if a word must be looked up by the index's own rules.
    private let words: [[Data]]?

    /// - Parameters:
    ///   - text: what a person typed.
    ///   - query: the same as a query of FTS5.
    init(_ text: String, query: String) {
      self.query = query
      let typed = text.split(whereSeparator: \.isWhitespace).map {
        $0.hasSuffix("*") ? String($0.dropLast()) : String($0)
      }
      words =
        typed.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } }
        ? typed.map { word in
          Set([word, word.lowercased(), word.capitalized, word.uppercased()]).map { Data($0.utf8) }
        } : nil
    }

    /// Whether the document of an entry holds the words.
    /// - Complexity: O(size of the document): its bytes are looked through for each word; only where one is not among them as
    ///   usually written (it may have accents) is the document read and indexed anew.
    func holds(_ sequence: Int64, _ database: Database) throws -> Bool {
      let document = try Data.fetchOne(
        database.cachedStatement(sql: "SELECT document FROM entries WHERE sequence = ?"), arguments: [sequence])
      guard let document else { return false }
      if let words, words.allSatisfy({ ways in ways.contains { Self.occurs($0, in: document) } }) { return true }
      return try SearchIndex.holds(sequence, query, database)
    }

    private static func occurs(_ word: Data, in document: Data) -> Bool {
      word.withUnsafeBytes { word in
        document.withUnsafeBytes { document in
          guard let first = word.first, let start = word.baseAddress, var place = document.baseAddress else {
            return false
          }
          let end = place + document.count - word.count
          while place <= end {
            guard let found = memchr(place, Int32(first), end - place + 1) else { return false }
            if memcmp(found, start, word.count) == 0 { return true }
            place = UnsafeRawPointer(found) + 1
          }
          return false
        }
      }
    }
  }

  /// Whether an entry holds the words, by its document alone and the index's own rules.
  private static func holds(_ sequence: Int64, _ query: String, _ database: Database) throws -> Bool {
    let text = try String.fetchOne(
      database,
      sql: "SELECT (\(texts)) FROM entries e WHERE e.sequence = ? AND json_valid(CAST(document AS TEXT))",
      arguments: [sequence])
    return try DatabaseQueue().write { memory in
      try create(memory)
      try memory.execute(sql: "INSERT INTO search (rowid, text) VALUES (1, ?)", arguments: [text])
      return try Int.fetchOne(memory, sql: "SELECT 1 FROM search WHERE search MATCH ?", arguments: [query]) != nil
    }
  }
}
