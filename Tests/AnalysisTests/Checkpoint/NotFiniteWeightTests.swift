import Foundation
import Kernels
import Testing

@testable import Analysis

@Suite("Weights that are no numbers")
struct NotFiniteWeightTests {
  /// A tensor, how many values come before the bad one, the value, and what is said of it.
  static let faults: [(ending: String, at: Int, value: Float, says: String)] = [
    ("wte.weight", 0, .nan, "holds NaN at [0, 0]"), ("wte.weight", 128 * 3 + 5, .infinity, "infinite value at [3, 5]"),
    ("wpe.weight", 129, -.infinity, "a negative infinite value at [1, 1]"), ("ln_f.weight", 7, .nan, "NaN at [7]"),
    ("h.0.ln_1.bias", 127, .nan, "NaN at [127]"), ("h.0.attn.c_attn.weight", 384 + 2, .nan, "NaN at [1, 2]"),
    ("h.0.mlp.c_fc.bias", 1, .infinity, "infinite value at [1]"),
  ]

  @Test("Each is refused when the weights are read, by file, tensor and place", arguments: faults)
  func refused(ending: String, at place: Int, value: Float, says: String) throws {
    let scratch = try Scratch(copying: ReferenceModel.ioi.folder)
    let names = try Checkpoint(folder: scratch.folder).tensors.keys
    let name = try #require(names.first { $0.hasSuffix(ending) })
    try scratch.poke(name, at: place, [value])
    for consuming in [false, true] {
      expectError(.badCheckpoint, ["model.safetensors: tensor '\(name)'", says, "copy the file again"]) {
        _ = try ModelOutline(Checkpoint(folder: scratch.folder)).load(consuming: consuming)
      }
    }
  }

  @Test("The first is found wherever it stands, and what is only large or small is none")
  func first() {
    for count in [1, 2, 4095, 4096, 4097, 9000] {
      var values = (0..<count).map { Float($0 % 3 == 0 ? 3e38 : -1e-45) }
      #expect(vk_first_not_finite(count, values) == -1)
      for bad in [Float.nan, .infinity, -.infinity] {
        values[count - 1] = bad
        #expect(vk_first_not_finite(count, values) == count - 1)
        values[count / 2] = bad
        #expect(vk_first_not_finite(count, values) == count / 2)
        (values[count - 1], values[count / 2]) = (0, 0)
      }
    }
    #expect(vk_first_not_finite(0, [1]) == -1)
  }
}
