import Kernels

@testable import Analysis

/// The kernels that edges need: some columns and some rows of a packed matrix, and sums of rows that lie anywhere.
extension KernelCase {
  static var slices: [KernelCase] { columnSlices + rowSlices + rowSums }

  /// Rows, columns and depth of a product, and the slice: within a panel, over its ends, whole panels, the last columns, one.
  static let columnSizes: [(m: Int, n: Int, k: Int, slice: Range<Int>)] = [
    (1, 1, 1, 0..<1), (1, 33, 7, 32..<33), (2, 97, 5, 5..<45), (3, 97, 64, 32..<64), (13, 97, 33, 64..<97),
    (7, 40, 17, 31..<33), (49, 70, 100, 0..<70), (12, 64, 3, 16..<17), (30, 96, 520, 20..<30), (150, 65, 31, 1..<65),
  ]

  private static var columnSlices: [KernelCase] {
    columnSizes.flatMap { m, n, k, slice in
      [false, true].map { biased in
        let (a, b) = (Strided(m, k, stride: k + 3, seed: 111), Strided(k, n, stride: n + 2, seed: 112))
        let bias = biased ? noise(n, seed: 113) : nil
        return KernelCase(name: "columns \(slice) of \(m)×\(n)×\(k)\(biased ? " with bias" : "")") {
          Kernel.columns(slice, a, b, bias: bias).values
        } expected: {
          let (left, right) = (a.doubles, b.doubles)
          return expectedRows(m, Array(slice)) { i, j in
            (0..<k).map { left[i][$0] * right[$0][j] } + (bias.map { [Double($0[j])] } ?? [])
          }
        }
      }
    }
  }

  /// A matrix of sums with the two floats between its rows.
  private static func expectedRows(
    _ rows: Int, _ columns: [Int], _ terms: (_ row: Int, _ column: Int) -> [Double]
  ) -> [Expected] {
    var values: [Expected] = []
    for i in 0..<rows {
      for j in columns { values.append(sum(terms(i, j))) }
      values += [near(Double(Strided.gap), 0), near(Double(Strided.gap), 0)]
    }
    return values
  }

  /// Rows, columns and depth of a product, and which of the inputs take part.
  static let rowSizes: [(m: Int, n: Int, k: Int, slice: Range<Int>)] = [
    (1, 1, 1, 0..<1), (1, 33, 7, 6..<7), (2, 31, 9, 2..<5), (13, 97, 33, 17..<33), (49, 40, 100, 0..<100),
    (7, 64, 24, 8..<16), (97, 70, 31, 1..<30), (5, 20, 700, 3..<640),
  ]

  private static var rowSlices: [KernelCase] {
    rowSizes.map { m, n, k, slice in
      let (a, b) = (Strided(m, k, stride: k + 3, seed: 121), Strided(k, n, stride: n + 1, seed: 122))
      return KernelCase(name: "inputs \(slice) of \(m)×\(n)×\(k)") {
        Kernel.rows(slice, a, b).values
      } expected: {
        let (left, right) = (a.doubles, b.doubles)
        return expectedRows(m, Array(0..<n)) { i, j in slice.map { left[i][$0] * right[$0][j] } }
      }
    }
  }

  /// Sums of 0, 1, 2 … rows, some of them shared, with either sign; columns around the blocks of 64 and 16.
  private static var rowSums: [KernelCase] {
    [1, 15, 16, 17, 63, 64, 65, 129, 300].map { n in
      let rows = (0..<12).map { noise(n, seed: UInt64(131 + $0)) }
      return KernelCase(name: "sums of rows of \(n)") {
        Kernel.rowSums(rows, Self.sums, columns: n)
      } expected: {
        var values: [Expected] = []
        for job in Self.sums {
          for i in 0..<n {
            let base = Double(rows[job.base][i])
            let terms = job.rows.map { Double(job.sign) * Double(rows[$0][i]) }
            // Without rows it is the base itself.
            values.append(terms.isEmpty ? near(base, 0) : sum(terms + [base]))
          }
        }
        return values
      }
    }
  }

  private static let sums: [Kernel.RowSum] = [
    .init(base: 0, rows: [], sign: 1), .init(base: 1, rows: [2], sign: 1), .init(base: 1, rows: [2], sign: -1),
    .init(base: 3, rows: [1, 2, 4], sign: 1), .init(base: 3, rows: [4, 2, 1], sign: -1),
    .init(base: 0, rows: [], sign: -1),
    .init(base: 11, rows: Array(0..<11), sign: 1), .init(base: 5, rows: [5, 5], sign: -1),
  ]
}

extension Kernel {
  /// Some columns of A·B + bias, B packed whole; two floats between the rows.
  static func columns(_ slice: Range<Int>, _ a: Strided, _ b: Strided, bias: [Float]?) -> Strided {
    let packed = pack(b)
    let stride = slice.count + 2
    var c = Strided([Float](repeating: .nan, count: a.rows * slice.count), a.rows, slice.count, stride: stride)
    func multiply(_ bias: UnsafePointer<Float>?) {
      let status = vk_gemm_columns(
        a.rows, b.columns, a.columns, slice.lowerBound, slice.count, a.values, a.stride, packed, bias, &c.values,
        stride)
      precondition(status == 0, "no memory")
    }
    if let bias { multiply(bias) } else { multiply(nil) }
    return c
  }

  /// A[:, slice]·B[slice, :], B packed whole; two floats between the rows.
  static func rows(_ slice: Range<Int>, _ a: Strided, _ b: Strided) -> Strided {
    let packed = pack(b)
    let stride = b.columns + 2
    var c = Strided([Float](repeating: .nan, count: a.rows * b.columns), a.rows, b.columns, stride: stride)
    a.values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      vk_gemm_rows(
        a.rows, b.columns, a.columns, slice.lowerBound, slice.count, start + slice.lowerBound, a.stride, packed,
        &c.values, stride)
    }
    return c
  }

  private static func pack(_ b: Strided) -> [Float] {
    var packed = [Float](repeating: 0, count: vk_packed_count(b.rows, b.columns))
    vk_pack(b.values, b.stride, 0, b.rows, b.columns, &packed)
    return packed
  }

  /// base + sign·Σ rows, by number.
  struct RowSum {
    let base: Int
    let rows: [Int]
    let sign: Float
  }

  /// The sums one after the other.
  static func rowSums(_ rows: [[Float]], _ jobs: [RowSum], columns: Int) -> [Float] {
    let flat = rows.flatMap { $0 }
    var result = [Float](repeating: .nan, count: jobs.count * columns)
    flat.withUnsafeBufferPointer { flat in
      result.withUnsafeMutableBufferPointer { result in
        guard let start = flat.baseAddress, let out = result.baseAddress else { return }
        var sums = RowSums()
        for (number, job) in jobs.enumerated() {
          sums.add(
            start + job.base * columns, sign: job.sign, job.rows.map { start + $0 * columns },
            into: out + number * columns)
        }
        sums.run(columns: columns)
      }
    }
    return result
  }
}
