import Analysis
public import Foundation

/// The files that attachments are about: `evidence/files/<SHA-256>` beside the store, each with the bytes that its name digests.
public struct AttachmentFiles: Sendable {
  /// The folder; it is made with the first file.
  public let folder: URL

  /// The files beside a store.
  /// - Parameter store: the store's file.
  public init(besideStore store: URL) {
    folder = store.deletingLastPathComponent().appendingPathComponent("evidence").appendingPathComponent("files")
  }

  /// What became of a copy.
  public enum State: String, Codable, Sendable {
    /// Its bytes are those that were attached.
    case here
    /// There is no such file.
    case missing
    /// The file has other bytes, or is no plain file.
    case changed
  }

  /// Where the copy of an attachment lies.
  public func url(_ record: AttachmentRecord) -> URL { folder.appendingPathComponent(record.sha256) }

  /// The copy's bytes, if they are what was attached.
  /// - Returns: nil with the state if they are not.
  public func content(_ record: AttachmentRecord) -> (content: Data?, state: State) {
    do {
      let content = try RegularFile.read(url(record), limit: record.size)
      guard content.count == record.size, try SHA256.digest(of: content).hex == record.sha256 else {
        return (nil, .changed)
      }
      return (content, .here)
    } catch let failure as RegularFile.Failure {
      return (nil, failure.code == .notFound ? .missing : .changed)
    } catch {
      return (nil, .changed)
    }
  }

  /// Keeps bytes under their digest: written under another name, forced to the disk, then renamed. What is there already stays if its
  /// bytes are the same.
  /// - Throws: `EvidenceError`: `.diskFull`, `.inputOutput`; `.damagedStore` if a file of that name has other bytes.
  public func keep(_ content: Data, sha256: String) throws {
    let url = folder.appendingPathComponent(sha256)
    if FileManager.default.fileExists(atPath: url.path) {
      guard let there = try? RegularFile.read(url, limit: content.count), there == content else {
        throw EvidenceError(
          .damagedStore,
          "\(url.path): its bytes are not those that its name digests: move it away, and take the right file from a backup"
        )
      }
      return
    }
    for folder in [folder.deletingLastPathComponent(), folder] {
      try DurableFile.makeFolder(folder, rights: 0o755)
    }
    try DurableFile.create(content, at: url, rights: 0o644)
  }

  /// Files in the folder that no record names, by name.
  public func unnamed(_ records: [AttachmentRecord]) -> [String] {
    let named = Set(records.map(\.sha256))
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { !named.contains($0) }
      .sorted()
  }

  /// Takes over from beside another store what records name and is not here.
  /// - Returns: how many files came, and the records whose bytes are in neither place.
  /// - Throws: as `keep`.
  public func takeOver(_ records: [AttachmentRecord], from other: AttachmentFiles) throws -> (
    taken: Int, lacking: [AttachmentRecord]
  ) {
    var taken = 0
    var lacking: [AttachmentRecord] = []
    for record in records where content(record).state == .missing {
      guard let content = other.content(record).content else {
        lacking.append(record)
        continue
      }
      try keep(content, sha256: record.sha256)
      taken += 1
    }
    return (taken, lacking)
  }
}
