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
  public let file: MappedFile
  /// Where in the file's bytes.
  public let range: Range<Int>

  /// Number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The raw little-endian bytes; valid while `file` lives.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: file.bytes[range]) }
}
