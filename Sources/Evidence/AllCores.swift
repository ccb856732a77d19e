import Dispatch
import Synchronization

/// Work on all cores.
enum AllCores {
  /// Runs independent jobs.
  /// - Returns: their results, in order.
  /// - Throws: the error of the first job, in order, that failed.
  static func map<Result: Sendable>(
    _ count: Int, _ job: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let result = Swift.Result { try job(index) }
      results.withLock { $0[index] = result }
    }
    let done = results.withLock { $0 }
    return try (0..<count).compactMap { try done[$0]?.get() }
  }
}
