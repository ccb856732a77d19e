import Foundation

/// Reads the header of a safetensors file: 8 bytes of length (little-endian), a JSON object, then the tensors' bytes.
/// Format: https://github.com/huggingface/safetensors (README, section Format).
enum Safetensors {
  /// The format's own limit on the header.
  static let largestHeader = 100_000_000

  /// What the header says of one tensor.
  private struct Entry {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]
  }

  /// Bytes per element of every type the format knows; the engine computes with a few of them.
  private static let elementSizes = [
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4, "I16": 2, "I8": 1,
    "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
  ]

  /// The tensors of a file, in the order of their bytes. What is refused is what the format's own library (the Python
  /// package safetensors 0.8.0) refuses, and a tensor's name that stands twice even if both entries are the same.
  /// - Throws: `AnalysisError.badCheckpoint` naming the file, the tensor and what is wrong.
  /// - Complexity: O(header); nothing else is read.
  static func tensors(of file: ModelFile) throws -> [StoredTensor] {
    func failure(_ what: String) -> AnalysisError {
      AnalysisError(.badCheckpoint, "\(file.url.path): \(what); copy the file again from where the model was published")
    }
    guard file.size >= 8 else {
      throw failure("has \(file.size) bytes, too few for a safetensors header")
    }
    let length = UInt64(littleEndian: try file.first(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    guard length <= largestHeader else {
      throw failure("header length \(length) is beyond the format's limit of \(largestHeader)")
    }
    let start = 8 + Int(length)
    guard start <= file.size else {
      throw failure("header length \(length) is beyond the end of the file (\(file.size) bytes)")
    }
    let found = try file.first(start).withUnsafeBytes {
      try entries(UnsafeRawBufferPointer(rebasing: $0[8...]), failure: failure)
    }
    var tensors: [StoredTensor] = []
    for (name, entry) in found {
      tensors.append(try tensor(name, entry, in: file, dataStart: start, failure: failure))
    }
    // By both ends: a tensor without elements shares its start with the one that follows.
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    try checkCover(of: tensors, from: start, to: file.size, failure: failure)
    return tensors
  }

  /// Tensors follow one another without overlap or hole, from the header to the end of the file, as the format asks.
  private static func checkCover(
    of tensors: [StoredTensor], from start: Int, to end: Int, failure: (String) -> AnalysisError
  ) throws {
    var (covered, previous) = (start, "the header")
    for tensor in tensors {
      let (from, name) = (tensor.range.lowerBound, tensor.name)
      guard from >= covered else { throw failure("tensors \(previous) and '\(name)' overlap") }
      guard from == covered else {
        throw failure(
          "bytes \(covered - start)..<\(from - start), between \(previous) and tensor '\(name)', belong to no tensor")
      }
      (covered, previous) = (tensor.range.upperBound, "'\(name)'")
    }
    guard covered == end else {
      throw failure("the last \(end - covered) bytes, after \(previous), belong to no tensor")
    }
  }

  /// The header's tensors in its order. A name or key that stands twice is refused: which one counts depends on the reader.
  private static func entries(
    _ bytes: UnsafeRawBufferPointer, failure: (String) -> AnalysisError
  ) throws -> [(name: String, entry: Entry)] {
    func malformed(_ why: String) -> AnalysisError {
      failure("the header is not the JSON that safetensors prescribes (\(why))")
    }
    let header: StrictJSON
    do {
      header = try StrictJSONReader.read(bytes, allowsRepeatedKeys: true)
    } catch {
      throw malformed(error.message)
    }
    guard case .object(let members) = header else { throw malformed("it is \(header.kind), not an object") }
    var names: Set<TokenText> = []
    var entries: [(name: String, entry: Entry)] = []
    for member in members {
      guard names.insert(TokenText(member.key)).inserted else { throw failure("the header has '\(member.key)' twice") }
      if member.key == "__metadata__" {
        guard isMetadata(member.value) else { throw malformed("'__metadata__' is not an object of texts") }
      } else {
        entries.append((member.key, try entry(member.key, member.value, malformed: malformed)))
      }
    }
    return entries
  }

  private static func isMetadata(_ value: StrictJSON) -> Bool {
    switch value {
    case .null: true
    case .object(let members): members.allSatisfy { if case .string = $0.value { true } else { false } }
    default: false
    }
  }

  private static func entry(
    _ name: String, _ value: StrictJSON, malformed: (String) -> AnalysisError
  ) throws -> Entry {
    guard case .object(let members) = value else { throw malformed("tensor '\(name)' is \(value.kind), not an object") }
    func member(_ key: String) throws -> StrictJSON {
      let found = members.filter { $0.key == key }
      guard let value = found.first?.value else { throw malformed("tensor '\(name)' has no \(key)") }
      guard found.count == 1 else { throw malformed("tensor '\(name)' has \(key) twice") }
      return value
    }
    func integers(_ key: String) throws -> [Int] {
      guard case .array(let items) = try member(key) else {
        throw malformed("\(key) of tensor '\(name)' is not a list")
      }
      return try items.map {
        guard case .integer(let number) = $0 else {
          throw malformed("\(key) of tensor '\(name)' has an entry that is not a whole number")
        }
        return number
      }
    }
    guard case .string(let dtype) = try member("dtype") else {
      throw malformed("dtype of tensor '\(name)' is not a text")
    }
    return Entry(dtype: dtype, shape: try integers("shape"), offsets: try integers("data_offsets"))
  }

  private static func tensor(
    _ name: String, _ entry: Entry, in file: ModelFile, dataStart: Int, failure: (String) -> AnalysisError
  ) throws -> StoredTensor {
    guard let size = elementSizes[entry.dtype] else {
      throw failure("tensor '\(name)' has unknown dtype '\(entry.dtype)'")
    }
    guard entry.offsets.count == 2 else { throw failure("tensor '\(name)' needs two data_offsets") }
    let (from, to) = (entry.offsets[0], entry.offsets[1])
    let available = file.size - dataStart
    guard from >= 0, to >= from, to <= available else {
      throw failure(
        "tensor '\(name)' is at bytes \(from)..<\(to) of \(available): the file is truncated or its header is wrong")
    }
    var expected = size
    for dimension in entry.shape {
      let (product, overflow) = expected.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { throw failure("tensor '\(name)' has an impossible shape \(entry.shape)") }
      expected = product
    }
    guard expected == to - from else {
      throw failure("tensor '\(name)' with shape \(entry.shape) needs \(expected) bytes but has \(to - from)")
    }
    return StoredTensor(
      name: name, dataTypeName: entry.dtype, shape: entry.shape, file: file, range: dataStart + from..<dataStart + to)
  }
}
