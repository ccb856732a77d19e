import Kernels

/// Positions that take part in a layer's attention as vectors of their own, by how far apart two tokens stand (disentangled attention; He,
/// Liu, Gao, Chen 2021, eq. 4): the score of query i and key j gets q_i·keys[r] and queries[r]·k_j, r the row of their distance.
struct RelativePositions: Sendable {
  /// All heads' vectors side by side, from a column of a matrix on; nil: none.
  struct Vectors: Sendable {
    let matrix: Matrix
    let column: Int
  }

  let keys: Vectors?
  let queries: Vectors?
  let rows: DistanceRows

  /// - Precondition: both matrices have as many columns.
  init(keys: Vectors?, queries: Vectors?, rows: DistanceRows) {
    precondition(keys == nil || queries == nil || keys?.matrix.columns == queries?.matrix.columns, "two strides")
    (self.keys, self.queries, self.rows) = (keys, queries, rows)
  }

  /// What the kernels need of one head.
  func head(_ head: Int, width: Int) -> vk_relative_positions {
    func start(_ vectors: Vectors?) -> UnsafePointer<Float>? {
      vectors.map { UnsafePointer($0.matrix.pointer + $0.column + head * width) }
    }
    return vk_relative_positions(
      keys: start(keys), queries: start(queries), ld: (keys ?? queries)?.matrix.columns ?? 0, rows: rows.centre)
  }

  /// What a query and a key of a head, `distance` apart, get beside their own product, not scaled.
  func score(
    head: Int, width: Int, distance: Int, query: UnsafePointer<Float>, key: UnsafePointer<Float>
  ) -> Double {
    let row = Int(rows.centre[distance])
    var sum = 0.0
    for i in 0..<width {
      let column = head * width + i
      if let keys { sum += Double(query[i]) * Double(keys.matrix.row(row)[keys.column + column]) }
      if let queries { sum += Double(queries.matrix.row(row)[queries.column + column]) * Double(key[i]) }
    }
    return sum
  }

  /// Bytes that the vectors take, counted once where both stand in one matrix.
  var bytes: Int {
    let matrices = [keys?.matrix, queries?.matrix].compactMap { $0 }
    let isOne = matrices.count == 2 && matrices[0].buffer === matrices[1].buffer
    return (isOne ? Array(matrices.prefix(1)) : matrices).reduce(0) {
      $0 + $1.rows * $1.columns * MemoryLayout<Float>.stride
    }
  }
}

/// By distance (of the seen position from the seeing one), the row of a table.
///
/// Unchecked: written when made, only read afterwards.
final class DistanceRows: @unchecked Sendable {
  private let start: UnsafeMutablePointer<Int32>
  /// The row of distance 0; those of −(positions − 1) to positions − 1 stand around it.
  let centre: UnsafePointer<Int32>

  init(positions: Int, row: (_ distance: Int) -> Int) {
    let count = 2 * positions - 1
    start = .allocate(capacity: count)
    for place in 0..<count { (start + place).initialize(to: Int32(row(place - positions + 1))) }
    centre = UnsafePointer(start + positions - 1)
  }

  deinit { start.deallocate() }
}
