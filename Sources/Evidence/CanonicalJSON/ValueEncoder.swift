/// What an encoder has written so far at one place of a document.
final class EncodingSlot {
  private enum Content {
    case nothing
    case value(JSONValue)
    case array([EncodingSlot])
    case object([String: EncodingSlot])
  }

  private var content = Content.nothing

  /// The value that was written; a type that writes nothing is an empty object, as with Foundation's encoder.
  var finished: JSONValue {
    switch content {
    case .nothing: .object([:])
    case .value(let value): value
    case .array(let elements): .array(elements.map(\.finished))
    case .object(let members): .object(members.mapValues(\.finished))
    }
  }

  var count: Int {
    if case .array(let elements) = content { elements.count } else { 0 }
  }

  func set(_ value: JSONValue) { content = .value(value) }

  func becomeArray() {
    if case .array = content { return }
    content = .array([])
  }

  func becomeObject() {
    if case .object = content { return }
    content = .object([:])
  }

  /// Adds an element of an array.
  func append() -> EncodingSlot {
    let slot = EncodingSlot()
    guard case .array(var elements) = content else { preconditionFailure("only an array has elements") }
    content = .nothing  // leaves the array with one owner: appending is O(1)
    elements.append(slot)
    content = .array(elements)
    return slot
  }

  /// Adds a member of an object.
  /// - Returns: nil if the key was written before.
  func member(_ key: String) -> EncodingSlot? {
    guard case .object(var members) = content else { preconditionFailure("only an object has members") }
    content = .nothing
    let slot = EncodingSlot()
    let old = members.updateValue(slot, forKey: key)
    content = .object(members)
    return old == nil ? slot : nil
  }
}

/// Turns `Encodable` values into `JSONValue`. Differs from Foundation's encoder in that integers beyond 2^53 − 1 become
/// strings and that keys of dictionaries are never renamed.
struct ValueEncoder: Encoder {
  let slot: EncodingSlot
  let path: JSONPath
  /// How the document names properties.
  let keys: CanonicalJSON.KeyStyle
  /// Whether the value at this place is a dictionary, whose keys are data.
  var isDictionary = false
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  var codingPath: [any CodingKey] { path.keys }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.becomeObject()
    return KeyedEncodingContainer(KeyedEncoding(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.becomeArray()
    return UnkeyedEncoding(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleValueEncoding(encoder: self) }

  /// Writes a value at this encoder's place.
  func write<Value: Encodable>(_ value: Value) throws {
    if let number = value as? Double {
      slot.set(.number(try finite(number)))
    } else if let text = value as? String {
      slot.set(.string(text))
    } else if let flag = value as? Bool {
      slot.set(.bool(flag))
    } else if let integer = value as? any FixedWidthInteger {
      slot.set(Self.json(integer))
    } else if let number = value as? Float {
      slot.set(.number(try finite(Double(number))))
    } else {
      var encoder = self
      encoder.isDictionary = value is any StringKeyed
      try value.encode(to: encoder)
    }
  }

  /// The encoder of an element of the array at this place.
  func element() -> ValueEncoder {
    let index = slot.count
    return ValueEncoder(slot: slot.append(), path: .index(path, index), keys: keys)
  }

  /// The encoder of a member of the object at this place.
  /// - Throws: `JSONError.duplicateKey` if two properties have one key.
  func member(_ key: any CodingKey) throws -> ValueEncoder {
    let name = isDictionary ? key.stringValue : keys.key(of: key.stringValue)
    guard let child = slot.member(name) else {
      throw JSONError(.duplicateKey, path: codingPath, "the key '\(name)' would be written twice")
    }
    return ValueEncoder(slot: child, path: .key(path, name), keys: keys)
  }

  private func finite(_ number: Double) throws -> Double {
    guard number.isFinite else {
      throw JSONError(.numberRange, path: codingPath, "\(number) cannot be written: JSON has finite numbers only")
    }
    return number
  }

  private static func json(_ integer: some FixedWidthInteger) -> JSONValue {
    integer.magnitude <= CanonicalJSON.largestInteger ? .number(Double(integer)) : .string(String(integer))
  }
}

private struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil(forKey key: Key) throws { try encoder.member(key).slot.set(.null) }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try encoder.member(key).write(value) }

  // The protocol lets the containers of a container throw nothing, so a key written twice is a programmer's error here.

  func nestedContainer<Nested: CodingKey>(
    keyedBy keyType: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    child(key).container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { child(key).unkeyedContainer() }

  func superEncoder() -> any Encoder { child(JSONKey("super")) }

  func superEncoder(forKey key: Key) -> any Encoder { child(key) }

  private func child(_ key: any CodingKey) -> ValueEncoder {
    do {
      return try encoder.member(key)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

private struct UnkeyedEncoding: UnkeyedEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { encoder.slot.count }

  func encodeNil() throws { encoder.element().slot.set(.null) }

  func encode<Value: Encodable>(_ value: Value) throws { try encoder.element().write(value) }

  func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder.element().container(keyedBy: keyType)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.element().unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder.element() }
}

private struct SingleValueEncoding: SingleValueEncodingContainer {
  let encoder: ValueEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func encodeNil() throws { encoder.slot.set(.null) }

  func encode<Value: Encodable>(_ value: Value) throws { try encoder.write(value) }
}
