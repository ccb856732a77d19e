import Foundation
import Kernels

/// The backward kernels of relevance propagation: norms with their scale held, activations as multiplications.
extension KernelCase {
  static var relevance: [KernelCase] { heldNorms + ratios + ratioGates }

  private static func filled(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
    var values = [Float](repeating: .nan, count: count)
    values.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { body(start) } }
    return values
  }

  /// By central differences of the norm with the scale of the point where they are taken.
  private static var heldNorms: [KernelCase] {
    [(1, 1, 0), (3, 15, 1), (2, 16, 0), (33, 17, 1), (5, 129, 1)].flatMap { rows, n, offset -> [KernelCase] in
      let (x, dy) = (Strided(rows, n, stride: n + 2, seed: 131, scale: 3), Strided(rows, n, stride: n + 1, seed: 132))
      let (weight, before) = (noise(n, seed: 133), noise(rows * n, seed: 134))
      func slopes(_ norm: @escaping (_ moved: [Double], _ row: [Double]) -> [Double]) -> [Expected] {
        (0..<rows).flatMap { r in
          KernelMath.slopes(at: x[r]) { KernelMath.dot(dy[r], norm($0, x[r])) }.enumerated().map {
            near(Double(before[r * n + $0]) + $1, 1e-5)
          }
        }
      }
      return [
        KernelCase(name: "layer norm backward \(rows)×\(n), scale held") {
          var dx = before
          vk_layer_norm_held_backward(rows, n, x.values, x.stride, weight, 1e-3, dy.values, dy.stride, &dx, n)
          return dx
        } expected: {
          slopes { moved, row in
            let (mean, old) = (moved.reduce(0, +) / Double(n), row.reduce(0, +) / Double(n))
            let variance = row.reduce(0) { $0 + ($1 - old) * ($1 - old) } / Double(n)
            return moved.indices.map { (moved[$0] - mean) / (variance + 1e-3).squareRoot() * Double(weight[$0]) }
          }
        },
        KernelCase(name: "RMS norm backward \(rows)×\(n) plus \(offset), scale held") {
          var dx = before
          vk_rms_norm_held_backward(
            rows, n, x.values, x.stride, weight, Float(offset), 1e-3, dy.values, dy.stride, &dx, n)
          return dx
        } expected: {
          slopes { moved, row in
            let square = row.reduce(0) { $0 + $1 * $1 } / Double(n)
            return moved.indices.map {
              moved[$0] / (square + 1e-3).squareRoot() * (Double(weight[$0]) + Double(offset))
            }
          }
        },
      ]
    }
  }

  private static func ratio(_ kind: vk_activation_kind, _ x: Double) -> Double {
    x == 0 ? (kind == vk_relu ? 0 : kind == vk_tanh ? 1 : 0.5) : KernelMath.activation(kind, x) / x
  }

  private static var ratios: [KernelCase] {
    kinds.flatMap { name, kind in
      [1, 15, 16, 17, 100, 8200].map { count -> KernelCase in
        var x = noise(count, seed: UInt64(count) + 1, scale: 10)
        if count == 100 { x.replaceSubrange(0..<6, with: [0, -0.0, 64, -64, 100, -100]) }
        let (inputs, dy) = (x, noise(count, seed: 142))
        return KernelCase(name: "\(name) as a multiplication, backward of \(count)") {
          filled(count) { vk_activation_ratio_backward(kind, count, inputs, dy, $0) }
        } expected: {
          zip(inputs, dy).map { near(ratio(kind, Double($0)) * Double($1), 1e-6) }
        }
      }
    }
  }

  private static var ratioGates: [KernelCase] {
    kinds.filter { $0.1 != vk_relu }.flatMap { name, kind in
      [(1, 1), (3, 17), (20, 40)].map { rows, n -> KernelCase in
        let (x, dy) = (Strided(rows, 2 * n, stride: 2 * n + 1, seed: 151, scale: 4), noise(rows * n, seed: 152))
        return KernelCase(name: "\(name) gate as halves, backward \(rows)×\(n)") {
          filled(rows * 2 * n) { vk_gated_ratio_backward(kind, rows, n, x.values, x.stride, dy, n, $0, 2 * n) }
        } expected: {
          (0..<rows).flatMap { r -> [Expected] in
            let (row, upstream) = (x[r], dy[r * n..<(r + 1) * n].map(Double.init))
            let gates = (0..<n).map { upstream[$0] * row[n + $0] * ratio(kind, row[$0]) / 2 }
            let ups = (0..<n).map { upstream[$0] * KernelMath.activation(kind, row[$0]) / 2 }
            return (gates + ups).map { near($0, 4e-6) }
          }
        }
      }
    }
  }
}
