import Foundation

/// JSON as read from a model's own files, before its meaning is checked.
enum ModelJSON: Decodable, Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([ModelJSON])
  case object([String: ModelJSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([ModelJSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: ModelJSON].self))
    }
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

/// A JSON object from a model's file, read key by key with errors that name the file and the key.
struct ModelJSONObject: Sendable {
  let file: String
  let values: [String: ModelJSON]
  let code: AnalysisError.Code

  /// - Throws: `AnalysisError` with `code` if the bytes are not a JSON object.
  init(_ bytes: UnsafeRawBufferPointer, file: String, code: AnalysisError.Code) throws {
    self.file = file
    self.code = code
    do {
      values = try JSONDecoder().decode([String: ModelJSON].self, from: Data(bytes))
    } catch {
      throw AnalysisError(
        code,
        "\(file): not a JSON object (\(Self.reason(error))); copy the file again from where the model was published")
    }
  }

  init(_ values: [String: ModelJSON], file: String, code: AnalysisError.Code) {
    self.file = file
    self.values = values
    self.code = code
  }

  static func reason(_ error: any Error) -> String {
    if case DecodingError.dataCorrupted(let context) = error {
      let inner = (context.underlyingError as NSError?)?.userInfo[NSDebugDescriptionErrorKey] as? String
      return inner ?? context.debugDescription
    }
    if case DecodingError.typeMismatch(_, let context) = error { return context.debugDescription }
    return "\(error)"
  }

  func failure(_ key: String, _ what: String) -> AnalysisError {
    AnalysisError(code, "\(file): key '\(key)' \(what)")
  }

  private func wrong(_ key: String, _ value: ModelJSON, wanted: String) -> AnalysisError {
    failure(key, "is \(value.kind), not \(wanted)")
  }

  /// The value, nil if the key is absent or null.
  private func value(_ key: String) -> ModelJSON? {
    guard let value = values[key] else { return nil }
    if case .null = value { return nil }
    return value
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = value(key) else { return nil }
    guard case .integer(let number) = value else { throw wrong(key, value, wanted: "a whole number") }
    guard range.contains(number) else {
      throw failure(key, "is \(number); the engine takes \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func requiredInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int {
    guard let number = try integer(key, in: range) else { throw failure(key, "is missing") }
    return number
  }

  func number(_ key: String) throws -> Double? {
    guard let value = value(key) else { return nil }
    switch value {
    case .integer(let number): return Double(number)
    case .number(let number): return number
    default: throw wrong(key, value, wanted: "a number")
    }
  }

  func bool(_ key: String) throws -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .bool(let truth) = value else { throw wrong(key, value, wanted: "true or false") }
    return truth
  }

  func string(_ key: String) throws -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw wrong(key, value, wanted: "a text") }
    return text
  }

  func array(_ key: String) throws -> [ModelJSON]? {
    guard let value = value(key) else { return nil }
    guard case .array(let items) = value else { throw wrong(key, value, wanted: "a list") }
    return items
  }

  func object(_ key: String) throws -> ModelJSONObject? {
    guard let value = value(key) else { return nil }
    guard case .object(let inner) = value else { throw wrong(key, value, wanted: "an object") }
    return ModelJSONObject(inner, file: "\(file): \(key)", code: code)
  }
}
