/// What the files beside `tokenizer.json` make of it, as `AutoTokenizer` in `transformers` 4 does it (compared with 4.57.6):
/// `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json` and the type of the model.
///
/// `transformers` 5 (5.24) does some of it otherwise. Where the two differ the older holds here: the published models were trained and
/// are described with it. `Tokenizer.changes` says what is to be told of it.
struct TokenizerConfiguration {
  /// The class that decides about special tokens around a text, nil if `tokenizer.json` does.
  let decidingClass: String?
  /// Whether special tokens in a text are read as any text.
  let splitsSpecialTokens: Bool
  /// Whether the types of tokens are among what is handed on to the model.
  let givesTypeIDs: Bool
  /// The file with a chat template, nil if there is none.
  let chatTemplatePlace: String?
  private let files: TokenizerFiles
  private let object: ModelJSONObject
  let tokenizerClass: TokenizerClass
  private let named: NamedTokens
  private var before: String?
  private var after: String?

  /// Reads the files.
  /// - Returns: nil if there are none, so that `tokenizer.json` stands for itself.
  /// - Throws: `AnalysisError.badTokenizer` naming the file and the key.
  init?(_ files: TokenizerFiles) throws {
    let own = try files.read(Checkpoint.tokenizerConfiguration)
    let model = try files.read("config.json")
    let (type, modelClass) = (try model?.string("model_type"), try model?.string("tokenizer_class"))
    let hasOthers = try [TokenizerFiles.specialTokens, TokenizerFiles.addedTokens].contains {
      try files.read($0) != nil
    }
    chatTemplatePlace = files.chatTemplatePlace(own)
    guard own != nil || type != nil || hasOthers || chatTemplatePlace != nil else { return nil }
    object = own ?? ModelJSONObject(place: "\(files.folder)/\(Checkpoint.tokenizerConfiguration)", code: .badTokenizer)
    self.files = files
    try Self.refuseOtherSources(object, files)
    let name = try object.string("tokenizer_class") ?? modelClass ?? type.flatMap { TokenizerClass.ofModels[$0] }
    guard let found = name.map(TokenizerClass.named) ?? .plain else {
      throw object.failure(
        "tokenizer_class",
        "is '\(name ?? "")', of which the engine does not know what it does beside reading tokenizer.json; write it into the file: "
          + files.saveCommand)
    }
    tokenizerClass = found
    splitsSpecialTokens = try object.bool("split_special_tokens") ?? false
    givesTypeIDs =
      try object.array("model_input_names").map { names in
        names.contains { if case .string("token_type_ids") = $0 { true } else { false } }
      } ?? found.givesTypeIDs
    named = try NamedTokens(object, files, found)
    let (addsBeginning, addsEnd) = (try object.bool("add_bos_token"), try object.bool("add_eos_token"))
    guard found.prefixSpace != .file || addsBeginning != true && addsEnd != true else {
      throw object.failure(
        addsBeginning == true ? "add_bos_token" : "add_eos_token",
        "is true with the class \(found.name), for which transformers 5 makes another post-processor; remove the key, or write the tokenizer with transformers<5"
      )
    }
    decidingClass = found.addsBeginning.map { _ in found.name }
    guard let standard = found.addsBeginning else { return }
    if addsBeginning ?? standard { before = try named.required("bos_token", for: "add_bos_token", object) }
    if addsEnd == true { after = try named.required("eos_token", for: "add_eos_token", object) }
  }

  /// Keys that make `transformers` read other files, or run other code, than the engine does.
  private static func refuseOtherSources(_ object: ModelJSONObject, _ files: TokenizerFiles) throws {
    if object.given("tokenizer_file") != nil {
      throw object.failure("tokenizer_file", "names another file than the folder's tokenizer.json; remove the key")
    }
    if let versions = object["fast_tokenizer_files"], case .array(let names) = versions, names.count > 1 {
      throw object.failure(
        "fast_tokenizer_files",
        "names several files, of which transformers takes one by its own version; leave tokenizer.json alone, and remove the key"
      )
    }
    if try object.bool("from_slow") == true {
      throw object.failure(
        "from_slow", "makes the tokenizer anew of other files than tokenizer.json; write it: \(files.saveCommand)")
    }
    if try object.object("auto_map")?["AutoTokenizer"] != nil {
      throw object.failure(
        "auto_map",
        "names Python code of the model's own as its tokenizer, which is not run; write what it does, with 'trust_remote_code=True' after the folder: \(files.saveCommand)"
      )
    }
  }

  // MARK: What it changes of tokenizer.json

  /// `tokenizer.json` with the settings that the class sets.
  /// - Throws: `AnalysisError.badTokenizer` where `transformers` would fail or make the tokenizer anew.
  func applied(to file: ModelJSONObject) throws -> (file: ModelJSONObject, changes: [String]) {
    var (file, changes) = (file, [String]())
    if tokenizerClass.prefixSpace == .configuration, let wanted = try prefixSpace {
      if let step = try file.object("pre_tokenizer"), try step.string("type") == "ByteLevel",
        let present = try step.bool("add_prefix_space"), present != wanted
      {
        file = file.replacing("pre_tokenizer", .object(step.replacing("add_prefix_space", .bool(wanted)).members))
        let source = object.given("add_prefix_space") != nil ? "'add_prefix_space'" : "as \(tokenizerClass.name) does"
        changes.append(
          wanted
            ? "a space is put before each text (\(source)), which tokenizer.json does not do"
            : "no space is put before a text (\(source)), which tokenizer.json does")
      }
      guard !wanted || !tokenizerClass.prefixReachesWithin else {
        throw object.failure(
          "add_prefix_space",
          "is true with the class \(tokenizerClass.name), which sets it in steps within steps of tokenizer.json, too; write it: \(files.saveCommand)"
        )
      }
    }
    if !tokenizerClass.normalizerKeys.isEmpty {
      guard let step = try file.object("normalizer") else {
        throw object.failure(
          "tokenizer_class",
          "is \(tokenizerClass.name), which needs a 'normalizer' in tokenizer.json; correct the class"
        )
      }
      if try step.string("type") == "BertNormalizer" {
        let set = try bertSettings(of: step)
        if let first = set.changes.first { changes.append("the normalizer differs from tokenizer.json in '\(first)'") }
        file = file.replacing("normalizer", .object(set.step.members))
      }
    }
    if splitsSpecialTokens { changes.append("special tokens in a text are read as any text ('split_special_tokens')") }
    return (file, changes)
  }

  /// Whether `transformers` 5 makes other steps than those of the file, since its class has steps of its own.
  /// - Parameter file: `tokenizer.json`.
  func isRemade(_ file: ModelJSONObject) throws -> Bool {
    let step = try file.object("pre_tokenizer")
    let normalizer = try file.object("normalizer")?.string("type")
    let isPrefixLeft = try prefixSpace == nil
    switch tokenizerClass.name {
    case "GPT2TokenizerFast", "GPTNeoXTokenizerFast":
      return try step?.string("type") != "ByteLevel" || normalizer != nil && normalizer != "NFC" || isPrefixLeft
    case "Qwen2TokenizerFast":
      let inner = try step?.objects("pretokenizers")?.map { try $0.string("type") }
      return try inner != ["Split", "ByteLevel"] || normalizer != nil && normalizer != "NFC" || prefixSpace != false
    case "RobertaTokenizerFast":
      return try file["post_processor"] == nil || step?.string("type") != "ByteLevel" || normalizer != nil
    case "BertTokenizerFast", "ElectraTokenizerFast", "DistilBertTokenizerFast", "MPNetTokenizerFast":
      return file["post_processor"] == nil || normalizer != "BertNormalizer" || named.hasOthers
    case "XLMRobertaTokenizerFast", "CamembertTokenizerFast":
      let inner = try step?.objects("pretokenizers")?.map { try $0.string("type") }
      return inner != ["WhitespaceSplit", "Metaspace"] || normalizer != "Precompiled" || named.hasOthers
    case "AlbertTokenizerFast":
      let inner = try step?.objects("pretokenizers")?.map { try $0.string("type") }
      let cleaning = try file.object("normalizer")?.objects("normalizers")?.map { try $0.string("type") }
      let standard = ["Replace", "Replace", "NFKD", "StripAccents", "Lowercase", "Precompiled"]
      return inner != ["WhitespaceSplit", "Metaspace"] || cleaning != standard || named.hasOthers
    // It takes no character map there.
    case "DebertaV2TokenizerFast": return true
    default: return false
    }
  }

  /// What `add_prefix_space` comes to; nil if it is null, which leaves the file as it is.
  private var prefixSpace: Bool? {
    get throws { object.given("add_prefix_space") != nil ? try object.bool("add_prefix_space") : false }
  }

  private func bertSettings(of step: ModelJSONObject) throws -> (step: ModelJSONObject, changes: [String]) {
    func wanted(_ key: String, _ standard: Bool?) throws -> StrictJSON {
      guard object.given(key) != nil else { return standard.map { .bool($0) } ?? .null }
      return try object.bool(key).map { .bool($0) } ?? .null
    }
    let settings: [(key: String, value: StrictJSON)] = [
      ("lowercase", try wanted("do_lower_case", true)), ("strip_accents", try wanted("strip_accents", nil)),
      ("handle_chinese_chars", try wanted("tokenize_chinese_chars", true)),
    ]
    var (result, changes) = (step, [String]())
    for (key, value) in settings where tokenizerClass.normalizerKeys.contains(key) {
      let wanted: Bool? = if case .bool(let truth) = value { truth } else { nil }
      if try step.bool(key) != wanted { changes.append(key) }
      result = result.replacing(key, value)
    }
    return (result, changes)
  }

  /// - Parameter putsSpaces: whether the file puts a space before a text.
  /// - Throws: `AnalysisError.badTokenizer` if `add_prefix_space` asks for something else, for which `transformers` makes the tokenizer
  ///   anew of `tokenizer.model`.
  func checkPrefix(_ putsSpaces: Bool) throws {
    guard tokenizerClass.prefixSpace == .conversion, let wanted = try object.bool("add_prefix_space"),
      wanted != putsSpaces
    else { return }
    throw object.failure(
      "add_prefix_space",
      "is \(wanted), but tokenizer.json puts \(putsSpaces ? "a" : "no") space before a text; transformers 4 makes the tokenizer anew of tokenizer.model then. Correct the key, or write the tokenizer: \(files.saveCommand)"
    )
  }

  /// What is added to the tokens of `tokenizer.json`, in this order.
  /// - Parameter file: its tokens by id.
  func additions(to file: [Int: AddedTokens.Token]) throws -> [AddedTokens.Addition] {
    try named.additions(to: file, object)
  }

  /// Tokens of `tokenizer.json` that `added_tokens_decoder` leaves out; `transformers` 5 does not know them then.
  func leftOut(of file: [Int: AddedTokens.Token]) -> [String] { named.leftOut(of: file) }

  // MARK: Special tokens around a text

  /// What puts the special tokens of the model's own tokenizer around texts.
  /// - Parameters:
  ///   - file: the post-processor of `tokenizer.json`.
  ///   - id: the id of a token by its text.
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
          "\(configuration.object.place): the class \(configuration.tokenizerClass.name) adds the token '\(text)' to every text, but tokenizer.json has no such token; the files are of different models, or the file has to say that 'add_bos_token' and 'add_eos_token' are false, or that 'tokenizer_class' is PreTrainedTokenizerFast, which goes by tokenizer.json"
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
