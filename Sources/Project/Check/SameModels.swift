import Foundation

/// Versions that hold the same weights: comparing them would find no change, whatever was trained.
enum SameModels {
  /// One message for each version whose weights are those of an earlier one, byte by byte.
  /// - Complexity: O(bytes) where weights are the same; versions that were trained further differ soon.
  static func messages(_ models: [Project.ModelVersion]) -> [CheckMessage] {
    var messages: [CheckMessage] = []
    for (position, model) in models.enumerated() {
      let files = weights(model.folder)
      guard !files.isEmpty,
        let twin = models[..<position].first(where: { other in
          other.folder.standardizedFileURL.path != model.folder.standardizedFileURL.path
            && isSame(files, weights(other.folder), model.folder, other.folder)
        })
      else { continue }
      messages.append(
        CheckMessage(
          .gap, "models",
          "model \(model.version): its weights are those of version \(twin.version), byte by byte ('\(model.path)', '\(twin.path)')",
          remedy: "copy the version's own weights there, if they were trained further"))
    }
    return messages
  }

  private static func weights(_ folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("adapter") }.sorted()
  }

  private static func isSame(_ names: [String], _ others: [String], _ folder: URL, _ other: URL) -> Bool {
    guard names == others else { return false }
    let pairs = names.map { (folder.appendingPathComponent($0), other.appendingPathComponent($0)) }
    return pairs.allSatisfy { size($0) == size($1) && size($0) != nil } && pairs.allSatisfy { isSame($0, $1) }
  }

  private static func size(_ file: URL) -> Int? {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: file.resolvingSymlinksInPath().path),
      attributes[.type] as? FileAttributeType == .typeRegular
    else { return nil }
    return (attributes[.size] as? NSNumber)?.intValue
  }

  /// Reads piece by piece and ends at the first difference.
  private static func isSame(_ left: URL, _ right: URL) -> Bool {
    guard let left = try? FileHandle(forReadingFrom: left), let right = try? FileHandle(forReadingFrom: right) else {
      return false
    }
    defer {
      try? left.close()
      try? right.close()
    }
    while true {
      guard let a = try? left.read(upToCount: 1 << 20) ?? Data(), let b = try? right.read(upToCount: 1 << 20) ?? Data(),
        a == b
      else { return false }
      if a.isEmpty { return true }
    }
  }
}
