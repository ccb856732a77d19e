/// The seeded generator of every random choice: SplitMix64 (Steele, Lea, Flood 2014), same sequence on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator that starts from a seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A uniform index in 0..<count, by multiplication and rejection (Lemire 2019), so that it is unbiased and does not
  /// depend on a library's version.
  /// - Precondition: count > 0.
  public mutating func index(below count: Int) -> Int {
    precondition(count > 0, "an index below \(count)")
    let bound = UInt64(count)
    let threshold = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= threshold { return Int(product.high) }
    }
  }

  /// `count` different indices of 0..<total in rising order (partial Fisher–Yates).
  public mutating func sample(_ count: Int, of total: Int) -> [Int] {
    guard count < total else { return Array(0..<total) }
    var indices = Array(0..<total)
    for i in 0..<count { indices.swapAt(i, i + index(below: total - i)) }
    return indices[0..<count].sorted()
  }
}
