/// The `model` of a `tokenizer.json`: turns one word into ids.
enum TokenModel: Sendable {
  case bytePairs(BytePairEncoding)
  case wordPiece(WordPiece)
  /// Each word is a token, or unknown.
  case words(Vocabulary, unknown: Int?)

  var vocabulary: Vocabulary {
    switch self {
    case .bytePairs(let model): model.vocabulary
    case .wordPiece(let model): model.vocabulary
    case .words(let vocabulary, _): vocabulary
    }
  }

  /// The ids of a word, nil if it, or a character of it, has no token and no substitute.
  /// - Throws: `AnalysisError.badTokenizer` if that takes too much.
  func encode(_ word: [Unicode.Scalar], _ work: inout TokenizerWork) throws -> [Int]? {
    switch self {
    case .bytePairs(let model): model.encode(word)
    case .wordPiece(let model): try model.encode(word, &work)
    case .words(let vocabulary, let unknown): (vocabulary.id(word) ?? unknown).map { [$0] }
    }
  }

  /// What a refused word has no token for.
  func firstUnknown(in word: [Unicode.Scalar]) -> Unicode.Scalar? {
    guard case .bytePairs(let model) = self else { return nil }
    return model.firstUnknown(in: word)
  }

  /// Reads the model.
  /// - Throws: `AnalysisError.badTokenizer` naming a type that the engine does not read.
  init(_ model: TokenizerJSONObject) throws {
    // Files of the first releases leave `type` out.
    switch try model.string("type") ?? "BPE" {
    case "BPE": self = .bytePairs(try BytePairEncoding(of: model))
    case "WordPiece": self = .wordPiece(try WordPiece(of: model))
    case "WordLevel":
      let vocabulary = try Vocabulary(of: model)
      self = .words(vocabulary, unknown: vocabulary.id(try model.string("unk_token") ?? "<unk>"))
    case let type:
      throw model.failure("type", "is '\(type)'; the engine reads BPE, WordPiece and WordLevel")
    }
  }
}
