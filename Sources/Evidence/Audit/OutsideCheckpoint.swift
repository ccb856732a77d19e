import Analysis
public import Foundation

/// A checkpoint that is kept outside the store, e.g. in the project's `checkpoints/` or in an auditor's hands.
public struct OutsideCheckpoint: Sendable {
  /// The file's name.
  public let name: String
  /// Its content.
  public let data: Data
  /// Whether the store must hold the same checkpoint: it was written beside it.
  public let isOfProject: Bool

  /// A checkpoint from a file.
  /// - Throws: `RegularFile.Failure` if it is no regular file or cannot be read.
  public init(file: URL, isOfProject: Bool) throws {
    name = file.lastPathComponent
    data = try RegularFile.read(file, limit: 1 << 20)
    self.isOfProject = isOfProject
  }

  /// The checkpoints of a project: the `.txt` files of its `checkpoints/`, in the order of their names.
  public static func ofProject(_ folder: URL) throws -> [OutsideCheckpoint] {
    let checkpoints = folder.appendingPathComponent("checkpoints")
    guard FileManager.default.fileExists(atPath: checkpoints.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: checkpoints.path).filter { $0.hasSuffix(".txt") }
      .sorted { Self.order($0) < Self.order($1) }
      .map { try OutsideCheckpoint(file: checkpoints.appendingPathComponent($0), isOfProject: true) }
  }

  /// The size that the name begins with, then the name.
  private static func order(_ name: String) -> (Int, String) { (Int(name.prefix { $0.isNumber }) ?? .max, name) }
}
