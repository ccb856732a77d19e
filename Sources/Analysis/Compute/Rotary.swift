import Foundation
import Kernels

/// Rotary position embedding (Su et al. 2021): pairs (x[i], x[i + half]) of a head turn by position·frequency[i].
///
/// Frequencies and angles are rounded to float32 where Hugging Face rounds them; the cosine and sine of the rounded angle
/// are taken in double precision and rounded once.
///
/// Unchecked: the tables grow under the lock; a table that was handed out is never written again.
final class Rotary: @unchecked Sendable, Equatable {
  private struct Tables {
    var positions = 0
    var cosines = FloatBuffer(0)
    var sines = FloatBuffer(0)
  }

  /// Angle per position of each pair: `[half]`.
  let frequencies: [Float]
  private let lock = Lock()
  private var tables = Tables()

  init(frequencies: [Float]) { self.frequencies = frequencies }

  static func == (left: Rotary, right: Rotary) -> Bool { left.frequencies == right.frequencies }

  /// Pairs of a head that turn; the head's values from 2·half on stay.
  var half: Int { frequencies.count }

  /// base^(−2i/dimensions) for i < dimensions/2, rounded as in Hugging Face's float32.
  static func frequencies(base: Double, dimensions: Int) -> [Float] {
    (0..<dimensions / 2).map { 1 / Float(pow(base, Double(Float(2 * $0) / Float(dimensions)))) }
  }

  /// `[positions, half]` each, for at least `positions` positions.
  private func tables(upTo positions: Int) -> Tables {
    lock.withLock {
      if tables.positions >= positions { return tables }
      var grown = Tables(positions: max(64, positions, 2 * tables.positions))
      grown.cosines = FloatBuffer(grown.positions * half)
      grown.sines = FloatBuffer(grown.positions * half)
      for position in 0..<grown.positions {
        for i in 0..<half {
          let angle = Double(frequencies[i] * Float(position))
          grown.cosines.pointer[position * half + i] = Float(cos(angle))
          grown.sines.pointer[position * half + i] = Float(sin(angle))
        }
      }
      tables = grown
      return grown
    }
  }

  /// Turns `heads` heads of `width`, side by side in each row, in place.
  /// - Parameter positions: each row's position in its sequence, `[rows]`.
  func forward(heads: Int, width: Int, positions: ArraySlice<Int32>, _ x: UnsafeMutablePointer<Float>, stride: Int) {
    turn(vk_rotary, heads, width, positions, x, stride)
  }

  /// dx = Rᵀ·dy in place (forward: y = R·x).
  func backward(heads: Int, width: Int, positions: ArraySlice<Int32>, _ dx: UnsafeMutablePointer<Float>, stride: Int) {
    turn(vk_rotary_backward, heads, width, positions, dx, stride)
  }

  private typealias Kernel = (
    Int, Int, Int, Int, UnsafePointer<Int32>?, UnsafePointer<Float>?, UnsafePointer<Float>?,
    UnsafeMutablePointer<Float>?, Int
  ) -> Void

  private func turn(
    _ kernel: Kernel, _ heads: Int, _ width: Int, _ positions: ArraySlice<Int32>, _ x: UnsafeMutablePointer<Float>,
    _ stride: Int
  ) {
    let tables = tables(upTo: Int(positions.max() ?? 0) + 1)
    positions.withUnsafeBufferPointer { rows in
      kernel(
        rows.count, heads, width, half, rows.baseAddress, tables.cosines.pointer, tables.sines.pointer, x, stride)
    }
  }
}
