import Evidence
import Foundation

/// Looks for the model of a run among folders, by its bytes.
struct ModelSearch {
  /// A folder that may hold it.
  struct Folder {
    let version: String
    let folder: URL
    /// The folder as the user wrote it.
    let name: String
  }

  /// The folder that holds the model; nil if none does.
  private(set) var found: Folder?
  /// The folders that were digested, the one found last.
  private(set) var looked: [ReproductionRecord.Model] = []

  /// - Throws: `EvidenceError.badModelFolder` if none of the folders is there.
  init(for record: RunRecord, in folders: [Folder]) throws {
    let named = folders.filter { $0.version == record.modelVersion }
    for folder in named + folders.filter({ $0.version != record.modelVersion })
    where found == nil && FileManager.default.fileExists(atPath: folder.folder.path) {
      let root = try ModelIdentity.rootDigest(folder: folder.folder)
      looked.append(.init(version: folder.version, rootSha256: root))
      if root == record.model.rootSha256 { found = folder }
    }
    guard looked.isEmpty else { return }
    let places = folders.map(\.folder.path).joined(separator: ", ")
    throw EvidenceError(
      .badModelFolder,
      "no model folder is here (\(places.isEmpty ? "the project names none" : places)). Put the model with the root digest "
        + "\(record.model.rootSha256) there, or name its folder with --model-folder")
  }
}
