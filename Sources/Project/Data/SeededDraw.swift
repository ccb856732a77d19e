import Analysis

/// Draws records with a seed, the same on every machine and in every later version.
///
/// The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014, figure 16,
/// with the constants of Vigna's public-domain `splitmix64.c`). A number below *n* is the remainder by *n* of the first
/// output below the largest multiple of *n* that 64 bits hold. The draw is the first *k* steps of a Fisher–Yates shuffle:
/// for *i* = 0 … *k* − 1, position *i* is exchanged with position *i* + (a number below *n* − *i*).
struct SeededDraw {
  private var generator: SplitMix64

  /// A generator at the beginning of its sequence.
  init(seed: UInt64) {
    generator = SplitMix64(seed: seed)
  }

  /// A number in `0 ..< bound`, each equally likely.
  /// - Precondition: `bound` is positive.
  mutating func next(below bound: UInt64) -> UInt64 {
    let rejected = (UInt64.max % bound + 1) % bound
    while true {
      let value = generator.next()
      if value <= UInt64.max - rejected { return value % bound }
    }
  }

  /// `count` of the numbers `0 ..< total` without repetition, in ascending order; all of them if `count` is not smaller.
  /// - Complexity: O(total).
  static func sample(_ count: Int, of total: Int, seed: UInt64) -> [Int] {
    guard count < total else { return Array(0..<total) }
    var draw = SeededDraw(seed: seed)
    var numbers = Array(0..<total)
    for i in 0..<count {
      numbers.swapAt(i, i + Int(draw.next(below: UInt64(total - i))))
    }
    return numbers[..<count].sorted()
  }
}
