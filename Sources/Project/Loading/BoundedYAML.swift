import Analysis
import CYaml
import Foundation
package import Yams

/// Reads YAML that a stranger may have written: what a file of this size can be made to cost is bounded before anything is built.
///
/// Aliases are refused: nine of them, each naming the one before nine times, are a thousand million values in a few lines. So are
/// tags that ask for another type than the text says, keys that are no plain text, and depth and length that no project reaches.
package enum BoundedYAML {
  /// What is wrong, and in which line.
  package struct Problem: Error, Equatable {
    /// The line, from 1; nil if it is none in particular.
    package let line: Int?
    /// What is wrong, in words without a full stop.
    package let text: String
    /// What to do.
    package let remedy: String

    /// What to do, with the corrected line of a text where quotation marks are all that is missing.
    package func remedy(in text: String) -> String {
      let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      guard let line, lines.indices.contains(line - 1),
        let (corrected, _) = YAMLAdvice.correction(of: String(lines[line - 1]))
      else { return remedy }
      return "\(remedy), or, if it is a text, write it in quotation marks: \(corrected)"
    }
  }

  /// The most bytes of a text.
  package static let mostBytes = 32_000_000
  /// The most values of a text, keys included.
  package static let mostValues = 2_000_000
  /// How deep lists and groups of keys may lie in each other.
  package static let mostDepth = 32
  /// The most bytes of one value.
  package static let mostBytesOfValue = 1_000_000

  private static let tags = ["str", "int", "float", "bool", "null", "seq", "map"].map { "tag:yaml.org,2002:\($0)" }

  /// The root of the text's one document; nil if it is empty.
  /// - Throws: `Problem`; `YamlError` if it is no YAML.
  /// - Complexity: O(bytes).
  package static func compose(_ text: String) throws -> Yams.Node? {
    guard text.utf8.count <= mostBytes else {
      throw Problem(
        line: nil, text: "it has \(text.utf8.count) bytes, more than \(mostBytes)",
        remedy: "put prompts and records into a data file (CSV)")
    }
    try check(text)
    return try Yams.compose(yaml: text)
  }

  /// Goes through the events of the text without keeping anything.
  private static func check(_ text: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      var parser = yaml_parser_t()
      guard yaml_parser_initialize(&parser) == 1 else {
        throw Problem(line: nil, text: "no memory", remedy: "try again")
      }
      defer { yaml_parser_delete(&parser) }
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      var reading = Reading()
      while true {
        var event = yaml_event_t()
        // What is no YAML at all is said by the reader proper.
        guard yaml_parser_parse(&parser, &event) == 1 else { return }
        defer { yaml_event_delete(&event) }
        guard event.type != YAML_STREAM_END_EVENT else { return }
        try reading.take(event)
      }
    }
  }

  /// What is counted while the events go by.
  private struct Reading {
    private var values = 0
    /// For each open list or group: whether it is a group, and whether its next value is a key.
    private var open: [(isGroup: Bool, expectsKey: Bool)] = []

    mutating func take(_ event: yaml_event_t) throws {
      let line = Int(event.start_mark.line) + 1
      switch event.type {
      case YAML_ALIAS_EVENT:
        throw Problem(
          line: line,
          text: "an alias (*\(BoundedYAML.text(event.data.alias.anchor))) stands for a value written elsewhere",
          remedy: "write the value out")
      case YAML_SCALAR_EVENT:
        try count(line, BoundedYAML.tag(event.data.scalar.tag))
        guard event.data.scalar.length <= mostBytesOfValue else {
          throw Problem(
            line: line, text: "a value has \(event.data.scalar.length) bytes, more than \(mostBytesOfValue)",
            remedy: "shorten it, or put it into a data file")
        }
        next()
      case YAML_SEQUENCE_START_EVENT:
        try begin(line, BoundedYAML.tag(event.data.sequence_start.tag), isGroup: false)
      case YAML_MAPPING_START_EVENT:
        try begin(line, BoundedYAML.tag(event.data.mapping_start.tag), isGroup: true)
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        _ = open.popLast()
        next()
      default: break
      }
    }

    private mutating func begin(_ line: Int, _ tag: String?, isGroup: Bool) throws {
      try count(line, tag)
      if let last = open.last, last.isGroup, last.expectsKey {
        throw Problem(line: line, text: "a key is not a plain text", remedy: "write it as 'key: value'")
      }
      guard open.count < mostDepth else {
        throw Problem(
          line: line, text: "lists and groups lie more than \(mostDepth) deep in each other",
          remedy: "write it flatter")
      }
      open.append((isGroup, true))
    }

    private mutating func count(_ line: Int, _ tag: String?) throws {
      values += 1
      guard values <= mostValues else {
        throw Problem(
          line: line, text: "there are more than \(mostValues) values",
          remedy: "put prompts and records into a data file (CSV)")
      }
      if let tag, !tags.contains(tag) {
        throw Problem(
          line: line, text: "the tag \(tag.debugDescription) asks for a type that is not known here",
          remedy: "leave the tag out")
      }
    }

    private mutating func next() {
      guard let last = open.indices.last, open[last].isGroup else { return }
      open[last].expectsKey.toggle()
    }
  }

  /// A tag that is written down; nil without one, or for `!`, which only says that the value is a text.
  private static func tag(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let bytes else { return nil }
    let tag = text(bytes)
    return tag == "!" ? nil : tag
  }

  private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String {
    bytes.map { String(String(cString: $0).prefix(60)) } ?? ""
  }
}
