/// An object of a `tokenizer.json`, read key by key with errors that name the file and the key.
struct TokenizerJSONObject: Sendable {
  /// The file, and the keys that lead to this object.
  let place: String
  let members: [StrictJSON.Member]

  /// - Throws: `AnalysisError.badTokenizer` if the bytes are not a JSON object, or if a key stands twice in it or in an object within.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
    place = file
    do {
      guard case .object(let members) = try StrictJSONReader.read(bytes) else {
        throw StrictJSONError(reason: "its outermost value is another", offset: 0)
      }
      self.members = members
    } catch let error as StrictJSONError {
      throw AnalysisError(.badTokenizer, error.message(file))
    }
  }

  init(_ members: [StrictJSON.Member], place: String) {
    self.members = members
    self.place = place
  }

  func failure(_ key: String, _ what: String) -> AnalysisError {
    AnalysisError(.badTokenizer, "\(place): key '\(key)' \(what)")
  }

  func wrong(_ key: String, _ value: StrictJSON, wanted: String) -> AnalysisError {
    failure(key, "is \(value.kind), not \(wanted)")
  }

  /// The value, nil if the key is absent or null.
  subscript(key: StaticString) -> StrictJSON? {
    let name = TokenText("\(key)")
    guard let value = members.first(where: { TokenText($0.key) == name })?.value else { return nil }
    if case .null = value { return nil }
    return value
  }

  /// Whether the key is there, null included.
  func has(_ key: String) -> Bool { members.contains { TokenText($0.key) == TokenText(key) } }

  /// The same object with another value of a key.
  func replacing(_ key: String, _ value: StrictJSON) -> TokenizerJSONObject {
    let rest = members.filter { TokenText($0.key) != TokenText(key) }
    return TokenizerJSONObject(rest + [StrictJSON.Member(key: key, value: value)], place: place)
  }

  var value: StrictJSON { .object(members) }

  func integer(_ key: StaticString, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = self[key] else { return nil }
    guard case .integer(let number) = value else { throw wrong("\(key)", value, wanted: "a whole number") }
    guard range.contains(number) else {
      throw failure("\(key)", "is \(number); the engine takes \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func number(_ key: StaticString) throws -> Double? {
    guard let value = self[key] else { return nil }
    switch value {
    case .integer(let number): return Double(number)
    case .number(let number): return number
    default: throw wrong("\(key)", value, wanted: "a number")
    }
  }

  func bool(_ key: StaticString) throws -> Bool? {
    guard let value = self[key] else { return nil }
    guard case .bool(let truth) = value else { throw wrong("\(key)", value, wanted: "true or false") }
    return truth
  }

  func string(_ key: StaticString) throws -> String? {
    guard let value = self[key] else { return nil }
    guard case .string(let text) = value else { throw wrong("\(key)", value, wanted: "a text") }
    return text
  }

  func array(_ key: StaticString) throws -> [StrictJSON]? {
    guard let value = self[key] else { return nil }
    guard case .array(let items) = value else { throw wrong("\(key)", value, wanted: "a list") }
    return items
  }

  func object(_ key: StaticString) throws -> TokenizerJSONObject? {
    guard let value = self[key] else { return nil }
    guard case .object(let inner) = value else { throw wrong("\(key)", value, wanted: "an object") }
    return TokenizerJSONObject(inner, place: "\(place): \(key)")
  }

  /// The items of a list of objects.
  func objects(_ key: StaticString) throws -> [TokenizerJSONObject]? {
    try array(key)?.enumerated().map { number, item in
      guard case .object(let inner) = item else { throw failure("\(key)", "has an entry that is not an object") }
      return TokenizerJSONObject(inner, place: "\(place): \(key) \(number)")
    }
  }

  /// A value that must be there.
  func required<Value>(_ key: StaticString, _ read: (StaticString) throws -> Value?) throws -> Value {
    guard let value = try read(key) else { throw failure("\(key)", "is missing") }
    return value
  }

  func requiredID(_ key: StaticString) throws -> Int {
    try required(key) { try integer($0, in: 0...0x7FFF_FFFF) }
  }

  /// A text of exactly one scalar.
  func scalar(_ key: StaticString) throws -> Unicode.Scalar {
    let text = try required(key, string)
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      throw failure("\(key)", "is '\(text)', not one character")
    }
    return scalar
  }
}
