import Foundation

/// Counting and listing of choices.
enum Combinatorics {
  /// The binomial coefficient; nil beyond 2⁵³, where a record's numbers stop being exact.
  /// - Precondition: 0 ≤ k ≤ n.
  static func binomial(_ n: Int, _ k: Int) -> Int? {
    precondition(k >= 0 && k <= n, "\(k) of \(n)")
    var result = 1
    for i in 0..<min(k, n - k) {
      // Exact: the product of i + 1 successive numbers is divisible by (i + 1)!.
      let (product, overflow) = result.multipliedReportingOverflow(by: n - i)
      guard !overflow else { return nil }
      result = product / (i + 1)
      guard result <= 1 << 53 else { return nil }
    }
    return result
  }

  /// log₁₀ of the binomial coefficient.
  static func log10Binomial(_ n: Int, _ k: Int) -> Double {
    precondition(k >= 0 && k <= n, "\(k) of \(n)")
    return (1...max(1, min(k, n - k))).reduce(0) { sum, i in
      k == 0 || k == n ? 0 : sum + log10(Double(n - i + 1) / Double(i))
    }
  }

  /// Every choice of k of 0..<n, each in rising order, in lexicographic order: 0..<k comes first.
  static func forEachCombination(_ k: Int, of n: Int, _ body: ([Int]) -> Void) {
    precondition(k >= 0 && k <= n, "\(k) of \(n)")
    var choice = Array(0..<k)
    while true {
      body(choice)
      guard let last = choice.indices.last(where: { choice[$0] < n - k + $0 }) else { return }
      choice[last] += 1
      for i in choice.indices where i > last { choice[i] = choice[i - 1] + 1 }
    }
  }

  /// n!; nil beyond 2⁵³.
  static func factorial(_ n: Int) -> Int? { n <= 18 ? (0..<n).reduce(1) { $0 * ($1 + 1) } : nil }

  /// Every order of 0..<n, in lexicographic order: the identity comes first.
  static func forEachPermutation(_ n: Int, _ body: ([Int]) -> Void) {
    var order = Array(0..<n)
    while true {
      body(order)
      guard let i = order.indices.dropLast().last(where: { order[$0] < order[$0 + 1] }),
        let j = order.indices.last(where: { order[$0] > order[i] })
      else { return }
      order.swapAt(i, j)
      order[(i + 1)...].reverse()
    }
  }
}

extension SplitMix64 {
  /// The numbers 0..<count in random order (Fisher–Yates).
  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in order.indices.dropLast() { order.swapAt(i, i + index(below: count - i)) }
    return order
  }

  /// A uniform number in 0..<1, a multiple of 2⁻⁵³.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
