import Kernels

/// Softmax attention of many heads at once; the forward and its backward.
enum Attention {
  /// z = softmax(cap(scale·q·kᵀ + bias) + mask)·v for each head.
  static func forward(_ heads: [vk_attention_head]) {
    precondition(vk_attention(heads.count, heads) == 0, "no memory for a row of attention scores")
  }

  /// Gradients of `forward` to q, k and v for each head (forward: z = softmax(cap(scale·q·kᵀ + bias))·v).
  static func backward(_ heads: [vk_attention_gradient]) {
    precondition(vk_attention_backward(heads.count, heads) == 0, "no memory for a row of attention scores")
  }
}

/// Elementwise operations on rows.
enum Rows {
  /// y += x.
  static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    // Rows of one cache-friendly length, so that the pool can share them.
    let columns = 1024
    let rows = count / columns
    vk_add(rows, columns, x, columns, y, columns)
    vk_add(1, count - rows * columns, x + rows * columns, columns, y + rows * columns, columns)
  }
}
