/// Tokens that are cut out of the text as wholes, before it is normalized or after.
struct AddedTokens: Sendable {
  struct Token: Sendable, Equatable {
    let id: Int
    let content: [Unicode.Scalar]
    let singleWord: Bool
    let stripsLeft: Bool
    let stripsRight: Bool
    let isNormalized: Bool
    let isSpecial: Bool
  }

  enum Segment: Sendable {
    case text(TextPiece)
    case token(Int)
  }

  /// In the order of the file, without repetitions.
  let tokens: [Token]
  /// Looked for in the text as it is given.
  private let raw: TokenTrie
  /// Looked for, normalized themselves, in the normalized text.
  private let normalized: TokenTrie

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
      let token = tokens[match.token]
      position = end
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
      if start < end { segments.append(.token(token.id)) }
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
  /// Reads `added_tokens`.
  ///
  /// The ids are those that Hugging Face's `tokenizers` gives the tokens: the vocabulary's, or else the next free after it.
  /// It does not look at the file's own `id`; a file where they differ is refused, since its author expects others.
  /// - Throws: `AnalysisError.badTokenizer`.
  init(of object: TokenizerJSONObject, vocabulary: Vocabulary, normalizer: TextNormalizer?) throws {
    var tokens: [Token] = []
    var known: [TokenText: Token] = [:]
    var largest: Int?
    var scalars = 0
    for item in try object.objects("added_tokens") ?? [] {
      let text = try item.required("content") { try item.string($0).flatMap { $0.isEmpty ? nil : $0 } }
      let given = try item.requiredID("id")
      let next = largest.map { $0 >= vocabulary.count ? $0 + 1 : vocabulary.count } ?? vocabulary.count
      let id = known[TokenText(text)]?.id ?? vocabulary.id(text) ?? next
      guard id == given else {
        throw item.failure(
          "id",
          "of '\(text)' is \(given), but the vocabulary gives it \(id); the file's tokens and its vocabulary do not agree"
        )
      }
      let token = Token(
        id: id, content: Array(text.unicodeScalars), singleWord: try item.bool("single_word") ?? false,
        stripsLeft: try item.bool("lstrip") ?? false, stripsRight: try item.bool("rstrip") ?? false,
        isNormalized: try item.bool("normalized") ?? false, isSpecial: try item.bool("special") ?? false)
      try item.check("content", token.content.count, upTo: TokenizerLimits.addedToken, "characters")
      scalars += token.content.count
      try object.check("added_tokens", scalars, upTo: TokenizerLimits.addedScalars, "characters in all")
      if let other = known.updateValue(token, forKey: TokenText(text)) {
        guard other == token else { throw item.failure("content", "'\(text)' is there twice, in two ways") }
        continue
      }
      largest = max(largest ?? 0, id)
      tokens.append(token)
    }
    var (raw, normalized) = (TokenTrie(), TokenTrie())
    var work = TokenizerWork(object.place, scalars: TokenizerLimits.addedToken, steps: TokenizerLimits.addedWork)
    // Where two normalize to one text the first counts, special tokens before others.
    for special in [true, false] {
      for (number, token) in tokens.enumerated() where token.isSpecial == special {
        guard token.isNormalized, let normalizer else {
          if token.isNormalized { normalized.insert(token.content, number) } else { raw.insert(token.content, number) }
          continue
        }
        let content = try normalizer(token.content, &work)
        try object.check(
          "added_tokens", content.count, upTo: 8 * TokenizerLimits.addedToken, "characters in a normalized token")
        guard !content.isEmpty else {
          throw object.failure("added_tokens", "has an entry (number \(number)) of which the normalizer leaves nothing")
        }
        normalized.insert(content, number)
      }
    }
    (self.tokens, self.raw, self.normalized) = (tokens, raw, normalized)
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
