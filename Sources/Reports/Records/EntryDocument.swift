public import Evidence

/// A record of the log that is no run, as a document: what it says, who signed it, where it stands.
public struct EntryDocument {
  /// The whole document.
  public let document: Document

  /// The document of an entry.
  /// - Throws: `EvidenceError` if the entry cannot be read; `ReportsError` if the program's own words are damaged.
  public init(_ entry: StoredEntry) throws {
    let rows = try InterfaceText.english().columns(
      "terminal.entry",
      [
        "says": .text(try entry.summary), "digest": .text(entry.sha256), "position": .text(String(entry.position)),
        "origin": .text(entry.origin), "run": .text(entry.subject ?? "–"),
        "signer": .text(try DocumentCheck(entry.document).signer?.identity ?? "–"), "id": .text(entry.id),
      ])
    document = Document(
      title: "\(entry.kind) \(entry.id)", subtitle: "",
      sections: [Section(id: "entry", heading: entry.kind, blocks: [.definitions(rows.definitions)])])
  }
}
