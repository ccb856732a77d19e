import Foundation
import Kernels
import Testing

@testable import Analysis

/// What must hold of the kernels whatever the numbers are. On the instruction set of this process.
@Suite("Kernel algebra")
struct KernelAlgebraTests {
  @Test("A linear map and its backward are adjoint: ⟨dy, x·W⟩ = ⟨dy·Wᵀ, x⟩", arguments: [false, true])
  func adjoint(transposedInFile: Bool) {
    for (rows, inputs, outputs) in [(1, 1, 1), (3, 17, 5), (13, 33, 97), (49, 100, 40)] {
      let weight = FloatBuffer(inputs * outputs)
      for (i, value) in noise(inputs * outputs, seed: 1).enumerated() { weight.pointer[i] = value }
      let linear = Linear(
        weight: weight, bias: nil, inputs: inputs, outputs: outputs, transposedInFile: transposedInFile)
      let (x, dy) = (noise(rows * inputs, seed: 2), noise(rows * outputs, seed: 3))
      var y = [Float](repeating: .nan, count: dy.count)
      var dx = [Float](repeating: .nan, count: x.count)
      linear.forward(rows: rows, x, into: &y)
      linear.backward(rows: rows, dy, into: &dx)
      let left = KernelMath.dot(dy.map(Double.init), y.map(Double.init))
      let right = KernelMath.dot(dx.map(Double.init), x.map(Double.init))
      #expect(
        abs(left - right) <= 1e-5 * Double(rows * inputs * outputs).squareRoot(), "\(rows) rows, \(inputs)→\(outputs)")
      // Both against the definition, so that a wrong map with the right adjoint is seen.
      let place = { (i: Int, o: Int) in transposedInFile ? o * inputs + i : i * outputs + o }
      let direct = (0..<outputs).map { o in
        (0..<inputs).reduce(0.0) { $0 + Double(x[$1]) * Double(weight.pointer[place($1, o)]) }
      }
      #expect(largestDifference(y[0..<outputs].map(Double.init), direct) <= 1e-5)
    }
  }

  @Test("The slope of every activation is its central difference in the kernels' own arithmetic")
  func ownCentralDifference() {
    for (name, kind) in KernelCase.kinds where kind != vk_relu {
      let x = noise(200, seed: 3, scale: 4)
      let step: Float = 0x1p-7
      let up = Kernel.activation(kind, x.map { $0 + step })
      let down = Kernel.activation(kind, x.map { $0 - step })
      let slopes = Kernel.activationBackward(kind, x, dy: [Float](repeating: 1, count: x.count))
      let differences = zip(up, down).map { Double($0 - $1) / Double(2 * step) }
      #expect(largestDifference(slopes.map(Double.init), differences) < 2e-4, "\(name)")
    }
  }

  @Test("A long sequence's attention and its backward use memory of their own and stay right")
  func longSequence() {
    // Only the last of 4,500 rows has an upstream gradient, so that its row alone decides.
    let (rows, width) = (4500, 2)
    let job = Kernel.Heads(heads: 1, first: 0, rows: rows, width: width, seed: 5)
    var dz = [Float](repeating: 0, count: rows * width)
    dz.replaceSubrange((rows - 1) * width..<rows * width, with: [0.5, -1.5])
    let gradients = Kernel.attentionBackward(job, dz: dz)
    let (q, k, v) = (job.matrix(0, head: 0), job.matrix(1, head: 0), job.matrix(2, head: 0))
    func m(_ q: [Double], _ v: [[Double]]) -> Double {
      KernelMath.dot(
        [0.5, -1.5],
        KernelMath.attention(q: [q], k: k, v: v, first: rows - 1, scale: Double(job.scale))[0])
    }
    let last = KernelMath.slopes(at: q[rows - 1]) { m($0, v) }
    #expect(largestDifference(gradients[(rows - 1) * width..<rows * width].map(Double.init), last) < 1e-5)
    for position in [0, 1234, rows - 1] {
      let slope = KernelMath.slopes(at: v[position]) { row in
        var changed = v
        changed[position] = row
        return m(q[rows - 1], changed)
      }
      let start = 2 * rows * width + position * width
      #expect(largestDifference(gradients[start..<start + width].map(Double.init), slope) < 1e-7)
    }
    #expect(gradients[0..<(rows - 1) * width].allSatisfy { $0 == 0 }, "rows without an upstream gradient have none")
  }

  // MARK: What is not finite

  @Test("A NaN or an infinite input is never lost", arguments: [Float.nan, .infinity])
  func propagation(bad: Float) {
    var x = Strided(3, 20, stride: 20, seed: 1)
    x.values[27] = bad
    let b = Strided(20, 9, stride: 9, seed: 2)
    let product = Kernel.product(x, b, transposed: false, n: 9, bias: nil)
    #expect(noneFinite(product[1]))
    #expect(allFinite(product[0] + product[2]), "the other rows do not see it")
    #expect(Kernel.matrixVector(x, noise(20, seed: 3)).map(\.isFinite) == [true, false, true])

    let weight = noise(20, seed: 4)
    let norm = Kernel.layerNorm(x, weight: weight, bias: weight, epsilon: 1e-5)
    #expect(noneFinite(norm[20..<40]))
    #expect(allFinite(norm[0..<20] + norm[40...]))
    let dy = Strided(3, 20, stride: 20, seed: 5)
    let zero = Strided([Float](repeating: 0, count: 60), 3, 20, stride: 20)
    let gradient = Kernel.layerNormBackward(x, weight: weight, epsilon: 1e-5, dy: dy, start: zero)
    #expect(noneFinite(gradient[20..<40]))
    #expect(!Kernel.add(x, to: dy).values[27].isFinite)
  }

  @Test("Every activation keeps a NaN, forward and backward, and none makes +∞ finite")
  func activations() {
    for (name, kind) in KernelCase.kinds {
      for count in [1, 16, 33] {
        var x = noise(count, seed: 1)
        x[count - 1] = .nan
        let y = Kernel.activation(kind, x)
        #expect(y[count - 1].isNaN && allFinite(y.dropLast()), "\(name) of \(count)")
        let dx = Kernel.activationBackward(kind, x, dy: [Float](repeating: 1, count: count))
        #expect(dx[count - 1].isNaN && allFinite(dx.dropLast()), "slope of \(name)")
        x[count - 1] = .infinity
        #expect(!Kernel.activation(kind, x)[count - 1].isFinite, "\(name) of ∞")
        x[count - 1] = 1
        var dy = [Float](repeating: 1, count: count)
        dy[count - 1] = .nan
        #expect(Kernel.activationBackward(kind, x, dy: dy)[count - 1].isNaN, "upstream of \(name)")
      }
    }
  }

  @Test("A bad key, query or value reaches every row that sees it, and no other", arguments: [0, 1, 2])
  func attention(which: Int) {
    for bad in [Float.nan, .infinity] {
      var job = Kernel.Heads(heads: 1, first: 0, rows: 6, width: 3, seed: 9)
      job.all[3 * job.stride + which * 3 + 1] = bad
      let rows = Kernel.attention(job)
      for row in 0..<6 {
        let clean = allFinite(rows[row * 3..<row * 3 + 3])
        #expect(clean == (which == 0 ? row != 3 : row < 3), "row \(row), \(bad)")
      }
      let gradients = Kernel.attentionBackward(job, dz: noise(18, seed: 1))
      #expect(!allFinite(gradients))
    }
  }

  @Test("Large scores saturate instead of overflowing")
  func saturation() {
    var job = Kernel.Heads(heads: 1, first: 0, rows: 3, width: 1, seed: 1)
    // q = 1000; keys −1000, 0 and 1000: all the weight is on the last.
    job.all = [1000, -1000, 5, 1000, 0, 6, 1000, 1000, 7]
    #expect(Kernel.attention(job) == [5, 6, 7])
    #expect(Kernel.activation(vk_silu, [1e4]) == [1e4])
    #expect(abs(Kernel.activation(vk_silu, [-1e4])[0]) < 1e-30)
    #expect(Kernel.activation(vk_gelu_tanh, [-50, 50]).map { abs($0) < 1e-30 ? 0 : $0 } == [0, 50])
  }
}

private func allFinite(_ values: some Sequence<some BinaryFloatingPoint>) -> Bool {
  values.allSatisfy { $0.isFinite }
}

private func noneFinite(_ values: some Sequence<some BinaryFloatingPoint>) -> Bool {
  values.allSatisfy { !$0.isFinite }
}
