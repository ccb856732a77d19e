/// A JSON document as a value (RFC 8259). Numbers are IEEE 754 doubles, as RFC 8785 has them.
///
/// Equality of strings is Swift's: texts that differ only in Unicode normalisation are equal. `CanonicalJSON.parse`
/// therefore refuses an object with two such keys. Bytes are compared wherever identity matters.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The member of an object, or nil if this is no object or has no such key.
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// What kind of value this is, as an error message names it.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
