/// The unigram language model (Kudo 2018; SentencePiece): of all ways to cut a word into tokens the one with the largest sum of scores.
struct Unigram: Sendable {
  let vocabulary: Vocabulary
  private let scores: [Double]
  private let unknown: Int?
  /// An unknown stretch becomes the tokens `<0x..>` of its UTF-8 bytes.
  private let byteTokens: [Int?]?
  private let trie: ByteTrie
  /// Of a character that no token covers: the lowest score of the vocabulary, less ten.
  private let unknownScore: Double

  private struct Step {
    var score = 0.0
    var start: Int?
    var id = 0
  }

  /// The ids of a word, nil if a character of it has no token and there is no unknown token.
  /// - Complexity: O(bytes × longest token).
  func encode(_ word: [Unicode.Scalar]) -> [Int]? {
    let bytes = Array(TokenText(scalars: word).text.utf8)
    guard let steps = bestSteps(word, bytes) else { return nil }
    // Back from the end; unknown characters that stand together are one stretch.
    var pieces: [Range<Int>] = []
    var end = bytes.count
    var lastIsUnknown = false
    while end > 0 {
      guard let start = steps[end].start else { return nil }
      let isUnknown = steps[end].id == unknown
      if isUnknown, lastIsUnknown, let last = pieces.popLast() {
        pieces.append(start..<last.upperBound)
      } else {
        pieces.append(start..<end)
      }
      lastIsUnknown = isUnknown
      end = start
    }
    var ids: [Int] = []
    for piece in pieces.reversed() {
      guard let found = self.ids(of: bytes[piece]) else { return nil }
      ids += found
    }
    return ids
  }

  /// The best way to each place between characters.
  private func bestSteps(_ word: [Unicode.Scalar], _ bytes: [UInt8]) -> [Step]? {
    var steps = Array(repeating: Step(), count: bytes.count + 1)
    func offer(_ id: Int, _ score: Double, _ start: Int, _ end: Int) {
      guard steps[end].start == nil || score > steps[end].score else { return }
      steps[end] = Step(score: score, start: start, id: id)
    }
    var start = 0
    for scalar in word {
      let before = steps[start].score
      let length = UTF8.width(scalar)
      var coversOne = false
      trie.forEachPrefix(of: bytes[start...]) { id, end in
        offer(id, scores[id] + before, start, end)
        coversOne = coversOne || end - start == length
      }
      if !coversOne {
        guard let unknown else { return nil }
        offer(unknown, unknownScore + before, start, start + length)
      }
      start += length
    }
    return steps
  }

  private func ids(of piece: ArraySlice<UInt8>) -> [Int]? {
    if let id = trie.id(of: piece) { return [id] }
    if let byteTokens {
      let ids = piece.compactMap { byteTokens[Int($0)] }
      if ids.count == piece.count { return ids }
    }
    return unknown.map { [$0] }
  }

  /// Reads a model of type Unigram.
  /// - Throws: `AnalysisError.badTokenizer`.
  init(of model: TokenizerJSONObject) throws {
    guard let entries = try model.array("vocab"), !entries.isEmpty else {
      throw model.failure("vocab", "is missing or empty")
    }
    var (tokens, scores): ([String], [Double]) = ([], [])
    for (number, entry) in entries.enumerated() {
      guard case .array(let pair) = entry, pair.count == 2, case .string(let token) = pair[0] else {
        throw model.failure("vocab", "has an entry (number \(number)) that is not a token and its score")
      }
      switch pair[1] {
      case .integer(let score): scores.append(Double(score))
      case .number(let score): scores.append(score)
      default: throw model.failure("vocab", "has an entry (number \(number)) whose score is not a number")
      }
      tokens.append(token)
    }
    unknown = try model.integer("unk_id", in: 0...max(0, tokens.count - 1))
    vocabulary = Vocabulary(listed: tokens)
    var trie = ByteTrie()
    for (id, token) in tokens.enumerated() { trie.insert(Array(token.utf8), id) }
    self.trie = trie
    self.scores = scores
    unknownScore = (scores.min() ?? 0) - 10
    byteTokens =
      try model.bool("byte_fallback") == true
      ? (0...255).map { [vocabulary] byte in vocabulary.id(TokenDecoder.byteToken(UInt8(byte))) } : nil
  }
}

/// Texts by their bytes, to find all that begin at a place.
struct ByteTrie: Sendable {
  private struct Edge: Hashable {
    let node: Int
    let byte: UInt8
  }

  private var edges: [Edge: Int] = [:]
  private var ids: [Int?] = [nil]

  /// Of a text that is given twice the last id counts.
  mutating func insert(_ text: [UInt8], _ id: Int) {
    var node = 0
    for byte in text {
      let edge = Edge(node: node, byte: byte)
      if let next = edges[edge] {
        node = next
      } else {
        ids.append(nil)
        edges[edge] = ids.count - 1
        node = ids.count - 1
      }
    }
    ids[node] = id
  }

  /// Each text that begins the bytes, the shortest first, with where it ends.
  func forEachPrefix(of bytes: ArraySlice<UInt8>, _ body: (Int, Int) -> Void) {
    var node = 0
    for (i, byte) in zip(bytes.indices, bytes) {
      guard let next = edges[Edge(node: node, byte: byte)] else { return }
      node = next
      if let id = ids[node] { body(id, i + 1) }
    }
  }

  func id(of bytes: ArraySlice<UInt8>) -> Int? {
    var node = 0
    for byte in bytes {
      guard let next = edges[Edge(node: node, byte: byte)] else { return nil }
      node = next
    }
    return ids[node]
  }
}
