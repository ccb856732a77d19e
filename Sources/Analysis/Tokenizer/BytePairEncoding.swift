/// Byte-pair encoding (Sennrich, Haddow, Birch 2016): merges the pair of lowest rank until none is left.
struct BytePairEncoding: Sendable {
  struct Pair: Hashable {
    let left: Int
    let right: Int
  }

  struct Merge {
    let rank: Int
    let result: Int
  }

  private let merges: [Pair: Merge]

  init(merges: [Pair: Merge]) { self.merges = merges }

  /// Merges the symbols of one word.
  /// - Complexity: O(n²) in the word's symbols, with words of a few symbols in practice; long words take O(n) memory.
  func merge(_ symbols: [Int]) -> [Int] {
    var symbols = symbols
    while symbols.count > 1 {
      var best: (rank: Int, pair: Pair, result: Int)?
      for i in 0..<symbols.count - 1 {
        let pair = Pair(left: symbols[i], right: symbols[i + 1])
        if let merge = merges[pair], merge.rank < best?.rank ?? .max { best = (merge.rank, pair, merge.result) }
      }
      guard let best else { break }
      var merged: [Int] = []
      merged.reserveCapacity(symbols.count)
      var i = 0
      while i < symbols.count {
        if i + 1 < symbols.count, symbols[i] == best.pair.left, symbols[i + 1] == best.pair.right {
          merged.append(best.result)
          i += 2
        } else {
          merged.append(symbols[i])
          i += 1
        }
      }
      symbols = merged
    }
    return symbols
  }
}
