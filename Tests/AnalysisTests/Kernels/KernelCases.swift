import Foundation
import Kernels

/// One kernel call on seeded numbers, and what a loop in double precision gives for it.
struct KernelCase {
  struct Expected {
    let value: Double
    /// How far a float32 result may be off.
    let allowed: Double
  }

  let name: String
  let run: () -> [Float]
  let expected: () -> [Expected]

  static var all: [KernelCase] {
    products + matrixVector + norms + activations + attention + additions + families + slices + relevance
  }

  /// Float32's unit roundoff.
  static let roundoff = 0x1p-24

  /// A sum of products: off by at most γ_k·Σ|terms| (Higham, Accuracy and Stability, 2nd ed., eq. 3.5).
  static func sum(_ terms: [Double]) -> Expected {
    var (value, magnitude) = (0.0, 0.0)
    for term in terms {
      value += term
      magnitude += abs(term)
    }
    let k = Double(terms.count + 1) * roundoff
    return Expected(value: value, allowed: k / (1 - k) * magnitude)
  }

  static func near(_ value: Double, _ tolerance: Double) -> Expected {
    Expected(value: value, allowed: tolerance * max(1, abs(value)))
  }

  // MARK: Products

  static let productSizes = [
    (1, 1, 1), (1, 33, 7), (2, 31, 5), (3, 32, 64), (5, 65, 17), (7, 1, 129), (12, 16, 3), (13, 97, 33), (49, 40, 100),
    (97, 70, 31),
  ]

  private static var products: [KernelCase] {
    productSizes.flatMap { m, n, k in
      [(false, false), (false, true), (true, false), (true, true)].map { transposed, biased in
        product(m, n, k, transposed: transposed, biased: biased)
      }
    } + [product(100, 200, 128, transposed: false, biased: true)]  // large enough for several tasks
  }

  private static func product(_ m: Int, _ n: Int, _ k: Int, transposed: Bool, biased: Bool) -> KernelCase {
    let a = Strided(m, k, stride: k + 3, seed: UInt64(m * 1000 + k))
    let b = transposed ? Strided(n, k, stride: k + 1, seed: 5) : Strided(k, n, stride: n + 2, seed: 5)
    let bias = biased ? noise(n, seed: 6) : nil
    return KernelCase(name: "product \(m)×\(n)×\(k)\(transposed ? " transposed" : "")\(biased ? " with bias" : "")") {
      Kernel.product(a, b, transposed: transposed, n: n, bias: bias).values
    } expected: {
      let (left, right) = (a.doubles, b.doubles)
      var values: [Expected] = []
      for i in 0..<m {
        for j in 0..<n {
          var terms: [Double] = []
          for c in 0..<k { terms.append(left[i][c] * (transposed ? right[j][c] : right[c][j])) }
          if let bias { terms.append(Double(bias[j])) }
          values.append(sum(terms))
        }
        values += [near(Double(Strided.gap), 0), near(Double(Strided.gap), 0)]
      }
      return values
    }
  }

  private static var matrixVector: [KernelCase] {
    [(1, 1), (1, 15), (3, 16), (513, 17), (1100, 33), (2, 129)].map { rows, k in
      let matrix = Strided(rows, k, stride: k + 2, seed: 11)
      let x = noise(k, seed: 12)
      return KernelCase(name: "matrix-vector \(rows)×\(k)") {
        Kernel.matrixVector(matrix, x)
      } expected: {
        matrix.doubles.map { row in sum(zip(row, x).map { $0 * Double($1) }) }
      }
    }
  }

  // MARK: Rows

  private static var norms: [KernelCase] {
    [(1, 1), (2, 2), (3, 15), (17, 16), (33, 17), (5, 100), (2, 129)].flatMap { rows, n -> [KernelCase] in
      let x = Strided(rows, n, stride: n + 3, seed: UInt64(n), scale: 3)
      let (weight, bias) = (noise(n, seed: 21), noise(n, seed: 22))
      let (w, b) = (weight.map(Double.init), bias.map(Double.init))
      let dy = Strided(rows, n, stride: n + 1, seed: 23)
      let start = Strided(rows, n, stride: n + 2, seed: 24)
      let epsilon: Float = 1e-2
      func norm(_ row: [Double]) -> [Double] {
        KernelMath.layerNorm(row, weight: w, bias: b, epsilon: Double(epsilon))
      }
      return [
        KernelCase(name: "layer norm \(rows)×\(n)") {
          Kernel.layerNorm(x, weight: weight, bias: bias, epsilon: epsilon)
        } expected: {
          x.doubles.flatMap { norm($0).map { near($0, 3e-6) } }
        },
        KernelCase(name: "layer norm backward \(rows)×\(n)") {
          Kernel.layerNormBackward(x, weight: weight, epsilon: epsilon, dy: dy, start: start)
        } expected: {
          (0..<rows).flatMap { r in
            zip(start[r], KernelMath.slopes(at: x[r]) { KernelMath.dot(dy[r], norm($0)) }).map { near($0 + $1, 1e-5) }
          }
        },
      ]
    }
  }

  private static var additions: [KernelCase] {
    [(1, 1), (3, 17), (40, 33)].map { rows, n in
      let (x, y) = (Strided(rows, n, stride: n + 1, seed: 31), Strided(rows, n, stride: n + 2, seed: 32))
      return KernelCase(name: "addition \(rows)×\(n)") {
        Kernel.add(x, to: y).values
      } expected: {
        (0..<rows).flatMap { r in
          zip(x[r], y[r]).map { near($0 + $1, roundoff) }
            + [near(Double(Strided.gap), 0), near(Double(Strided.gap), 0)]
        }
      }
    }
  }

  static let kinds: [(String, vk_activation_kind)] = [
    ("gelu tanh", vk_gelu_tanh), ("gelu erf", vk_gelu_erf), ("relu", vk_relu), ("silu", vk_silu), ("tanh", vk_tanh),
  ]

  private static var activations: [KernelCase] {
    kinds.flatMap { name, kind in
      [1, 15, 16, 17, 100, 8200].flatMap { count -> [KernelCase] in
        // Ten wide, so that both tails and the middle are met; 0 and the largest powers of two by hand.
        var x = noise(count, seed: UInt64(count), scale: 10)
        if count == 100 { x.replaceSubrange(0..<6, with: [0, -0.0, 64, -64, 100, -100]) }
        let dy = noise(count, seed: 42)
        let inputs = x
        return [
          KernelCase(name: "\(name) of \(count)") {
            Kernel.activation(kind, inputs)
          } expected: {
            inputs.map { near(KernelMath.activation(kind, Double($0)), 1e-6) }
          },
          KernelCase(name: "\(name) backward of \(count)") {
            Kernel.activationBackward(kind, inputs, dy: dy)
          } expected: {
            // The slope of ReLU at 0 is taken as 0, as PyTorch does; a central difference would say ½.
            zip(inputs, dy).map { x, dy in
              let f = { KernelMath.activation(kind, $0) }
              let slope = x == 0 && kind == vk_relu ? 0 : (f(Double(x) + 1e-5) - f(Double(x) - 1e-5)) / 2e-5
              return near(slope * Double(dy), 3e-6)
            }
          },
        ]
      }
    }
  }

  // MARK: Attention

  private static var attention: [KernelCase] {
    let forward = [(0, 1, 1), (0, 5, 3), (3, 4, 8), (7, 1, 16), (0, 33, 17), (20, 13, 32), (4500, 2, 4)].map {
      first, rows, width in
      let job = Kernel.Heads(heads: 3, first: first, rows: rows, width: width, seed: 51)
      return KernelCase(name: "attention of \(rows) rows after \(first), width \(width)") {
        Kernel.attention(job)
      } expected: {
        job.expected().map { near($0, 3e-6) }
      }
    }
    let backward = [(1, 1), (2, 3), (7, 8), (18, 5)].map { rows, width in
      let job = Kernel.Heads(heads: 2, first: 0, rows: rows, width: width, seed: 61)
      let dz = noise(2 * rows * width, seed: 62)
      return KernelCase(name: "attention backward of \(rows) rows, width \(width)") {
        Kernel.attentionBackward(job, dz: dz)
      } expected: {
        job.expectedGradients(dz.map(Double.init)).map { near($0, 1e-5) }
      }
    }
    return forward + backward
  }
}
