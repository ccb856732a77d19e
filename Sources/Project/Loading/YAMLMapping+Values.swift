import Evidence
import Yams

extension YAMLMapping {
  /// A text, exactly as written (`1.0`, `yes` and `2024-07-12` are texts too); nil if the key is absent.
  /// - Throws: `.wrongType`, or `.badValue` if the text is empty.
  /// - Parameter allowingEmpty: whether a text of white space is one.
  package func text(_ key: String, example: String, allowingEmpty: Bool = false) throws -> String? {
    guard let entry = entry(key) else { return nil }
    return try text(entry, entry.node, example: example, allowingEmpty: allowingEmpty)
  }

  /// A text that has to be there.
  package func requiredText(_ key: String, example: String) throws -> String {
    guard let value = try text(key, example: example) else {
      throw missing(key, remedy: "add e.g. \(example)")
    }
    return value
  }

  /// One text or a list of them; nil if the key is absent.
  /// - Parameter allowingEmpty: whether `""` is a text too: the value of an empty cell.
  package func texts(_ key: String, example: String, allowingEmpty: Bool = false) throws -> [String]? {
    guard let entry = entry(key) else { return nil }
    return try texts(entry, example: example, allowingEmpty: allowingEmpty)
  }

  /// The texts of an entry: one text or a list of them.
  package func texts(_ entry: Entry, example: String, allowingEmpty: Bool = false) throws -> [String] {
    guard case .sequence(let sequence) = entry.node else {
      return [try text(entry, entry.node, example: example, allowingEmpty: allowingEmpty)]
    }
    try checkCount(sequence.count, atMost: ProjectLimits.list, of: "values of '\(entry.key)'", line: entry.line)
    return try sequence.map { try text(entry, $0, example: example, allowingEmpty: allowingEmpty) }
  }

  /// `true` or `false`; nil if the key is absent.
  package func flag(_ key: String) throws -> Bool? {
    guard let entry = entry(key) else { return nil }
    if case .scalar(let scalar) = entry.node {
      if scalar.string == "true" { return true }
      if scalar.string == "false" { return false }
    }
    throw wrongType(entry, entry.node, expected: "true or false", example: "'\(key): false'")
  }

  /// A day, written as people write dates (`CalendarDate.read`); nil if the key is absent.
  /// - Parameters:
  ///   - of: whose date it is, e.g. ` of model '1.1'`.
  ///   - otherwise: what to do where there is no date yet, e.g. `leave the key out`.
  func date(_ key: String, of owner: String = "", otherwise: String = "leave the key out") throws -> CalendarDate? {
    guard let text = try text(key, example: "'\(key): 2027-03-31'") else { return nil }
    do { return try CalendarDate.read(text) } catch {
      throw ProjectError(
        .badValue,
        "'\(key)'\(owner) in \(file) line \(line(of: key)) is '\(ProjectReading.shown(text))', "
          + "\(error.description), or \(otherwise)")
    }
  }

  /// One of a few words; nil if the key is absent.
  package func choice<Value>(
    _ key: String, _ read: (String) -> Value?, expected: String, example: String
  ) throws -> Value? {
    guard let entry = entry(key) else { return nil }
    if case .scalar(let scalar) = entry.node, let value = read(scalar.string) { return value }
    throw wrongType(entry, entry.node, expected: expected, example: "'\(key): \(example)'")
  }

  /// A whole number within a range; nil if the key is absent.
  package func integer(_ key: String, in range: ClosedRange<UInt64>, example: Int) throws -> UInt64? {
    guard let entry = entry(key) else { return nil }
    guard case .scalar(let scalar) = entry.node, scalar.string.allSatisfy({ $0.isASCII && $0.isNumber }),
      let value = UInt64(scalar.string)
    else {
      throw wrongType(entry, entry.node, expected: "a whole number", example: "'\(key): \(example)'")
    }
    guard range.contains(value) else {
      throw error(
        .badValue,
        "'\(key)'\(under) is \(value), but must be at least \(range.lowerBound)"
          + (range.upperBound == .max ? "" : " and at most \(range.upperBound)") + ",",
        line: entry.line, remedy: "write e.g. '\(key): \(example)'")
    }
    return value
  }

  /// A number; nil if the key is absent.
  package func number(_ key: String, example: Double, must rule: String, _ holds: (Double) -> Bool) throws -> Double? {
    guard let entry = entry(key) else { return nil }
    guard case .scalar(let scalar) = entry.node, let value = Double(scalar.string), value.isFinite else {
      throw wrongType(entry, entry.node, expected: "a number", example: "'\(key): \(example)'")
    }
    guard holds(value) else {
      throw error(
        .badValue, "'\(key)'\(under) is \(scalar.string), but must \(rule),", line: entry.line,
        remedy: "write e.g. '\(key): \(example)'")
    }
    return value
  }

  /// A group of keys; nil if the key is absent.
  package func section(_ key: String, allowed: [String]?) throws -> YAMLMapping? {
    guard let entry = entry(key) else { return nil }
    return try YAMLMapping(entry.node, file: file, name: key, line: entry.line, allowed: allowed)
  }

  /// A list of groups of keys; nil if the key is absent.
  /// - Parameter limit: how many there may be.
  package func sections(
    _ key: String, allowed: [String], example: String, atMost limit: Int = ProjectLimits.list
  ) throws -> [YAMLMapping]? {
    guard let entry = entry(key) else { return nil }
    guard case .sequence(let sequence) = entry.node else {
      throw wrongType(entry, entry.node, expected: "a list", example: example)
    }
    try checkCount(sequence.count, atMost: limit, of: "entries under '\(key)'", line: entry.line)
    return try sequence.map {
      try YAMLMapping($0, file: file, name: key, line: $0.mark?.line ?? entry.line, allowed: allowed)
    }
  }

  private func text(
    _ entry: Entry, _ node: Node, example: String, allowingEmpty: Bool = false
  ) throws -> String {
    guard case .scalar(let scalar) = node, !Self.isNull(node) else {
      throw wrongType(entry, node, expected: "a text", example: example)
    }
    guard allowingEmpty || scalar.string.contains(where: { !$0.isWhitespace }) else {
      throw error(
        .badValue, "'\(entry.key)'\(under) is an empty text", line: entry.line, remedy: "write e.g. \(example)")
    }
    return scalar.string
  }
}
