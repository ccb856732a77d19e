/// Byte-pair encoding (Sennrich, Haddow, Birch 2016): joins the adjacent pair of lowest rank, the leftmost of these, until no
/// pair is left to join.
struct BytePairEncoding: Sendable {
  struct Merge {
    let rank: Int
    let result: Int
  }

  let vocabulary: Vocabulary
  /// By both ids, see `key`.
  private let merges: [UInt64: Merge]
  private let settings: Settings

  struct Settings: Sendable {
    /// Stands for a character that has no token.
    var unknown: Int?
    /// Neighbouring unknown characters become one token.
    var fusesUnknown = false
    /// An unknown character becomes the tokens `<0x..>` of its UTF-8 bytes.
    var byteTokens: [Int?]?
    /// A whole word that is a token is that token, whatever the merges say.
    var ignoresMerges = false
    /// Before each symbol but a word's first.
    var prefix: [Unicode.Scalar] = []
    /// After a word's last symbol.
    var suffix: [Unicode.Scalar] = []
  }

  private static func key(_ left: Int, _ right: Int) -> UInt64 { UInt64(left) << 32 | UInt64(right) }

  /// The ids of a word, nil for a character that has no token and no substitute.
  /// - Complexity: O(n log n) in the word's scalars.
  func encode(_ word: [Unicode.Scalar]) -> [Int]? {
    if settings.ignoresMerges, let id = vocabulary.id(word) { return [id] }
    guard let symbols = symbols(of: word) else { return nil }
    return merge(symbols)
  }

  /// The first scalar of a word that `encode` has no token for.
  func firstUnknown(in word: [Unicode.Scalar]) -> Unicode.Scalar? { word.first { symbols(of: [$0]) == nil } }

  private func symbols(of word: [Unicode.Scalar]) -> [Int]? {
    var symbols: [Int] = []
    symbols.reserveCapacity(word.count)
    // An unknown symbol waits, in case it is joined by the next. Bytes do not end the wait: so has it the original.
    var waits = false
    func flush() {
      if waits, let unknown = settings.unknown { symbols.append(unknown) }
    }
    for (i, scalar) in word.enumerated() {
      if let id = symbol(scalar, isFirst: i == 0, isLast: i == word.count - 1) {
        flush()
        waits = false
        symbols.append(id)
        continue
      }
      if let bytes = bytes(of: scalar, isFirst: i == 0, isLast: i == word.count - 1) {
        symbols.append(contentsOf: bytes)
        continue
      }
      guard settings.unknown != nil else { return nil }
      if !settings.fusesUnknown { flush() }
      waits = true
    }
    flush()
    return symbols
  }

  private func decorated(_ scalar: Unicode.Scalar, isFirst: Bool, isLast: Bool) -> [Unicode.Scalar] {
    (isFirst ? [] : settings.prefix) + [scalar] + (isLast ? settings.suffix : [])
  }

  private func symbol(_ scalar: Unicode.Scalar, isFirst: Bool, isLast: Bool) -> Int? {
    if settings.prefix.isEmpty, settings.suffix.isEmpty { return vocabulary.id(scalar) }
    return vocabulary.id(decorated(scalar, isFirst: isFirst, isLast: isLast))
  }

  private func bytes(of scalar: Unicode.Scalar, isFirst: Bool, isLast: Bool) -> [Int]? {
    guard let byteTokens = settings.byteTokens else { return nil }
    var ids: [Int] = []
    for scalar in decorated(scalar, isFirst: isFirst, isLast: isLast) {
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
        guard let id = byteTokens[Int(byte)] else { return nil }
        ids.append(id)
      }
    }
    return ids
  }

  /// A symbol of the word while it is being merged; a list linked both ways.
  private struct Symbol {
    var id: Int
    var previous: Int
    var next: Int
    var isGone = false
  }

  private func merge(_ ids: [Int]) -> [Int] {
    guard ids.count > 1 else { return ids }
    var symbols = ids.enumerated().map { Symbol(id: $1, previous: $0 - 1, next: $0 + 1 < ids.count ? $0 + 1 : -1) }
    var queue = MergeQueue()
    func offer(_ left: Int, _ right: Int) {
      guard let merge = merges[Self.key(symbols[left].id, symbols[right].id)] else { return }
      queue.push(.init(rank: merge.rank, position: left, result: merge.result))
    }
    for i in 1..<symbols.count { offer(i - 1, i) }
    while let top = queue.pop() {
      let left = top.position
      let right = symbols[left].next
      guard !symbols[left].isGone, right >= 0 else { continue }
      // The pair may have changed since it was offered. As in the original, only the result is compared, not the rank.
      guard merges[Self.key(symbols[left].id, symbols[right].id)]?.result == top.result else { continue }
      symbols[left].id = top.result
      symbols[left].next = symbols[right].next
      symbols[right].isGone = true
      if symbols[left].previous >= 0 { offer(symbols[left].previous, left) }
      let next = symbols[left].next
      if next >= 0 {
        symbols[next].previous = left
        offer(left, next)
      }
    }
    return symbols.lazy.filter { !$0.isGone }.map(\.id)
  }
}

extension BytePairEncoding {
  /// Reads a model of type BPE.
  /// - Throws: `AnalysisError.badTokenizer`.
  init(of model: ModelJSONObject) throws {
    vocabulary = try Vocabulary(of: model)
    if let dropout = try model.number("dropout"), dropout != 0 {
      throw model.failure("dropout", "is \(dropout); the engine reads text the same way every time, so it takes 0 only")
    }
    var settings = Settings()
    // One that is no token is an error only where it is needed, as in the original.
    settings.unknown = try model.string("unk_token").flatMap { [vocabulary] in vocabulary.id($0) }
    settings.fusesUnknown = try model.bool("fuse_unk") ?? false
    settings.ignoresMerges = try model.bool("ignore_merges") ?? false
    settings.prefix = try model.scalars("continuing_subword_prefix") ?? []
    settings.suffix = try model.scalars("end_of_word_suffix") ?? []
    if try model.bool("byte_fallback") == true {
      settings.byteTokens = (0...255).map { [vocabulary] byte in vocabulary.id(TokenDecoder.byteToken(UInt8(byte))) }
    }
    self.settings = settings
    merges = try Self.merges(of: model, vocabulary: vocabulary, prefix: settings.prefix)
  }

  private static func merges(
    of model: ModelJSONObject, vocabulary: Vocabulary, prefix: [Unicode.Scalar]
  ) throws -> [UInt64: Merge] {
    guard let list = try model.array("merges") else { throw model.failure("merges", "is missing") }
    let prefixLength = TokenText(scalars: prefix).text.utf8.count
    var merges: [UInt64: Merge] = [:]
    merges.reserveCapacity(list.count)
    for (rank, item) in list.enumerated() {
      guard let (left, right) = pair(item) else {
        // The first line of a merges file, kept by some.
        if rank == 0, case .string(let text) = item, text.utf8.starts(with: "#version".utf8) { continue }
        throw model.failure("merges", "has an entry (number \(rank)) that is not two tokens")
      }
      // The prefix goes where it stood inside the word. It counts in bytes, which must not end inside a character.
      let utf8 = right.utf8
      guard utf8.count >= prefixLength,
        let rest = String(utf8[utf8.index(utf8.startIndex, offsetBy: prefixLength)...]),
        let one = vocabulary.id(left), let other = vocabulary.id(right), let result = vocabulary.id(left + rest)
      else {
        throw model.failure("merges", "has an entry (number \(rank)) that does not name tokens of the vocabulary")
      }
      // Of a pair that is given twice the last rank counts, as in the original.
      merges[key(one, other)] = Merge(rank: rank, result: result)
    }
    return merges
  }

  /// The two sides of a merge: a list of two texts, or in older files one text with a space between.
  private static func pair(_ item: StrictJSON) -> (String, String)? {
    switch item {
    case .string(let text):
      let utf8 = text.utf8
      guard let space = utf8.firstIndex(of: 0x20), !text.utf8.starts(with: "#version".utf8) else { return nil }
      let right = text[utf8.index(after: space)...]
      return right.utf8.contains(0x20) ? nil : (String(text[..<space]), String(right))
    case .array(let items):
      guard items.count == 2, case .string(let left) = items[0], case .string(let right) = items[1] else { return nil }
      return (left, right)
    default: return nil
    }
  }
}

/// Merges to be done, the lowest rank first and of these the leftmost: a binary heap.
private struct MergeQueue {
  struct Entry {
    let rank: Int
    let position: Int
    let result: Int

    static func < (left: Entry, right: Entry) -> Bool {
      left.rank != right.rank ? left.rank < right.rank : left.position < right.position
    }
  }

  private var entries: [Entry] = []

  /// - Complexity: O(log n).
  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child] < entries[(child - 1) / 2] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// - Complexity: O(log n).
  mutating func pop() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    if entries.isEmpty { return first }
    entries[0] = last
    var parent = 0
    while 2 * parent + 1 < entries.count {
      var child = 2 * parent + 1
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entries[parent] else { break }
      entries.swapAt(child, parent)
      parent = child
    }
    return first
  }
}
