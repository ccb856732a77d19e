import Evidence
import Project
import Yams

/// A YAML mapping that is read key by key: an unknown key, a missing one or a value of the wrong kind is an error that names
/// file, line and key. Nothing has a default.
struct StrictMapping {
  /// The file as it is called in messages.
  let file: String
  /// The keys this mapping may have.
  let keys: [String]
  /// Where the mapping starts.
  let line: Int

  private let values: [String: (value: Node, line: Int)]
  /// Lines of the file before the YAML (front matter starts on line 2).
  private let offset: Int

  /// Reads a whole YAML text.
  /// - Throws: `badYAML` if it is no YAML or no mapping; `unknownKey`, `duplicate`.
  init(yaml: String, file: String, keys: [String], lineOffset: Int = 0) throws {
    let root: Node?
    do {
      root = try BoundedYAML.compose(yaml)
    } catch {
      throw Self.failure(error, file: file, lineOffset: lineOffset)
    }
    guard let root else {
      throw ReportsError(.badYAML, "\(file): this has no content; write the keys \(keys.joined(separator: ", ")).")
    }
    try self.init(root, file: file, keys: keys, lineOffset: lineOffset)
  }

  private init(_ node: Node, file: String, keys: [String], lineOffset: Int) throws {
    let start = (node.mark?.line ?? 1) + lineOffset
    guard let mapping = node.mapping else {
      throw ReportsError(
        .wrongType, "\(file), line \(start): expected `key: value` lines (\(keys.joined(separator: ", "))).")
    }
    var values: [String: (Node, Int)] = [:]
    for (key, value) in mapping {
      let line = (key.mark?.line ?? start) + lineOffset
      guard let name = key.string else {
        throw ReportsError(.unknownKey, "\(file), line \(line): a key must be a plain word.")
      }
      guard keys.isEmpty || keys.contains(name) else {
        let hint = Nearest.hint(name, among: keys)
        throw ReportsError(
          .unknownKey,
          "\(file), line \(line): unknown key '\(name)'\(hint) Known keys here: \(keys.joined(separator: ", ")).")
      }
      if let first = values.updateValue((value, line), forKey: name) {
        throw ReportsError(
          .duplicate, "\(file), line \(line): '\(name)' is said twice, first in line \(first.1). Keep one of the two.")
      }
    }
    self.file = file
    self.keys = keys
    self.values = values
    line = start
    offset = lineOffset
  }

  /// The line of a key's value, or of the mapping if the key is absent.
  func line(of key: String) -> Int { values[key]?.line ?? line }

  /// An error at a key.
  func error(_ code: ReportsError.Code, at key: String, _ message: String) -> ReportsError {
    ReportsError(code, "\(file), line \(line(of: key)): \(message)")
  }

  /// The text of a scalar; nil if the key is absent or empty.
  func optionalText(_ key: String) throws -> String? {
    guard let value = values[key]?.value else { return nil }
    guard let text = value.scalar else {
      throw error(.wrongType, at: key, "'\(key)' must be one text, not a list or a mapping.")
    }
    return Self.isNull(text) || text.string.allSatisfy(\.isWhitespace) ? nil : text.string
  }

  /// The text of a scalar that must be there.
  func text(_ key: String) throws -> String {
    guard let text = try optionalText(key) else { throw error(.missingKey, at: key, "'\(key)' is missing or empty.") }
    return text
  }

  /// The characters of a scalar that must be there and may be white space, e.g. a mark between digits.
  func characters(_ key: String) throws -> String {
    guard let text = values[key]?.value.scalar?.string, !text.isEmpty else {
      throw error(.missingKey, at: key, "'\(key)' is missing or empty.")
    }
    return text
  }

  /// A list of texts; nil if the key is absent or empty.
  func optionalTexts(_ key: String) throws -> [String]? {
    guard let value = values[key]?.value else { return nil }
    if let scalar = value.scalar, Self.isNull(scalar) { return nil }
    guard let sequence = value.sequence else {
      throw error(.wrongType, at: key, "'\(key)' must be a list, e.g. [a, b].")
    }
    var texts: [String] = []
    for node in sequence {
      guard let text = node.scalar, !text.string.isEmpty else {
        throw error(.wrongType, at: key, "'\(key)' must be a list of texts.")
      }
      texts.append(text.string)
    }
    return texts
  }

  /// A date `YYYY-MM-DD`; nil if the key is absent or empty.
  func optionalDate(_ key: String) throws -> CalendarDate? {
    guard let text = try optionalText(key) else { return nil }
    guard let date = CalendarDate(text) else {
      throw error(.badValue, at: key, "'\(key)' is '\(text)', which is no date; write it as YYYY-MM-DD.")
    }
    return date
  }

  /// A date that must be there.
  func date(_ key: String) throws -> CalendarDate {
    guard let date = try optionalDate(key) else { throw error(.missingKey, at: key, "'\(key)' is missing or empty.") }
    return date
  }

  /// `true` or `false`; nil if the key is absent.
  func optionalFlag(_ key: String) throws -> Bool? {
    guard let text = try optionalText(key) else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default: throw error(.badValue, at: key, "'\(key)' is '\(text)'; write true or false.")
    }
  }

  /// One of a fixed set of words, that must be there.
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, of type: Choice.Type) throws -> Choice
  where Choice.RawValue == String {
    let text = try text(key)
    guard let choice = Choice(rawValue: text) else { throw unknownChoice(text, key: key, of: type) }
    return choice
  }

  /// A list out of a fixed set of words, that must be there.
  func choices<Choice: RawRepresentable & CaseIterable>(_ key: String, of type: Choice.Type) throws
    -> [Choice] where Choice.RawValue == String
  {
    guard let texts = try optionalTexts(key), !texts.isEmpty else {
      throw error(.missingKey, at: key, "'\(key)' is missing or empty.")
    }
    var choices: [Choice] = []
    for text in texts {
      guard let choice = Choice(rawValue: text) else { throw unknownChoice(text, key: key, of: type) }
      choices.append(choice)
    }
    return choices
  }

  /// A nested mapping; nil if the key is absent or empty.
  /// - Parameter keys: what it may hold; empty allows any.
  func optionalMapping(_ key: String, keys: [String]) throws -> StrictMapping? {
    guard let value = values[key]?.value else { return nil }
    if let scalar = value.scalar, Self.isNull(scalar) { return nil }
    return try StrictMapping(value, file: file, keys: keys, lineOffset: offset)
  }

  /// A nested mapping that must be there.
  func mapping(_ key: String, keys: [String]) throws -> StrictMapping {
    guard let mapping = try optionalMapping(key, keys: keys) else {
      throw error(.missingKey, at: key, "'\(key)' is missing or empty.")
    }
    return mapping
  }

  /// A list of mappings that must be there and not be empty.
  func mappings(_ key: String, keys: [String]) throws -> [StrictMapping] {
    guard let sequence = values[key]?.value.sequence, !sequence.isEmpty else {
      throw error(.missingKey, at: key, "'\(key)' must be a list with at least one entry.")
    }
    var mappings: [StrictMapping] = []
    for node in sequence { mappings.append(try StrictMapping(node, file: file, keys: keys, lineOffset: offset)) }
    return mappings
  }

  /// The keys that are there, in order of line.
  var presentKeys: [String] { values.sorted { ($0.value.line, $0.key) < ($1.value.line, $1.key) }.map(\.key) }

  private func unknownChoice<Choice: RawRepresentable & CaseIterable>(
    _ text: String, key: String, of type: Choice.Type
  ) -> ReportsError where Choice.RawValue == String {
    let known = type.allCases.map(\.rawValue)
    return error(
      .badValue, at: key,
      "'\(key)' is '\(text)'\(Nearest.hint(text, among: known)) It can be \(known.joined(separator: ", ")).")
  }

  private static func isNull(_ scalar: Node.Scalar) -> Bool {
    guard case .plain = scalar.style else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private static func failure(_ error: any Error, file: String, lineOffset: Int) -> ReportsError {
    switch error {
    case let problem as BoundedYAML.Problem:
      ReportsError(
        .badYAML,
        "\(file)\(problem.line.map { ", line \($0 + lineOffset)" } ?? ""): \(problem.text); \(problem.remedy).")
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      ReportsError(
        .badYAML,
        "\(file), line \(mark.line + lineOffset): this is not valid YAML: \(problem). Check indentation and quotes.")
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      ReportsError(
        .duplicate,
        "\(file), line \(context.mark.line + lineOffset): said twice: \(keys.joined(separator: ", ")). Keep one of each."
      )
    default:
      ReportsError(.badYAML, "\(file): this is not valid YAML: \(error).")
    }
  }
}
