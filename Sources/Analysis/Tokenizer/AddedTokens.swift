/// Tokens that are cut out of the text as wholes, before it is normalized or after.
///
/// Tokens are added one after another, as `tokenizers` does it: one that is there already with other properties gets the new ones for
/// how it is cut out, but stays where it is looked for.
struct AddedTokens: Sendable {
  struct Token: Sendable, Equatable {
    let content: [Unicode.Scalar]
    let singleWord: Bool
    let stripsLeft: Bool
    let stripsRight: Bool
    let isNormalized: Bool
    let isSpecial: Bool

    var text: TokenText { TokenText(scalars: content) }
  }

  enum Segment: Sendable {
    case text(TextPiece)
    case token(Int)
  }

  /// Each token as it was added last, by id.
  private(set) var tokens: [Int: Token] = [:]
  private var ids: [TokenText: Int] = [:]
  private var largest: Int?
  private var scalars = 0
  /// Special tokens and the others, each in the order in which they were added.
  private var specials: [Token] = []
  private var others: [Token] = []
  private var specialTexts: Set<TokenText> = []
  /// Whether special tokens are not cut out, but read as any text.
  private let splitsSpecial: Bool
  /// Looked for in the text as it is given.
  private var raw = TokenTrie()
  /// Looked for, normalized themselves, in the normalized text.
  private var normalized = TokenTrie()

  /// Cuts a text into tokens and what lies between, which is normalized on the way.
  /// - Throws: `AnalysisError.badTokenizer` if a pattern of the normalizer cannot be applied.
  /// - Complexity: O(scalars × longest token).
  func segments(
    of text: [Unicode.Scalar], normalizer: TextNormalizer?, _ work: inout TokenizerWork
  ) throws -> [Segment] {
    try split(TextPiece(scalars: text, isFirst: true), by: raw).flatMap { segment in
      guard case .text(var piece) = segment else { return [segment] }
      if let normalizer {
        work.key = "normalizer"
        piece = try normalizer(piece, &work)
      }
      return split(piece, by: normalized)
    }
  }

  private func split(_ piece: TextPiece, by trie: TokenTrie) -> [Segment] {
    guard !trie.isEmpty else { return piece.scalars.isEmpty ? [] : [.text(piece)] }
    let text = piece.scalars
    var segments: [Segment] = []
    func append(_ range: Range<Int>) {
      if !range.isEmpty { segments.append(.text(piece.part(range))) }
    }
    var (done, position) = (0, 0)
    // Where the last blanks were that a token took with it, so that none is looked at again and again.
    var blanks = 0..<0
    while position < text.count {
      guard let match = trie.longest(in: text, at: position) else {
        position += 1
        continue
      }
      var (start, end) = (position, match.end)
      position = end
      guard let token = tokens[match.token], !(splitsSpecial && specialTexts.contains(token.text)) else { continue }
      if token.singleWord, touchesWord(text, start, end) { continue }
      if token.stripsLeft {
        // Space that the token before has taken stays with it.
        while start > done, text[start - 1].properties.isWhitespace { start -= 1 }
        start = max(start, done)
      }
      if token.stripsRight {
        if blanks.contains(end) { end = blanks.upperBound }
        let first = end
        while end < text.count, text[end].properties.isWhitespace { end += 1 }
        if first < end { blanks = first..<end }
      }
      if done < start { append(done..<start) }
      // A blank that the token before has taken is no match of its own.
      if start < end { segments.append(.token(match.token)) }
      done = end
    }
    append(done..<text.count)
    return segments
  }

  private func touchesWord(_ text: [Unicode.Scalar], _ start: Int, _ end: Int) -> Bool {
    (start > 0 && UnicodeVersions.isWord(text[start - 1])) || (end < text.count && UnicodeVersions.isWord(text[end]))
  }
}

extension AddedTokens {
  /// Reads `added_tokens`, and adds what other files name.
  ///
  /// The ids are those that Hugging Face's `tokenizers` gives the tokens: the vocabulary's, or else the next free after it.
  /// It does not look at the file's own `id`; a file where they differ is refused, since its author expects others.
  /// - Parameters:
  ///   - additions: what is added to the tokens of the file; it is called with them by id.
  ///   - splitsSpecial: whether special tokens are read as any text.
  /// - Throws: `AnalysisError.badTokenizer`.
  init(
    of object: ModelJSONObject, vocabulary: Vocabulary, normalizer: TextNormalizer?, splitsSpecial: Bool = false,
    additions: ([Int: Token]) throws -> [Addition] = { _ in [] }
  ) throws {
    self.splitsSpecial = splitsSpecial
    var known: [TokenText: Token] = [:]
    let own = try (object.objects("added_tokens") ?? []).map { item in
      let token = try Token(item)
      guard known.updateValue(token, forKey: token.text).map({ $0 == token }) ?? true else {
        throw item.failure("content", "'\(token.text.text)' is there twice, in two ways")
      }
      let id = try item.required("id") { try item.integer($0, in: 0...0x7FFF_FFFF) }
      return Addition(token: token, id: id, place: item, key: "id")
    }
    try add(own, vocabulary, limitedBy: object)
    try add(additions(tokens), vocabulary, limitedBy: object)
    try buildTries(object, normalizer)
  }

  private mutating func add(
    _ additions: [Addition], _ vocabulary: Vocabulary, limitedBy object: ModelJSONObject
  ) throws {
    for addition in additions {
      let token = addition.token
      try addition.place.check("content", token.content.count, upTo: TokenizerLimits.addedToken, "characters")
      scalars += token.content.count
      try object.check("added_tokens", scalars, upTo: TokenizerLimits.addedScalars, "characters in all")
      if token.isSpecial, specialTexts.insert(token.text).inserted { specials.append(token) }
    }
    for addition in additions {
      let (token, text) = (addition.token, addition.token.text)
      let next = largest.map { $0 >= vocabulary.count ? $0 + 1 : vocabulary.count } ?? vocabulary.count
      let id = ids[text] ?? vocabulary.id(text.text) ?? next
      if let given = addition.id, given != id {
        throw addition.place.failure(
          addition.key,
          "gives '\(text.text)' the id \(given), but the vocabulary gives it \(id); the tokens and the vocabulary do not agree; correct the id, or copy the files again from where the model was published"
        )
      }
      guard tokens[id] != token else { continue }
      (ids[text], tokens[id], largest) = (id, token, max(largest ?? 0, id))
      if !specialTexts.contains(text) { others.append(token) }
    }
  }

  private mutating func buildTries(_ object: ModelJSONObject, _ normalizer: TextNormalizer?) throws {
    var work = TokenizerWork(object.place, scalars: TokenizerLimits.addedToken, steps: TokenizerLimits.addedWork)
    // Where two normalize to one text the first counts, special tokens before others.
    for token in specials + others {
      guard let id = ids[token.text] else { continue }
      guard token.isNormalized, let normalizer else {
        if token.isNormalized { normalized.insert(token.content, id) } else { raw.insert(token.content, id) }
        continue
      }
      let content = try normalizer(token.content, &work)
      try object.check(
        "added_tokens", content.count, upTo: 8 * TokenizerLimits.addedToken, "characters in a normalized token")
      guard !content.isEmpty else {
        throw object.failure("added_tokens", "has '\(token.text.text)', of which the normalizer leaves nothing")
      }
      normalized.insert(content, id)
    }
  }

  /// The id of a token by its text.
  func id(_ text: String) -> Int? { ids[TokenText(text)] }

  /// A token that is to be added.
  struct Addition {
    let token: Token
    /// The id that its file says it has, nil if it says none.
    var id: Int?
    /// Where it is named, for messages.
    let place: ModelJSONObject
    let key: String
  }
}

extension AddedTokens.Token {
  /// Reads an `AddedToken` as files write it.
  /// - Parameter isSpecial: what it is taken for where it does not say.
  init(_ object: ModelJSONObject, isSpecial: Bool = false) throws {
    let text = try object.required("content") { try object.string($0).flatMap { $0.isEmpty ? nil : $0 } }
    self.init(
      content: Array(text.unicodeScalars), singleWord: try object.bool("single_word") ?? false,
      stripsLeft: try object.bool("lstrip") ?? false, stripsRight: try object.bool("rstrip") ?? false,
      isNormalized: try object.bool("normalized") ?? false, isSpecial: try object.bool("special") ?? isSpecial)
  }

  /// The plain token of a text.
  init(_ text: String, isSpecial: Bool, isNormalized: Bool, stripsLeft: Bool = false) {
    self.init(
      content: Array(text.unicodeScalars), singleWord: false, stripsLeft: stripsLeft, stripsRight: false,
      isNormalized: isNormalized, isSpecial: isSpecial)
  }

  /// The same, taken for special.
  var asSpecial: Self {
    Self(
      content: content, singleWord: singleWord, stripsLeft: stripsLeft, stripsRight: stripsRight,
      isNormalized: isNormalized, isSpecial: true)
  }
}

/// Texts by their scalars, to find the longest that begins at a place.
private struct TokenTrie: Sendable {
  private struct Edge: Hashable {
    let node: Int
    let scalar: Unicode.Scalar
  }

  private var edges: [Edge: Int] = [:]
  private var ends: [Int: Int] = [:]
  private var nodes = 1

  var isEmpty: Bool { ends.isEmpty }

  mutating func insert(_ text: [Unicode.Scalar], _ token: Int) {
    var node = 0
    for scalar in text {
      let edge = Edge(node: node, scalar: scalar)
      if let next = edges[edge] {
        node = next
      } else {
        edges[edge] = nodes
        node = nodes
        nodes += 1
      }
    }
    if ends[node] == nil { ends[node] = token }
  }

  /// The longest text that stands at a position, with where it ends.
  func longest(in text: [Unicode.Scalar], at position: Int) -> (token: Int, end: Int)? {
    var (node, found): (Int, (token: Int, end: Int)?) = (0, nil)
    var i = position
    while i < text.count, let next = edges[Edge(node: node, scalar: text[i])] {
      node = next
      i += 1
      if let token = ends[node] { found = (token, i) }
    }
    return found
  }
}
