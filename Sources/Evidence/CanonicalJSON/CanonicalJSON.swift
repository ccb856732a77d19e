private import Analysis
public import Foundation
import Synchronization

/// JSON in its canonical form (RFC 8785, JCS), in which one value has exactly one text. What Vitrine digests, logs and
/// signs is this text.
///
/// Besides the RFC: integers beyond ±(2^53 − 1) are written as decimal strings, since a double does not hold them; and
/// −0 is written `0`, as the RFC says, so its sign is not kept.
public enum CanonicalJSON {
  /// How the names of Swift properties become keys.
  public enum KeyStyle: Sendable {
    /// `mClean` becomes `m_clean`. Keys of dictionaries are data and stay as they are.
    case snakeCase
    /// As written in Swift.
    case asWritten
  }

  /// How many arrays and objects may enclose each other in a text.
  public static let depthLimit = 128

  /// Reads a JSON text, canonical or not.
  /// - Throws: `JSONError` with the byte offset of what is wrong.
  public static func parse(_ text: Data) throws -> JSONValue {
    do {
      return try JSONValue(
        text.withUnsafeBytes {
          try StrictJSONReader.read($0, mostDepth: depthLimit, mostValues: .max, allowsRepeatedKeys: true)
        })
    } catch let error as StrictJSONError {
      throw JSONError(error)
    }
  }

  /// Writes a value in canonical form.
  /// - Throws: `JSONError` if a number is not finite.
  public static func write(_ value: JSONValue) throws -> Data {
    var writer = CanonicalWriter()
    try writer.write(value)
    return Data(writer.bytes)
  }

  /// Whether a text is JSON in canonical form, byte for byte.
  /// - Throws: `JSONError` if it is not JSON at all.
  public static func isCanonical(_ text: Data) throws -> Bool {
    try write(parse(text)) == text
  }

  /// The canonical text of a Swift value. Absent optionals are omitted from objects and null in arrays.
  /// - Throws: `JSONError` with the path of a number that is not finite; what the value's own `encode` throws.
  public static func encode<Value: Encodable>(_ value: Value, keys: KeyStyle = .snakeCase) throws -> Data {
    try write(JSONValue(encoding: value, keys: keys))
  }

  /// Reads a Swift value from a JSON text, canonical or not. Keys that the type does not know are ignored.
  /// - Throws: `JSONError` with the byte offset, or with the path of a value that does not fit.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from text: Data, keys: KeyStyle = .snakeCase
  ) throws -> Value {
    try parse(text).decoded(as: type, keys: keys)
  }
}

extension JSONValue {
  /// The JSON value of a Swift value.
  /// - Throws: `JSONError` or what the value's own `encode` throws.
  public init<Value: Encodable>(encoding value: Value, keys: CanonicalJSON.KeyStyle = .snakeCase) throws {
    let slot = EncodingSlot()
    try ValueEncoder(slot: slot, path: .root, keys: keys).write(value)
    self = slot.finished
  }

  /// The Swift value of a JSON value.
  /// - Throws: `JSONError` with the path of what does not fit.
  public func decoded<Value: Decodable>(
    as type: Value.Type, keys: CanonicalJSON.KeyStyle = .snakeCase
  ) throws -> Value {
    do {
      return try ValueDecoder(value: self, path: .root, keys: keys).read(type)
    } catch let error as DecodingError {
      throw JSONError(error)
    }
  }
}

extension JSONValue {
  /// What was read, its numbers as doubles.
  /// - Throws: `JSONError` if an object has two keys that Swift's `String` takes for the same.
  fileprivate init(_ read: StrictJSON) throws(JSONError) {
    switch read {
    case .null: self = .null
    case .bool(let truth): self = .bool(truth)
    case .integer(let number): self = .number(Double(number))
    case .number(let number): self = .number(number)
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(try items.map { item throws(JSONError) in try JSONValue(item) })
    case .object(let members):
      var values: [String: JSONValue] = [:]
      values.reserveCapacity(members.count)
      for member in members {
        guard values.updateValue(try JSONValue(member.value), forKey: member.key) == nil else {
          throw JSONError(
            .duplicateKey, at: member.offset,
            "the key '\(member.key)' stands twice in this object (or differs only in normalisation)")
        }
      }
      self = .object(values)
    }
  }
}

extension JSONError {
  /// What the reader of JSON found.
  fileprivate init(_ error: StrictJSONError) {
    let code: Code =
      switch error.code {
      case .syntax, .tooManyValues: .syntax
      case .tooDeep: .tooDeep
      case .numberRange: .numberRange
      case .notUnicode: .notUnicode
      case .repeatedKey: .duplicateKey
      }
    self.init(code, at: error.offset, error.reason)
  }

  /// A decoding error that a type's own `init(from:)` threw.
  fileprivate init(_ error: DecodingError) {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      self.init(.mismatch, path: context.codingPath, context.debugDescription)
    case .keyNotFound(let key, let context):
      self.init(.mismatch, path: context.codingPath, "the key '\(key.stringValue)' is missing")
    @unknown default:
      self.init(.mismatch, path: [], "\(error)")
    }
  }
}

extension CanonicalJSON.KeyStyle {
  /// The key of a property.
  func key(of property: String) -> String {
    // A record has the same few names ten thousand times: most have no capital, the others are worked out once.
    guard self == .snakeCase, property.utf8.contains(where: { !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
    else { return property }
    return Self.keys.withLock { keys in
      if let key = keys[property] { return key }
      let key = Self.snakeCase(property)
      if keys.count < Self.mostKeys { keys[property] = key }
      return key
    }
  }

  private static let keys = Mutex<[String: String]>([:])
  private static let mostKeys = 2000

  /// `integratedGradients` → `integrated_gradients`, `rootSha256` → `root_sha256`, `annexIIIPoint` → `annex_iii_point`.
  private static func snakeCase(_ property: String) -> String {
    let letters = Array(property)
    var key = ""
    for (index, letter) in letters.enumerated() {
      guard letter.isUppercase else {
        key.append(letter)
        continue
      }
      let afterSmall = index > 0 && !letters[index - 1].isUppercase && letters[index - 1] != "_"
      let startsWord =
        index > 0 && letters[index - 1].isUppercase && index + 1 < letters.count && letters[index + 1].isLowercase
      if afterSmall || startsWord { key.append("_") }
      key.append(letter.lowercased())
    }
    return key
  }

  /// `m_clean` → `mClean`: a property whose key this is, if small letters and digits suffice to tell.
  func property(of key: String) -> String {
    guard self == .snakeCase else { return key }
    let words = key.split(separator: "_", omittingEmptySubsequences: false)
    guard let first = words.first else { return key }
    return words.dropFirst().reduce(into: String(first)) { property, word in
      property += word.prefix(1).uppercased() + word.dropFirst()
    }
  }
}

/// A dictionary whose keys are strings: its keys are data, not names of properties.
protocol StringKeyed {}

extension Dictionary: StringKeyed where Key == String {}

extension CanonicalJSON {
  /// 2^53 − 1, the largest integer whose neighbours a double still tells apart.
  static let largestInteger = 9_007_199_254_740_991
}
