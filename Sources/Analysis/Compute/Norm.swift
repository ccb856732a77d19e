import Kernels

/// A norm over rows, with its gain.
struct Norm: Sendable {
  enum Kind: Sendable, Equatable {
    /// y = (x − mean)/√(variance + ε)·weight + bias. Ba, Kiros, Hinton 2016, eq. 3 and 4.
    case layer
    /// y = x/√(mean(x²) + ε)·(weight + offset). Zhang, Sennrich 2019, eq. 4; the offset is Gemma's 1.
    case rootMeanSquare(offset: Float)
  }

  let kind: Kind
  let weight: FloatBuffer
  /// Empty for a root-mean-square norm, which has none.
  let bias: FloatBuffer
  let epsilon: Float

  var width: Int { weight.count }

  /// What the normalised value of a column is multiplied with.
  func gain(_ column: Int) -> Float {
    switch kind {
    case .layer: weight.pointer[column]
    case .rootMeanSquare(let offset): weight.pointer[column] + offset
    }
  }

  /// `[rows, width]` → `[rows, width]`, rows `stride` floats apart (nil: without gaps); `y` may be `x`.
  func forward(
    rows: Int, stride: Int? = nil, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    let stride = stride ?? width
    switch kind {
    case .layer: vk_layer_norm(rows, width, x, stride, weight.pointer, bias.pointer, epsilon, y, stride)
    case .rootMeanSquare(let offset):
      vk_rms_norm(rows, width, x, stride, weight.pointer, offset, epsilon, y, stride)
    }
  }

  /// dx += ∂y/∂x·dy at x (forward: y = x̂·gain + bias), or what is left of it with the row's scale held.
  func backward(
    rows: Int, stride: Int? = nil, at x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    addingTo dx: UnsafeMutablePointer<Float>, rule: BackwardRule = .derivative
  ) {
    let stride = stride ?? width
    switch kind {
    case .layer where rule.isRelevance:
      vk_layer_norm_held_backward(rows, width, x, stride, weight.pointer, epsilon, dy, stride, dx, stride)
    case .rootMeanSquare(let offset) where rule.isRelevance:
      vk_rms_norm_held_backward(rows, width, x, stride, weight.pointer, offset, epsilon, dy, stride, dx, stride)
    case .layer: vk_layer_norm_backward(rows, width, x, stride, weight.pointer, epsilon, dy, stride, dx, stride)
    case .rootMeanSquare(let offset):
      vk_rms_norm_backward(rows, width, x, stride, weight.pointer, offset, epsilon, dy, stride, dx, stride)
    }
  }
}
