public import Evidence
import Foundation

/// An attachment with the bytes of its file.
public struct Attachment: Sendable, Equatable {
  /// The record of the log.
  public var record: AttachmentRecord
  /// SHA-256 of the record's canonical JSON, hex.
  public var recordSha256: String
  /// The file.
  public var file: ProvidedFile

  /// As `dossier.json` has it.
  var entry: Dossier.AttachmentEntry {
    Dossier.AttachmentEntry(
      record: record.id, recordSha256: recordSha256, file: file.name, title: record.title, elements: record.elements,
      originalName: record.file, sha256: record.sha256, name: record.name, function: record.function,
      date: record.date, supersedes: record.supersedes)
  }
}

/// What became of the attachments of a store: a later one may take the place of an earlier one.
public struct AttachmentRegister: Sendable {
  /// The records with their digests, in the order of the log.
  public let records: [(document: AttachmentRecord, sha256: String)]
  private let files: AttachmentFiles

  /// The attachments of a store.
  /// - Throws: as `Store.documents`.
  public init(_ store: Store) throws {
    records = try store.documentsWithDigests(AttachmentRecord.self)
    files = AttachmentFiles(besideStore: store.url)
  }

  /// The record that took the place of another; nil while it is in force.
  public func successor(of id: String) -> String? { records.first { $0.document.supersedes == id }?.document.id }

  /// The attachments in force about a model version, with their files.
  /// - Throws: `ReportsError` `badValue` that names the copy that is not what was attached.
  public func attachments(system: String, modelVersion: String) throws -> [Attachment] {
    // A later file takes the place of an earlier one only where it applies itself.
    let applying = records.filter { $0.document.covers(system: system, modelVersion: modelVersion) }
    let superseded = Set(applying.compactMap(\.document.supersedes))
    return try applying.filter { !superseded.contains($0.document.id) }.map { record, digest in
      let (content, state) = files.content(record)
      guard let content else {
        throw ReportsError(
          .badValue,
          "\(files.url(record).path) \(state == .missing ? "is missing" : "has other bytes than were attached"): it is the copy of "
            + "'\(record.title)' (\(record.file)), attached by \(record.name). Take it from a backup, or attach the file anew: "
            + "'vitrine evidence add FILE --supersedes \(record.id) …'")
      }
      return Attachment(
        record: record, recordSha256: digest, file: try ProvidedFile(source: record.file, content: content))
    }
  }
}
