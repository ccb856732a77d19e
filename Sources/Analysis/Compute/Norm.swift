import Kernels

/// Layer norm over rows: y = (x − mean)/√(variance + ε)·weight + bias. Ba, Kiros, Hinton 2016, eq. 3 and 4.
struct LayerNorm: Sendable {
  let weight: FloatBuffer
  let bias: FloatBuffer
  let epsilon: Float

  var width: Int { weight.count }

  /// `[rows, width]` → `[rows, width]`.
  func forward(rows: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    vk_layer_norm(rows, width, x, width, weight.pointer, bias.pointer, epsilon, y, width)
  }

  /// dx += ∂y/∂x·dy at x (forward: y = x̂·weight + bias).
  func backward(
    rows: Int, at x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, addingTo dx: UnsafeMutablePointer<Float>
  ) {
    vk_layer_norm_backward(rows, width, x, width, weight.pointer, epsilon, dy, width, dx, width)
  }
}
