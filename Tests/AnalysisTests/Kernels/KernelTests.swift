import Foundation
import Kernels
import Testing

@testable import Analysis

/// Every kernel on every instruction set.
///
/// Which instruction set and how many threads the kernels use is one choice for the whole process, and packed weights
/// depend on it: changing it here would break the models that other suites are using at the same time. So each test
/// that makes the choice runs its body in a process of its own (an exit test); its issues are reported as this test's.
@Suite("Kernels")
struct KernelTests {
  #if arch(x86_64)
    static let instructionSets = ["baseline", "avx2", "avx512"]
  #else
    static let instructionSets = ["neon"]
  #endif

  @Test("Every kernel gives what a loop in double precision gives", arguments: instructionSets)
  func agreement(isa: String) async throws {
    try await skipUnlessAvailable(isa)
    await #expect(processExitsWith: .success) { [isa = isa as String] in
      try KernelTests.use(isa)
      for kernel in KernelCase.all {
        let (ours, expected) = (kernel.run(), kernel.expected())
        #expect(ours.count == expected.count, "\(kernel.name)")
        for (i, (value, wanted)) in zip(ours, expected).enumerated()
        where !(abs(Double(value) - wanted.value) <= wanted.allowed) {
          Issue.record("\(isa), \(kernel.name), value \(i): \(value) is not \(wanted.value) ± \(wanted.allowed)")
          break
        }
      }
    }
  }

  @Test("One thread and two give the same bits", arguments: instructionSets)
  func threads(isa: String) async throws {
    try await skipUnlessAvailable(isa)
    await #expect(processExitsWith: .success) { [isa = isa as String] in
      try KernelTests.use(isa, poolOf: 3)
      #expect(vk_threads() == 3)
      let many = KernelCase.all.map { bits($0.run()) }
      vk_set_threads(1)
      #expect(vk_threads() == 1)
      for (kernel, other) in zip(KernelCase.all, many) {
        #expect(bits(kernel.run()) == other, "\(isa), \(kernel.name)")
      }
    }
  }

  @Test(
    "AVX2 and AVX-512 give the same bits, and the baseline the same values within 1e-5",
    .enabled(if: instructionSets.count == 3, "this is not an x86-64 machine"))
  func instructionSetsAgree() async throws {
    try await skipUnlessAvailable("avx512")
    await #expect(processExitsWith: .success) {
      func run(_ isa: String) throws -> [[Float]] {
        try KernelTests.use(isa)
        return KernelCase.all.map { $0.run() }
      }
      let (wide, half, base) = (try run("avx512"), try run("avx2"), try run("baseline"))
      for (i, kernel) in KernelCase.all.enumerated() {
        #expect(bits(wide[i]) == bits(half[i]), "\(kernel.name)")
        let off = zip(wide[i], base[i]).map { abs($0 - $1) / max(1, abs($0)) }.max() ?? 0
        #expect(off <= 1e-5, "\(kernel.name): the baseline is \(off) off")
      }
    }
  }

  @Test("A whole measurement has the same bits on AVX2 and AVX-512, with one thread and with two")
  func measurements() async throws {
    try await skipUnlessAvailable("avx512")
    await #expect(processExitsWith: .success) {
      func measure(_ isa: String, threads: Int32) throws -> Data {
        try KernelTests.use(isa)
        vk_set_threads(threads)
        // Loaded anew: packed weights belong to an instruction set.
        let model = try Transformer.load(try ReferenceModel.ioi.checkpoint())
        let reference = try #require(try ReferenceModel.ioi.cases().first)
        let measurement = try model.measure(
          clean: reference.cleanIDs, corrupted: reference.corruptedIDs, positive: reference.positive,
          negative: reference.negative, circuits: reference.circuits.map(\.heads))
        return try JSONEncoder().encode(BitPatterns(measurement))
      }
      let wide = try measure("avx512", threads: 2)
      #expect(try measure("avx2", threads: 2) == wide)
      #expect(try measure("avx512", threads: 1) == wide)
      #expect(try measure("baseline", threads: 2) != wide, "the comparison would not see a difference")
    }
  }

  @Test("A row has the same bits alone and in a batch", arguments: instructionSets)
  func rowAlone(isa: String) async throws {
    try await skipUnlessAvailable(isa)
    await #expect(processExitsWith: .success) { [isa = isa as String] in
      try KernelTests.use(isa)
      for (m, n, k) in KernelCase.productSizes {
        let (a, b) = (Strided(m, k, stride: k, seed: 1), Strided(k, n, stride: n, seed: 2))
        let whole = Kernel.product(a, b, transposed: false, n: n, bias: nil)
        for row in [0, m / 2, m - 1] {
          let alone = Kernel.product(a, b, transposed: false, n: n, bias: nil, rows: row..<row + 1)
          let stride = whole.stride
          #expect(
            bits(alone.values) == bits(Array(whole.values[row * stride..<(row + 1) * stride])),
            "row \(row) of \(m)×\(n)×\(k)")
        }
      }
    }
  }

  @Test(
    "Some columns have the bits of the whole product, and some inputs those of a product of these alone",
    arguments: instructionSets)
  func slices(isa: String) async throws {
    try await skipUnlessAvailable(isa)
    await #expect(processExitsWith: .success) { [isa = isa as String] in
      try KernelTests.use(isa)
      for (m, n, k, slice) in KernelCase.columnSizes {
        let (a, b) = (Strided(m, k, stride: k, seed: 1), Strided(k, n, stride: n, seed: 2))
        let bias = noise(n, seed: 3)
        let whole = Kernel.product(a, b, transposed: false, n: n, bias: bias)
        let part = Kernel.columns(slice, a, b, bias: bias)
        for row in 0..<m {
          let (from, start) = (row * whole.stride + slice.lowerBound, row * part.stride)
          #expect(
            bits(Array(part.values[start..<start + slice.count]))
              == bits(Array(whole.values[from..<from + slice.count])), "columns \(slice) of \(m)×\(n)×\(k), row \(row)")
        }
      }
      for (m, n, k, slice) in KernelCase.rowSizes {
        let (a, b) = (noise(m * k, seed: 4), noise(k * n, seed: 5))
        let part = Kernel.rows(slice, Strided(a, m, k, stride: k), Strided(b, k, n, stride: n))
        // The same numbers, cut out before they are packed.
        let left = (0..<m).flatMap { a[$0 * k + slice.lowerBound..<$0 * k + slice.upperBound] }
        let right = Array(b[slice.lowerBound * n..<slice.upperBound * n])
        let alone = Kernel.product(
          Strided(left, m, slice.count, stride: slice.count), Strided(right, slice.count, n, stride: n),
          transposed: false, n: n, bias: nil)
        #expect(bits(part.values) == bits(alone.values), "inputs \(slice) of \(m)×\(n)×\(k)")
      }
    }
  }

  @Test("Attention over cached keys and values has the bits of the whole sequence", arguments: instructionSets)
  func cachedPrefix(isa: String) async throws {
    try await skipUnlessAvailable(isa)
    await #expect(processExitsWith: .success) { [isa = isa as String] in
      try KernelTests.use(isa)
      for (length, width) in [(2, 1), (9, 3), (33, 16), (40, 17)] {
        let whole = Kernel.attention(Kernel.Heads(heads: 1, first: 0, rows: length, width: width, seed: 7))
        for first in [1, length / 2, length - 1] {
          let tail = Kernel.attention(Kernel.Heads(heads: 1, first: first, rows: length - first, width: width, seed: 7))
          #expect(
            bits(tail) == bits(Array(whole[(first * width)...])), "\(length) rows of \(width), cached to \(first)")
        }
      }
    }
  }

  @Test("Two callers at once, and a kernel called from a task, get the right numbers")
  func concurrentCallers() async {
    let a = Strided(100, 128, stride: 128, seed: 1)
    let b = Strided(128, 200, stride: 200, seed: 2)
    let wanted = bits(Kernel.product(a, b, transposed: false, n: 200, bias: nil).values)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<5).allSatisfy { _ in bits(Kernel.product(a, b, transposed: false, n: 200, bias: nil).values) == wanted }
        }
      }
      for await same in group { #expect(same) }
    }
  }

  // MARK: Choosing

  /// Chooses an instruction set in this (child) process.
  static func use(_ isa: String, poolOf threads: Int = 2) throws {
    setenv("VITRINE_THREADS", "\(threads)", 1)
    try #require(vk_select_isa(isa) == 0)
    try #require(String(cString: vk_isa()) == isa)
  }

  @Test("An instruction set that does not exist is refused and changes nothing")
  func unknownInstructionSet() {
    let before = String(cString: vk_isa())
    #expect(vk_select_isa("avx1024") == -1)
    #expect(String(cString: vk_isa()) == before)
  }

  @Test("VITRINE_ISA chooses the instruction set of a process")
  func environment() async {
    await #expect(processExitsWith: .success) {
      let slowest = KernelTests.instructionSets[0]
      setenv("VITRINE_ISA", slowest, 1)
      #expect(ComputeMachine.instructionSet == slowest)
    }
  }

  /// Cancels the test, saying why, if this CPU lacks the instruction set.
  func skipUnlessAvailable(_ isa: String) async throws {
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      [isa = isa as String] in
      if vk_select_isa(isa) == 0 { print("this CPU has \(isa)") }
    }
    let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
    if !output.contains("this CPU has \(isa)") { try Test.cancel("skipped: this CPU has no \(isa)") }
  }
}

/// A measurement's doubles as bit patterns, so that two can be compared to the last bit.
private struct BitPatterns: Encodable {
  let values: [UInt64]

  init(_ m: Analysis.Measurement) {
    var numbers = [m.mClean, m.mCorrupted] + m.lastLogits.map(Double.init)
    numbers += m.noisingMLP + m.denoisingMLP + m.attributionMLP + m.igToken + m.gradientTimesInputToken
    for byHead in [m.noisingHead, m.denoisingHead, m.attributionHead, m.igInputsHead] {
      numbers += byHead.flatMap { $0 }
    }
    for circuit in m.circuits { numbers += [circuit.mCircuit, circuit.mWithout, circuit.mEmpty] }
    values = numbers.map(\.bitPattern)
  }
}
