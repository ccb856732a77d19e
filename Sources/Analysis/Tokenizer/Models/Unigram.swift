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
  /// - Throws: `AnalysisError.badTokenizer` if that takes too much.
  /// - Complexity: O(bytes × longest token).
  func encode(_ word: [Unicode.Scalar], _ work: inout TokenizerWork) throws -> [Int]? {
    let bytes = Array(TokenText(scalars: word).text.utf8)
    guard let steps = try bestSteps(word, bytes, &work) else { return nil }
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
  private func bestSteps(
    _ word: [Unicode.Scalar], _ bytes: [UInt8], _ work: inout TokenizerWork
  ) throws -> [Step]? {
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
      let looks = trie.forEachPrefix(of: bytes[start...]) { id, end in
        offer(id, scores[id] + before, start, end)
        coversOne = coversOne || end - start == length
      }
      try work.spend(1 + looks)
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
  init(of model: ModelJSONObject) throws {
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
    for (id, token) in tokens.enumerated() {
      trie.insert(Array(token.utf8), id)
      guard trie.nodes <= TokenizerLimits.unigramPrefixes else {
        throw model.failure(
          "vocab",
          "has tokens with more than \(TokenizerLimits.unigramPrefixes) different beginnings, which the engine does not read"
        )
      }
    }
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
  /// The node after a node and a byte, see `edge`.
  private var edges: [UInt64: Int32] = [:]
  /// The id of the text that ends at each node, or -1.
  private var ids: [Int32] = [-1]

  /// How many beginnings of texts there are.
  var nodes: Int { ids.count }

  private static func edge(_ node: Int32, _ byte: UInt8) -> UInt64 { UInt64(node) << 8 | UInt64(byte) }

  /// Of a text that is given twice the last id counts.
  /// - Precondition: ids and nodes have 31 bits.
  mutating func insert(_ text: [UInt8], _ id: Int) {
    var node: Int32 = 0
    for byte in text {
      let edge = Self.edge(node, byte)
      if let next = edges[edge] {
        node = next
      } else {
        node = Int32(ids.count)
        edges[edge] = node
        ids.append(-1)
      }
    }
    ids[Int(node)] = Int32(id)
  }

  /// Each text that begins the bytes, the shortest first, with where it ends.
  /// - Returns: how many bytes were looked at.
  func forEachPrefix(of bytes: ArraySlice<UInt8>, _ body: (Int, Int) -> Void) -> Int {
    var node: Int32 = 0
    for i in bytes.indices {
      guard let next = edges[Self.edge(node, bytes[i])] else { return i - bytes.startIndex }
      node = next
      let id = ids[Int(node)]
      if id >= 0 { body(Int(id), i + 1) }
    }
    return bytes.count
  }

  func id(of bytes: ArraySlice<UInt8>) -> Int? {
    var node: Int32 = 0
    for byte in bytes {
      guard let next = edges[Self.edge(node, byte)] else { return nil }
      node = next
    }
    let id = ids[Int(node)]
    return id < 0 ? nil : Int(id)
  }
}
