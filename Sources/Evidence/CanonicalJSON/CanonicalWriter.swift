/// Writes a value in the one form that RFC 8785 (JSON Canonicalization Scheme) allows.
struct CanonicalWriter {
  private(set) var bytes: [UInt8] = []

  /// A number that JSON has no text for, and the way to it from the inside out. The way is only put together when it is needed.
  private struct NotFinite: Error {
    let number: Double
    var path: [JSONKey] = []

    func below(_ key: JSONKey) -> NotFinite { NotFinite(number: number, path: path + [key]) }
  }

  /// Appends a value.
  /// - Throws: `JSONError` with the path of a number that is not finite.
  mutating func write(_ value: JSONValue) throws {
    do {
      try append(value)
    } catch let error as NotFinite {
      throw JSONError(
        .numberRange, path: error.path.reversed(), "\(error.number) cannot be written: JSON has finite numbers only")
    }
  }

  private mutating func append(_ value: JSONValue) throws {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    case .number(let number):
      guard number.isFinite else { throw NotFinite(number: number) }
      bytes.append(contentsOf: ECMAScriptNumber.text(number).utf8)
    case .string(let text): write(text)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        do { try append(element) } catch let error as NotFinite { throw error.below(JSONKey(index)) }
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, key) in members.keys.sorted(by: Self.precedes).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(key)
        bytes.append(UInt8(ascii: ":"))
        do { try append(members[key] ?? .null) } catch let error as NotFinite { throw error.below(JSONKey(key)) }
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// The order of keys: by UTF-16 code units (RFC 8785 section 3.2.3), in which U+1F600 comes before U+FB33.
  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf16.lexicographicallyPrecedes(right.utf16)
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      case 0x08: bytes.append(contentsOf: "\\b".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0C: bytes.append(contentsOf: "\\f".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
