import Evidence
import Project

extension Dossier {
  /// A file that goes with the dossier, in its folder and its bundle.
  public struct FileEntry: Codable, Sendable, Equatable {
    /// Its path in the dossier's folder, e.g. `files/3f9a12cd4e5f6071-plan.pdf`.
    public var file: String
    /// Where it lay in the project, or the name that an attached file had.
    public var source: String
    /// Its media type.
    public var mediaType: String
    /// Bytes.
    public var size: Int
    /// SHA-256, hex.
    public var sha256: String
    /// The places in statements that refer to it (empty for an attachment that no statement refers to).
    public var references: [FileCitation]
  }

  /// A place in a statement that refers to a file.
  public struct FileCitation: Codable, Sendable, Equatable {
    /// The item of Annex IV.
    public var item: String
    /// The element.
    public var element: String
    /// The statement's file and line.
    public var statement: String
    /// The target as the provider wrote it.
    public var target: String
    /// Whether the statement shows it as a picture.
    public var isPicture: Bool
  }

  /// A file made elsewhere that a person attached to elements: reported, never measured.
  public struct AttachmentEntry: Codable, Sendable, Equatable {
    /// The record of the log, by its identifier.
    public var record: String
    /// SHA-256 of the record's canonical JSON, hex.
    public var recordSha256: String
    /// Its copy in the dossier's folder.
    public var file: String
    /// What it is, in the person's words.
    public var title: String
    /// The elements it was attached to, e.g. `2(g) test-logs`.
    public var elements: [String]
    /// The name that the file had.
    public var originalName: String
    /// SHA-256 of the file, hex.
    public var sha256: String
    /// Who attached it.
    public var name: String
    /// In which function.
    public var function: String?
    /// When.
    public var date: String
    /// The earlier attachment that it takes the place of.
    public var supersedes: String?
  }
}

/// The files that go with a dossier: what its declarations refer to, and what persons attached.
struct DossierFiles {
  /// The files, each once, by their names.
  let files: [ProvidedFile]
  /// As `dossier.json` lists them; nil if there are none.
  let entries: [Dossier.FileEntry]?
  /// The attachments in force; nil if there are none.
  let attachments: [Dossier.AttachmentEntry]?

  /// Files of the declarations of a status, and of attachments in force.
  /// - Throws: `ReportsError` `duplicate` if two files of other bytes have one name.
  init(_ status: DossierStatus, _ attachments: [Attachment]) throws {
    var citations: [String: [Dossier.FileCitation]] = [:]
    var files: [String: ProvidedFile] = [:]
    func take(_ file: ProvidedFile) throws {
      guard files[file.name, default: file].sha256 == file.sha256 else {
        throw ReportsError(
          .duplicate,
          "\(file.source): its copy would have the name of another file's, \(file.name); rename one of them.")
      }
      if files[file.name] == nil { files[file.name] = file }
    }
    for item in status.items {
      for element in item.elements {
        for case .statement(_, let signature, let references) in element.state.declarations {
          for reference in references {
            try take(reference.file)
            citations[reference.file.name, default: []].append(
              Dossier.FileCitation(
                item: item.item.id, element: element.element.id, statement: "\(signature.file):\(reference.line)",
                target: reference.target, isPicture: reference.isPicture))
          }
        }
      }
    }
    for attachment in attachments { try take(attachment.file) }
    self.files = files.values.sorted { $0.name < $1.name }
    let entries = self.files.map { file in
      Dossier.FileEntry(
        file: file.name, source: file.source, mediaType: file.mediaType, size: file.content.count, sha256: file.sha256,
        references: citations[file.name] ?? [])
    }
    self.entries = entries.isEmpty ? nil : entries
    self.attachments = attachments.isEmpty ? nil : attachments.map(\.entry)
  }
}
