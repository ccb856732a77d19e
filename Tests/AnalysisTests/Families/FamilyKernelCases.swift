import Foundation
import Kernels

/// The kernels that only some families use: RMS norm, gated activations, rotation, windows and caps, repacking.
extension KernelCase {
  static var families: [KernelCase] {
    rmsNorms + gates + rotations + limitedAttention + bothWays + sharedKeys + repacked
  }

  private static func call(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    var values = [Float](repeating: .nan, count: count)
    values.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { body(start) } }
    return values
  }

  private static var rmsNorms: [KernelCase] {
    [(1, 1, 0), (3, 15, 1), (2, 16, 0), (33, 17, 1), (5, 129, 1)].flatMap { rows, n, offset -> [KernelCase] in
      let (x, dy) = (Strided(rows, n, stride: n + 2, seed: 71, scale: 3), Strided(rows, n, stride: n + 1, seed: 72))
      let weight = noise(n, seed: 73)
      func norm(_ row: [Double]) -> [Double] {
        KernelMath.rmsNorm(row, weight: weight.map(Double.init), offset: Double(offset), epsilon: 1e-3)
      }
      return [
        KernelCase(name: "RMS norm \(rows)×\(n) plus \(offset)") {
          call(rows * n) { vk_rms_norm(rows, n, x.values, x.stride, weight, Float(offset), 1e-3, $0, n) }
        } expected: {
          (0..<rows).flatMap { norm(x[$0]).map { near($0, 2e-6) } }
        },
        KernelCase(name: "RMS norm backward \(rows)×\(n) plus \(offset)") {
          var start = noise(rows * n, seed: 74)
          vk_rms_norm_backward(
            rows, n, x.values, x.stride, weight, Float(offset), 1e-3, dy.values, dy.stride, &start, n)
          return start
        } expected: {
          let start = noise(rows * n, seed: 74)
          return (0..<rows).flatMap { r in
            KernelMath.slopes(at: x[r]) { KernelMath.dot(dy[r], norm($0)) }.enumerated().map {
              near(Double(start[r * n + $0]) + $1, 1e-5)
            }
          }
        },
      ]
    }
  }

  private static var gates: [KernelCase] {
    kinds.filter { $0.1 != vk_relu }.flatMap { name, kind in
      [(1, 1), (3, 17), (20, 40)].flatMap { rows, n -> [KernelCase] in
        let (x, dy) = (Strided(rows, 2 * n, stride: 2 * n + 1, seed: 81, scale: 4), noise(rows * n, seed: 82))
        func gate(_ row: [Double]) -> [Double] {
          (0..<n).map { KernelMath.activation(kind, row[$0]) * row[n + $0] }
        }
        return [
          KernelCase(name: "\(name) gate \(rows)×\(n)") {
            call(rows * n) { vk_gated(kind, rows, n, x.values, x.stride, $0, n) }
          } expected: {
            (0..<rows).flatMap { gate(x[$0]).map { near($0, 4e-6) } }
          },
          KernelCase(name: "\(name) gate backward \(rows)×\(n)") {
            call(rows * 2 * n) { vk_gated_backward(kind, rows, n, x.values, x.stride, dy, n, $0, 2 * n) }
          } expected: {
            (0..<rows).flatMap { r in
              let upstream = dy[r * n..<(r + 1) * n].map(Double.init)
              return KernelMath.slopes(at: x[r]) { KernelMath.dot(upstream, gate($0)) }.map { near($0, 1e-5) }
            }
          },
        ]
      }
    }
  }

  private static var rotations: [KernelCase] {
    [(1, 1, 2, 1), (3, 2, 5, 2), (40, 3, 34, 17), (5, 2, 64, 16)].flatMap { rows, heads, width, half -> [KernelCase] in
      let positions = (0..<rows).map { Int32(($0 * 7) % 11) }
      let angles = noise(11 * half, seed: 91, scale: 3)
      let (cosines, sines) = (angles.map { Float(cos(Double($0))) }, angles.map { Float(sin(Double($0))) })
      let x = noise(rows * heads * width, seed: 92)
      func turned(_ sign: Double) -> [Expected] {
        (0..<rows).flatMap { r in
          let at = Int(positions[r]) * half
          return KernelMath.rotated(
            x[r * heads * width..<(r + 1) * heads * width].map(Double.init), heads: heads, width: width,
            angles: angles[at..<at + half].map { sign * Double($0) }
          ).map { near($0, 3e-7) }
        }
      }
      let name = "\(rows) rows of \(heads) heads of \(width), \(half) pairs"
      return [
        KernelCase(name: "rotation of \(name)") {
          var y = x
          vk_rotary(rows, heads, width, half, positions, cosines, sines, &y, heads * width)
          return y
        } expected: {
          turned(1)
        },
        KernelCase(name: "rotation back of \(name)") {
          var y = x
          vk_rotary_backward(rows, heads, width, half, positions, cosines, sines, &y, heads * width)
          return y
        } expected: {
          turned(-1)
        },
      ]
    }
  }

  /// Windows and caps, forward after a cache and backward.
  private static var limitedAttention: [KernelCase] {
    let limits: [(Int, Float)] = [(3, 0.5), (1, 0), (0, 2), (17, 30), (100, 0.05)]
    return limits.flatMap { window, cap -> [KernelCase] in
      var forward = Kernel.Heads(heads: 2, first: 9, rows: 15, width: 5, seed: 101)
      var backward = Kernel.Heads(heads: 2, first: 0, rows: 19, width: 3, seed: 102)
      (forward.window, forward.cap, backward.window, backward.cap) = (window, cap, window, cap)
      let (ahead, back) = (forward, backward)
      let dz = noise(2 * 19 * 3, seed: 103)
      return [
        KernelCase(name: "attention with window \(window) and cap \(cap)") {
          Kernel.attention(ahead)
        } expected: {
          ahead.expected().map { near($0, 3e-6) }
        },
        KernelCase(name: "attention backward with window \(window) and cap \(cap)") {
          Kernel.attentionBackward(back, dz: dz)
        } expected: {
          back.expectedGradients(dz.map(Double.init)).map { near($0, 1e-5) }
        },
      ]
    }
  }

  /// Attention to the positions after a row too, with windows on both sides, caps and biases by distance.
  private static var bothWays: [KernelCase] {
    let limits: [(Int, Float, Bool)] = [
      (0, 0, false), (0, 0, true), (1, 0, false), (4, 0, true), (6, 2, true), (99, 0, false),
    ]
    return limits.flatMap { window, cap, isBiased -> [KernelCase] in
      var forward = Kernel.Heads(heads: 2, first: 9, rows: 15, width: 5, seed: 131)
      var backward = Kernel.Heads(heads: 2, first: 0, rows: 19, width: 3, seed: 132)
      (forward.window, forward.cap, forward.bothWays) = (window, cap, true)
      (backward.window, backward.cap, backward.bothWays) = (window, cap, true)
      if isBiased { (forward.bias, backward.bias) = (noise(47, seed: 133, scale: 2), noise(37, seed: 134, scale: 2)) }
      let (ahead, back, dz) = (forward, backward, noise(2 * 19 * 3, seed: 135))
      let name = "window \(window), cap \(cap)\(isBiased ? ", biased" : "")"
      return [
        KernelCase(name: "attention both ways, \(name)") {
          Kernel.attention(ahead)
        } expected: {
          ahead.expected().map { near($0, 3e-6) }
        },
        KernelCase(name: "attention both ways backward, \(name)") {
          Kernel.attentionBackward(back, dz: dz)
        } expected: {
          back.expectedGradients(dz.map(Double.init)).map { near($0, 1e-5) }
        },
      ]
    }
  }

  /// Query heads that share one key and value head: dk and dv are sums over them.
  private struct Shared {
    let rows = 7
    let width = 5
    let group = 3
    let q = noise(7 * 15, seed: 111)
    let dz = noise(7 * 15, seed: 112)
    let k = noise(7 * 5, seed: 113)
    let v = noise(7 * 5, seed: 114)

    /// dq, dk and dv one after the other.
    func gradients() -> [Float] {
      // q, k and v side by side, as the engine has them.
      let stride = (group + 2) * width
      var all: [Float] = []
      for r in 0..<rows {
        all += q[r * group * width..<(r + 1) * group * width]
        all += k[r * width..<(r + 1) * width]
        all += v[r * width..<(r + 1) * width]
      }
      let key = group * width
      let out = call(rows * stride) { out in
        all.withUnsafeBufferPointer { all in
          dz.withUnsafeBufferPointer { dz in
            guard let source = all.baseAddress, let upstream = dz.baseAddress else { return }
            let job = vk_attention_gradient(
              rows: rows, width: width, q: source, k: source + key, v: source + key + width, ldq: stride, scale: 0.7,
              dz: upstream, lddz: group * width, dq: out, dk: out + key, dv: out + key + width, lddq: stride,
              window: 0, soft_cap: 0, group: group, both_ways: 0, bias: nil, relative: vk_relative_positions())
            precondition(vk_attention_backward(1, [job]) == 0, "no memory")
          }
        }
      }
      func columns(_ range: Range<Int>) -> [Float] {
        (0..<rows).flatMap { r in out[r * stride + range.lowerBound..<r * stride + range.upperBound] }
      }
      return columns(0..<key) + columns(key..<key + width) + columns(key + width..<stride)
    }

    /// Σ dz·z as a function of q, k and v one after the other.
    func objective(_ x: [Double]) -> Double {
      let keys = split(Array(x[q.count..<q.count + k.count]))
      let values = split(Array(x[(q.count + k.count)...]))
      var sum = 0.0
      for head in 0..<group {
        let queries = column(Array(x[..<q.count]), head)
        let z = KernelMath.attention(q: queries, k: keys, v: values, first: 0, scale: Double(Float(0.7)))
        let upstream = column(dz.map(Double.init), head)
        sum += KernelMath.dot(upstream.flatMap { $0 }, z.flatMap { $0 })
      }
      return sum
    }

    private func column(_ values: [Double], _ head: Int) -> [[Double]] {
      (0..<rows).map { r in
        let start = r * group * width + head * width
        return Array(values[start..<start + width])
      }
    }

    private func split(_ values: [Double]) -> [[Double]] {
      (0..<rows).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }
  }

  private static var sharedKeys: [KernelCase] {
    let shared = Shared()
    return [
      KernelCase(name: "attention backward of shared keys") {
        shared.gradients()
      } expected: {
        let at = (shared.q + shared.k + shared.v).map(Double.init)
        return KernelMath.slopes(at: at) { shared.objective($0) }.map { near($0, 1e-5) }
      }
    ]
  }

  /// The transpose of a packed matrix, used in a product.
  private static var repacked: [KernelCase] {
    [(1, 1), (5, 33), (40, 17), (64, 70)].map { k, n in
      let (a, b) = (Strided(3, n, stride: n, seed: 121), Strided(k, n, stride: n, seed: 122))
      return KernelCase(name: "repacked \(k)×\(n)") {
        var (packed, turned) = (
          [Float](repeating: .nan, count: vk_packed_count(k, n)), [Float](repeating: .nan, count: vk_packed_count(n, k))
        )
        vk_pack(b.values, b.stride, 0, k, n, &packed)
        vk_repack(packed, k, n, &turned)
        return call(3 * k) { vk_gemm(3, k, n, a.values, a.stride, turned, nil, $0, k) }
      } expected: {
        (0..<3).flatMap { r in (0..<k).map { c in sum(zip(a[r], b[c]).map { $0 * $1 }) } }
      }
    }
  }
}
