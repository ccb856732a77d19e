import Analysis
import Foundation

/// Versions that hold the same weights: comparing them would find no change, whatever was trained.
enum SameModels {
  /// One message for each version whose tensors are those of an earlier one, byte by byte, in whatever files they stand.
  /// - Complexity: O(bytes) where weights are the same; versions that were trained further differ soon.
  static func messages(_ models: [Project.ModelVersion]) -> [CheckMessage] {
    // A folder that cannot be opened is told of elsewhere.
    let opened = models.count > 1 ? models.map { try? Checkpoint(folder: $0.folder) } : []
    var messages: [CheckMessage] = []
    for (position, checkpoint) in opened.enumerated() {
      let model = models[position]
      guard let checkpoint,
        let twin = models[..<position].enumerated().first(where: { number, other in
          guard other.folder.standardizedFileURL.path != model.folder.standardizedFileURL.path,
            let earlier = opened[number]
          else { return false }
          return (try? TensorDifference.isNone(earlier, checkpoint)) == true
        })?.element
      else { continue }
      messages.append(
        CheckMessage(
          .gap, "models",
          "model \(model.version): its weights are those of version \(twin.version), byte by byte ('\(model.path)', '\(twin.path)')",
          remedy: "copy the version's own weights there, if they were trained further"))
    }
    return messages
  }
}
