import Kernels

/// An affine map of rows, y = x·W + b. W is kept packed for the kernels, not as it stands in the file.
///
/// Unchecked: the backward's pack is written once under the lock and only read afterwards.
final class Linear: @unchecked Sendable {
  let inputs: Int
  let outputs: Int
  private let bias: FloatBuffer?
  private let packed: FloatBuffer
  private let lock = Lock()
  private var packedBackward: FloatBuffer?

  /// Packs the weight.
  /// - Parameters:
  ///   - weight: `[inputs, outputs]`, or `[outputs, inputs]` if `transposedInFile`; not kept.
  ///   - bias: `[outputs]`, or nil.
  init(weight: FloatBuffer, bias: FloatBuffer?, inputs: Int, outputs: Int, transposedInFile: Bool) {
    precondition(weight.count == inputs * outputs, "weight of \(weight.count) floats for [\(inputs), \(outputs)]")
    precondition(bias.map { $0.count == outputs } ?? true, "bias of another size than \(outputs)")
    self.bias = bias
    self.inputs = inputs
    self.outputs = outputs
    packed = FloatBuffer(vk_packed_count(inputs, outputs))
    vk_pack(
      weight.pointer, transposedInFile ? inputs : outputs, transposedInFile ? 1 : 0, inputs, outputs, packed.pointer)
  }

  /// A map whose weights are still in the checkpoint: it has a shape and computes nothing.
  init(unreadInputs inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    bias = nil
    packed = FloatBuffer(0)
  }

  /// Bytes of both packs, whether the backward's is made yet or not.
  var bytes: Int {
    (vk_packed_count(inputs, outputs) + vk_packed_count(outputs, inputs)) * MemoryLayout<Float>.stride
  }

  /// Wᵀ, packed when it is first needed.
  private func backwardPack() -> FloatBuffer {
    lock.withLock {
      if let packedBackward { return packedBackward }
      let transposed = FloatBuffer(vk_packed_count(outputs, inputs))
      vk_repack(packed.pointer, inputs, outputs, transposed.pointer)
      packedBackward = transposed
      return transposed
    }
  }

  /// y = x·W + b: `[rows, inputs]` → `[rows, outputs]`.
  func forward(rows: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    vk_gemm(rows, outputs, inputs, x, inputs, packed.pointer, bias?.pointer, y, outputs)
  }

  /// Some columns of y, with the bits that `forward` gives them: `[rows, inputs]` → `[rows, columns.count]`.
  func forward(rows: Int, columns: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    let status = vk_gemm_columns(
      rows, outputs, inputs, columns.lowerBound, columns.count, x, inputs, packed.pointer, bias?.pointer, y,
      columns.count)
    precondition(status == 0, "no memory for a product of \(rows) rows")
  }

  /// What some inputs alone give, without the bias: y = x[:, slice]·W[slice, :].
  /// - Parameter x: `[rows, inputs]`, all inputs.
  func share(rows: Int, of slice: Range<Int>, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    vk_gemm_rows(
      rows, outputs, inputs, slice.lowerBound, slice.count, x + slice.lowerBound, inputs, packed.pointer, y, outputs)
  }

  /// The gradient that some outputs alone give: dx = dy[:, slice]·W[:, slice]ᵀ.
  /// - Parameter dy: `[rows, outputs]`, all outputs.
  func backward(
    rows: Int, share slice: Range<Int>, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>
  ) {
    vk_gemm_rows(
      rows, inputs, outputs, slice.lowerBound, slice.count, dy + slice.lowerBound, outputs, backwardPack().pointer, dx,
      inputs)
  }

  /// dx = dy·Wᵀ (forward: y = x·W + b): `[rows, outputs]` → `[rows, inputs]`, overwriting.
  func backward(rows: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>) {
    vk_gemm(rows, inputs, outputs, dy, outputs, backwardPack().pointer, nil, dx, inputs)
  }
}
