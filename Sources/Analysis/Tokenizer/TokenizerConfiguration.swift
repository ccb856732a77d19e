/// What `tokenizer_config.json` says about special tokens.
///
/// In `transformers` 4 (compared with 4.57.6) most tokenizer classes take the post-processor of `tokenizer.json`; a few make their own
/// from `add_bos_token` and `add_eos_token`, whatever the file says. `transformers` 5 (5.24) takes the file's with nearly all. Where the
/// two differ the older holds here: the published models were trained and are described with it.
struct TokenizerConfiguration: Sendable {
  /// A class that makes its own post-processor, with what it takes where the file is silent.
  private struct Rule {
    let addsBeginning: Bool
    let beginning: String
    let end: String
  }

  private static let rules: [String: Rule] = [
    "Llama": Rule(addsBeginning: true, beginning: "<s>", end: "</s>"),
    "CodeLlama": Rule(addsBeginning: true, beginning: "<s>", end: "</s>"),
    "Gemma": Rule(addsBeginning: true, beginning: "<bos>", end: "<eos>"),
    "Cohere": Rule(addsBeginning: true, beginning: "<BOS_TOKEN>", end: "<|END_OF_TURN_TOKEN|>"),
    "GPTNeoX": Rule(addsBeginning: false, beginning: "<|endoftext|>", end: "<|endoftext|>"),
  ]

  /// The class that `transformers` takes for a type of model where `tokenizer_class` is not given.
  private static let classes: [String: String] = [
    "llama": "Llama", "mistral": "Llama", "mixtral": "Llama", "gemma": "Gemma", "gemma2": "Gemma",
    "gemma3_text": "Gemma",
    "cohere": "Cohere", "cohere2": "Cohere", "gpt_neox": "GPTNeoX",
  ]

  /// The class that decides about special tokens, nil if `tokenizer.json` does.
  let decidingClass: String?
  private let before: String?
  private let after: String?
  private let place: String

  /// Reads the file.
  /// - Parameter modelType: `model_type` of `config.json`.
  /// - Throws: `AnalysisError.badTokenizer` naming the file and the key.
  init(_ bytes: UnsafeRawBufferPointer, file: String, modelType: String? = nil) throws {
    let object = try TokenizerJSONObject(bytes, file: file)
    place = file
    let named = try object.string("tokenizer_class")
    let (addsBeginning, addsEnd) = (try object.bool("add_bos_token"), try object.bool("add_eos_token"))
    var name = named ?? modelType.flatMap { Self.classes[$0] } ?? ""
    for ending in ["Fast", "Tokenizer"] where name.hasSuffix(ending) { name.removeLast(ending.count) }
    guard let rule = Self.rules[name] else {
      (decidingClass, before, after) = (nil, nil, nil)
      return
    }
    decidingClass = "\(name)TokenizerFast"
    before =
      addsBeginning ?? rule.addsBeginning ? try Self.token(object, "bos_token", "add_bos_token", rule.beginning) : nil
    after = addsEnd == true ? try Self.token(object, "eos_token", "add_eos_token", rule.end) : nil
  }

  /// A text, or an object with its `content`.
  private static func token(
    _ object: TokenizerJSONObject, _ key: StaticString, _ switchKey: String, _ standard: String
  ) throws -> String {
    guard let value = object[key] else {
      guard !object.members.contains(where: { TokenText($0.key) == TokenText("\(key)") }) else {
        throw object.failure(
          "\(key)", "is null, but '\(switchKey)' holds; name the token or set '\(switchKey)' to false")
      }
      return standard
    }
    if case .object = value {
      let inner = try object.required(key, object.object)
      return try inner.required("content", inner.string)
    }
    return try object.required(key, object.string)
  }

  /// What puts the special tokens of the model's own tokenizer around texts.
  /// - Parameter id: the id of a token by its text.
  /// - Throws: `AnalysisError.badTokenizer` if a token that is to be added is none of `tokenizer.json`.
  static func processor(
    _ configuration: TokenizerConfiguration?, file: PostProcessor?, id: (String) -> Int?
  ) throws -> PostProcessor? {
    guard let configuration, configuration.decidingClass != nil else { return file }
    func ids(_ text: String?) throws -> [Int] {
      guard let text else { return [] }
      guard let found = id(text) else {
        throw AnalysisError(
          .badTokenizer,
          "\(configuration.place): adds the token '\(text)' to every text, but tokenizer.json has no such token; the two files are of different models, or 'add_bos_token' and 'add_eos_token' have to be false"
        )
      }
      return [found]
    }
    let (before, after) = (try ids(configuration.before), try ids(configuration.after))
    func around(_ text: Int) -> [PostProcessor.Item] {
      [.special(before, type: text), .text(text, type: text), .special(after, type: text)]
    }
    return .template(single: around(0), pair: around(0) + around(1))
  }
}
