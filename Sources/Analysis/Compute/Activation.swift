import Kernels

/// The nonlinearity of an MLP, by the name it has in `config.json`.
enum Activation: String, Sendable, CaseIterable {
  case geluNew = "gelu_new"
  case geluTanh = "gelu_pytorch_tanh"
  case geluFast = "gelu_fast"
  case gelu
  case relu
  case silu
  case swish
  case tanh

  private var kernel: vk_activation_kind {
    switch self {
    case .geluNew, .geluTanh, .geluFast: vk_gelu_tanh
    case .gelu: vk_gelu_erf
    case .relu: vk_relu
    case .silu, .swish: vk_silu
    case .tanh: vk_tanh
    }
  }

  /// y = f(x); `y` may be `x`.
  func forward(count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    vk_activation(kernel, count, x, y)
  }

  /// dx = dy·f′(x) (forward: y = f(x)), or dy·f(x)/x as relevance; `dx` may be `dy`.
  func backward(
    count: Int, at x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    rule: BackwardRule = .derivative
  ) {
    let backward = rule.isRelevance ? vk_activation_ratio_backward : vk_activation_backward
    backward(kernel, count, x, dy, dx)
  }

  /// y = f(gate)·up: `[rows, 2·width]`, gate and up side by side, → `[rows, width]`.
  func gatedForward(rows: Int, width: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    vk_gated(kernel, rows, width, x, 2 * width, y, width)
  }

  /// dx = gradient or relevance to gate and up (forward: y = f(gate)·up): `[rows, width]` → `[rows, 2·width]`, overwriting.
  func gatedBackward(
    rows: Int, width: Int, at x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, rule: BackwardRule = .derivative
  ) {
    let backward = rule.isRelevance ? vk_gated_ratio_backward : vk_gated_backward
    backward(kernel, rows, width, x, 2 * width, dy, width, dx, 2 * width)
  }
}
