/// Turns a project's prompts and answers into token ids for one model, with errors that say what to change.
public struct PromptEncoder: Sendable {
  private let tokenizer: Tokenizer?
  private let folder: String
  private let vocabulary: Int
  private let prepend: [Int]

  /// An encoder for a model.
  /// - Parameters:
  ///   - prepend: special tokens put before each prompt, as text, e.g. `<|endoftext|>`.
  ///   - folder: the model's folder, for messages.
  /// - Throws: `AnalysisError.vocabularyMismatch` if the tokenizer knows tokens that the model does not, or
  ///   `.badTokenizer` if a text to prepend is not one token.
  public init(tokenizer: Tokenizer?, model: Transformer, folder: String, prepend: [String]) throws {
    self.init(tokenizer: tokenizer, vocabulary: model.vocabularySize, folder: folder, prepend: [])
    if let tokenizer { try checkVocabulary(of: tokenizer) }
    let ids = try prepend.map { text in
      let ids = try plain(text)
      guard ids.count == 1, let id = ids.first else {
        throw AnalysisError(
          .badTokenizer,
          "\(folder): prompts.prepend '\(text)' is \(ids.count) tokens, not one; name a special token of this tokenizer"
        )
      }
      return id
    }
    self.init(tokenizer: tokenizer, vocabulary: model.vocabularySize, folder: folder, prepend: ids)
  }

  init(tokenizer: Tokenizer?, model: Transformer, folder: String) {
    self.init(tokenizer: tokenizer, vocabulary: model.vocabularySize, folder: folder, prepend: [])
  }

  private init(tokenizer: Tokenizer?, vocabulary: Int, folder: String, prepend: [Int]) {
    self.tokenizer = tokenizer
    self.vocabulary = vocabulary
    self.folder = folder
    self.prepend = prepend
  }

  private func plain(_ text: String) throws -> [Int] {
    guard let tokenizer else {
      throw AnalysisError(
        .badTokenizer,
        "\(folder): has no tokenizer.json, so text cannot be read; give token ids, or copy the file there")
    }
    try checkVocabulary(of: tokenizer)
    return try tokenizer.encode(text)
  }

  /// A tokenizer with tokens that the model does not know is of another model, whether or not a text happens to use them.
  private func checkVocabulary(of tokenizer: Tokenizer) throws {
    guard tokenizer.vocabularySize > vocabulary else { return }
    throw AnalysisError(
      .vocabularyMismatch,
      "\(folder): tokenizer.json has \(tokenizer.vocabularySize) tokens, but the model only \(vocabulary); the two files are of different models"
    )
  }

  /// Token ids of a prompt, the prepended tokens first.
  public func prompt(_ text: String) throws -> [Int] { prepend + (try plain(text)) }

  /// The id of an answer, its leading space kept.
  /// - Throws: `AnalysisError.badAnswer` if the answer is not exactly one token.
  public func answer(_ text: String) throws -> Int {
    let ids = try plain(text)
    guard ids.count == 1, let id = ids.first else {
      let pieces = texts(of: ids).map { "'\($0)'" }.joined(separator: " ")
      let hint = text.hasPrefix(" ") ? "" : "; did you mean ' \(text)' with its leading space?"
      throw AnalysisError(
        .badAnswer,
        "answer '\(text)' is \(ids.count) tokens (\(pieces)); answers of several tokens are not supported yet, use one of one token\(hint)"
      )
    }
    return id
  }

  /// The text of each token.
  public func texts(of ids: [Int]) -> [String] { tokenizer?.texts(of: ids) ?? ids.map { "⟨\($0)⟩" } }
}
