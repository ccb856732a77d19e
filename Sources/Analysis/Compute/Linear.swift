import Kernels

/// An affine map of rows, y = x·W + b, with W packed once for the kernels.
///
/// Unchecked: the packed forms are written once under the lock and only read afterwards.
final class Linear: @unchecked Sendable {
  let inputs: Int
  let outputs: Int
  private let weight: FloatBuffer
  private let bias: FloatBuffer?
  private let transposedInFile: Bool
  private let lock = Lock()
  private var packedForward: FloatBuffer?
  private var packedBackward: FloatBuffer?

  /// - Parameters:
  ///   - weight: `[inputs, outputs]`, or `[outputs, inputs]` if `transposedInFile`.
  ///   - bias: `[outputs]`, or nil.
  init(weight: FloatBuffer, bias: FloatBuffer?, inputs: Int, outputs: Int, transposedInFile: Bool) {
    precondition(weight.count == inputs * outputs, "weight of \(weight.count) floats for [\(inputs), \(outputs)]")
    self.weight = weight
    self.bias = bias
    self.inputs = inputs
    self.outputs = outputs
    self.transposedInFile = transposedInFile
  }

  private func forwardPack() -> FloatBuffer {
    lock.withLock {
      if let packedForward { return packedForward }
      let packed = FloatBuffer(vk_packed_count(inputs, outputs))
      vk_pack(
        weight.pointer, transposedInFile ? inputs : outputs, transposedInFile ? 1 : 0, inputs, outputs, packed.pointer)
      packedForward = packed
      return packed
    }
  }

  private func backwardPack() -> FloatBuffer {
    lock.withLock {
      if let packedBackward { return packedBackward }
      let packed = FloatBuffer(vk_packed_count(outputs, inputs))
      vk_pack(
        weight.pointer, transposedInFile ? inputs : outputs, transposedInFile ? 0 : 1, outputs, inputs, packed.pointer)
      packedBackward = packed
      return packed
    }
  }

  /// y = x·W + b: `[rows, inputs]` → `[rows, outputs]`.
  func forward(rows: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    vk_gemm(rows, outputs, inputs, x, inputs, forwardPack().pointer, bias?.pointer, y, outputs)
  }

  /// dx = dy·Wᵀ (forward: y = x·W + b): `[rows, outputs]` → `[rows, inputs]`, overwriting.
  func backward(rows: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>) {
    vk_gemm(rows, inputs, outputs, dy, outputs, backwardPack().pointer, nil, dx, inputs)
  }
}
