/// The tokens that `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` name, and what `transformers` 4.57 adds to
/// the tokens of `tokenizer.json` on their account (`_from_pretrained` of tokenization_utils_base.py, `__init__` of
/// tokenization_utils_fast.py).
struct NamedTokens {
  /// A token as a file names it.
  private struct Entry {
    /// Its text and what is said of it; whether it is normalized goes by `isNormalized`.
    var token: AddedTokens.Token
    /// nil if the file does not say: then what is special is not normalized.
    var isNormalized: Bool?
    /// Whether it is named by its text alone.
    var isText = false
    /// Whether no file names it: then it is the class's own, whatever the files say of a token of this text.
    var isStandard = false

    var text: TokenText { token.text }

    init(_ token: AddedTokens.Token) { (self.token, isNormalized) = (token, token.isNormalized) }

    init(text: String, isStandard: Bool = false) {
      token = AddedTokens.Token(text, isSpecial: false, isNormalized: true)
      isText = true
      self.isStandard = isStandard
    }

    init(_ object: ModelJSONObject, isSpecial: Bool = false) throws {
      token = try AddedTokens.Token(object, isSpecial: isSpecial)
      if isSpecial { token = token.asSpecial }
      isNormalized = try object.bool("normalized")
    }

    /// As it is added.
    func resolved(isSpecial: Bool? = nil) -> AddedTokens.Token {
      let isSpecial = isSpecial ?? token.isSpecial
      return AddedTokens.Token(
        content: token.content, singleWord: token.singleWord, stripsLeft: token.stripsLeft,
        stripsRight: token.stripsRight, isNormalized: isNormalized ?? !isSpecial, isSpecial: isSpecial)
    }
  }

  private struct Declared {
    let entry: Entry
    let place: ModelJSONObject
    let key: String
  }

  /// By key of `TokenizerClass.tokenKeys`: what the files say, nil where they say null.
  private var single: [String: Entry?] = [:]
  private var several: [Entry] = []
  private var extra: [Entry] = []
  /// Whether a file says which the several are.
  private var namesSeveral: Bool
  /// By id.
  private var declared: [Int: Declared] = [:]
  /// What `transformers` takes for the last of `additional_special_tokens` of `special_tokens_map.json` where another key names it: the
  /// last token of `added_tokens.json` (a name that is used twice in its code).
  private var mistaken: (text: TokenText, taken: Entry?)?
  /// Whether `added_tokens_decoder` is given: the other files do not count then.
  private let hasDecoder: Bool
  private let tokenizerClass: TokenizerClass

  init(_ object: ModelJSONObject, _ files: TokenizerFiles, _ tokenizerClass: TokenizerClass) throws {
    self.tokenizerClass = tokenizerClass
    for key in TokenizerClass.tokenKeys where object.given(key) != nil {
      single[key] = .some(try object[key].map { try Self.entry($0, object, key) })
    }
    several = try Self.entries("additional_special_tokens", of: object)
    namesSeveral = object.given("additional_special_tokens") != nil
    hasDecoder = object.given("added_tokens_decoder") != nil
    if hasDecoder {
      let decoder = try object.required("added_tokens_decoder", object.object)
      for member in decoder.members {
        guard let id = Int(member.key), case .object(let token) = member.value else {
          throw decoder.failure(member.key, "is no id with a token")
        }
        let place = decoder.inner(token, member.key)
        declared[id] = Declared(entry: try Entry(place), place: object, key: "added_tokens_decoder")
      }
    } else {
      if let map = try files.read(TokenizerFiles.specialTokens) { try readMap(map) }
      if let added = try files.read(TokenizerFiles.addedTokens) { try readAdded(added) }
    }
    switch object["extra_special_tokens"] {
    case nil: break
    case .object(let members):
      extra = try members.map { try Self.entry($0.value, object, "extra_special_tokens") }
    // So it is written by transformers 5.
    case .some: several += try Self.entries("extra_special_tokens", of: object)
    }
    applyClass()
  }

  /// A text, or an `AddedToken`.
  private static func entry(_ value: StrictJSON, _ object: ModelJSONObject, _ key: String) throws -> Entry {
    switch value {
    case .string(let text): return Entry(text: text)
    case .object(let members):
      let inner = object.inner(members, key)
      guard try inner.string("__type") == "AddedToken" else {
        throw object.failure(
          key,
          "is an object without \"__type\": \"AddedToken\", which transformers 4 does not read; write the token's text"
        )
      }
      return try Entry(inner)
    default: throw object.failure(key, "is \(value.kind), not a token")
    }
  }

  private static func entries(_ key: String, of object: ModelJSONObject) throws -> [Entry] {
    try (object.array(key) ?? []).map { try entry($0, object, key) }
  }

  /// What `special_tokens_map.json` says takes the place of what `tokenizer_config.json` says.
  private mutating func readMap(_ map: ModelJSONObject) throws {
    func entry(_ value: StrictJSON, _ key: String) throws -> Entry {
      guard case .object(let members) = value else { return try Self.entry(value, map, key) }
      return try Entry(map.inner(members, key), isSpecial: true)
    }
    for key in TokenizerClass.tokenKeys where map.given(key) != nil {
      single[key] = .some(try map[key].map { try entry($0, key) })
    }
    namesSeveral = namesSeveral || map.given("additional_special_tokens") != nil
    for value in try map.array("additional_special_tokens") ?? [] {
      let new = try entry(value, "additional_special_tokens")
      let isKnown = several.contains {
        $0.isText == new.isText && $0.text == new.text && (new.isText || $0.resolved() == new.resolved())
      }
      if !isKnown { several.append(new) }
      mistaken = (new.text, nil)
    }
  }

  private mutating func readAdded(_ added: ModelJSONObject) throws {
    let special = Set((single.values.compactMap { $0 } + several).map(\.text))
    for member in added.members {
      guard case .integer(let id) = member.value, id >= 0 else { throw added.failure(member.key, "is no id") }
      let isSpecial = special.contains(TokenText(member.key))
      let token = AddedTokens.Token(member.key, isSpecial: isSpecial, isNormalized: !isSpecial)
      declared[id] = Declared(entry: Entry(token), place: added, key: member.key)
      mistaken?.taken = Entry(token)
    }
  }

  /// What the class takes where the files are silent.
  private mutating func applyClass() {
    for (key, text) in tokenizerClass.tokens where single[key] == nil {
      single[key] = Entry(text: text, isStandard: true)
    }
    let standard = namesSeveral ? [] : tokenizerClass.standardAdditional
    several += (tokenizerClass.additional + standard).map { Entry(text: $0) }
  }

  /// What the class makes of a token that is given as a text.
  private func made(_ entry: Entry, _ key: String) -> Entry {
    guard entry.isText else { return entry }
    let takesSpace = key == "mask_token" && tokenizerClass.maskTakesSpace
    guard takesSpace || tokenizerClass.ownTokens.contains(key) else { return entry }
    return Entry(AddedTokens.Token(entry.text.text, isSpecial: true, isNormalized: false, stripsLeft: takesSpace))
  }

  /// The text of a token that is put around texts.
  /// - Throws: `AnalysisError.badTokenizer` if it is null.
  func required(_ key: String, for switchKey: String, _ object: ModelJSONObject) throws -> String {
    guard let entry = single[key] ?? nil else {
      throw object.failure(key, "is null, but '\(switchKey)' holds; name the token or set '\(switchKey)' to false")
    }
    return entry.text.text
  }

  /// Whether a file names a token otherwise than the class does by itself.
  var hasOthers: Bool {
    TokenizerClass.tokenKeys.contains { key in
      (single[key] ?? nil)?.text.text != tokenizerClass.tokens[key]
    }
  }

  // MARK: What is added

  /// What is added to the tokens of `tokenizer.json`, in this order.
  func additions(to file: [Int: AddedTokens.Token], _ object: ModelJSONObject) throws -> [AddedTokens.Addition] {
    var declared = declared
    if !hasDecoder {
      for (id, token) in file { declared[id] = Declared(entry: Entry(token), place: object, key: "added_tokens") }
    }
    let first = declared.sorted { $0.key < $1.key }
    var byText = Dictionary(
      (hasDecoder ? first.map(\.value.entry) : file.values.map { Entry($0) }).map { ($0.text, $0) },
      uniquingKeysWith: { $1 })
    if let mistaken, let taken = mistaken.taken, byText[mistaken.text] == nil { byText[mistaken.text] = taken }
    let known = Set(file.values.map(\.text) + first.map(\.value.entry.text))
    var special: [Entry] = []
    var seen: Set<TokenText> = []
    for key in TokenizerClass.tokenKeys {
      guard let given = single[key] ?? nil, !given.token.content.isEmpty else { continue }
      let entry = made(given.isStandard ? given : byText[given.text] ?? given, key)
      if seen.insert(entry.text).inserted { special.append(entry) }
    }
    let others = several.filter { !seen.contains($0.text) }
    seen.formUnion(others.map(\.text))
    special += others + extra.filter { seen.insert($0.text).inserted }
    let named = special.filter { entry in
      if entry.isText { return !known.contains(entry.text) }
      // What is there as it is stays, even if another of its text was declared since.
      return !first.contains { $0.value.entry.resolved() == entry.resolved() }
        && !file.values.contains(entry.resolved(isSpecial: true))
    }
    return first.map { id, item in
      let isSpecial = item.entry.token.isSpecial || seen.contains(item.entry.text)
      return AddedTokens.Addition(
        token: item.entry.resolved(isSpecial: isSpecial), id: id, place: item.place, key: item.key)
    } + named.map { AddedTokens.Addition(token: $0.resolved(isSpecial: true), id: nil, place: object, key: "") }
  }

  /// Tokens of `tokenizer.json` that `added_tokens_decoder` leaves out.
  func leftOut(of file: [Int: AddedTokens.Token]) -> [String] {
    guard hasDecoder else { return [] }
    let there = Set(declared.values.map(\.entry.text))
    return file.sorted { $0.key < $1.key }.map(\.value.text).filter { !there.contains($0) }.map(\.text)
  }
}
