/// The `post_processor` of a `tokenizer.json`, as far as one text is concerned: the special tokens around it.
struct PostProcessor: Sendable {
  private(set) var before: [Int] = []
  private(set) var after: [Int] = []

  init() {}

  /// Reads the post-processor.
  /// - Throws: `AnalysisError.badTokenizer` naming a type or an item that the engine does not read.
  init(_ object: TokenizerJSONObject) throws {
    let type = try object.required("type", object.string)
    switch type {
    case "ByteLevel": break  // Concerns offsets only.
    case "BertProcessing", "RobertaProcessing":
      before = [try Self.token(object, "cls")]
      after = [try Self.token(object, "sep")]
    case "TemplateProcessing": try readTemplate(object)
    case "Sequence":
      // A later one puts its tokens around those of an earlier one.
      for item in try object.required("processors", object.objects) {
        let processor = try PostProcessor(item)
        before = processor.before + before
        after += processor.after
        try object.check(
          "processors", before.count + after.count, upTo: TokenizerLimits.specialTokens, "token ids around a text")
      }
    default:
      throw object.failure(
        "type",
        "is '\(type)'; the engine reads TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel and Sequence")
    }
  }

  /// `["[CLS]", 101]`
  private static func token(_ object: TokenizerJSONObject, _ key: StaticString) throws -> Int {
    let items = try object.required(key, object.array)
    guard items.count == 2, case .string = items[0], case .integer(let id) = items[1], (0...0x7FFF_FFFF).contains(id)
    else { throw object.failure("\(key)", "is not a token and its id") }
    return id
  }

  private mutating func readTemplate(_ object: TokenizerJSONObject) throws {
    let tokens = try object.required("special_tokens", object.object)
    let known = Dictionary(
      tokens.members.map { (TokenText($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    var texts = 0
    let items = try object.required("single", object.objects)
    try object.check("single", items.count, upTo: TokenizerLimits.specialTokens, "entries")
    for item in items {
      if let sequence = try item.object("Sequence") {
        guard try sequence.string("id") == "A" else { throw sequence.failure("id", "is not 'A'") }
        texts += 1
      } else if let special = try item.object("SpecialToken") {
        let name = TokenText(try special.required("id", special.string))
        guard case .object(let members) = known[name] else {
          throw special.failure("id", "is '\(name.text)', which 'special_tokens' does not have")
        }
        let ids = try Self.ids(TokenizerJSONObject(members, place: "\(tokens.place): \(name.text)"))
        if texts == 0 { before += ids } else { after += ids }
        try object.check(
          "single", before.count + after.count, upTo: TokenizerLimits.specialTokens, "token ids around a text")
      } else {
        throw object.failure("single", "has an entry that is neither 'Sequence' nor 'SpecialToken'")
      }
    }
    guard texts == 1 else { throw object.failure("single", "has the text \(texts) times, not once") }
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
