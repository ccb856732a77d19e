/// A JSON object of a model's file, read key by key with errors that name the file and the key.
struct ModelJSONObject: Sendable {
  /// The file, and the keys that lead to this object.
  let place: String
  let members: [StrictJSON.Member]
  let code: AnalysisError.Code
  /// The member of each key, where there are so many that looking at each would take long.
  private let numbers: [TokenText: Int]?

  /// - Throws: `AnalysisError` with `code` if the bytes are not a JSON object, or if a key stands twice in it or in an object within.
  init(
    _ bytes: UnsafeRawBufferPointer, file: String, code: AnalysisError.Code,
    wholeNumbers: StrictJSON.WholeNumbers = .asWritten, decimals: StrictJSON.Decimals = .nearest
  ) throws {
    do throws(StrictJSONError) {
      let value = try StrictJSONReader.read(bytes, wholeNumbers: wholeNumbers, decimals: decimals)
      guard case .object(let members) = value else { throw StrictJSONError(outermost: value) }
      self.init(members, place: file, code: code)
    } catch {
      throw AnalysisError(code, error.message(file))
    }
  }

  init(_ members: [StrictJSON.Member] = [], place: String, code: AnalysisError.Code) {
    self.members = members
    self.place = place
    self.code = code
    numbers =
      members.count <= 16
      ? nil
      : Dictionary(members.enumerated().map { (TokenText($1.key), $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// An object within this one.
  func inner(_ members: [StrictJSON.Member], _ step: String) -> ModelJSONObject {
    ModelJSONObject(members, place: "\(place): \(step)", code: code)
  }

  func failure(_ key: String, _ what: String) -> AnalysisError {
    AnalysisError(code, "\(place): key '\(key)' \(what)")
  }

  /// The value, `.null` included; nil if the key is absent. Keys are compared by their bytes.
  func given(_ key: String) -> StrictJSON? {
    let name = TokenText(key)
    guard let numbers else { return members.first { TokenText($0.key) == name }?.value }
    return numbers[name].map { members[$0].value }
  }

  /// The value, nil if the key is absent or null.
  subscript(key: String) -> StrictJSON? {
    guard let value = given(key) else { return nil }
    if case .null = value { return nil }
    return value
  }

  /// The same object with another value of a key.
  func replacing(_ key: String, _ value: StrictJSON) -> ModelJSONObject {
    let rest = members.filter { TokenText($0.key) != TokenText(key) }
    return ModelJSONObject(rest + [StrictJSON.Member(key: key, value: value)], place: place, code: code)
  }

  private func read<Value>(_ key: String, _ wanted: String, _ taken: (StrictJSON) -> Value?) throws -> Value? {
    guard let value = self[key] else { return nil }
    guard let taken = taken(value) else { throw failure(key, "is \(value.kind), not \(wanted)") }
    return taken
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    let number = try read(key, "a whole number") { if case .integer(let number) = $0 { number } else { nil } }
    if let number, !range.contains(number) {
      throw failure(key, "is \(number); the engine takes \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func number(_ key: String) throws -> Double? {
    try read(key, "a number") { value in
      switch value {
      case .integer(let number): Double(number)
      case .number(let number): number
      default: nil
      }
    }
  }

  func bool(_ key: String) throws -> Bool? {
    try read(key, "true or false") { if case .bool(let truth) = $0 { truth } else { nil } }
  }

  func string(_ key: String) throws -> String? {
    try read(key, "a text") { if case .string(let text) = $0 { text } else { nil } }
  }

  func array(_ key: String) throws -> [StrictJSON]? {
    try read(key, "a list") { if case .array(let items) = $0 { items } else { nil } }
  }

  /// The members of an object, for one that is read as a whole.
  func members(_ key: String) throws -> [StrictJSON.Member]? {
    try read(key, "an object") { if case .object(let members) = $0 { members } else { nil } }
  }

  func object(_ key: String) throws -> ModelJSONObject? { try members(key).map { inner($0, key) } }

  /// The items of a list of objects.
  func objects(_ key: String) throws -> [ModelJSONObject]? {
    try array(key)?.enumerated().map { number, item in
      guard case .object(let members) = item else { throw failure(key, "has an entry that is not an object") }
      return inner(members, "\(key) \(number)")
    }
  }

  /// A value that must be there.
  func required<Value>(_ key: String, _ read: (String) throws -> Value?) throws -> Value {
    guard let value = try read(key) else { throw failure(key, "is missing") }
    return value
  }

  /// A text of exactly one scalar.
  func scalar(_ key: String) throws -> Unicode.Scalar {
    let text = try required(key, string)
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      throw failure(key, "is '\(text)', not one character")
    }
    return scalar
  }
}
