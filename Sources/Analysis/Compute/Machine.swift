import Kernels

/// What the kernels use of this machine.
public enum ComputeMachine {
  /// The instruction set in use: `avx512`, `avx2`, `neon` or `baseline`.
  public static var instructionSet: String { String(cString: vk_isa()) }
  /// Threads in use.
  public static var threads: Int { Int(vk_threads()) }

  /// Reads 256 MB with all threads repeatedly for about `seconds` and returns the best rate seen.
  /// - Returns: 10⁹ bytes per second.
  public static func measureBandwidth(seconds: Double = 0.3) -> Double {
    let (rows, columns) = (65_536, 1024)
    let matrix = FloatBuffer(rows * columns)
    let (x, y) = (FloatBuffer(columns), FloatBuffer(rows))
    // Written once, so that every page is memory of its own.
    matrix.pointer.update(repeating: 1, count: matrix.count)
    var best = 0.0
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(seconds))
    repeat {
      let time = clock.measure { vk_matrix_vector(rows, columns, matrix.pointer, columns, x.pointer, y.pointer) }
      best = max(best, Double(rows * columns * MemoryLayout<Float>.stride) / (time / .seconds(1)) / 1e9)
    } while clock.now < end
    return best
  }

  /// Multiplies two `[n, n]` matrices repeatedly for about `seconds` and returns the best rate seen.
  /// - Returns: 10⁹ floating-point operations per second (a multiply-add counts as two).
  public static func measureGigaflops(n: Int = 512, seconds: Double = 0.3) -> Double {
    let a = FloatBuffer(n * n)
    let c = FloatBuffer(n * n)
    let packed = FloatBuffer(vk_packed_count(n, n))
    for i in 0..<n * n { a.pointer[i] = Float(i % 7) - 3 }
    vk_pack(a.pointer, n, 0, n, n, packed.pointer)
    var best = 0.0
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(seconds))
    repeat {
      let time = clock.measure { vk_gemm(n, n, n, a.pointer, n, packed.pointer, nil, c.pointer, n) }
      best = max(best, 2 * Double(n * n * n) / (time / .seconds(1)) / 1e9)
    } while clock.now < end
    return best
  }
}
