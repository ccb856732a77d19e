/// A strict reader of JSON (RFC 8259): no comments, no trailing commas, no byte order mark, no duplicate keys, no lone
/// surrogates, no number beyond a double, nothing after the value.
///
/// - Complexity: O(n) in the bytes of the text.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let depthLimit: Int
  private var position = 0

  /// Reads a whole text.
  /// - Parameters:
  ///   - bytes: the text in UTF-8.
  ///   - depthLimit: how many arrays and objects may enclose each other.
  /// - Throws: `JSONError` with the byte offset.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) throws -> JSONValue {
    var parser = JSONParser(bytes: bytes, depthLimit: depthLimit)
    parser.skipSpace()
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw JSONError(.syntax, at: parser.position, "text after the end of the document")
    }
    return value
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func unexpected(_ expected: String) -> JSONError {
    guard let byte = next else { return JSONError(.syntax, at: position, "the text ends where \(expected) should be") }
    let shown = byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    return JSONError(.syntax, at: position, "\(shown) where \(expected) should be")
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    switch next {
    case UInt8(ascii: "{"):
      return try object(depth: try deeper(depth))
    case UInt8(ascii: "["):
      return try array(depth: try deeper(depth))
    case UInt8(ascii: "\""):
      return .string(try string())
    case UInt8(ascii: "t"):
      return try literal("true", .bool(true))
    case UInt8(ascii: "f"):
      return try literal("false", .bool(false))
    case UInt8(ascii: "n"):
      return try literal("null", .null)
    case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte):
      return .number(try number())
    default:
      throw unexpected("a value")
    }
  }

  private func deeper(_ depth: Int) throws -> Int {
    guard depth < depthLimit else {
      throw JSONError(.tooDeep, at: position, "more than \(depthLimit) arrays and objects inside each other")
    }
    return depth + 1
  }

  private mutating func literal(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
    for index in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[index] else { throw unexpected("'\(word)'") }
      position += 1
    }
    return value
  }

  private mutating func array(depth: Int) throws -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return .array(elements)
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "]"):
        position += 1
        return .array(elements)
      default: throw unexpected("',' or ']'")
      }
    }
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    position += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let start = position
      let key = try string()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw unexpected("':'") }
      position += 1
      skipSpace()
      let member = try value(depth: depth)
      guard members.updateValue(member, forKey: key) == nil else {
        throw JSONError(
          .duplicateKey, at: start, "the key '\(key)' stands twice in this object (or differs only in normalisation)")
      }
      skipSpace()
      switch next {
      case UInt8(ascii: ","): position += 1
      case UInt8(ascii: "}"):
        position += 1
        return .object(members)
      default: throw unexpected("',' or '}'")
      }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  /// Skips decimal digits and tells how many there were.
  private mutating func digits() -> Int {
    let start = position
    while let byte = next, Self.isDigit(byte) { position += 1 }
    return position - start
  }

  private mutating func number() throws -> Double {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") {
      position += 1
      if let byte = next, Self.isDigit(byte) {
        throw JSONError(.syntax, at: position, "a number must not begin with a needless 0")
      }
    } else if digits() == 0 {
      throw unexpected("a digit")
    }
    if next == UInt8(ascii: ".") {
      position += 1
      if digits() == 0 { throw unexpected("a digit") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      if digits() == 0 { throw unexpected("a digit") }
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw JSONError(.numberRange, at: start, "\(text) is beyond what a double can hold")
    }
    return value
  }

  /// Reads a string, `position` at its opening quote.
  private mutating func string() throws -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if next == UInt8(ascii: "\"") {
      let text = try unicode(UnsafeBufferPointer(rebasing: bytes[start..<position]), at: start)
      position += 1
      return text
    }
    // The rare string with an escape is collected byte by byte.
    var collected = Array(bytes[start..<position])
    while true {
      guard let byte = next else {
        throw JSONError(.syntax, at: position, "the text ends inside a string")
      }
      if byte == UInt8(ascii: "\"") {
        position += 1
        return try collected.withUnsafeBufferPointer { try unicode($0, at: start) }
      } else if byte == UInt8(ascii: "\\") {
        position += 1
        try escape(into: &collected)
      } else if byte < 0x20 {
        throw JSONError(.syntax, at: position, "a control character in a string must be escaped")
      } else {
        collected.append(byte)
        position += 1
      }
    }
  }

  private func unicode(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) throws -> String {
    guard let string = String(validating: text, as: UTF8.self) else {
      throw JSONError(.notUnicode, at: offset, "this string is not UTF-8")
    }
    return string
  }

  /// Reads what follows a backslash.
  private mutating func escape(into collected: inout [UInt8]) throws {
    let start = position - 1
    guard let byte = next else { throw JSONError(.syntax, at: position, "the text ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): collected.append(byte)
    case UInt8(ascii: "b"): collected.append(0x08)
    case UInt8(ascii: "f"): collected.append(0x0C)
    case UInt8(ascii: "n"): collected.append(0x0A)
    case UInt8(ascii: "r"): collected.append(0x0D)
    case UInt8(ascii: "t"): collected.append(0x09)
    case UInt8(ascii: "u"):
      collected.append(contentsOf: String(try scalar(from: start)).utf8)
    default: throw JSONError(.syntax, at: start, "an unknown escape in a string")
    }
  }

  /// Reads `XXXX` of `\uXXXX`, and the low half of a surrogate pair after it.
  private mutating func scalar(from start: Int) throws -> Character {
    let lone = JSONError(.notUnicode, at: start, "a lone surrogate, which is not Unicode text")
    let high = try codeUnit()
    if let scalar = Unicode.Scalar(high) { return Character(scalar) }
    guard high < 0xDC00, next == UInt8(ascii: "\\") else { throw lone }
    position += 1
    guard next == UInt8(ascii: "u") else { throw lone }
    position += 1
    let low = try codeUnit()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
    else { throw lone }
    return Character(scalar)
  }

  private mutating func codeUnit() throws -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw unexpected("one of four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
