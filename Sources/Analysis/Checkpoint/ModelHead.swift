public import Foundation

/// What stands on top of a model's last layer, and so what its answers are: tokens, or classes by their names.
public enum ModelHead: String, Codable, Sendable {
  case languageModel = "language-model"
  /// Classes of which exactly one holds.
  case classifier
  /// Classes of which each holds or not.
  case multiLabelClassifier = "multi-label-classifier"
  /// One number, in the label's unit.
  case regression
  /// A token in the place of a mask.
  case maskedLanguageModel = "masked-language-model"

  /// Whether answers are classes by name, not tokens.
  public var hasClasses: Bool {
    switch self {
    case .languageModel, .maskedLanguageModel: false
    case .classifier, .multiLabelClassifier, .regression: true
    }
  }

  /// Whether an answer may stand for itself, with none against it: a class that holds or not, or a number. None is chosen over another.
  public var asksOneSided: Bool { self == .multiLabelClassifier || self == .regression }

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
  public var head: ModelHead {
    if let classifier { return classifier.head }
    return readout.place == .mask ? .maskedLanguageModel : .languageModel
  }
  /// Whether an answer may stand for itself, with none against it: a class that holds or not, or a number.
  var asksOneSided: Bool { head.asksOneSided }
  /// The names of a classifier's classes in order of their numbers; nil for a language model.
  public var classNames: [String]? { classifier?.labels }
}
