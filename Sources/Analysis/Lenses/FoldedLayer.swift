import Foundation

/// The four matrices of each head of a layer, folded so that the norm of a product of circuits is that of a small product.
///
/// A circuit is a product of two thin matrices, such as W_V·W_O. Where only norms matter, W_V ([width, headWidth]) may be
/// replaced by any matrix with the same Gram matrix W_Vᵀ·W_V = L·Lᵀ, so by Lᵀ ([headWidth, headWidth]): ‖W_V·W_O·X‖ = ‖Lᵀ·W_O·X‖.
struct FoldedLayer {
  /// Lᵀ_V·W_O of each head: `[heads·headWidth, width]`.
  let outputs: Matrix
  /// `[width]` → W_Q·L_K of each head, then W_K·L_Q, then W_V·L_O; nil once no longer needed.
  private(set) var readers: Linear?
  /// Size of W_OV by head.
  let written: [CircuitSize]
  /// Size of W_QK by head, of W_QKᵀ by head, of W_OV by head.
  let read: [CircuitSize]

  /// - Parameters:
  ///   - distance: positions from key to query.
  ///   - isCentred: whether what is written is centred (what is read always follows the norm).
  init(_ model: Transformer, _ index: Int, distance: Int, isCentred: Bool) {
    let (layer, architecture) = (model.layers[index], model.architecture)
    let (heads, headWidth, width) = (architecture.heads, architecture.headWidth, architecture.width)
    let projections = layer.queryKeyValue.transposedWeight()
    for row in 0..<projections.rows { layer.attentionNorm?.foldGain(into: projections.row(row)) }
    model.foldHeadNorms(layer, into: projections)
    if distance > 0 { architecture.rotateQueries(of: projections, layer: index, distance: distance) }
    let writers = Self.writers(layer, architecture, isCentred: isCentred)

    let outputs = Matrix(rows: heads * headWidth, columns: width)
    let readers = FloatBuffer(3 * heads * headWidth * width)
    for head in 0..<heads {
      let key = architecture.keyColumn(head: head)
      let query = ThinMatrix(projections.row(head * headWidth), headWidth, width)
      let keys = ThinMatrix(projections.row(key), headWidth, width)
      let values = ThinMatrix(projections.row(key + architecture.keyValueWidth), headWidth, width)
      let output = ThinMatrix(writers.row(head * headWidth), headWidth, width)
      output.folded(by: values.choleskyFactor(), into: outputs.row(head * headWidth))
      for (kind, (reader, other)) in [(query, keys), (keys, query), (values, output)].enumerated() {
        let target = readers.pointer + (kind * heads + head) * headWidth * width
        reader.folded(by: other.choleskyFactor(), into: target)
      }
    }
    self.outputs = outputs
    self.readers = Linear(
      weight: readers, bias: nil, inputs: width, outputs: 3 * heads * headWidth, transposedInFile: true)
    written = (0..<heads).map { ThinMatrix(outputs.row($0 * headWidth), headWidth, width).size }
    read = (0..<3 * heads).map { ThinMatrix(readers.pointer + $0 * headWidth * width, headWidth, width).size }
  }

  /// What later layers need of this one.
  var withoutReaders: FoldedLayer {
    var copy = self
    copy.readers = nil
    return copy
  }

  /// W_O of each head, with the gain of the norm after it: `[queryWidth, width]`.
  private static func writers(_ layer: TransformerLayer, _ architecture: Architecture, isCentred: Bool) -> Matrix {
    let transposed = layer.output.transposedWeight()
    let result = Matrix(rows: architecture.queryWidth, columns: architecture.width)
    for column in 0..<architecture.width {
      let gain = layer.attentionPostNorm?.gain(column) ?? 1
      let source = transposed.row(column)
      for row in 0..<result.rows { result.pointer[row * result.columns + column] = gain * source[row] }
    }
    if isCentred { for row in 0..<result.rows { centre(result.row(row), architecture.width) } }
    return result
  }
}

/// Takes the mean off a row.
private func centre(_ row: UnsafeMutablePointer<Float>, _ count: Int) {
  var mean = 0.0
  for i in 0..<count { mean += Double(row[i]) }
  mean /= Double(count)
  for i in 0..<count { row[i] = Float(Double(row[i]) - mean) }
}

extension Norm {
  /// Folds gain and centring into what reads the norm's output: `[width]`, in place.
  fileprivate func foldGain(into row: UnsafeMutablePointer<Float>) {
    for i in 0..<width { row[i] *= gain(i) }
    if kind == .layer { centre(row, width) }
  }
}

extension Transformer {
  /// Folds the gains of norms on single query and key heads into W_Q and W_K: `[projectionWidth, width]`.
  fileprivate func foldHeadNorms(_ layer: TransformerLayer, into projections: Matrix) {
    for (norm, column) in headNorms(layer) {
      for i in 0..<architecture.headWidth {
        let row = projections.row(column + i)
        for c in 0..<projections.columns { row[c] *= norm.gain(i) }
      }
    }
  }
}

extension Architecture {
  /// Turns each query head as it is turned `distance` positions after its key: `[projectionWidth, width]`.
  fileprivate func rotateQueries(of projections: Matrix, layer: Int, distance: Int) {
    guard let rotary = rotary(layer: layer) else { return }
    for head in 0..<heads {
      for i in 0..<rotary.half {
        let angle = Double(rotary.frequencies[i] * Float(distance))
        let (cosine, sine) = (Float(cos(angle)), Float(sin(angle)))
        let first = projections.row(head * headWidth + i)
        let second = projections.row(head * headWidth + i + rotary.half)
        for c in 0..<projections.columns {
          let (a, b) = (first[c], second[c])
          first[c] = a * cosine - b * sine
          second[c] = b * cosine + a * sine
        }
      }
    }
  }
}

/// One matrix of one head, `[headWidth, width]`, in memory that someone else owns.
private struct ThinMatrix {
  let start: UnsafePointer<Float>
  let rows: Int
  let columns: Int

  init(_ start: UnsafePointer<Float>, _ rows: Int, _ columns: Int) {
    (self.start, self.rows, self.columns) = (start, rows, columns)
  }

  /// M·Mᵀ: `[rows, rows]`.
  /// - Complexity: O(rows²·columns).
  private func gram() -> [Double] {
    var result = [Double](repeating: 0, count: rows * rows)
    result.withUnsafeMutableBufferPointer { result in
      for r in 0..<rows {
        for s in 0...r {
          let (a, b) = (start + r * columns, start + s * columns)
          // Four sums, so that one addition need not wait for the last.
          var (w, x, y, z) = (0.0, 0.0, 0.0, 0.0)
          var i = 0
          while i + 4 <= columns {
            w += Double(a[i]) * Double(b[i])
            x += Double(a[i + 1]) * Double(b[i + 1])
            y += Double(a[i + 2]) * Double(b[i + 2])
            z += Double(a[i + 3]) * Double(b[i + 3])
            i += 4
          }
          while i < columns {
            w += Double(a[i]) * Double(b[i])
            i += 1
          }
          let sum = (w + x) + (y + z)
          result[r * rows + s] = sum
          result[s * rows + r] = sum
        }
      }
    }
    return result
  }

  /// Lower triangular L with L·Lᵀ = M·Mᵀ, `[rows, rows]`; columns of a matrix without full rank become 0.
  func choleskyFactor() -> [Double] {
    let gram = gram()
    let largest = (0..<rows).map { gram[$0 * rows + $0] }.max() ?? 0
    var factor = [Double](repeating: 0, count: rows * rows)
    factor.withUnsafeMutableBufferPointer { factor in
      for c in 0..<rows {
        var pivot = gram[c * rows + c]
        for k in 0..<c { pivot -= factor[c * rows + k] * factor[c * rows + k] }
        guard pivot > 1e-14 * largest else { continue }
        let root = pivot.squareRoot()
        factor[c * rows + c] = root
        for r in c + 1..<max(c + 1, rows) {
          var rest = gram[r * rows + c]
          for k in 0..<c { rest -= factor[r * rows + k] * factor[c * rows + k] }
          factor[r * rows + c] = rest / root
        }
      }
    }
    return factor
  }

  /// Lᵀ·M, `[rows, columns]`.
  func folded(by factor: [Double], into target: UnsafeMutablePointer<Float>) {
    var sum = [Double](repeating: 0, count: columns)
    sum.withUnsafeMutableBufferPointer { sum in
      for r in 0..<rows {
        for i in 0..<columns { sum[i] = 0 }
        for k in r..<rows {
          let (weight, row) = (factor[k * rows + r], start + k * columns)
          guard weight != 0 else { continue }
          for i in 0..<columns { sum[i] += weight * Double(row[i]) }
        }
        for i in 0..<columns { target[r * columns + i] = Float(sum[i]) }
      }
    }
  }

  var size: CircuitSize {
    let gram = gram()
    return CircuitSize(
      square: (0..<rows).reduce(0) { $0 + gram[$1 * rows + $1] }, fourth: gram.reduce(0) { $0 + $1 * $1 })
  }
}
