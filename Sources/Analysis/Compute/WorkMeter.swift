/// Counts what a model computed, so that a plan's cost can be held against what was done. A row is one position of one sequence in
/// one layer.
final class WorkMeter: @unchecked Sendable {
  // Unchecked: the counts are guarded by the lock.

  struct Counts: Sendable, Equatable {
    /// Rows of forward passes.
    var forward = 0
    /// Rows of backward passes.
    var backward = 0

    static func - (left: Counts, right: Counts) -> Counts {
      Counts(forward: left.forward - right.forward, backward: left.backward - right.backward)
    }
  }

  private let lock = Lock()
  private var sum = Counts()

  var counts: Counts { lock.withLock { sum } }

  func add(forward rows: Int) { lock.withLock { sum.forward += rows } }
  func add(backward rows: Int) { lock.withLock { sum.backward += rows } }
}
