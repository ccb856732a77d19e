/// JSON whose text is kept by its bytes and whose objects keep their members in order, a key given twice included.
///
/// In a tokenizer's vocabulary, a Swift dictionary keyed by `String` would take "é" (one scalar) and "é" (two) for the same key, and lose a token.
enum StrictJSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([StrictJSON])
  case object([Member])

  struct Member: Sendable {
    let key: String
    let value: StrictJSON
  }

  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .integer, .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// Why bytes are not JSON.
struct StrictJSONError: Error {
  let reason: String
  let offset: Int
  /// The keys that lead to an object of which a key stands twice, and that key.
  var repeated: (place: [String], key: String)?

  /// What a person is told.
  /// - Parameter kind: what the file should be, e.g. `a JSON object`.
  func message(_ file: String, kind: String = "a JSON object") -> String {
    guard let repeated else {
      return
        "\(file): not \(kind) (\(reason) at byte \(offset)); copy the file again from where the model was published"
    }
    let place = repeated.place.map { ": \($0)" }.joined()
    return
      "\(file)\(place): key '\(repeated.key)' is given twice; which of the two counts depends on the program that reads it: keep one"
  }
}

/// A strict reader of JSON (RFC 8259) from UTF-8.
/// - Complexity: O(bytes).
struct StrictJSONReader {
  private let bytes: UnsafeRawBufferPointer
  private let allowsRepeatedKeys: Bool
  private var position = 0
  private var values = 0
  /// The keys and numbers of items that lead to where the reader is.
  private var path: [Step] = []
  /// Deeper files are refused, so that no file can exhaust the stack.
  private static let deepest = 64
  /// Values of one file. The largest published tokenizers have 2 million (a vocabulary of 260,000 tokens and 580,000 merges of
  /// two texts each), the largest safetensors headers 100,000 tensors of 7 values.
  static let mostValues = 4_000_000

  private enum Step {
    case key(String)
    case item(Int)
  }

  /// The value that the bytes hold, and nothing after it.
  /// - Parameter allowsRepeatedKeys: whether an object may have a key twice, for a reader that looks itself.
  static func read(_ bytes: UnsafeRawBufferPointer, allowsRepeatedKeys: Bool = false) throws -> StrictJSON {
    var reader = StrictJSONReader(bytes: bytes, allowsRepeatedKeys: allowsRepeatedKeys)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.wrong("something follows the value") }
    return value
  }

  private init(bytes: UnsafeRawBufferPointer, allowsRepeatedKeys: Bool) {
    self.bytes = bytes
    self.allowsRepeatedKeys = allowsRepeatedKeys
  }

  private func wrong(_ reason: String) -> StrictJSONError { StrictJSONError(reason: reason, offset: position) }

  /// Keys are compared by their bytes after escapes are read: "\u0061" is "a", and "é" of one scalar is not "é" of two.
  private func checkKeys(_ members: [StrictJSON.Member]) throws {
    guard members.count > 1, !allowsRepeatedKeys else { return }
    var seen: Set<TokenText> = []
    if members.count > 8 { seen.reserveCapacity(members.count) }
    for (number, member) in members.enumerated() {
      let key = TokenText(member.key)
      let isNew =
        members.count > 8
        ? seen.insert(key).inserted : !members[..<number].contains { TokenText($0.key) == key }
      if !isNew { throw repeated(member.key) }
    }
  }

  private func repeated(_ key: String) -> StrictJSONError {
    func short(_ text: String) -> String { text.unicodeScalars.count > 80 ? "\(text.prefix(80))…" : text }
    var place: [String] = []
    for step in path {
      switch step {
      case .key(let key): place.append(short(key))
      case .item(let number):
        if let last = place.popLast() { place.append("\(last) \(number)") } else { place.append("\(number)") }
      }
    }
    var error = wrong("key '\(short(key))' is given twice")
    error.repeated = (place, short(key))
    return error
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func expect(_ byte: UInt8) throws {
    guard next == byte else { throw wrong("'\(Character(Unicode.Scalar(byte)))' is missing") }
    position += 1
  }

  private mutating func word(_ text: StaticString, _ value: StrictJSON) throws -> StrictJSON {
    for i in 0..<text.utf8CodeUnitCount {
      guard next == text.utf8Start[i] else { throw wrong("an unknown word") }
      position += 1
    }
    return value
  }

  private mutating func value(depth: Int) throws -> StrictJSON {
    guard depth < Self.deepest else { throw wrong("nested too deeply") }
    values += 1
    guard values <= Self.mostValues else { throw wrong("more than \(Self.mostValues) values") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw wrong("the text ends too early")
    default: return try number()
    }
  }

  private mutating func object(depth: Int) throws -> StrictJSON {
    position += 1
    var members: [StrictJSON.Member] = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      skipSpace()
      let key = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"))
      path.append(.key(key))
      members.append(.init(key: key, value: try value(depth: depth + 1)))
      path.removeLast()
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else {
        try expect(UInt8(ascii: "}"))
        try checkKeys(members)
        return .object(members)
      }
    }
  }

  private mutating func array(depth: Int) throws -> StrictJSON {
    position += 1
    var items: [StrictJSON] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return .array(items)
    }
    while true {
      path.append(.item(items.count))
      items.append(try value(depth: depth + 1))
      path.removeLast()
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else {
        try expect(UInt8(ascii: "]"))
        return .array(items)
      }
    }
  }

  private mutating func digits() throws {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    if position == start { throw wrong("a digit is missing") }
  }

  private mutating func number() throws -> StrictJSON {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let first = position
    try digits()
    if bytes[first] == UInt8(ascii: "0"), position > first + 1 { throw wrong("a number begins with 0") }
    var whole = true
    if next == UInt8(ascii: ".") {
      whole = false
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      whole = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if whole, let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw wrong("a number is too large") }
    return .number(number)
  }

  private mutating func string() throws -> String {
    try expect(UInt8(ascii: "\""))
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if next == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try text(bytes[start..<position])
    }
    var unescaped = Array(bytes[start..<position])
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try text(unescaped[...])
      case UInt8(ascii: "\\"): try escape(into: &unescaped)
      case ..<0x20: throw wrong("a control character in a text")
      default: unescaped.append(byte)
      }
    }
    throw wrong("a text does not end")
  }

  private func text<Bytes: Collection<UInt8>>(_ bytes: Bytes) throws -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw wrong("a text is not UTF-8") }
    return text
  }

  private mutating func escape(into bytes: inout [UInt8]) throws {
    guard let byte = next else { throw wrong("a text does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if (0xD800..<0xDC00).contains(value) {
        try expect(UInt8(ascii: "\\"))
        try expect(UInt8(ascii: "u"))
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw wrong("half of a surrogate pair") }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(value) else { throw wrong("half of a surrogate pair") }
      bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw wrong("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw wrong("an unknown escape")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
