import Analysis

/// Seeded choices: the same for a seed and an attempt, whatever was attempted before.
struct Draw {
  private var generator: SplitMix64

  init(seed: UInt64, attempt: UInt64) {
    var first = SplitMix64(seed: seed)
    generator = SplitMix64(seed: first.next() ^ attempt)
  }

  mutating func next() -> UInt64 { generator.next() }

  /// A number from 0 to `bound` − 1, 0 if there is none.
  mutating func below(_ bound: Int) -> Int { generator.index(below: max(bound, 1)) }

  /// True once in so many times.
  mutating func chance(_ times: Int) -> Bool { below(times) == 0 }

  mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }
}
