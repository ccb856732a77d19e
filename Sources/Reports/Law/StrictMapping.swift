import Evidence
import Project
import Yams

extension ReportsError: FileError {}
extension ReportsError.Code: FileErrorCode {}

/// A group of keys of a file that Reports reads: the law catalogue, a statement's front matter, texts, extracts, a worksheet.
typealias StrictMapping = YAMLMapping<ReportsError>

extension YAMLMapping<ReportsError> {
  /// Reads a whole YAML text.
  /// - Parameter keys: what it may hold; empty allows any.
  init(yaml: String, file: String, keys: [String], groups: [String] = []) throws(ReportsError) {
    try self.init(
      yaml: yaml, file: file, allowed: Self.allowed(keys), groups: groups,
      ifEmpty: "write the keys \(keys.joined(separator: ", "))")
  }

  private static func allowed(_ keys: [String]) -> [String]? { keys.isEmpty ? nil : keys }

  /// An error at a key.
  func error(_ code: ReportsError.Code, at key: String, _ message: String) -> ReportsError {
    ReportsError(code, "\(file), line \(line(of: key)): \(message)")
  }

  /// The value that must be there.
  private func required<Value>(_ key: String, _ value: Value?) throws(ReportsError) -> Value {
    guard let value else { throw error(.missingKey, at: key, "'\(key)' is missing or empty.") }
    return value
  }

  /// The text of a scalar; nil if the key is absent or empty.
  func optionalText(_ key: String) throws -> String? {
    guard let text = try text(key, example: "'\(key): a text'", allowingEmpty: true) else { return nil }
    return text.allSatisfy(\.isWhitespace) ? nil : text
  }

  /// The text of a scalar that must be there.
  func text(_ key: String) throws -> String { try required(key, optionalText(key)) }

  /// The characters of a scalar that must be there and may be white space, e.g. a mark between digits.
  func characters(_ key: String) throws -> String {
    guard let text = entry(key)?.node.scalar?.string, !text.isEmpty else { return try required(key, nil) }
    return text
  }

  /// `true` or `false`; nil if the key is absent.
  func optionalFlag(_ key: String) throws -> Bool? { try flag(key) }

  /// A list of texts; nil if the key is absent or empty.
  func optionalTexts(_ key: String) throws -> [String]? {
    let example = "'\(key): [a, b]'"
    guard let entry = entry(key) else { return nil }
    guard entry.node.sequence != nil else {
      throw wrongType(entry, entry.node, expected: "a list of texts", example: example)
    }
    return try texts(entry, example: example)
  }

  /// A date as people write it (`CalendarDate.read`); nil if the key is absent or empty.
  func optionalDate(_ key: String) throws -> CalendarDate? {
    guard let text = try optionalText(key) else { return nil }
    do { return try CalendarDate.read(text) } catch {
      throw self.error(.badValue, at: key, "'\(key)' is '\(text.prefix(60))', \(error.description).")
    }
  }

  /// A date that must be there.
  func date(_ key: String) throws -> CalendarDate { try required(key, optionalDate(key)) }

  /// One of a fixed set of words, that must be there.
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, of type: Choice.Type) throws -> Choice
  where Choice.RawValue == String {
    try choice(text(key), key: key)
  }

  /// A list out of a fixed set of words, that must be there.
  func choices<Choice: RawRepresentable & CaseIterable>(_ key: String, of type: Choice.Type) throws
    -> [Choice] where Choice.RawValue == String
  {
    let texts = try optionalTexts(key) ?? []
    return try required(key, texts.isEmpty ? nil : texts).map { try choice($0, key: key) }
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(_ text: String, key: String) throws -> Choice
  where Choice.RawValue == String {
    if let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    throw error(
      .badValue, at: key,
      "'\(key)' is '\(text)'\(Nearest.hint(text, among: known)) It can be \(known.joined(separator: ", ")).")
  }

  /// A nested mapping; nil if the key is absent or empty.
  /// - Parameter keys: what it may hold; empty allows any.
  func optionalMapping(_ key: String, keys: [String]) throws -> StrictMapping? {
    try section(key, allowed: Self.allowed(keys))
  }

  /// A nested mapping that must be there.
  func mapping(_ key: String, keys: [String]) throws -> StrictMapping {
    try required(key, optionalMapping(key, keys: keys))
  }

  /// A list of mappings that must be there and not be empty.
  func mappings(_ key: String, keys: [String]) throws -> [StrictMapping] {
    let mappings = try sections(key, allowed: keys, example: "'\(key)' with one entry or more, each after a dash") ?? []
    return try required(key, mappings.isEmpty ? nil : mappings)
  }

  /// The keys that are there, in order of line.
  var presentKeys: [String] { entries.map(\.key) }
}
