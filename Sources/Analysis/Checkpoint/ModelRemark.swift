/// Something that a model's folder holds and the computation does not use, or takes otherwise than it stands there. `check`, the
/// record of every run and the dossier say it: nothing is left out in silence.
public struct ModelRemark: Codable, Sendable, Equatable {
  /// What it is.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Tensors that are computed anew from `config.json`, in the engine as in `transformers`: causal masks, rotary frequencies.
    case buffers
    /// Tensors that `ignore_tensors` of the model version declares as not to be used.
    case declared
    /// The file's output matrix, byte for byte the token embedding to which `config.json` ties it.
    case tiedHead = "tied-head"
    /// Files with weights that are not read.
    case unreadFiles = "unread-files"
    /// Keys of `config.json` that the engine does not know and does not read.
    case unknownKeys = "unknown-keys"
    /// Python code that comes with the model (`auto_map`), which is not run.
    case ownCode = "own-code"
    /// Types of numbers, other than float32, in which the weights are stored or the model is meant to run; the engine computes in
    /// float32.
    case precision
    /// Special tokens that the model's own tokenizer adds to every text, where the prompts get none or others.
    case specialTokens = "special-tokens"
  }

  /// What it is.
  public var kind: Kind
  /// The file, by its path in the model's folder; nil where `names` are files.
  public var file: String?
  /// Tensors, files, keys or types, in order.
  public var names: [String]

  /// A remark from its parts.
  public init(kind: Kind, file: String? = nil, names: [String]) {
    self.kind = kind
    self.file = file
    self.names = names
  }

  /// Whether a person should look at it: it may matter, and nobody has said that it does not.
  public var isOpen: Bool { [.unreadFiles, .unknownKeys, .ownCode].contains(kind) }

  /// The first names and how many more there are.
  public static func short(_ names: [String], first count: Int = 3) -> String {
    let shown = names.prefix(count).joined(separator: ", ")
    return names.count > count ? "\(shown) and \(names.count - count) more" : shown
  }
}
