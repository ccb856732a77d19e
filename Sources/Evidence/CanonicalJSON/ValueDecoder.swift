/// Reads `Decodable` values from a `JSONValue`, the reverse of `ValueEncoder`.
struct ValueDecoder: Decoder {
  let value: JSONValue
  let path: JSONPath
  /// How the document names properties.
  let keys: CanonicalJSON.KeyStyle
  /// Whether a dictionary is read at this place, whose keys are data.
  var isDictionary = false
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  var codingPath: [any CodingKey] { path.keys }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = value else { throw mismatch("an object") }
    return KeyedDecodingContainer(KeyedDecoding(decoder: self, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let elements) = value else { throw mismatch("an array") }
    return UnkeyedDecoding(decoder: self, elements: elements)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleValueDecoding(decoder: self) }

  /// Reads the value at this decoder's place.
  func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let scalar: Any
    if type == Double.self {
      scalar = try number()
    } else if type == String.self {
      guard case .string(let text) = value else { throw mismatch("a string") }
      scalar = text
    } else if type == Bool.self {
      guard case .bool(let flag) = value else { throw mismatch("a boolean") }
      scalar = flag
    } else if let integer = type as? any FixedWidthInteger.Type {
      scalar = try read(integer: integer)
    } else if type == Float.self {
      guard let float = Float(exactly: try number()) else { throw mismatch("a number that a Float holds") }
      scalar = float
    } else {
      var decoder = self
      decoder.isDictionary = type is any StringKeyed.Type
      return try Value(from: decoder)
    }
    guard let result = scalar as? Value else { throw mismatch("\(type)") }
    return result
  }

  /// The decoder of the value at a key or an index.
  func child(_ value: JSONValue, _ path: JSONPath) -> ValueDecoder {
    ValueDecoder(value: value, path: path, keys: keys)
  }

  func mismatch(_ expected: String) -> JSONError {
    JSONError(.mismatch, path: codingPath, "\(expected) is expected, not \(value.kind)")
  }

  private func number() throws -> Double {
    guard case .number(let number) = value else { throw mismatch("a number") }
    return number
  }

  /// Reads an integer: a number up to 2^53 − 1, a decimal string beyond. Each integer has one form only.
  private func read<Integer: FixedWidthInteger>(integer: Integer.Type) throws -> Integer {
    switch value {
    case .number(let number):
      guard number.magnitude <= Double(CanonicalJSON.largestInteger), let result = Integer(exactly: number) else {
        throw JSONError(
          .mismatch, path: codingPath,
          "\(number) is not an integer of type \(Integer.self); beyond 2^53 − 1 it must be a string")
      }
      return result
    case .string(let text):
      guard let result = Integer(text), result.magnitude > CanonicalJSON.largestInteger, String(result) == text else {
        throw JSONError(
          .mismatch, path: codingPath, "'\(text)' is not an integer of type \(Integer.self) beyond 2^53 − 1")
      }
      return result
    default: throw mismatch("an integer")
    }
  }
}

private struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ValueDecoder
  let members: [String: JSONValue]
  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    members.keys.compactMap { name in
      if decoder.isDictionary { return Key(stringValue: name) }
      return Key(stringValue: decoder.keys.property(of: name)) ?? Key(stringValue: name)
    }
  }

  func contains(_ key: Key) -> Bool { members[name(key)] != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try child(key).value == .null }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try child(key).read(type) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try child(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try child(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try child(JSONKey("super")) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try child(key) }

  private func name(_ key: any CodingKey) -> String {
    decoder.isDictionary ? key.stringValue : decoder.keys.key(of: key.stringValue)
  }

  private func child(_ key: any CodingKey) throws -> ValueDecoder {
    let name = name(key)
    guard let value = members[name] else {
      throw JSONError(.mismatch, path: codingPath, "the key '\(name)' is missing")
    }
    return decoder.child(value, .key(decoder.path, name))
  }
}

private struct UnkeyedDecoding: UnkeyedDecodingContainer {
  let decoder: ValueDecoder
  let elements: [JSONValue]
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  init(decoder: ValueDecoder, elements: [JSONValue]) {
    self.decoder = decoder
    self.elements = elements
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex] == .null else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let result = try element().read(type)
    currentIndex += 1
    return result
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    let container = try element().container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try element().unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try element()
    currentIndex += 1
    return decoder
  }

  private func element() throws -> ValueDecoder {
    guard !isAtEnd else {
      throw JSONError(.mismatch, path: codingPath, "more than \(elements.count) elements are expected")
    }
    return decoder.child(elements[currentIndex], .index(decoder.path, currentIndex))
  }
}

private struct SingleValueDecoding: SingleValueDecodingContainer {
  let decoder: ValueDecoder
  var codingPath: [any CodingKey] { decoder.codingPath }

  func decodeNil() -> Bool { decoder.value == .null }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoder.read(type) }
}
