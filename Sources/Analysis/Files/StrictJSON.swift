/// JSON whose text is kept by its bytes and whose objects keep their members in order, a key given twice included.
///
/// In a tokenizer's vocabulary, a Swift dictionary keyed by `String` would take "é" (one scalar) and "é" (two) for the same key, and lose a token.
package enum StrictJSON: Sendable {
  case null
  case bool(Bool)
  /// A number that is written without point and exponent and that `Int` holds, but not `-0`; see also `WholeNumbers`.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([StrictJSON])
  case object([Member])

  package struct Member: Sendable {
    package let key: String
    package let value: StrictJSON
    /// Where the key begins, in bytes from the start of the text.
    package var offset = 0
  }

  /// Which numbers are `integer`.
  package enum WholeNumbers: Sendable {
    /// `12` is whole, `12.0` is not, as `tokenizers` has it for an id.
    case asWritten
    /// `12.0` and `1.2e1` are whole too, below 2^53, as most readers of configurations have it.
    case byValue
  }

  /// What a number with a point or an exponent is.
  package enum Decimals: Sendable {
    /// The nearest double.
    case nearest
    /// What `tokenizers` takes it for, see `SerdeDecimal`.
    case asTokenizers
  }

  package var kind: String {
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

extension StrictJSON: Equatable {
  /// Whether both hold the same, whatever the order of members. Texts are compared by their bytes.
  package static func == (left: StrictJSON, right: StrictJSON) -> Bool {
    func byKey(_ members: [Member]) -> [TokenText: StrictJSON] {
      Dictionary(members.map { (TokenText($0.key), $0.value) }, uniquingKeysWith: { _, last in last })
    }
    return switch (left, right) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.integer(let one), .integer(let other)): one == other
    case (.number(let one), .number(let other)): one == other
    case (.string(let one), .string(let other)): TokenText(one) == TokenText(other)
    case (.array(let one), .array(let other)): one == other
    case (.object(let one), .object(let other)): byKey(one) == byKey(other)
    default: false
    }
  }
}

/// Why bytes are not JSON.
package struct StrictJSONError: Error {
  /// What went wrong.
  package enum Code: Sendable {
    /// The text does not follow RFC 8259, or its outermost value is not of the kind that is asked for.
    case syntax
    /// More arrays and objects inside each other than the limit.
    case tooDeep
    /// A number beyond what a double holds.
    case numberRange
    /// A text is not Unicode: half of a surrogate pair, or bytes that are not UTF-8.
    case notUnicode
    /// An object has a key twice.
    case repeatedKey
    /// More values than the limit.
    case tooManyValues
  }

  package let code: Code
  package let reason: String
  /// In bytes from the start of the text.
  package let offset: Int
  /// The keys and numbers of items that lead to what is wrong, from the outside in.
  fileprivate var place = ""

  fileprivate init(_ code: Code, at offset: Int, _ reason: String) {
    (self.code, self.reason, self.offset) = (code, reason, offset)
  }

  /// The error of a text whose outermost value is not of the kind that is asked for.
  init(outermost value: StrictJSON) { self.init(.syntax, at: 0, "it is \(value.kind)") }

  /// `byte 7: ',' where a value should be`.
  var message: String { "byte \(offset): \(reason)" }

  /// What a person is told.
  /// - Parameters:
  ///   - kind: what the file should be.
  ///   - remedy: what helps if it is not.
  func message(
    _ file: String, kind: String = "a JSON object",
    remedy: String = "copy the file again from where the model was published"
  ) -> String {
    guard code == .repeatedKey else { return "\(file): not \(kind) (\(message)); \(remedy)" }
    let place = place.hasPrefix(" ") ? ":\(place)" : place
    return "\(file)\(place): \(reason); which of the two counts depends on the program that reads it: keep one"
  }

  fileprivate func within(_ step: String) -> StrictJSONError {
    var error = self
    error.place = step + place
    return error
  }
}

/// A strict reader of JSON (RFC 8259) from UTF-8: no comments, no trailing commas, no byte order mark, no half of a surrogate pair, no
/// number beyond a double, nothing after the value.
/// - Complexity: O(bytes).
package struct StrictJSONReader {
  private let bytes: UnsafeRawBufferPointer
  private let mostDepth: Int
  private let mostValues: Int
  private let allowsRepeatedKeys: Bool
  private let wholeNumbers: StrictJSON.WholeNumbers
  private let decimals: StrictJSON.Decimals
  private var position = 0
  private var values = 0

  /// Reads a whole text.
  /// - Parameters:
  ///   - mostDepth: how many arrays and objects may enclose each other, so that no file can exhaust the stack.
  ///   - mostValues: how many values there may be. The largest published tokenizers have 2 million (a vocabulary of 260,000 tokens and
  ///     580,000 merges of two texts each), the largest safetensors headers 100,000 tensors of 7 values.
  ///   - allowsRepeatedKeys: whether an object may have a key twice, for a reader that looks itself.
  package static func read(
    _ bytes: UnsafeRawBufferPointer, mostDepth: Int = 64, mostValues: Int = 4_000_000, allowsRepeatedKeys: Bool = false,
    wholeNumbers: StrictJSON.WholeNumbers = .asWritten, decimals: StrictJSON.Decimals = .nearest
  ) throws(StrictJSONError) -> StrictJSON {
    var reader = StrictJSONReader(
      bytes: bytes, mostDepth: mostDepth, mostValues: mostValues, allowsRepeatedKeys: allowsRepeatedKeys,
      wholeNumbers: wholeNumbers, decimals: decimals)
    reader.skipSpace()
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw reader.wrong("text after the end of the document") }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private func wrong(_ reason: String) -> StrictJSONError { StrictJSONError(.syntax, at: position, reason) }

  private func unexpected(_ expected: String) -> StrictJSONError {
    guard let byte = next else { return wrong("the text ends where \(expected) should be") }
    let shown = byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    return wrong("\(shown) where \(expected) should be")
  }

  /// A text of a file as far as a message shows it.
  private static func short(_ text: String) -> String {
    text.unicodeScalars.count > 80 ? "\(text.prefix(80))…" : text
  }

  private mutating func value(depth: Int) throws(StrictJSONError) -> StrictJSON {
    values += 1
    guard values <= mostValues else {
      throw StrictJSONError(.tooManyValues, at: position, "more than \(mostValues) values")
    }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: try deeper(depth))
    case UInt8(ascii: "["): return try array(depth: try deeper(depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(let byte) where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
    default: throw unexpected("a value")
    }
  }

  private func deeper(_ depth: Int) throws(StrictJSONError) -> Int {
    guard depth < mostDepth else {
      throw StrictJSONError(
        .tooDeep, at: position, "nested too deeply: more than \(mostDepth) arrays and objects inside each other")
    }
    return depth + 1
  }

  private mutating func word(_ text: StaticString, _ value: StrictJSON) throws(StrictJSONError) -> StrictJSON {
    for index in 0..<text.utf8CodeUnitCount {
      guard next == text.utf8Start[index] else { throw unexpected("'\(text)'") }
      position += 1
    }
    return value
  }

  /// Whether another item or member follows, `position` behind one.
  private mutating func goesOn(until end: UInt8) throws(StrictJSONError) -> Bool {
    skipSpace()
    guard let byte = next, byte == UInt8(ascii: ",") || byte == end else {
      throw unexpected("',' or '\(Character(Unicode.Scalar(end)))'")
    }
    position += 1
    skipSpace()
    return byte != end
  }

  /// Whether an array or object is empty, `position` at its bracket.
  private mutating func isEmpty(until end: UInt8) -> Bool {
    position += 1
    skipSpace()
    guard next == end else { return false }
    position += 1
    return true
  }

  private mutating func array(depth: Int) throws(StrictJSONError) -> StrictJSON {
    var items: [StrictJSON] = []
    if isEmpty(until: UInt8(ascii: "]")) { return .array(items) }
    repeat {
      do { items.append(try value(depth: depth)) } catch { throw error.within(" \(items.count)") }
    } while try goesOn(until: UInt8(ascii: "]"))
    return .array(items)
  }

  private mutating func object(depth: Int) throws(StrictJSONError) -> StrictJSON {
    var members: [StrictJSON.Member] = []
    if isEmpty(until: UInt8(ascii: "}")) { return .object(members) }
    repeat {
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let start = position
      let key = try string()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw unexpected("':'") }
      position += 1
      skipSpace()
      do {
        members.append(.init(key: key, value: try value(depth: depth), offset: start))
      } catch {
        throw error.within(": \(Self.short(key))")
      }
    } while try goesOn(until: UInt8(ascii: "}"))
    try checkKeys(members)
    return .object(members)
  }

  /// Keys are compared by their bytes after escapes are read: "\u0061" is "a", and "é" of one scalar is not "é" of two.
  private func checkKeys(_ members: [StrictJSON.Member]) throws(StrictJSONError) {
    guard members.count > 1, !allowsRepeatedKeys else { return }
    var seen = Set<TokenText>(minimumCapacity: members.count)
    for member in members where !seen.insert(TokenText(member.key)).inserted {
      throw StrictJSONError(.repeatedKey, at: member.offset, "key '\(Self.short(member.key))' is given twice")
    }
  }

  // MARK: Numbers

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private mutating func digits() throws(StrictJSONError) {
    guard let byte = next, Self.isDigit(byte) else { throw unexpected("a digit") }
    while let byte = next, Self.isDigit(byte) { position += 1 }
  }

  private mutating func number() throws(StrictJSONError) -> StrictJSON {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") {
      position += 1
      if let byte = next, Self.isDigit(byte) { throw wrong("a number must not begin with a needless 0") }
    } else {
      try digits()
    }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // Of an integer, -0 would lose its sign.
    if isWhole, let integer = Int(text), integer != 0 || text == "0" || wholeNumbers == .byValue {
      return .integer(integer)
    }
    let read = decimals == .nearest ? Double(text) : SerdeDecimal.value(of: bytes[start..<position])
    guard let number = read, number.isFinite else {
      throw StrictJSONError(.numberRange, at: start, "\(Self.short(text)) is beyond what a double can hold")
    }
    if wholeNumbers == .byValue, abs(number) < 0x1p53, let whole = Int(exactly: number) { return .integer(whole) }
    return .number(number)
  }

  // MARK: Texts

  /// Reads a text, `position` at its opening quote.
  private mutating func string() throws(StrictJSONError) -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    if next == UInt8(ascii: "\"") {
      let text = try unicode(UnsafeRawBufferPointer(rebasing: bytes[start..<position]), at: start)
      position += 1
      return text
    }
    // The rare text with an escape is collected byte by byte.
    var collected = Array(bytes[start..<position])
    while let byte = next {
      if byte == UInt8(ascii: "\"") {
        position += 1
        return try unicode(collected, at: start)
      } else if byte == UInt8(ascii: "\\") {
        try escape(into: &collected)
      } else if byte < 0x20 {
        throw wrong("a control character in a string must be escaped")
      } else {
        collected.append(byte)
        position += 1
      }
    }
    throw wrong("the text ends inside a string")
  }

  private func unicode(_ text: some Collection<UInt8>, at offset: Int) throws(StrictJSONError) -> String {
    guard let string = String(validating: text, as: UTF8.self) else {
      throw StrictJSONError(.notUnicode, at: offset, "this string is not UTF-8")
    }
    return string
  }

  /// Reads an escape, `position` at its backslash.
  private mutating func escape(into collected: inout [UInt8]) throws(StrictJSONError) {
    let start = position
    position += 1
    guard let byte = next else { throw wrong("the text ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): collected.append(byte)
    case UInt8(ascii: "b"): collected.append(0x08)
    case UInt8(ascii: "f"): collected.append(0x0C)
    case UInt8(ascii: "n"): collected.append(0x0A)
    case UInt8(ascii: "r"): collected.append(0x0D)
    case UInt8(ascii: "t"): collected.append(0x09)
    case UInt8(ascii: "u"): collected.append(contentsOf: String(Character(try scalar(from: start))).utf8)
    default: throw StrictJSONError(.syntax, at: start, "an unknown escape in a string")
    }
  }

  /// Reads `XXXX` of `\uXXXX`, and the low half of a surrogate pair after it.
  private mutating func scalar(from start: Int) throws(StrictJSONError) -> Unicode.Scalar {
    let lone = StrictJSONError(.notUnicode, at: start, "half of a surrogate pair, which is not Unicode text")
    let high = try codeUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    for byte in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
      guard high < 0xDC00, next == byte else { throw lone }
      position += 1
    }
    let low = try codeUnit()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
    else { throw lone }
    return scalar
  }

  private mutating func codeUnit() throws(StrictJSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("one of four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
