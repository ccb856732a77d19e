/// JSON as read from a model's own files, before its meaning is checked.
enum ModelJSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([ModelJSON])
  /// Keys are compared by their bytes; none is there twice.
  case object([TokenText: ModelJSON])

  /// A number that is written as 12.0 or 1.2e1 is whole, as most readers have it.
  init(_ value: StrictJSON) {
    switch value {
    case .null: self = .null
    case .bool(let truth): self = .bool(truth)
    case .integer(let number): self = .integer(number)
    case .number(let number):
      self = if abs(number) < 0x1p53, let whole = Int(exactly: number) { .integer(whole) } else { .number(number) }
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(items.map { ModelJSON($0) })
    case .object(let members): self = .object(Self.values(members))
    }
  }

  static func values(_ members: [StrictJSON.Member]) -> [TokenText: ModelJSON] {
    Dictionary(members.map { (TokenText($0.key), ModelJSON($0.value)) }, uniquingKeysWith: { _, last in last })
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
  let values: [TokenText: ModelJSON]
  let code: AnalysisError.Code

  /// - Throws: `AnalysisError` with `code` if the bytes are not a JSON object.
  init(_ bytes: UnsafeRawBufferPointer, file: String, code: AnalysisError.Code) throws {
    self.file = file
    self.code = code
    do {
      guard case .object(let members) = try StrictJSONReader.read(bytes) else {
        throw StrictJSONError(reason: "its outermost value is another", offset: 0)
      }
      values = ModelJSON.values(members)
    } catch let error as StrictJSONError {
      throw AnalysisError(code, error.message(file))
    }
  }

  init(_ values: [TokenText: ModelJSON], file: String, code: AnalysisError.Code) {
    self.file = file
    self.values = values
    self.code = code
  }

  func failure(_ key: String, _ what: String) -> AnalysisError {
    AnalysisError(code, "\(file): key '\(key)' \(what)")
  }

  private func wrong(_ key: String, _ value: ModelJSON, wanted: String) -> AnalysisError {
    failure(key, "is \(value.kind), not \(wanted)")
  }

  /// The value, nil if the key is absent or null.
  private func value(_ key: String) -> ModelJSON? {
    guard let value = values[TokenText(key)] else { return nil }
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
