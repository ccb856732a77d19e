/// Takes a page frame apart, by scalars: tags, placeholders, text. It knows no more of HTML than a frame needs; what it does not know it
/// refuses, so that no reader of HTML can see anything else than it does.
struct FrameScanner {
  /// An attribute's value.
  enum Value: Equatable {
    case text(String)
    case placeholder(PageTemplate.Name)

    /// As it is written.
    var shown: String {
      switch self {
      case .text(let text): text
      case .placeholder(let name): "{{\(name.rawValue)}}"
      }
    }
  }

  struct Token {
    enum Kind {
      case doctype
      case start(String, [(name: String, value: Value)])
      case end(String)
      case value(PageTemplate.Name)
      case text(String)
    }
    var kind: Kind
    var line: Int
  }

  /// What cannot be read, and where.
  struct Fault: Error {
    var line: Int
    var problem: String
  }

  private let scalars: [Unicode.Scalar]
  private var index = 0
  /// The line that was reached.
  private(set) var line = 1

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The next token but white space and mustache comments; nil at the end.
  mutating func next() throws -> Token? {
    skipSpace()
    guard index < scalars.count else { return nil }
    let start = line
    if begins("{{!") {
      guard skip(past: "}}") else { throw Fault(line: start, problem: "a comment is not closed with }}") }
      return try next()
    }
    if begins("{{") { return Token(kind: .value(try placeholder()), line: start) }
    if scalars[index] == "<" { return try tag(start) }
    var text = String.UnicodeScalarView()
    while index < scalars.count, scalars[index] != "<", !begins("{{") {
      text.append(scalars[index])
      advance()
    }
    return Token(kind: .text(String(text)), line: start)
  }

  // MARK: Pieces

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count {
      if scalars[index] == "\n" { line += 1 }
      index += 1
    }
  }

  private func begins(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    return index + wanted.count <= scalars.count && Array(scalars[index..<(index + wanted.count)]) == wanted
  }

  private mutating func take(_ text: String) -> Bool {
    guard begins(text) else { return false }
    advance(text.unicodeScalars.count)
    return true
  }

  private mutating func skip(past text: String) -> Bool {
    while index < scalars.count {
      if take(text) { return true }
      advance()
    }
    return false
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { [" ", "\n", "\t"].contains(scalar) }

  private mutating func skipSpace() { while index < scalars.count, Self.isSpace(scalars[index]) { advance() } }

  /// A name of ASCII letters, digits and hyphens.
  private mutating func word() -> String {
    var word = ""
    while index < scalars.count, scalars[index].isASCII,
      scalars[index].properties.isAlphabetic || ("0"..."9").contains(scalars[index]) || scalars[index] == "-"
    {
      word.unicodeScalars.append(scalars[index])
      advance()
    }
    return word
  }

  /// `{{name}}`, or `{{{name}}}` where the value is markup.
  private mutating func placeholder() throws -> PageTemplate.Name {
    let start = line
    let isRaw = take("{{{")
    if !isRaw { _ = take("{{") }
    skipSpace()
    let text = word()
    skipSpace()
    guard take(isRaw ? "}}}" : "}}"), !begins("}") else {
      throw Fault(
        line: start,
        problem: "'{{\(text)' is no plain name in braces that close; only names and comments are used")
    }
    guard let name = PageTemplate.Name(rawValue: text) else {
      let known = PageTemplate.Name.allCases.map(\.rawValue)
      throw Fault(
        line: start,
        problem:
          "unknown names: \(text)\(Nearest.hint(text, among: known)) A page uses \(known.sorted().joined(separator: ", "))"
      )
    }
    guard name.isMarkup == isRaw else {
      throw Fault(
        line: start,
        problem: "write \(name.isMarkup ? "{{{\(name.rawValue)}}}" : "{{\(name.rawValue)}}"), with these braces")
    }
    return name
  }

  private mutating func tag(_ start: Int) throws -> Token {
    if take("<!DOCTYPE html>") || take("<!doctype html>") { return Token(kind: .doctype, line: start) }
    if begins("<!") || begins("<?") {
      throw Fault(line: start, problem: "a comment or declaration of HTML is no part of a frame; a comment is {{! … }}")
    }
    advance()
    let isEnd = take("/")
    let name = word()
    guard !name.isEmpty, name.lowercased() == name else {
      throw Fault(line: start, problem: "'<' is followed by no name of an element in lower case")
    }
    if isEnd {
      skipSpace()
      guard take(">") else { throw Fault(line: start, problem: "</\(name)> is not closed with '>'") }
      return Token(kind: .end(name), line: start)
    }
    var attributes: [(name: String, value: Value)] = []
    while true {
      let before = index
      skipSpace()
      if take(">") { return Token(kind: .start(name, attributes), line: start) }
      guard index > before else { throw Fault(line: start, problem: "<\(name)> holds what is no attribute") }
      attributes.append(try attribute(of: name, start))
    }
  }

  private mutating func attribute(of element: String, _ start: Int) throws -> (name: String, value: Value) {
    let name = word()
    guard !name.isEmpty else {
      throw Fault(line: start, problem: "<\(element)> holds what is no attribute: name=\"value\" is one")
    }
    guard take("=") else { return (name, .text("")) }
    guard take("\"") else {
      throw Fault(line: start, problem: "<\(element) \(name)=…>: a value stands between double quotation marks")
    }
    if begins("{{") {
      let value = try placeholder()
      guard !value.isMarkup, take("\"") else {
        throw Fault(line: start, problem: "<\(element) \(name)=…>: a placeholder is the whole value, and no markup")
      }
      return (name, .placeholder(value))
    }
    var text = String.UnicodeScalarView()
    while index < scalars.count, scalars[index] != "\"" {
      guard !["<", ">", "&", "{", "}", "\n"].contains(scalars[index]) else {
        throw Fault(line: start, problem: "<\(element) \(name)=…> holds a character that no value of a frame has")
      }
      text.append(scalars[index])
      advance()
    }
    guard take("\"") else { throw Fault(line: start, problem: "<\(element) \(name)=…> is not closed") }
    return (name, .text(String(text)))
  }
}
