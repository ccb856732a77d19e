/// Turns a project's prompts and answers into token ids for one model, with errors that say what to change.
public struct PromptEncoder: Sendable {
  private let tokenizer: Tokenizer?
  let folder: String
  private let vocabulary: Int
  /// Whether answers do not follow the prompt: they are classes, or stand in the place of a mask.
  private let isClassifier: Bool
  /// Ids before and after each prompt.
  private var around: (before: [Int], after: [Int]) = ([], [])
  /// Where the tokens around a prompt come from.
  private var specialTokens = SpecialTokens.never
  /// Prompts that an answer continues.
  private var contexts: [String] = []

  /// An encoder for a model.
  /// - Parameters:
  ///   - folder: the model's folder, for messages.
  ///   - prepend: special tokens put before each prompt, as text, e.g. `<|endoftext|>`.
  ///   - specialTokens: which special tokens each prompt gets: none, those of `tokenizer.json`, or those of the model's own
  ///     tokenizer in `transformers`.
  ///   - ids: what the last came to when the plan was carried out before.
  ///   - contexts: the prompts that answers continue; they are looked at only where the tokenizer puts a space before every
  ///     text, so that an answer by itself would be read otherwise than after a prompt.
  /// - Throws: `AnalysisError.vocabularyMismatch` if the tokenizer knows tokens that the model does not, `.badTokenizer` if a
  ///   text to prepend is not one token or the file puts a token after a prompt that is to be continued, or `.badPlan` if
  ///   both `prepend` and `specialTokens` are given.
  public init(
    tokenizer: Tokenizer?, model: Transformer, folder: String, prepend: [String],
    specialTokens: SpecialTokens = .never, ids: SpecialTokenIDs? = nil, contexts: [String] = []
  ) throws {
    try self.init(
      tokenizer: tokenizer, vocabulary: model.vocabularySize, isClassifier: model.head != .languageModel,
      folder: folder,
      prepend: prepend, specialTokens: specialTokens, ids: ids, contexts: contexts)
  }

  init(
    tokenizer: Tokenizer?, vocabulary: Int, isClassifier: Bool, folder: String, prepend: [String],
    specialTokens: SpecialTokens, ids: SpecialTokenIDs? = nil, contexts: [String]
  ) throws {
    self.init(tokenizer: tokenizer, vocabulary: vocabulary, isClassifier: isClassifier, folder: folder)
    self.contexts = contexts
    self.specialTokens = specialTokens
    if let tokenizer { try checkVocabulary(of: tokenizer) }
    around.before = try prepend.map { text in
      let ids = try plain(text)
      guard ids.count == 1, let id = ids.first else {
        throw AnalysisError(
          .badTokenizer,
          "\(folder): prompts.prepend '\(text)' is \(ids.count) tokens, not one; name a special token of this tokenizer"
        )
      }
      return id
    }
    switch specialTokens {
    case .never: break
    case .file:
      try addSpecialTokens(prepend: prepend, \.fileSpecialTokens)
    case .auto: try addSpecialTokens(prepend: prepend) { ids ?? $0.ownSpecialTokens }
    }
  }

  init(tokenizer: Tokenizer?, model: Transformer, folder: String) {
    self.init(
      tokenizer: tokenizer, vocabulary: model.vocabularySize, isClassifier: model.head != .languageModel, folder: folder
    )
  }

  private init(tokenizer: Tokenizer?, vocabulary: Int, isClassifier: Bool, folder: String) {
    self.tokenizer = tokenizer
    self.vocabulary = vocabulary
    self.isClassifier = isClassifier
    self.folder = folder
  }

  private mutating func addSpecialTokens(prepend: [String], _ choose: (Tokenizer) -> SpecialTokenIDs) throws {
    guard prepend.isEmpty else {
      throw AnalysisError(
        .badPlan, "prompts.prepend and prompts.special_tokens are both given; keep one, so that no token stands twice")
    }
    guard let tokenizer else { throw noTokenizer }
    let special = choose(tokenizer)
    guard isClassifier || special.after.isEmpty else {
      let names = tokenizer.texts(of: special.after).joined(separator: " ")
      throw AnalysisError(
        .badTokenizer,
        "\(folder): the model's tokenizer puts \(names) after every text, and an answer cannot follow it; set prompts.special_tokens to false and name the tokens that come first under prompts.prepend"
      )
    }
    around = (special.before, special.after)
  }

  /// The same encoder for answers that continue these prompts.
  func answering(after contexts: [String]) -> PromptEncoder {
    var copy = self
    copy.contexts = contexts
    return copy
  }

  private var noTokenizer: AnalysisError {
    AnalysisError(
      .badTokenizer,
      "\(folder): has no tokenizer.json, so text cannot be read; give token ids, or copy the file there")
  }

  private func plain(_ text: String) throws -> [Int] {
    guard let tokenizer else { throw noTokenizer }
    try checkVocabulary(of: tokenizer)
    let ids = try tokenizer.encode(text)
    try check(ids, tokenizer)
    return ids
  }

  /// A token that only other files than `tokenizer.json` name may be one that the model does not have.
  private func check(_ ids: [Int], _ tokenizer: Tokenizer) throws {
    if let id = ids.first(where: { $0 >= vocabulary }) {
      throw AnalysisError(
        .vocabularyMismatch,
        "\(folder): the text has the token '\(tokenizer.texts(of: [id])[0])', which the files beside tokenizer.json name and to which they give the id \(id), but the model has only \(vocabulary) tokens; leave it out of the text, or of those files"
      )
    }
  }

  /// A tokenizer with tokens that the model does not know is of another model, whether or not a text happens to use them.
  private func checkVocabulary(of tokenizer: Tokenizer) throws {
    guard tokenizer.vocabularySize > vocabulary else { return }
    throw AnalysisError(
      .vocabularyMismatch,
      "\(folder): tokenizer.json has \(tokenizer.vocabularySize) tokens, but the model only \(vocabulary); the two files are of different models, or tokens were added to the tokenizer and the model was not resized for them; put the tokenizer.json beside the model with which it was trained"
    )
  }

  /// The token that stands for a word to be found, as encoders' tokenizers write it; nil if there is none.
  var maskToken: Int? {
    ["[MASK]", "<mask>"].lazy.compactMap { tokenizer?.id(ofToken: $0) }.first { tokenizer?.isSpecial($0) == true }
  }

  /// The tokens that are put around each prompt.
  var specialIDs: SpecialTokenIDs { SpecialTokenIDs(before: around.before, after: around.after) }

  /// Token ids of a prompt, with the tokens that are put around each.
  public func prompt(_ text: String) throws -> [Int] { around.before + (try plain(text)) + around.after }

  /// What a model reads of a prompt of one text or two: the tokens of `prompt(_:)`, their types, and which belong to no text.
  ///
  /// Where `transformers` does not hand types on to the model (`Tokenizer.givesTypeIDs`) all are 0. Tokens to prepend come before all
  /// others. Without special tokens a pair is one text after the other.
  /// - Throws: `AnalysisError.badTokenizer` if the special tokens of a plan that was carried out before are not those of this tokenizer,
  ///   so that it is not known what stood between the texts of a pair; else as `prompt(_:)`.
  /// - Complexity: that of reading the texts.
  public func encoding(of prompt: PromptText) throws -> TokenEncoding {
    guard let tokenizer else { throw noTokenizer }
    try checkVocabulary(of: tokenizer)
    var made: TokenEncoding
    if specialTokens == .never || isTokenizers(around, of: tokenizer) {
      made = try tokenizer.encoding(of: prompt, specialTokens: specialTokens)
      if specialTokens == .never { made = TokenEncoding(around.before, isSpecial: true) + made }
    } else if case .text(let text) = prompt {
      let (before, after) = (around.before, around.after)
      made = TokenEncoding(before, isSpecial: true) + TokenEncoding(try tokenizer.encode(text))
      made = made + TokenEncoding(after, isSpecial: true)
    } else {
      throw AnalysisError(
        .badTokenizer,
        "\(folder): the plan was carried out with other special tokens around a text than its tokenizer puts there now, so that a pair cannot be read as it was then; take the files of the model that the plan was carried out on"
      )
    }
    try check(made.ids, tokenizer)
    return tokenizer.givesTypeIDs ? made : made.with(typeID: 0)
  }

  /// Whether special tokens are those that the tokenizer itself puts around a text.
  private func isTokenizers(_ around: (before: [Int], after: [Int]), of tokenizer: Tokenizer) -> Bool {
    let own = specialTokens == .file ? tokenizer.fileSpecialTokens : tokenizer.ownSpecialTokens
    return own == SpecialTokenIDs(before: around.before, after: around.after)
  }

  /// The ids of an answer, its leading space kept.
  /// - Throws: `AnalysisError.badAnswer` if the answer has no tokens, has several where one with a leading space has one, or is not
  ///   the same after each prompt.
  /// - Complexity: that of reading the answer; where the tokenizer puts a space before every text, that of reading every
  ///   prompt twice.
  public func answer(_ text: String) throws -> [Int] {
    let ids = try continuation(text)
    guard !ids.isEmpty else { throw AnalysisError(.badAnswer, "answer '\(text)' has no tokens; write a word") }
    guard ids.count > 1, (try? continuation(" " + text).count) == 1 else { return ids }
    // Several tokens are possible, but hardly what was meant where a space makes one of them.
    let pieces = texts(of: ids).map { "'\($0)'" }.joined(separator: " ")
    throw AnalysisError(
      .badAnswer,
      "answer '\(text)' is \(ids.count) tokens (\(pieces)); did you mean ' \(text)' with its leading space? That is one token"
    )
  }

  /// The ids that an answer adds to the prompts.
  private func continuation(_ text: String) throws -> [Int] {
    guard let tokenizer, !isClassifier, tokenizer.putsSpacesBefore, let first = contexts.first else {
      return try plain(text)
    }
    try checkVocabulary(of: tokenizer)
    var found: [Int] = []
    var seen: Set<String> = []
    for context in contexts where seen.insert(context).inserted {
      guard let ids = try tokenizer.encode(continuation: text, after: context) else {
        throw AnalysisError(
          .badAnswer,
          "answer '\(text)' and the end of the prompt '…\(context.suffix(20))' become one token; let the answer begin with a space, or end the prompt before it"
        )
      }
      if context == first { found = ids }
      guard ids == found else {
        throw AnalysisError(
          .badAnswer,
          "answer '\(text)' is read as other tokens after '…\(context.suffix(20))' than after '…\(first.suffix(20))'; end all prompts alike"
        )
      }
    }
    return found
  }

  /// The text of each token.
  public func texts(of ids: [Int]) -> [String] { tokenizer?.texts(of: ids) ?? ids.map { "⟨\($0)⟩" } }
}
