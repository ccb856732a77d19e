import Foundation
import Kernels

@testable import Analysis

/// The kernels' functions, written once more as plain loops in double precision.
enum KernelMath {
  static func layerNorm(_ x: [Double], weight: [Double], bias: [Double], epsilon: Double) -> [Double] {
    let n = Double(x.count)
    let mean = x.reduce(0, +) / n
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    return x.indices.map { (x[$0] - mean) / (variance + epsilon).squareRoot() * weight[$0] + bias[$0] }
  }

  static func rmsNorm(_ x: [Double], weight: [Double], offset: Double, epsilon: Double) -> [Double] {
    let square = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
    return x.indices.map { x[$0] / (square + epsilon).squareRoot() * (weight[$0] + offset) }
  }

  /// Pairs (i, i + half) of each head turned by their angles.
  static func rotated(_ x: [Double], heads: Int, width: Int, angles: [Double]) -> [Double] {
    var y = x
    for head in 0..<heads {
      for (i, angle) in angles.enumerated() {
        let (low, high) = (head * width + i, head * width + i + angles.count)
        y[low] = x[low] * cos(angle) - x[high] * sin(angle)
        y[high] = x[high] * cos(angle) + x[low] * sin(angle)
      }
    }
    return y
  }

  static func activation(_ kind: vk_activation_kind, _ x: Double) -> Double {
    switch kind {
    case vk_gelu_tanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case vk_gelu_erf: 0.5 * x * erfc(-x / 2.0.squareRoot())
    case vk_relu: max(x, 0)
    case vk_tanh: tanh(x)
    default: x / (1 + exp(-x))
    }
  }

  /// One head over all its positions: rows of q from position `first` on, rows of k and v from position 0 on. A row sees
  /// `window` positions on each side (0: all), after it only if `bothWays`; scores have bias[j − i + k.count − 1] added (empty:
  /// nothing) and become cap·tanh(score/cap) (0: as they are).
  static func attention(
    q: [[Double]], k: [[Double]], v: [[Double]], first: Int, scale: Double,
    window: Int = 0, cap: Double = 0, bothWays: Bool = false, bias: [Double] = []
  ) -> [[Double]] {
    q.enumerated().map { i, query in
      let place = first + i
      let from = window == 0 ? 0 : max(0, place - window + 1)
      let last = !bothWays ? place : window == 0 ? k.count - 1 : min(k.count - 1, place + window - 1)
      let scores = (from...last).map { j in
        let score =
          scale * zip(query, k[j]).reduce(0) { $0 + $1.0 * $1.1 } + (bias.isEmpty ? 0 : bias[j - place + k.count - 1])
        return cap == 0 ? score : cap * tanh(score / cap)
      }
      let most = scores.max() ?? 0
      let weights = scores.map { exp($0 - most) }
      let total = weights.reduce(0, +)
      return query.indices.map { c in weights.indices.reduce(0) { $0 + weights[$1] / total * v[from + $1][c] } }
    }
  }

  /// ∂f/∂x by central differences, one element after the other.
  static func slopes(at x: [Double], step: Double = 1e-5, _ f: ([Double]) -> Double) -> [Double] {
    x.indices.map { i in
      var (up, down) = (x, x)
      up[i] += step
      down[i] -= step
      return (f(up) - f(down)) / (2 * step)
    }
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}

/// A matrix whose rows stand further apart than they are long; the gaps hold a number that must stay.
struct Strided {
  static let gap: Float = 77
  var values: [Float]
  let rows: Int
  let columns: Int
  let stride: Int

  /// Seeded numbers.
  init(_ rows: Int, _ columns: Int, stride: Int, seed: UInt64, scale: Float = 1) {
    self.init(noise(rows * columns, seed: seed, scale: scale), rows, columns, stride: stride)
  }

  init(_ dense: [Float], _ rows: Int, _ columns: Int, stride: Int) {
    values = [Float](repeating: Self.gap, count: rows * stride)
    for r in 0..<rows { for c in 0..<columns { values[r * stride + c] = dense[r * columns + c] } }
    (self.rows, self.columns, self.stride) = (rows, columns, stride)
  }

  subscript(row: Int) -> [Double] { values[row * stride..<row * stride + columns].map(Double.init) }

  var doubles: [[Double]] { (0..<rows).map { self[$0] } }

  /// Whether the gaps are as they were.
  var gapsKept: Bool {
    (0..<rows).allSatisfy { values[$0 * stride + columns..<($0 + 1) * stride].allSatisfy { $0 == Self.gap } }
  }
}
