import Foundation

/// The files that damage starts from: every committed tiny checkpoint and every committed tokenizer.
struct Seeds {
  /// The files of a model folder by name.
  struct Model {
    let name: String
    let files: [String: [UInt8]]
  }

  let models: [Model]
  let tokenizers: [[UInt8]]

  /// Reads them.
  /// - Parameter reference: the folder `Tests/Reference`.
  init(reference: URL) throws {
    var models: [Model] = []
    for parent in ["models", "families/models"] {
      for folder in try Self.contents(of: reference.appendingPathComponent(parent)) {
        let names = try Self.contents(of: folder).filter {
          $0.pathExtension == "safetensors"
            || ["config.json", "model.safetensors.index.json"].contains($0.lastPathComponent)
        }
        guard names.contains(where: { $0.lastPathComponent == "config.json" }) else { continue }
        let files = try names.map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
        models.append(Model(name: folder.lastPathComponent, files: Dictionary(uniqueKeysWithValues: files)))
      }
    }
    self.models = models
    tokenizers = try Self.contents(of: reference.appendingPathComponent("tokenizers")).flatMap { folder in
      // The small one twice: its steps are most of the file.
      try ["small.json", "small.json", "tokenizer.json"].map { folder.appendingPathComponent($0) }
        .filter { FileManager.default.fileExists(atPath: $0.path) }.map { [UInt8](try Data(contentsOf: $0)) }
    }
  }

  /// The folder's entries in order of name.
  private static func contents(of folder: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }
}
