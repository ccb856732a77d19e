public import Foundation

/// What stands on top of a model's last layer, and so what its answers are: tokens, or classes by their names.
public enum ModelHead: String, Codable, Sendable {
  case languageModel = "language-model"
  case classifier

  /// The head of a model folder by its `config.json` alone; nil if that is not there or names none that the engine runs.
  public static func of(folder: URL) -> ModelHead? {
    let url = folder.appendingPathComponent("config.json")
    guard
      let file = try? ModelFile.ifThere({
        try ModelFile(url: url, path: "config.json", limit: Checkpoint.Limits.configuration)
      }),
      let json = try? ModelJSONObject(
        file.bytes, file: url.path, code: .badConfiguration, wholeNumbers: .byValue),
      let family = (try? json.string("model_type")).flatMap(ModelFamilies.named)
    else { return nil }
    return try? ModelConfiguration(json).head(of: family)
  }
}

extension Transformer {
  /// What the model decides between.
  public var head: ModelHead { classifier == nil ? .languageModel : .classifier }
  /// The names of a classifier's classes in order of their numbers; nil for a language model.
  public var classNames: [String]? { classifier?.labels }
}
