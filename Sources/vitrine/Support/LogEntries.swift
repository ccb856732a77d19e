import Evidence
import Foundation

/// Records of the log that are no runs.
enum LogEntries {
  /// The entry that an identifier means; nil if it means a run, or what the runs say better.
  static func entry(_ id: String, _ store: Store) throws -> StoredEntry? {
    do {
      let entry = try store.entry(matching: id)
      return entry.kind == RunRecord.kind ? nil : entry
    } catch let error as EvidenceError where [.unknownRun, .ambiguousRun, .identifierTooShort].contains(error.code) {
      // Of runs the runs' own search says what is wrong; an end that two records share is none of a single run.
      if error.code == .ambiguousRun, (try? store.run(id: id)) == nil { throw error }
      return nil
    }
  }

  private struct Listed: Encodable {
    let id: String
    let kind: String
    let sha256: String
    let run: String?
    let says: String
  }

  /// Lists the records of a store that are no runs.
  static func list(_ store: Store, limit: Int?, json: Bool) throws {
    let all = try store.otherEntries()
    let entries = limit.map { Array(all.suffix($0)) } ?? all
    let listed = try entries.map {
      Listed(id: $0.id, kind: $0.kind, sha256: $0.sha256, run: $0.subject, says: try $0.summary)
    }
    if json { return Console.out(try CanonicalJSON.encode(listed)) }
    guard !listed.isEmpty else { return Console.out("no other records") }
    Console.out(Format.table([["record", "kind", "says"]] + listed.map { [$0.id, $0.kind, $0.says] }))
    if entries.count < all.count { Console.err("the last \(entries.count) of \(all.count) are shown") }
  }
}
