/// The matrices that a sweep's batches share, one after the other.
struct SweepWorkspace {
  /// Residual stream of the active variants: `[rows, width]`.
  let residual: Matrix
  let normal: Matrix
  let queryKeyValue: Matrix
  let z: Matrix
  let hidden: Matrix
  let active: Matrix
  let out: Matrix

  init(_ architecture: Architecture, rows: Int) {
    let width = architecture.width
    residual = Matrix(rows: rows, columns: width, zeroed: false)
    normal = Matrix(rows: rows, columns: width, zeroed: false)
    queryKeyValue = Matrix(rows: rows, columns: architecture.projectionWidth, zeroed: false)
    z = Matrix(rows: rows, columns: architecture.queryWidth, zeroed: false)
    hidden = Matrix(rows: rows, columns: architecture.hiddenInputs, zeroed: false)
    active = architecture.isGated ? Matrix(rows: rows, columns: architecture.hidden, zeroed: false) : hidden
    out = Matrix(rows: rows, columns: width, zeroed: false)
  }

  static func bytesPerRow(_ architecture: Architecture) -> Int {
    let floats =
      3 * architecture.width + architecture.projectionWidth + architecture.queryWidth + architecture.hiddenInputs
      + (architecture.isGated ? architecture.hidden : 0)
    return floats * MemoryLayout<Float>.stride
  }
}
