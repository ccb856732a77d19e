import Yams

/// What to write in place of a line that YAML cannot read, or reads otherwise than it is meant. A corrected line is given only if YAML
/// reads it as one key with the text that stands there.
package enum YAMLAdvice {
  /// The line that a message should name, and what to do.
  package struct Advice: Equatable {
    /// From 1.
    package let line: Int
    /// Words without a full stop, with the corrected line where one is known.
    package let remedy: String

    /// The remedy in a sentence that named a line: the line is said again if it is another one.
    package func said(after named: Int) -> String { line == named ? remedy : "in line \(line), \(remedy)" }
  }

  /// For a place where YAML stumbles.
  /// - Parameters:
  ///   - text: the whole text.
  ///   - lines: the places that the reader named, the likeliest first, from 1.
  ///   - groups: keys whose value is a group of keys, not a text.
  package static func advice(_ text: String, at lines: [Int], groups: [String] = []) -> Advice {
    let all = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    // What is not closed in one line is noticed in a later one.
    let places = lines + lines.map { $0 - 1 }
    for line in places where all.indices.contains(line - 1) {
      guard let (corrected, why) = correction(of: all[line - 1], groups: groups) else { continue }
      return Advice(line: line, remedy: "\(why): \(corrected)")
    }
    let line = lines.first ?? 1
    if all.indices.contains(line - 1), let mark = all[line - 1].first(where: wordProcessorMarks.contains) {
      return Advice(
        line: line, remedy: "'\(mark)' is a quotation mark of word processors: write \" or ' instead")
    }
    return Advice(line: line, remedy: "check the indentation (spaces, no tabs), quotes and brackets there")
  }

  /// A line with its value in quotation marks, or without tabs, and why; nil if the line is well, or nothing helps.
  package static func correction(of line: String, groups: [String] = []) -> (line: String, why: String)? {
    guard line.count <= 400, !reads(line) else { return nil }
    let spaces = line.replacing("\t", with: "  ")
    if spaces != line, reads(spaces) { return (spaces, "write spaces instead of tabs") }
    guard let (before, key, value) = parts(of: spaces) else { return nil }
    if groups.contains(key.trimmingBlanks), let inner = parts(of: value) {
      let entry = "\(before)\(key): / \(before)  \(inner.key): \(quoted(inner.value))"
      return (entry, "write the group in lines of its own ( / is a new line), with the text in quotation marks")
    }
    let corrected = "\(before)\(key): \(quoted(value))"
    guard reads(corrected, as: (key.trimmingBlanks, unquoted(value))) else { return nil }
    if reads("\(before)\(key): \(value)") { return ("\(before)\(key): \(value)", "write a space after the colon") }
    if let mark = value.first, wordProcessorMarks.contains(mark), unquoted(value) != value {
      return (corrected, "'\(mark)' is a quotation mark of word processors, not YAML's; write \" instead")
    }
    return (corrected, "write the text in quotation marks")
  }

  private static let wordProcessorMarks: Set<Character> = ["\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}"]

  /// What closes what a mark opens.
  private static let closings: [Character: Set<Character>] = [
    "\"": ["\""], "'": ["'"], "\u{201C}": ["\u{201D}"], "\u{201D}": ["\u{201D}"],
    "\u{201E}": ["\u{201C}", "\u{201D}"], "\u{2018}": ["\u{2019}"],
  ]

  /// What stands before the key, the key, and the value of `key: value` or `- key: value`.
  private static func parts(of line: String) -> (before: String, key: String, value: String)? {
    var before = String(line.prefix { $0 == " " })
    var rest = line.dropFirst(before.count)
    while rest.hasPrefix("- ") {
      before += "- "
      rest = rest.dropFirst(2)
    }
    guard let colon = rest.firstIndex(of: ":") else { return nil }
    let key = rest[..<colon]
    let value = String(rest[rest.index(after: colon)...]).trimmingBlanks
    guard !key.isEmpty, !value.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || "_-. ()".contains($0) }) else {
      return nil
    }
    return (before, String(key), value)
  }

  /// The text that is meant: without a pair of quotation marks around the whole, or one that is never closed.
  private static func unquoted(_ value: String) -> String {
    guard let mark = value.first, let closing = closings[mark] else { return value }
    let inner = value.dropFirst()
    guard let last = inner.last, closing.contains(last) else {
      return inner.contains(where: closing.contains) ? value : String(inner)
    }
    // A mark before a blank closes the first words only: "a" and "b".
    let isOfParts = mark != "'" && closing.contains { inner.contains("\($0) ") }
    return isOfParts ? value : String(inner.dropLast())
  }

  private static func quoted(_ value: String) -> String {
    let text = unquoted(value).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return "\"\(text)\""
  }

  /// Whether a line alone is YAML that is read here.
  private static func reads(_ line: String) -> Bool {
    guard let node = try? BoundedYAML.compose(line) else { return false }
    return node.mapping != nil || node.sequence != nil
  }

  /// Whether a line alone is one key with one text.
  private static func reads(_ line: String, as wanted: (key: String, value: String)) -> Bool {
    guard var node = try? BoundedYAML.compose(line) else { return false }
    while let sequence = node.sequence, sequence.count == 1 { node = sequence[0] }
    guard let mapping = node.mapping, mapping.count == 1, let entry = mapping.first else { return false }
    return entry.key.scalar?.string == wanted.key && entry.value.scalar?.string == wanted.value
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    var text = self[...]
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text.drop { $0 == " " || $0 == "\t" })
  }
}
