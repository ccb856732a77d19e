import Foundation

/// Reads the header of a safetensors file: 8 bytes of length (little-endian), a JSON object, then the tensors' bytes.
/// Format: https://github.com/huggingface/safetensors (README, section Format).
enum Safetensors {
  /// The format's own limit on the header.
  static let largestHeader = 100_000_000

  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let dataOffsets: [Int]

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  private enum HeaderValue: Decodable {
    case tensor(Entry)
    case metadata

    init(from decoder: any Decoder) throws {
      if decoder.codingPath.last?.stringValue == "__metadata__" {
        self = .metadata
      } else {
        self = .tensor(try Entry(from: decoder))
      }
    }
  }

  /// Bytes per element of every type the format knows; the engine computes with a few of them.
  private static let elementSizes = [
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I64": 8, "I32": 4, "I16": 2, "I8": 1,
    "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
  ]

  /// The tensors of a file, in the order of their bytes.
  /// - Throws: `AnalysisError.badCheckpoint` naming the file, the tensor and what is wrong.
  /// - Complexity: O(header); no tensor is read.
  static func tensors(of file: MappedFile) throws -> [StoredTensor] {
    func failure(_ what: String) -> AnalysisError {
      AnalysisError(.badCheckpoint, "\(file.url.path): \(what); copy the file again from where the model was published")
    }
    guard file.bytes.count >= 8 else {
      throw failure("has \(file.bytes.count) bytes, too few for a safetensors header")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length <= largestHeader else {
      throw failure("header length \(length) is beyond the format's limit of \(largestHeader)")
    }
    let start = 8 + Int(length)
    guard start <= file.bytes.count else {
      throw failure("header length \(length) is beyond the end of the file (\(file.bytes.count) bytes)")
    }
    let header: [String: HeaderValue]
    do {
      header = try JSONDecoder().decode([String: HeaderValue].self, from: Data(file.bytes[8..<start]))
    } catch {
      throw failure("the header is not the JSON that safetensors prescribes (\(ModelJSONObject.reason(error)))")
    }
    var tensors: [StoredTensor] = []
    for (name, value) in header {
      guard case .tensor(let entry) = value else { continue }
      tensors.append(try tensor(name, entry, in: file, dataStart: start, failure: failure))
    }
    // By both ends: a tensor without elements shares its start with the one that follows.
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    for (left, right) in zip(tensors, tensors.dropFirst()) where left.range.upperBound > right.range.lowerBound {
      throw failure("tensors '\(left.name)' and '\(right.name)' overlap")
    }
    return tensors
  }

  private static func tensor(
    _ name: String, _ entry: Entry, in file: MappedFile, dataStart: Int, failure: (String) -> AnalysisError
  ) throws -> StoredTensor {
    guard let size = elementSizes[entry.dtype] else {
      throw failure("tensor '\(name)' has unknown dtype '\(entry.dtype)'")
    }
    guard entry.dataOffsets.count == 2 else { throw failure("tensor '\(name)' needs two data_offsets") }
    let (from, to) = (entry.dataOffsets[0], entry.dataOffsets[1])
    let available = file.bytes.count - dataStart
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
