import Kernels

/// The kernels, called with arrays.
enum Kernel {
  /// A·B + bias with rows of C two floats further apart than they are long; B as `[k, n]`, or as `[n, k]` if transposed.
  static func product(
    _ a: Strided, _ b: Strided, transposed: Bool, n: Int, bias: [Float]?, rows: Range<Int>? = nil
  ) -> Strided {
    let rows = rows ?? 0..<a.rows
    let k = a.columns
    var packed = [Float](repeating: 0, count: vk_packed_count(k, n))
    vk_pack(b.values, b.stride, transposed ? 1 : 0, k, n, &packed)
    var c = Strided([Float](repeating: .nan, count: rows.count * n), rows.count, n, stride: n + 2)
    a.values.withUnsafeBufferPointer { a0 in
      if let start = a0.baseAddress, let bias {
        vk_gemm(rows.count, n, k, start + rows.lowerBound * a.stride, a.stride, packed, bias, &c.values, c.stride)
      } else if let start = a0.baseAddress {
        vk_gemm(rows.count, n, k, start + rows.lowerBound * a.stride, a.stride, packed, nil, &c.values, c.stride)
      }
    }
    return c
  }

  static func matrixVector(_ matrix: Strided, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: .nan, count: matrix.rows)
    vk_matrix_vector(matrix.rows, matrix.columns, matrix.values, matrix.stride, x, &y)
    return y
  }

  static func layerNorm(_ x: Strided, weight: [Float], bias: [Float], epsilon: Float) -> [Float] {
    var y = [Float](repeating: .nan, count: x.rows * x.columns)
    vk_layer_norm(x.rows, x.columns, x.values, x.stride, weight, bias, epsilon, &y, x.columns)
    return y
  }

  /// start + gradient, without gaps.
  static func layerNormBackward(
    _ x: Strided, weight: [Float], epsilon: Float, dy: Strided, start: Strided
  ) -> [Float] {
    var dx = start
    vk_layer_norm_backward(
      x.rows, x.columns, x.values, x.stride, weight, epsilon, dy.values, dy.stride, &dx.values, dx.stride)
    precondition(dx.gapsKept, "layer norm's backward wrote between the rows")
    return (0..<x.rows).flatMap { r in dx.values[r * dx.stride..<r * dx.stride + x.columns] }
  }

  static func add(_ x: Strided, to y: Strided) -> Strided {
    var sum = y
    vk_add(x.rows, x.columns, x.values, x.stride, &sum.values, y.stride)
    return sum
  }

  static func activation(_ kind: vk_activation_kind, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: .nan, count: x.count)
    vk_activation(kind, x.count, x, &y)
    return y
  }

  static func activationBackward(_ kind: vk_activation_kind, _ x: [Float], dy: [Float]) -> [Float] {
    var dx = [Float](repeating: .nan, count: x.count)
    vk_activation_backward(kind, x.count, x, dy, &dx)
    return dx
  }

  /// Attention heads over one sequence: q, k and v of all positions side by side, `[positions, 3·heads·width]`.
  struct Heads {
    let heads: Int
    let first: Int
    let rows: Int
    let width: Int
    var all: [Float]
    let scale: Float = 0.7
    var window = 0
    var cap: Float = 0
    var bothWays = false
    /// By distance, 2·(first + rows) − 1 of them; empty: none.
    var bias: [Float] = []

    init(heads: Int, first: Int, rows: Int, width: Int, seed: UInt64) {
      (self.heads, self.first, self.rows, self.width) = (heads, first, rows, width)
      all = noise((first + rows) * 3 * heads * width, seed: seed, scale: 2)
    }

    var stride: Int { 3 * heads * width }

    /// Rows of q (0), k (1) or v (2) of a head.
    func matrix(_ which: Int, head: Int) -> [[Double]] {
      (0..<first + rows).map { p in
        (0..<width).map { Double(all[p * stride + which * heads * width + head * width + $0]) }
      }
    }

    /// z by head, by row.
    func expected() -> [Double] {
      (0..<heads).flatMap { head in
        KernelMath.attention(
          q: Array(matrix(0, head: head)[first...]), k: matrix(1, head: head), v: matrix(2, head: head), first: first,
          scale: Double(scale), window: window, cap: Double(cap), bothWays: bothWays, bias: bias.map(Double.init)
        ).flatMap { $0 }
      }
    }

    /// dq, dk, dv by head, by central differences of Σ dz·z.
    func expectedGradients(_ dz: [Double]) -> [Double] {
      (0..<heads).flatMap { head -> [Double] in
        let parts = (0..<3).map { matrix($0, head: head).flatMap { $0 } }
        let count = rows * width
        let upstream = Array(dz[head * count..<(head + 1) * count])
        func split(_ values: ArraySlice<Double>) -> [[Double]] {
          (0..<rows).map { r in Array(values[values.startIndex + r * width..<values.startIndex + (r + 1) * width]) }
        }
        return KernelMath.slopes(at: parts.flatMap { $0 }) { x in
          let z = KernelMath.attention(
            q: split(x[0..<count]), k: split(x[count..<2 * count]), v: split(x[2 * count..<3 * count]), first: 0,
            scale: Double(scale), window: window, cap: Double(cap), bothWays: bothWays, bias: bias.map(Double.init))
          return KernelMath.dot(upstream, z.flatMap { $0 })
        }
      }
    }
  }

  /// The bias of distance 0, which stands in the middle; nil without one.
  private static func withBias(_ job: Heads, _ body: (UnsafePointer<Float>?) -> Void) {
    job.bias.withUnsafeBufferPointer { bias in
      body(bias.isEmpty ? nil : bias.baseAddress.map { $0 + bias.count / 2 })
    }
  }

  /// z by head, by row; positions before `first` come from the cache.
  static func attention(_ job: Heads) -> [Float] {
    var z = [Float](repeating: .nan, count: job.heads * job.rows * job.width)
    withBias(job) { bias in
      job.all.withUnsafeBufferPointer { all in
        z.withUnsafeMutableBufferPointer { z in
          guard let start = all.baseAddress, let out = z.baseAddress else { return }
          let (part, own) = (job.heads * job.width, start + job.first * job.stride)
          let jobs = (0..<job.heads).map { head in
            let column = head * job.width
            return vk_attention_head(
              first: job.first, rows: job.rows, width: job.width, q: own + column, k: own + part + column,
              v: own + 2 * part + column, ldq: job.stride, base_k: start + part + column,
              base_v: start + 2 * part + column, ldbase: job.stride, scale: job.scale,
              z: out + head * job.rows * job.width, ldz: job.width, window: job.window, soft_cap: job.cap,
              length: job.bothWays ? job.first + job.rows : 0, bias: bias, relative: vk_relative_positions())
          }
          precondition(vk_attention(jobs.count, jobs) == 0, "no memory")
        }
      }
    }
    return z
  }

  /// dq, dk, dv by head.
  static func attentionBackward(_ job: Heads, dz: [Float]) -> [Float] {
    let count = job.rows * job.width
    var gradients = [Float](repeating: .nan, count: job.heads * 3 * count)
    withBias(job) { bias in
      job.all.withUnsafeBufferPointer { all in
        dz.withUnsafeBufferPointer { dz in
          gradients.withUnsafeMutableBufferPointer { out in
            guard let start = all.baseAddress, let dz = dz.baseAddress, let out = out.baseAddress else { return }
            let part = job.heads * job.width
            let jobs = (0..<job.heads).map { head in
              let (source, target) = (start + head * job.width, out + head * 3 * count)
              return vk_attention_gradient(
                rows: job.rows, width: job.width, q: source, k: source + part, v: source + 2 * part, ldq: job.stride,
                scale: job.scale, dz: dz + head * count, lddz: job.width, dq: target, dk: target + count,
                dv: target + 2 * count, lddq: job.width, window: job.window, soft_cap: job.cap, group: 1,
                both_ways: job.bothWays ? 1 : 0, bias: bias, relative: vk_relative_positions())
            }
            precondition(vk_attention_backward(jobs.count, jobs) == 0, "no memory")
          }
        }
      }
    }
    return gradients
  }
}
