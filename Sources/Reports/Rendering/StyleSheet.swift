/// A style sheet, taken apart into its rules: a small part of CSS, enough for looks. What it does not know it refuses, so that no
/// browser can see anything else in it than it does: no escapes, no nesting, no at-rules but `@media` and `@page`.
struct StyleSheet {
  /// One declaration with where it stands.
  struct Declaration {
    /// The `@media` or `@page` around it, empty if there is none.
    var context: String
    /// Of the rule; empty in `@page`.
    var selector: String
    var property: String
    var value: String
    var line: Int

    /// Apart from its line.
    var identity: [String] { [context, selector, property, value] }
  }

  /// What cannot be read, and where.
  struct Fault: Error {
    var line: Int
    var problem: String
  }

  /// The declarations in order.
  private(set) var declarations: [Declaration] = []

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1

  /// Reads a style sheet.
  /// - Throws: `Fault`.
  init(_ text: String) throws {
    scalars = Array(text.unicodeScalars)
    try rules(in: "", until: nil)
  }

  // MARK: Rules

  private mutating func rules(in context: String, until end: Unicode.Scalar?) throws {
    while true {
      try skipSpace()
      guard index < scalars.count else {
        guard end == nil else { throw Fault(line: line, problem: "a '{' is not closed") }
        return
      }
      if scalars[index] == end {
        advance()
        return
      }
      let start = line
      let head = try text(until: ["{", ";", "}"])
      guard index < scalars.count, scalars[index] == "{" else {
        throw Fault(
          line: start,
          problem: "'\(Self.shown(head))' is followed by no '{ … }'; rules and @media are read, nothing else")
      }
      advance()
      try block(head, in: context, start)
    }
  }

  private mutating func block(_ head: String, in context: String, _ start: Int) throws {
    if head.beginsWith("@media ") {
      guard context.isEmpty else {
        throw Fault(line: start, problem: "'@media' stands in another one; write both in one")
      }
      try rules(in: head, until: "}")
    } else if head.beginsWith("@") {
      try page(head, in: context, start)
    } else {
      guard !head.isEmpty else { throw Fault(line: start, problem: "a '{' follows no selector") }
      try declarations(context: context, selector: head)
    }
  }

  /// `@page`, and its margin boxes, whose name stands for the selector.
  private mutating func page(_ head: String, in context: String, _ start: Int) throws {
    let isBox = context.splitScalars(" › ").last == "@page"
    guard head == "@page" && (context.isEmpty || context.beginsWith("@media ") && !isBox) || isBox else {
      throw Fault(
        line: start,
        problem: "'\(Self.shown(head))' is not used here: of what begins with '@', only @media and @page are")
    }
    try declarations(context: context.isEmpty ? head : "\(context) › \(head)", selector: "")
  }

  private mutating func declarations(context: String, selector: String) throws {
    while true {
      try skipSpace()
      guard index < scalars.count else { throw Fault(line: line, problem: "a '{' is not closed") }
      if scalars[index] == "}" { return advance() }
      if scalars[index] == ";" {
        advance()
        continue
      }
      let start = line
      let written = try text(until: ["{", ";", "}"])
      if index < scalars.count, scalars[index] == "{" {
        guard written.beginsWith("@") else {
          throw Fault(line: start, problem: "'\(Self.shown(written))' is a rule inside a rule; write each by itself")
        }
        advance()
        try page(written, in: context, start)
        continue
      }
      let parts = written.splitScalars(":")
      guard parts.count >= 2 else {
        throw Fault(line: start, problem: "'\(Self.shown(written))' is no declaration; write 'property: value;'")
      }
      let value = parts.dropFirst().joined(separator: ":").trimmingWhitespaceScalars()
      declarations.append(
        Declaration(
          context: context, selector: selector, property: parts[0].trimmingWhitespaceScalars(), value: value,
          line: start))
    }
  }

  // MARK: Characters

  private mutating func advance() {
    if scalars[index] == "\n" { line += 1 }
    index += 1
  }

  private func begins(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
    index + 1 < scalars.count && scalars[index] == first && scalars[index + 1] == second
  }

  private mutating func skipSpace() throws {
    while index < scalars.count {
      if begins("/", "*") {
        try skipComment()
      } else if [" ", "\n", "\t"].contains(scalars[index]) {
        advance()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() throws {
    let start = line
    advance()
    advance()
    while !begins("*", "/") {
      guard index < scalars.count else { throw Fault(line: start, problem: "a comment is not closed") }
      advance()
    }
    advance()
    advance()
  }

  /// The text up to one of the ends, which stays; a comment and white space are one space.
  private mutating func text(until ends: [Unicode.Scalar]) throws -> String {
    var text = String.UnicodeScalarView()
    while index < scalars.count, !ends.contains(scalars[index]) {
      let scalar = scalars[index]
      if begins("/", "*") || [" ", "\n", "\t"].contains(scalar) {
        try skipSpace()
        text.append(" ")
        continue
      }
      guard scalar != "\\", scalar != "<", scalar.value >= 0x20, scalar.value != 0x7F else {
        throw Fault(
          line: line,
          problem:
            "holds '\(scalar == "\\" || scalar == "<" ? String(scalar) : "a control character")', which no looks need; take it out"
        )
      }
      text.append(scalar)
      advance()
      if scalar == "\"" || scalar == "'" { try string(closedBy: scalar, into: &text) }
    }
    return String(text).trimmingWhitespaceScalars()
  }

  private mutating func string(closedBy quote: Unicode.Scalar, into text: inout String.UnicodeScalarView) throws {
    let start = line
    while index < scalars.count, scalars[index] != quote {
      guard !["\n", "\\", "<"].contains(scalars[index]) else { break }
      text.append(scalars[index])
      advance()
    }
    guard index < scalars.count, scalars[index] == quote else {
      throw Fault(
        line: start, problem: "a text between quotation marks is not closed on its line, or holds '\\' or '<'")
    }
    text.append(quote)
    advance()
  }

  private static func shown(_ text: String) -> String { PlainText.shortened(PlainText.oneLine(text), to: 60) }
}
