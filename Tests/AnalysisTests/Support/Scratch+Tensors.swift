import Foundation
import Testing

/// Tensors that are added to, renamed in or taken from a `model.safetensors`.
extension Scratch {
  struct NewTensor {
    var name: String
    var shape: [Int]
    var type = "F32"
    var data: Data

    /// A tensor of float32 numbers, all the same.
    init(_ name: String, _ shape: [Int], _ value: Float = 0.5) {
      let count = shape.reduce(1, *)
      (self.name, self.shape) = (name, shape)
      data = Data(
        (0..<count).flatMap { _ in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
    }

    init(_ name: String, _ shape: [Int], type: String, _ data: Data) {
      (self.name, self.shape, self.type, self.data) = (name, shape, type, data)
    }
  }

  /// The tensors of the file, in order of name.
  func tensors(of file: String = "model.safetensors") throws -> [NewTensor] {
    let bytes = try Data(contentsOf: self.file(file))
    let length = Int(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }.littleEndian)
    let header = try #require(
      try JSONSerialization.jsonObject(with: bytes[8..<8 + length]) as? [String: Any])
    return try header.filter { $0.key != "__metadata__" }.sorted { $0.key < $1.key }.map { name, value in
      let entry = try #require(value as? [String: Any])
      let offsets = try #require(entry["data_offsets"] as? [Int])
      return NewTensor(
        name, try #require(entry["shape"] as? [Int]), type: try #require(entry["dtype"] as? String),
        Data(bytes[8 + length + offsets[0]..<8 + length + offsets[1]]))
    }
  }

  func write(_ tensors: [NewTensor], to file: String = "model.safetensors") throws {
    var (entries, data) = ([String](), Data())
    for tensor in tensors {
      let start = data.count
      data += tensor.data
      entries.append(
        "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(data.count)]}"
      )
    }
    try write(safetensors(header: "{\(entries.joined(separator: ","))}", data: data), to: file)
  }

  func add(_ tensors: NewTensor...) throws { try write(self.tensors() + tensors) }

  /// Renames tensors; nil takes one away.
  func rename(_ body: (String) -> String?) throws {
    try write(
      tensors().compactMap { tensor in
        body(tensor.name).map {
          var new = tensor
          new.name = $0
          return new
        }
      })
  }
}
