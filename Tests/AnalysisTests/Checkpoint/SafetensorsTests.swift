import Foundation
import Testing

@testable import Analysis

@Suite("Safetensors files")
struct SafetensorsTests {
  private func tensors(_ data: Data) throws -> [StoredTensor] {
    let scratch = try Scratch()
    try scratch.write(data, to: "model.safetensors")
    return try Safetensors.tensors(
      of: try ModelFile(url: scratch.file("model.safetensors"), path: "model.safetensors"))
  }

  private static func tensor(_ name: String, _ shape: String, _ from: String, _ to: String, type: String = "F32")
    -> String
  {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(from),\(to)]}"
  }

  struct Malformed: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let data: Data
    let says: [String]

    init(_ what: String, _ data: Data, says: String...) {
      testDescription = what
      self.data = data
      self.says = says
    }
  }

  static let malformed: [Malformed] = [
    .init("an empty file", Data(), says: "has 0 bytes, too few"),
    .init("seven bytes", Data(count: 7), says: "has 7 bytes, too few"),
    .init("only a length", Data([2, 0, 0, 0, 0, 0, 0, 0]), says: "header length 2 is beyond the end", "(8 bytes)"),
    .init(
      "a header length beyond the file", safetensors(header: "{}", headerLength: 3),
      says: "header length 3 is beyond the end of the file (10 bytes)"),
    .init(
      "a header length beyond the format's limit", safetensors(header: "{}", headerLength: 100_000_001),
      says: "header length 100000001 is beyond the format's limit"),
    .init(
      "the largest header length", safetensors(header: "{}", headerLength: .max),
      says: "header length 18446744073709551615 is beyond the format's limit"),
    .init(
      "the largest signed header length", safetensors(header: "{}", headerLength: UInt64(Int64.max)),
      says: "beyond the format's limit"),
    .init("no JSON", safetensors(header: "hello"), says: "not the JSON that safetensors prescribes"),
    .init("a cut header", safetensors(header: "{\"a\":{\"dtype\":"), says: "not the JSON"),
    .init("a list", safetensors(header: "[]"), says: "not the JSON"),
    .init(
      "bytes that are not UTF-8", safetensors(header: "{\"a\":1}").replacingLast(3, with: 0xFF), says: "not the JSON"),
    .init("an entry that is no object", safetensors(header: "{\"a\":3}"), says: "not the JSON"),
    .init(
      "an entry without offsets", safetensors(header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}"), says: "not the JSON"
    ),
    .init("nesting without end", safetensors(header: String(repeating: "[", count: 100_000)), says: "not the JSON"),
    .init(
      "an unknown dtype", safetensors(header: "{\(tensor("a", "[1]", "0", "4", type: "F31"))}", bytes: 4),
      says: "tensor 'a' has unknown dtype 'F31'"),
    .init(
      "one offset", safetensors(header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", bytes: 4),
      says: "tensor 'a' needs two data_offsets"),
    .init(
      "three offsets",
      safetensors(header: "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", bytes: 4),
      says: "tensor 'a' needs two data_offsets"),
    .init(
      "a truncated file", safetensors(header: "{\(tensor("a", "[4]", "0", "16"))}", bytes: 15),
      says: "tensor 'a' is at bytes 0..<16 of 15", "truncated"),
    .init(
      "a negative offset", safetensors(header: "{\(tensor("a", "[2]", "-8", "0"))}", bytes: 8),
      says: "bytes -8..<0 of 8"
    ),
    .init(
      "offsets turned over", safetensors(header: "{\(tensor("a", "[1]", "8", "4"))}", bytes: 8),
      says: "bytes 8..<4 of 8"
    ),
    .init(
      "the largest offsets",
      safetensors(header: "{\(tensor("a", "[1]", "9223372036854775803", "9223372036854775807"))}", bytes: 8),
      says: "tensor 'a' is at bytes 9223372036854775803"),
    .init(
      "offsets beyond 64 bits", safetensors(header: "{\(tensor("a", "[1]", "0", "18446744073709551620"))}", bytes: 8),
      says: "not the JSON"),
    .init(
      "a fractional offset", safetensors(header: "{\(tensor("a", "[1]", "0.5", "4.5"))}", bytes: 8),
      says: "not the JSON"
    ),
    .init(
      "a negative dimension", safetensors(header: "{\(tensor("a", "[-1]", "0", "4"))}", bytes: 4),
      says: "tensor 'a' has an impossible shape [-1]"),
    .init(
      "two negative dimensions", safetensors(header: "{\(tensor("a", "[-1, -1]", "0", "4"))}", bytes: 4),
      says: "impossible shape [-1, -1]"),
    .init(
      "a product that overflows", safetensors(header: "{\(tensor("a", "[4611686018427387904, 4]", "0", "0"))}"),
      says: "impossible shape [4611686018427387904, 4]"),
    .init(
      "a product that overflows before its 0",
      safetensors(header: "{\(tensor("a", "[4611686018427387904, 0]", "0", "0"))}"),
      says: "impossible shape"),
    .init(
      "fewer bytes than the shape needs", safetensors(header: "{\(tensor("a", "[2]", "0", "4"))}", bytes: 4),
      says: "tensor 'a' with shape [2] needs 8 bytes but has 4"),
    .init(
      "more bytes than the shape needs", safetensors(header: "{\(tensor("a", "[]", "0", "8"))}", bytes: 8),
      says: "shape [] needs 4 bytes but has 8"),
    .init(
      "overlapping tensors",
      safetensors(header: "{\(tensor("a", "[2]", "0", "8")),\(tensor("b", "[2]", "4", "12"))}", bytes: 12),
      says: "tensors 'a' and 'b' overlap"),
    .init(
      "the same bytes twice",
      safetensors(header: "{\(tensor("a", "[2]", "0", "8")),\(tensor("b", "[2]", "0", "8"))}", bytes: 8),
      says: "overlap"),
    .init(
      "a tensor around another",
      safetensors(header: "{\(tensor("a", "[4]", "0", "16")),\(tensor("b", "[1]", "4", "8"))}", bytes: 16),
      says: "overlap"),
  ]

  // What the Python package safetensors 0.8.0 says of the same bytes stands beside each.
  static let uncovered: [Malformed] = [
    .init(  // invalid offset for tensor `b`
      "a hole between two tensors",
      safetensors(header: "{\(tensor("a", "[1]", "0", "4")),\(tensor("b", "[1]", "8", "12"))}", bytes: 12),
      says: "bytes 4..<8, between 'a' and tensor 'b', belong to no tensor"),
    .init(  // invalid offset for tensor `a`
      "a hole before the first tensor", safetensors(header: "{\(tensor("a", "[1]", "4", "8"))}", bytes: 8),
      says: "bytes 0..<4, between the header and tensor 'a', belong to no tensor"),
    .init(  // incomplete metadata, file not fully covered
      "bytes after the last tensor", safetensors(header: "{\(tensor("a", "[1]", "0", "4"))}", bytes: 9),
      says: "the last 5 bytes, after 'a', belong to no tensor"),
    .init(  // incomplete metadata, file not fully covered
      "bytes without any tensor", safetensors(header: "{}", bytes: 4), says: "the last 4 bytes, after the header"),
    .init(  // invalid offset for tensor `a`
      "a name that stands twice, with other bytes",
      safetensors(header: "{\(tensor("a", "[1]", "0", "4")),\(tensor("a", "[1]", "4", "8"))}", bytes: 8),
      says: "the header has 'a' twice"),
    .init(  // accepted; which entry counts is left to the reader, so it is refused here
      "a name that stands twice, with the same bytes",
      safetensors(header: "{\(tensor("a", "[1]", "0", "4")),\(tensor("a", "[1]", "0", "4"))}", bytes: 4),
      says: "the header has 'a' twice"),
    .init(  // invalid offset for tensor `a`
      "a name that stands twice, once with an escape",
      safetensors(header: "{\(tensor("a", "[1]", "0", "4")),\(tensor("\\u0061", "[1]", "4", "8"))}", bytes: 8),
      says: "the header has 'a' twice"),
    .init(  // duplicate field `__metadata__`
      "metadata that stands twice", safetensors(header: "{\"__metadata__\":{},\"__metadata__\":{}}"),
      says: "the header has '__metadata__' twice"),
    .init(  // duplicate field `dtype`
      "a key that stands twice",
      safetensors(
        header: "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", bytes: 4),
      says: "tensor 'a' has dtype twice"),
    .init(  // invalid type: integer `1`, expected a string
      "metadata that is not text", safetensors(header: "{\"__metadata__\":{\"x\":1}}"),
      says: "'__metadata__' is not an object of texts"),
    .init(  // expected value at line 1 column 1
      "a byte order mark", safetensors(header: "\u{FEFF}{}"), says: "not the JSON"),
  ]

  @Test("A malformed file is refused with its name, what is wrong and what to do", arguments: malformed + uncovered)
  func refusal(malformed: Malformed) {
    expectError(.badCheckpoint, ["model.safetensors: ", "copy the file again"] + malformed.says) {
      _ = try tensors(malformed.data)
    }
  }

  @Test("A well-formed file gives its tensors in the order of their bytes, metadata left out")
  func wellFormed() throws {
    let header =
      "{\"__metadata__\":{\"format\":\"pt\"},\(Self.tensor("b", "[2, 1]", "0", "8")),\(Self.tensor("a", "[]", "8", "10", type: "F16")),"
      + "\(Self.tensor("c", "[3]", "10", "16", type: "BF16"))}   "
    let values: [Float] = [1.5, -0x1p-130]
    var data = values.withUnsafeBytes { Data($0) }
    data += Data([0x00, 0xC0])  // −2 as binary16
    data += Data([0x80, 0x3F, 0xC0, 0x7F, 0x01, 0x00])  // 1, NaN and the least positive bfloat16
    let found = try tensors(safetensors(header: header, data: data))
    #expect(found.map(\.name) == ["b", "a", "c"])
    #expect(found.map(\.shape) == [[2, 1], [], [3]] && found.map(\.count) == [2, 1, 3])
    #expect(found.map(\.dataTypeName) == ["F32", "F16", "BF16"])
    #expect(try found[0].floats().array(0..<2) == values)
    #expect(try found[1].floats().array(0..<1) == [-2])
    #expect(try bits(found[2].floats().array(0..<3)) == [0x3F80_0000, 0x7FC0_0000, 0x0001_0000])
  }

  @Test("Tensors without elements may stand anywhere between the others")
  func emptyTensors() throws {
    let header =
      "{\(Self.tensor("a", "[2]", "0", "8")),\(Self.tensor("z", "[0]", "0", "0")),\(Self.tensor("b", "[1]", "8", "12")),"
      + "\(Self.tensor("y", "[3, 0]", "8", "8")),\(Self.tensor("x", "[0, 4611686018427387904]", "12", "12"))}"
    let found = try tensors(safetensors(header: header, bytes: 12))
    #expect(found.map(\.name) == ["z", "a", "y", "b", "x"])
    #expect(found.map(\.count) == [0, 2, 0, 1, 0])
    #expect(try found[4].floats().array(0..<0) == [])
  }

  @Test("Binary16 becomes float32 exactly, for all 65,536 values")
  func halves() {
    for bits in UInt16.min...UInt16.max {
      let sign: Double = bits >> 15 == 1 ? -1 : 1
      let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
      let ours = StoredTensor.float(half: bits)
      if exponent == 31 {
        #expect(fraction == 0 ? Double(ours) == sign * .infinity : ours.isNaN)
      } else {
        // IEEE 754, section 3.4.
        let value = exponent == 0 ? fraction * 0x1p-24 : (1 + fraction / 1024) * pow(2, Double(exponent - 15))
        if Double(ours) != sign * value || ours.sign != (sign < 0 ? .minus : .plus) {
          Issue.record("\(bits) became \(ours)")
        }
      }
    }
  }

  @Test("What is no regular file is not read")
  func notARegularFile() throws {
    let scratch = try Scratch()
    expectError(.unreadable, ["not a regular file", scratch.folder.path]) {
      _ = try ModelFile(url: scratch.folder, path: "folder")
    }
    expectError(.fileNotFound, ["/nowhere", "cannot open", "No such file"]) {
      _ = try ModelFile(url: scratch.file("nowhere"), path: "nowhere")
    }
    try scratch.write("", to: "empty")
    #expect(try ModelFile(url: scratch.file("empty"), path: "empty").bytes.isEmpty)
  }
}

extension Data {
  /// The data with one byte, counted from the end, overwritten.
  fileprivate func replacingLast(_ fromEnd: Int, with byte: UInt8) -> Data {
    var copy = self
    copy[copy.count - fromEnd] = byte
    return copy
  }
}
