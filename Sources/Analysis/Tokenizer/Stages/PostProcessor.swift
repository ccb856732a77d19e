/// The `post_processor` of a `tokenizer.json`: what is put around and between texts, and the type of each token.
indirect enum PostProcessor: Sendable {
  enum Item: Sendable, Equatable {
    /// The first text (0) or the second (1).
    case text(Int, type: Int)
    case special([Int], type: Int)
  }

  case sequence([PostProcessor])
  /// Concerns offsets only.
  case offsetsOnly
  /// This and the next take all they get for text, even what a step before them put in.
  case bert(first: Int, separator: Int)
  case roberta(first: Int, separator: Int)
  case template(single: [Item], pair: [Item])

  /// What the texts become.
  /// - Parameters:
  ///   - parts: one text or two; between steps of a sequence also what was put between them.
  ///   - addsTokens: whether special tokens are put in; without them the types are set all the same.
  /// - Throws: `AnalysisError.badTokenizer` if a template gets more parts than two, over which `tokenizers` stumbles.
  func callAsFunction(_ parts: [TokenEncoding], addsTokens: Bool = true) throws -> [TokenEncoding] {
    func special(_ id: Int, type: Int = 0) -> TokenEncoding { TokenEncoding([id], typeID: type, isSpecial: true) }
    switch self {
    case .sequence(let steps): return try steps.reduce(parts) { try $1($0, addsTokens: addsTokens) }
    case .offsetsOnly: return parts
    case .bert(let first, let separator):
      guard addsTokens else { return parts }
      return parts.enumerated().map { number, part in
        number == 0 ? special(first) + part.asText + special(separator) : part.asText + special(separator, type: 1)
      }
    case .roberta(let first, let separator):
      return parts.enumerated().map { number, part in
        let text = part.with(typeID: 0)
        return addsTokens ? special(number == 0 ? first : separator) + text.asText + special(separator) : text
      }
    case .template(let single, let pair):
      guard parts.count == 1 || parts.count == 2 else {
        throw AnalysisError(
          .badTokenizer,
          "tokenizer.json: post_processor: a template gets \(parts.count) parts from the step before it, and has rules for one text and for two only"
        )
      }
      return (parts.count == 1 ? single : pair).compactMap { item in
        switch item {
        case .text(let number, let type): parts[number].with(typeID: type)
        case .special(let ids, let type): addsTokens ? TokenEncoding(ids, typeID: type, isSpecial: true) : nil
        }
      }
    }
  }

  /// The most special tokens that it puts around a text or a pair, as far as texts stand in it once.
  private var mostSpecialTokens: Int {
    switch self {
    case .sequence(let steps): steps.reduce(0) { $0 + $1.mostSpecialTokens }
    case .offsetsOnly: 0
    case .bert, .roberta: 2
    case .template(let single, let pair):
      [single, pair].map { items in
        items.reduce(0) { sum, item in if case .special(let ids, _) = item { sum + ids.count } else { sum } }
      }.max() ?? 0
    }
  }

  /// Steps, sequences among them.
  private var stepCount: Int {
    if case .sequence(let steps) = self { 1 + steps.reduce(0) { $0 + $1.stepCount } } else { 1 }
  }

  /// What comes before and after a single text.
  /// - Throws: as a call; and if the text is not there exactly once.
  func around() throws -> (before: [Int], after: [Int]) {
    // Stands for the text; no id of a file is negative.
    let marker = -1
    let all = try self([TokenEncoding([marker])]).flatMap(\.ids)
    guard let place = all.firstIndex(of: marker), all.lastIndex(of: marker) == place else {
      throw AnalysisError(
        .badTokenizer,
        "tokenizer.json: post_processor: key 'single' has the text \(all.count { $0 == marker }) times, not once")
    }
    return (Array(all[..<place]), Array(all[(place + 1)...]))
  }
}

extension PostProcessor {
  /// Reads the post-processor.
  /// - Throws: `AnalysisError.badTokenizer` naming a type or an item that the engine does not read.
  init(_ object: ModelJSONObject) throws {
    let type = try object.string("type") ?? Self.typeByKeys(object)
    switch type {
    case "ByteLevel": self = .offsetsOnly
    case "BertProcessing":
      self = .bert(first: try Self.token(object, "cls"), separator: try Self.token(object, "sep"))
    case "RobertaProcessing":
      self = .roberta(first: try Self.token(object, "cls"), separator: try Self.token(object, "sep"))
    case "TemplateProcessing": self = try Self.template(object)
    case "Sequence": self = .sequence(try Self.processors(object))
    default:
      throw object.failure(
        "type",
        "is '\(type)'; the engine reads TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and Sequence")
    }
  }

  /// The type of a post-processor that does not say it, by its keys as `tokenizers` tells it.
  private static func typeByKeys(_ object: ModelJSONObject) throws -> String {
    if object["cls"] != nil, object["sep"] != nil {
      return object["trim_offsets"] != nil && object["add_prefix_space"] != nil ? "RobertaProcessing" : "BertProcessing"
    }
    if object["single"] != nil, object["pair"] != nil { return "TemplateProcessing" }
    throw object.failure("type", "is missing, and no kind of post-processor has these keys alone")
  }

  /// `["[CLS]", 101]`
  private static func token(_ object: ModelJSONObject, _ key: String) throws -> Int {
    let items = try object.required(key, object.array)
    guard items.count == 2, case .string = items[0], case .integer(let id) = items[1], (0...0x7FFF_FFFF).contains(id)
    else { throw object.failure(key, "is not a token and its id") }
    return id
  }

  /// The processors of a sequence, each read and counted before the next, so that a file with too many is refused soon.
  private static func processors(_ object: ModelJSONObject) throws -> [PostProcessor] {
    var ids = 0
    return try object.steps("processors") { item in
      let processor = try PostProcessor(item)
      ids += processor.mostSpecialTokens
      try object.check("processors", ids, upTo: TokenizerLimits.specialTokens, "token ids around a text")
      return processor
    } count: {
      $0.stepCount
    }
  }

  private static func template(_ object: ModelJSONObject) throws -> PostProcessor {
    let tokens = try object.object("special_tokens") ?? ModelJSONObject(place: object.place, code: object.code)
    func items(_ key: String, texts: [String]) throws -> [Item]? {
      guard let list = try object.objects(key) else { return nil }
      try object.check(key, list.count, upTo: TokenizerLimits.specialTokens, "entries")
      var count = 0
      return try list.map { entry in
        let item = try Self.item(entry, of: object, key, known: tokens, texts: texts)
        if case .special(let ids, _) = item { count += ids.count }
        try object.check(key, count, upTo: TokenizerLimits.specialTokens, "token ids around a text")
        return item
      }
    }
    // Nothing is refused for pairs here: most files are never used with any.
    return .template(
      single: try object.required("single") { try items($0, texts: ["A"]) },
      pair: try items("pair", texts: ["A", "B"]) ?? [.text(0, type: 0), .text(1, type: 0)])
  }

  private static func item(
    _ item: ModelJSONObject, of object: ModelJSONObject, _ key: String, known: ModelJSONObject, texts: [String]
  ) throws -> Item {
    if let sequence = try item.object("Sequence") {
      let id = try sequence.string("id") ?? ""
      guard let number = texts.firstIndex(of: id) else {
        throw sequence.failure("id", "is not \(texts.map { "'\($0)'" }.joined(separator: " or "))")
      }
      return .text(number, type: try sequence.integer("type_id", in: 0...0x7FFF_FFFF) ?? 0)
    }
    guard let special = try item.object("SpecialToken") else {
      throw object.failure(key, "has an entry that is neither 'Sequence' nor 'SpecialToken'")
    }
    let name = try special.required("id", special.string)
    guard case .object(let members) = known[name] else {
      throw special.failure("id", "is '\(name)', which 'special_tokens' does not have")
    }
    return .special(
      try ids(known.inner(members, name)), type: try special.integer("type_id", in: 0...0x7FFF_FFFF) ?? 0)
  }

  private static func ids(_ object: ModelJSONObject) throws -> [Int] {
    try object.required("ids", object.array).map { item in
      guard case .integer(let id) = item, (0...0x7FFF_FFFF).contains(id) else {
        throw object.failure("ids", "has an entry that is not a token id")
      }
      return id
    }
  }
}
