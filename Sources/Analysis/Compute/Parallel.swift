import Kernels

/// Independent tasks on the engine's threads.
enum Parallel {
  /// Runs the body for each task in 0..<tasks; tasks must write to disjoint places. Kernels that a task calls run on its thread
  /// alone.
  static func forEach(_ tasks: Int, _ body: @Sendable (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var job = Job(body: body)
      withUnsafeMutablePointer(to: &job) { vk_parallel(tasks, runTask, $0) }
    }
  }

  fileprivate struct Job {
    let body: @Sendable (Int) -> Void
  }
}

private func runTask(_ context: UnsafeMutableRawPointer?, _ task: Int) {
  context?.assumingMemoryBound(to: Parallel.Job.self).pointee.body(task)
}
