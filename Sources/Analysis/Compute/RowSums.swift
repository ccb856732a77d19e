import Kernels

/// Sums of rows that may lie anywhere: base + Σ rows, or base − Σ rows. All are computed together, so that rows which several
/// sums share are read once.
struct RowSums {
  private var jobs: [vk_row_sum] = []
  private var rows: [UnsafePointer<Float>?] = []

  /// Adds a sum. Without rows the result has the bits of the base.
  mutating func add(
    _ base: UnsafePointer<Float>, sign: Float, _ rows: some Sequence<UnsafePointer<Float>>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let before = self.rows.count
    self.rows += rows.map(Optional.some)
    jobs.append(
      vk_row_sum(base: base, rows: nil, count: self.rows.count - before, sign: sign, out: out))
  }

  /// Computes all sums.
  /// - Parameter columns: floats of each row.
  func run(columns: Int) {
    rows.withUnsafeBufferPointer { buffer in
      var place = 0
      let jobs = self.jobs.map { job in
        var job = job
        job.rows = buffer.baseAddress.map { $0 + place }
        place += job.count
        return job
      }
      vk_row_sums(jobs.count, jobs, columns)
    }
  }
}
