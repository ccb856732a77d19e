/// The text of a prompt with fields in braces that a record fills: `applicant {sex}`. `{{` and `}}` are braces themselves.
struct PromptTemplate: Equatable {
  /// What the template is made of.
  enum Part: Equatable {
    case text(String)
    case field(String)
  }

  /// A brace that does not fit.
  struct Malformed: Error, Equatable {
    var problem: String
  }

  /// The parts in order.
  let parts: [Part]

  /// Reads a template.
  /// - Throws: `Malformed`.
  init(_ source: String) throws(Malformed) {
    var parts: [Part] = []
    var text = String.UnicodeScalarView()
    // By scalars: a brace with a combining mark after it is a brace.
    var rest = source.unicodeScalars[...]
    while let character = rest.popFirst() {
      if character == "{", rest.first == "{" {
        rest.removeFirst()
        text.append("{")
      } else if character == "{" {
        guard let end = rest.firstIndex(of: "}") else {
          throw Malformed(problem: "the brace before '\(String(rest.prefix(12)))' is never closed")
        }
        let field = String(rest[..<end])
        guard !field.isEmpty, !field.unicodeScalars.contains("{") else {
          throw Malformed(problem: "'{\(field)}' names no field")
        }
        rest = rest[rest.index(after: end)...]
        if !text.isEmpty { parts.append(.text(String(text))) }
        text = String.UnicodeScalarView()
        parts.append(.field(field))
      } else if character == "}" {
        guard rest.first == "}" else { throw Malformed(problem: "a closing brace has no opening one") }
        rest.removeFirst()
        text.append("}")
      } else {
        text.append(character)
      }
    }
    if !text.isEmpty { parts.append(.text(String(text))) }
    self.parts = parts
  }

  /// The fields in order of appearance, each once.
  var fields: [String] {
    var seen: Set<String> = []
    return parts.compactMap { part in
      guard case .field(let name) = part, seen.insert(name).inserted else { return nil }
      return name
    }
  }

  /// The prompt of one record, with one field set to another value if asked.
  /// - Precondition: every field is a column of the table.
  func prompt(_ table: DataTable, record: Int, setting substitution: (field: String, value: String)? = nil) -> String {
    parts.map { part in
      switch part {
      case .text(let text): return text
      case .field(let name):
        if let substitution, substitution.field == name { return substitution.value }
        guard let value = table.value(record, name) else { preconditionFailure("no column \(name)") }
        return value
      }
    }.joined()
  }
}
