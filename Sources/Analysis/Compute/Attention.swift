import Kernels

/// Causal softmax attention of many heads at once; the forward and its backward.
enum Attention {
  /// One head of one sequence, from its first position on.
  static func head(
    rows: Int, width: Int, scale: Float, query: UnsafePointer<Float>, key: UnsafePointer<Float>,
    value: UnsafePointer<Float>, stride: Int, z: UnsafeMutablePointer<Float>, zStride: Int
  ) -> vk_attention_head {
    vk_attention_head(
      first: 0, rows: rows, width: width, q: query, k: key, v: value, ldq: stride, base_k: nil, base_v: nil, ldbase: 0,
      scale: scale, z: z, ldz: zStride)
  }

  /// z = softmax(scale·q·kᵀ + causal mask)·v for each head.
  static func forward(_ heads: [vk_attention_head]) {
    precondition(vk_attention(heads.count, heads) == 0, "no memory for a row of attention scores")
  }

  /// Gradients of `forward` to q, k and v for each head (forward: z = softmax(scale·q·kᵀ)·v).
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
