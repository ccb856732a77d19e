/// Floats in memory that the kernels work on, aligned to a cache line, zeroed.
///
/// Unchecked: the buffer itself does not synchronise. It is written by one thread (or by kernel tasks on disjoint parts)
/// and only read once it is shared.
final class FloatBuffer: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// - Precondition: count ≥ 0.
  init(_ count: Int) {
    precondition(count >= 0, "a buffer cannot have \(count) floats")
    self.count = count
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { pointer.deallocate() }

  /// The first `n` floats as an array.
  func array(_ range: Range<Int>) -> [Float] {
    precondition(range.upperBound <= count, "range \(range) of \(count) floats")
    return Array(UnsafeBufferPointer(start: pointer + range.lowerBound, count: range.count))
  }
}

/// A matrix of rows in one buffer, row-major without gaps: `[rows, columns]`.
struct Matrix: Sendable {
  let buffer: FloatBuffer
  let rows: Int
  let columns: Int

  init(rows: Int, columns: Int) {
    buffer = FloatBuffer(rows * columns)
    self.rows = rows
    self.columns = columns
  }

  /// The first float of a row.
  func row(_ index: Int) -> UnsafeMutablePointer<Float> {
    precondition(index >= 0 && index <= rows, "row \(index) of \(rows)")
    return buffer.pointer + index * columns
  }

  var pointer: UnsafeMutablePointer<Float> { buffer.pointer }

  /// Copies rows of another matrix of the same width.
  func copy(rows count: Int, from source: UnsafePointer<Float>, to row: Int) {
    precondition(row + count <= rows, "rows \(row)..<\(row + count) of \(rows)")
    self.row(row).update(from: source, count: count * columns)
  }

  /// Whether every value is neither NaN nor infinite.
  var isFinite: Bool {
    UnsafeBufferPointer(start: pointer, count: rows * columns).allSatisfy(\.isFinite)
  }
}
