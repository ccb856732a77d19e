public import Evidence
import Foundation
public import Project

/// Which model the folder of a version holds now, by digests alone.
public enum ModelNow: Sendable, Equatable {
  /// The folder's files were read.
  case measured(ModelFolderDigests)
  /// They were not, so nothing can be held against them.
  case notHeld(Reason)

  /// Why nothing can be held against the model.
  public enum Reason: String, Codable, Sendable, CaseIterable {
    /// The folder is not on this machine.
    case folderMissing = "folder-missing"
    /// A file in it cannot be read, or is none that identifies a model.
    case folderUnreadable = "folder-unreadable"
    /// Nobody looked.
    case notMeasured = "not-measured"
  }
}

/// The models of a project as their folders are now: measured once for a command.
public struct ModelsNow: Sendable {
  private var models: [String: ModelNow]
  /// What could not be read, in words for the terminal.
  public private(set) var failures: [String] = []

  /// Models by version; a version that is not named was not measured.
  public init(_ models: [String: ModelNow] = [:]) { self.models = models }

  /// Reads the folders of those versions that have runs. A folder that several versions share is read once.
  /// - Complexity: O(bytes of the folders), on all cores.
  public init(project: Project, runs: [StoredRun]) {
    self.init()
    let measured = Set(runs.map(\.record.modelVersion))
    var folders: [String: ModelNow] = [:]
    for version in project.models where measured.contains(version.version) {
      let key = version.folder.standardizedFileURL.path
      if folders[key] == nil { folders[key] = read(version) }
      models[version.version] = folders[key]
    }
  }

  /// The model of a version.
  public subscript(version: String) -> ModelNow { models[version] ?? .notHeld(.notMeasured) }

  private mutating func read(_ version: Project.ModelVersion) -> ModelNow {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: version.folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      failures.append("model version \(version.version): its folder \(version.folder.path) is not here")
      return .notHeld(.folderMissing)
    }
    do { return .measured(try ModelFolderDigests(folder: version.folder)) } catch {
      failures.append("model version \(version.version): \(error)")
      return .notHeld(.folderUnreadable)
    }
  }
}
