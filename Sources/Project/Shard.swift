/// One of several parts into which work is divided, each done by a process of its own: `2/8` is the second of eight.
///
/// What is divided are jobs, one run each: one plan on one model version. A run is never divided, since it is one record with
/// statistics over all its prompt pairs. Every process divides for itself and comes to the same result, since nothing but
/// the sizes of the jobs and their order decides.
public struct Shard: Sendable, Equatable, CustomStringConvertible {
  /// Which part, from 1.
  public let index: Int
  /// How many parts.
  public let count: Int

  /// The most parts that work may be divided into; beyond it a typing error is likelier.
  public static let mostParts = 10_000

  /// Reads `2/8`.
  /// - Returns: nil if the text has not this form, or names a part that there is not.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], (1...Self.mostParts).contains(count),
      (1...count).contains(index), text == "\(index)/\(count)"
    else { return nil }
    self.index = index
    self.count = count
  }

  /// `2/8`.
  public var description: String { "\(index)/\(count)" }

  /// The name of the store that this part writes: `evidence.shard-2-of-8.sqlite`.
  public var storeName: String { "evidence.shard-\(index)-of-\(count).sqlite" }

  /// Which jobs this part does: the largest job first, each goes to the part that has least to do so far (Graham 1969, "Bounds
  /// on multiprocessing timing anomalies": at most 4/3 of the best division); of equal jobs the first in order first, of
  /// equal parts the first.
  /// - Parameter sizes: how much work each job is, in any unit.
  /// - Returns: indices of `sizes`, rising. Over all parts every index occurs exactly once.
  /// - Complexity: O(n log n + n · parts).
  public func jobs(sizes: [Int]) -> [Int] {
    var loads = [Int](repeating: 0, count: count)
    var own: [Int] = []
    for job in sizes.indices.sorted(by: { (-sizes[$0], $0) < (-sizes[$1], $1) }) {
      // `min` gives the first of equal loads.
      let part = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      loads[part] += sizes[job]
      if part == index - 1 { own.append(job) }
    }
    return own.sorted()
  }
}
