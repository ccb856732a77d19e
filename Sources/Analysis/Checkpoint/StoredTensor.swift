/// One tensor of a checkpoint as it stands in its file.
public struct StoredTensor: Sendable {
  /// Element types that the engine reads, by their safetensors names.
  public enum DataType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    /// Bytes per element.
    public var size: Int { self == .float32 ? 4 : 2 }
  }

  /// The tensor's name in the checkpoint.
  public let name: String
  /// The name of the element type in the file, e.g. `F32`, `U8`.
  public let dataTypeName: String
  /// Dimensions, outermost first.
  public let shape: [Int]
  /// The file that holds it.
  public let file: ModelFile
  /// Where in the file's bytes.
  public let range: Range<Int>

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The raw little-endian bytes, read with the whole file if it is not yet read; valid while `file` lives.
  /// - Throws: `AnalysisError` if the file cannot be read or changed meanwhile.
  public func bytes() throws -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(try file.memory(of: range).bytes) }
}
