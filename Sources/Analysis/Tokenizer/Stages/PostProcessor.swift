/// The `post_processor` of a `tokenizer.json`: what is put around and between texts, and the type of each token.
indirect enum PostProcessor: Sendable {
  /// Ids and their types on the way through the steps.
  struct Part: Sendable, Equatable {
    var ids: [Int]
    var types: [Int]

    init(_ ids: [Int], type: Int) {
      self.ids = ids
      types = Array(repeating: type, count: ids.count)
    }

    static func + (left: Part, right: Part) -> Part {
      var sum = left
      sum.ids += right.ids
      sum.types += right.types
      return sum
    }
  }

  enum Item: Sendable, Equatable {
    /// The first text (0) or the second (1).
    case text(Int, type: Int)
    case special([Int], type: Int)
  }

  case sequence([PostProcessor])
  /// Concerns offsets only.
  case offsetsOnly
  case bert(first: Int, separator: Int)
  case roberta(first: Int, separator: Int)
  case template(single: [Item], pair: [Item])

  /// What the texts become.
  /// - Throws: `AnalysisError.badTokenizer` if a template gets more parts than two, over which `tokenizers` stumbles.
  func callAsFunction(_ parts: [Part]) throws -> [Part] {
    switch self {
    case .sequence(let steps): return try steps.reduce(parts) { try $1($0) }
    case .offsetsOnly: return parts
    case .bert(let first, let separator):
      return parts.enumerated().map { number, part in
        number == 0
          ? Part([first], type: 0) + part + Part([separator], type: 0) : part + Part([separator], type: 1)
      }
    case .roberta(let first, let separator):
      return parts.enumerated().map { number, part in
        Part([number == 0 ? first : separator], type: 0) + Part(part.ids, type: 0) + Part([separator], type: 0)
      }
    case .template(let single, let pair):
      guard parts.count == 1 || parts.count == 2 else {
        throw AnalysisError(
          .badTokenizer,
          "tokenizer.json: post_processor: a template gets \(parts.count) parts from the step before it, and has rules for one text and for two only"
        )
      }
      return (parts.count == 1 ? single : pair).map { item in
        switch item {
        case .text(let number, let type): Part(parts[number].ids, type: type)
        case .special(let ids, let type): Part(ids, type: type)
        }
      }
    }
  }

  /// What comes before and after a single text.
  /// - Throws: as a call; and if the text is not there exactly once.
  func around() throws -> (before: [Int], after: [Int]) {
    // Stands for the text; no id of a file is negative.
    let marker = -1
    let all = try self([Part([marker], type: 0)]).flatMap(\.ids)
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
  init(_ object: TokenizerJSONObject) throws {
    let type = try object.string("type") ?? Self.typeByKeys(object)
    switch type {
    case "ByteLevel": self = .offsetsOnly
    case "BertProcessing":
      self = .bert(first: try Self.token(object, "cls"), separator: try Self.token(object, "sep"))
    case "RobertaProcessing":
      self = .roberta(first: try Self.token(object, "cls"), separator: try Self.token(object, "sep"))
    case "TemplateProcessing": self = try Self.template(object)
    case "Sequence": self = .sequence(try object.required("processors", object.objects).map { try PostProcessor($0) })
    default:
      throw object.failure(
        "type",
        "is '\(type)'; the engine reads TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and Sequence")
    }
  }

  /// The type of a post-processor that does not say it, by its keys as `tokenizers` tells it.
  private static func typeByKeys(_ object: TokenizerJSONObject) throws -> String {
    if object["cls"] != nil, object["sep"] != nil {
      return object["trim_offsets"] != nil && object["add_prefix_space"] != nil ? "RobertaProcessing" : "BertProcessing"
    }
    if object["single"] != nil, object["pair"] != nil { return "TemplateProcessing" }
    throw object.failure("type", "is missing, and no kind of post-processor has these keys alone")
  }

  /// `["[CLS]", 101]`
  private static func token(_ object: TokenizerJSONObject, _ key: StaticString) throws -> Int {
    let items = try object.required(key, object.array)
    guard items.count == 2, case .string = items[0], case .integer(let id) = items[1], (0...0x7FFF_FFFF).contains(id)
    else { throw object.failure("\(key)", "is not a token and its id") }
    return id
  }

  private static func template(_ object: TokenizerJSONObject) throws -> PostProcessor {
    let tokens = try object.object("special_tokens") ?? TokenizerJSONObject([], place: object.place)
    // Nothing is refused for pairs here: most files are never used with any.
    let pair = try object.objects("pair").map { try items($0, of: object, "pair", tokens: tokens, texts: ["A", "B"]) }
    return .template(
      single: try items(
        try object.required("single", object.objects), of: object, "single", tokens: tokens, texts: ["A"]),
      pair: pair ?? [.text(0, type: 0), .text(1, type: 0)])
  }

  private static func items(
    _ list: [TokenizerJSONObject], of object: TokenizerJSONObject, _ key: String, tokens: TokenizerJSONObject,
    texts: [String]
  ) throws -> [Item] {
    try list.map { item in
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
      let name = TokenText(try special.required("id", special.string))
      guard let member = tokens.members.last(where: { TokenText($0.key) == name }),
        case .object(let members) = member.value
      else { throw special.failure("id", "is '\(name.text)', which 'special_tokens' does not have") }
      return .special(
        try ids(TokenizerJSONObject(members, place: "\(tokens.place): \(name.text)")),
        type: try special.integer("type_id", in: 0...0x7FFF_FFFF) ?? 0)
    }
  }

  private static func ids(_ object: TokenizerJSONObject) throws -> [Int] {
    try object.required("ids", object.array).map { item in
      guard case .integer(let id) = item, (0...0x7FFF_FFFF).contains(id) else {
        throw object.failure("ids", "has an entry that is not a token id")
      }
      return id
    }
  }
}
