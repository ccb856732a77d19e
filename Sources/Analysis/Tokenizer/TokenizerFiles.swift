public import Foundation

/// The texts of a model's folder that say, beside `tokenizer.json`, what the tokens of a text are.
struct TokenizerFiles {
  static let specialTokens = "special_tokens_map.json"
  static let addedTokens = "added_tokens.json"
  private static let chatTemplate = "chat_template.jinja"

  /// The folder, for messages.
  let folder: String
  /// Reads a file by its name; nil if it is not there.
  let read: (String) throws -> ModelJSONObject?

  /// The file with the chat template, nil if there is none.
  func chatTemplatePlace(_ configuration: ModelJSONObject?) -> String? {
    if FileManager.default.fileExists(atPath: folder + "/" + Self.chatTemplate) { return Self.chatTemplate }
    return configuration?["chat_template"] == nil ? nil : Checkpoint.tokenizerConfiguration
  }

  /// What writes all that `transformers` does with a text into one `tokenizer.json`.
  var saveCommand: String {
    "`python3 -c \"from transformers import AutoTokenizer as A, PreTrainedTokenizerFast as P; t = A.from_pretrained('\(folder)'); "
      + "P(tokenizer_object=t.backend_tokenizer, add_prefix_space=None, split_special_tokens=t.split_special_tokens, "
      + "**t.special_tokens_map).save_pretrained('NEW_FOLDER')\"` (needs the Python package transformers<5), then copy the weights and "
      + "config.json there"
  }
}

extension Checkpoint {
  /// The model's tokenizer, nil if the folder has no `tokenizer.json`.
  /// - Throws: `AnalysisError.badTokenizer`.
  public func tokenizer() throws -> Tokenizer? {
    try tokenizerFile.map { file in
      try Tokenizer(
        file: file,
        beside: TokenizerFiles(folder: folder.path) { name in
          try files.first { $0.path == name }.map {
            try ModelJSONObject($0.bytes, file: $0.url.path, code: .badTokenizer)
          }
        })
    }
  }
}

extension Tokenizer {
  /// Reads a folder's `tokenizer.json` and the texts beside it that say what its tokens are; no model is needed.
  /// - Throws: `AnalysisError` that names the folder, file or key.
  public init(folder: URL) throws {
    func read(_ name: String, limit: Int = Checkpoint.Limits.tokenizer) throws -> ModelFile? {
      try ModelFile.ifThere { try ModelFile(url: folder.appendingPathComponent(name), path: name, limit: limit) }
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw AnalysisError(
        .modelNotFound, "\(folder.path): no such folder; name the folder that holds the model's tokenizer.json")
    }
    guard let file = try read("tokenizer.json") else {
      throw AnalysisError(
        .badTokenizer, "\(folder.path): has no tokenizer.json; copy it there from where the model was published")
    }
    try self.init(
      file: file,
      beside: TokenizerFiles(folder: folder.path) { name in
        try read(name).map { try ModelJSONObject($0.bytes, file: $0.url.path, code: .badTokenizer) }
      })
  }
}
