import Foundation

extension StoredTensor {
  /// The tensor's values as float32, whatever the file's type.
  /// - Precondition: the type is one of `DataType` (`Checkpoint.tensor` checked it).
  /// - Throws: as `bytes()`.
  /// - Complexity: O(count).
  func floats() throws -> FloatBuffer { floats(of: try bytes()) }

  /// The values that some bytes of the tensor's length stand for.
  func floats(of raw: UnsafeRawBufferPointer) -> FloatBuffer {
    guard let type = DataType(rawValue: dataTypeName) else {
      preconditionFailure("tensor '\(name)' of type \(dataTypeName) was not checked")
    }
    let result = FloatBuffer(count)
    guard let start = raw.baseAddress, count > 0 else { return result }
    switch type {
    case .float32:
      UnsafeMutableRawPointer(result.pointer).copyMemory(from: start, byteCount: raw.count)
    case .bfloat16:
      for i in 0..<count {
        let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
        result.pointer[i] = Float(bitPattern: UInt32(bits) << 16)
      }
    case .float16:
      for i in 0..<count {
        let bits = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
        result.pointer[i] = Self.float(half: bits)
      }
    }
    return result
  }

  /// IEEE 754 binary16 to binary32, exactly.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
