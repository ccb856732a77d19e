package import Yams

/// What a reader of YAML files reports as: an error of its module, told apart by a code.
package protocol FileError: Error {
  associatedtype Code: FileErrorCode
  init(_ code: Code, _ message: String)
}

/// The codes that every file in YAML can make necessary.
package protocol FileErrorCode {
  static var badYAML: Self { get }
  static var unknownKey: Self { get }
  static var missingKey: Self { get }
  static var wrongType: Self { get }
  static var badValue: Self { get }
  static var duplicate: Self { get }
}

extension ProjectError: FileError {}
extension ProjectError.Code: FileErrorCode {}

/// A group of keys of the project file.
typealias FileSection = YAMLMapping<ProjectError>

/// One group of keys of a YAML file while it is read: knows its file, its line and the keys that may stand in it, so that every
/// error names them. Nothing is guessed and nothing has a default.
package struct YAMLMapping<Failure: FileError> {
  /// One key with its value.
  package struct Entry {
    package let key: String
    package let line: Int
    package let node: Node
  }

  /// The file's name in messages, e.g. `vitrine.yaml`.
  package let file: String
  /// The key that this group stands under; nil for the whole file.
  let name: String?
  /// Where the group begins.
  package let line: Int
  /// The keys in the order of the file.
  package let entries: [Entry]
  /// Where each key stands among them.
  private let places: [String: Int]

  /// Reads a group of keys.
  /// - Parameters:
  ///   - node: the YAML node, which must be a mapping.
  ///   - line: the line to name if the node is of the wrong type.
  ///   - allowed: the keys that may stand in it; nil if the user chooses them (versions, columns).
  /// - Throws: `.wrongType`, `.unknownKey` or `.duplicate`.
  package init(_ node: Node, file: String, name: String?, line: Int, allowed: [String]?) throws(Failure) {
    self.file = file
    self.name = name
    self.line = line
    guard case .mapping(let mapping) = node else {
      let what = name.map { "'\($0)'" } ?? "the file"
      throw Failure(
        .wrongType,
        "\(what) must be a group of keys, not \(Self.describe(node)), in \(file) line \(line); "
          + "write the keys below it, indented, each as 'key: value'")
    }
    var entries: [Entry] = []
    var places: [String: Int] = [:]
    for (keyNode, value) in mapping {
      let keyLine = keyNode.mark?.line ?? line
      guard case .scalar(let scalar) = keyNode else {
        throw Failure(.wrongType, "a key in \(file) line \(keyLine) is not a plain text; write it as 'key: value'")
      }
      let key = scalar.string
      if let first = places.updateValue(entries.count, forKey: key).map({ entries[$0] }) {
        throw Failure(
          .duplicate,
          "the key '\(key)' is written twice in \(file), in lines \(first.line) and \(keyLine); keep one of the two")
      }
      entries.append(Entry(key: key, line: keyLine, node: value))
    }
    self.entries = entries
    self.places = places
    guard let allowed else { return }
    for entry in entries where !allowed.contains(entry.key) {
      throw error(
        .unknownKey, "unknown key '\(entry.key)'\(under)", line: entry.line,
        remedy: NearestName.hint(entry.key, among: allowed, kind: "keys there"))
    }
  }

  /// ` under 'name'`, or nothing for the whole file.
  var under: String { name.map { " under '\($0)'" } ?? "" }

  /// The entry of a key; nil if it is absent or has no value.
  package func entry(_ key: String) -> Entry? {
    places[key].map { entries[$0] }.flatMap { Self.isNull($0.node) ? nil : $0 }
  }

  /// The line of a key, or of the group if the key is absent.
  package func line(of key: String) -> Int {
    places[key].map { entries[$0].line } ?? line
  }

  /// An error with file and line.
  package func error(_ code: Failure.Code, _ what: String, line: Int, remedy: String) -> Failure {
    Failure(code, "\(what) in \(file) line \(line); \(remedy)")
  }

  /// Refuses more of something than any project has.
  func checkCount(_ count: Int, atMost limit: Int, of what: String, line: Int) throws(Failure) {
    guard count <= limit else {
      throw error(
        .badValue, "\(count) \(what) are more than \(limit), the most of a project,", line: line,
        remedy: "divide it into several projects")
    }
  }

  /// The error for a key that has to be there.
  package func missing(_ key: String, remedy: String) -> Failure {
    error(.missingKey, "missing key '\(key)'\(under)", line: line(of: key), remedy: remedy)
  }

  /// The error for a value of the wrong type.
  package func wrongType(_ entry: Entry, _ node: Node, expected: String, example: String) -> Failure {
    let line = node.mark.map { max($0.line, entry.line) } ?? entry.line
    return error(
      .wrongType, "'\(entry.key)'\(under) must be \(expected), not \(Self.describe(node)),", line: line,
      remedy: "write e.g. \(example)")
  }

  /// What a value is, in words.
  static func describe(_ node: Node) -> String {
    switch node {
    case .mapping: "a group of keys"
    case .sequence: "a list"
    case .scalar(let scalar): isNull(node) ? "nothing" : "'\(scalar.string)'"
    case .alias: "an alias"
    }
  }

  /// Whether a value was left out (`key:` alone, `~` or `null`).
  static func isNull(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }
}
