import Analysis
public import Foundation

/// A record that could not be added because the store moved: its bytes go into a file of their own, so that nothing that was
/// measured is lost.
public enum Rescue {
  /// Does what adds an entry. If the store is not there any more, the entry is written beside it.
  /// - Throws: `EvidenceError.storeMoved` that names the file and the command that takes it in; else what `body` throws.
  static func guarding<Value>(_ entry: NewEntry, store: URL, _ body: () throws -> Value) throws -> Value {
    let name = store.deletingPathExtension().lastPathComponent
    let file = store.deletingLastPathComponent().appendingPathComponent("\(name).rescued-\(entry.id).json")
    SharedMemoryGuard.arm(entry.document, file: file)
    defer { SharedMemoryGuard.disarm() }
    do {
      return try body()
    } catch let error as EvidenceError
      where [.storeMoved, .storeNotFound, .notAStore, .newerSchema, .damagedStore, .inputOutput].contains(error.code)
    {
      throw EvidenceError(
        [.damagedStore, .inputOutput].contains(error.code) ? error.code : .storeMoved,
        "\(error.message). The \(entry.kind) record was not stored: \(try saved(entry, file))")
    }
  }

  /// Writes the record beside the store, or where there is a place at all.
  private static func saved(_ entry: NewEntry, _ file: URL) throws -> String {
    let elsewhere = [FileManager.default.currentDirectoryPath, FileManager.default.temporaryDirectory.path].map {
      URL(fileURLWithPath: $0, isDirectory: true).appendingPathComponent(file.lastPathComponent)
    }
    for place in [file] + elsewhere {
      do {
        try DurableFile.create(entry.document, at: place, rights: 0o644)
      } catch is EvidenceError {
        continue
      }
      return
        "it is in \(place.path); put the store in its place and take it in with 'vitrine store rescue \(place.path)'"
    }
    return "and it could not be written to a file either; it is lost. Run again"
  }

  /// Takes a rescued record into a store: what the program measured. What a person signs is signed again.
  ///
  /// A run comes in a log of its own, by a merge: its time is not that of the store's log, and the merge says when it came.
  /// - Returns: the record's identifier and kind.
  /// - Throws: `EvidenceError.badExport` if the file is no such record; as `Store.append` and `Store.merge`.
  public static func takeIn(_ file: URL, into store: Store) throws -> (id: String, kind: String) {
    let bytes = try RegularFile.read(file, limit: 1 << 30)
    let check = try DocumentCheck(bytes)
    guard check.problems.isEmpty, let document = check.document,
      document is RunRecord || document is ReproductionRecord || document is TransferRecord
    else {
      throw EvidenceError(
        .badExport,
        "\(file.path): not a record that vitrine rescued: \(check.problems.first?.detail ?? "it is of another kind")")
    }
    guard let run = document as? RunRecord else {
      func add<Document: LedgerDocument>(_ document: Document) throws { try store.append(document) }
      try add(document)
      return (document.id, check.kind ?? "")
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-\(UUID().uuidString)")
    try DurableFile.makeFolder(folder, rights: 0o700)
    defer { try? FileManager.default.removeItem(at: folder) }
    let single = try Store.open(at: folder.appendingPathComponent("evidence.sqlite"), mode: .create)
    try single.append(run)
    _ = try store.merge(single)
    try single.close()
    return (run.id, RunRecord.kind)
  }
}
