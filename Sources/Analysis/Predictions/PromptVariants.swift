import Foundation

/// Other ways of writing a prompt that people slip into: one letter, one mark, one value, or all of them.
struct PromptVariants {
  /// One way.
  struct Variant: Sendable {
    let cause: PredictionComparison.Cause
    /// The prompt written so; nil where it cannot be.
    let rewrite: @Sendable (String) -> String?
  }

  private let template: ProviderPredictions.Template

  init(_ template: ProviderPredictions.Template) { self.template = template }

  /// All of them, the likeliest first; some leave a prompt as it is.
  var all: [Variant] { ends + wholeTexts + formats + literals + words + fields }

  private static func variant(
    _ kind: PredictionComparison.Cause.Kind, _ detail: String, _ rewrite: @escaping @Sendable (String) -> String?
  ) -> Variant {
    Variant(cause: PredictionComparison.Cause(kind, detail: detail), rewrite: rewrite)
  }

  // MARK: The whole prompt

  private var ends: [Variant] {
    @Sendable func trimmed(_ text: String, _ drops: (Character) -> Bool) -> String {
      var text = text
      while let last = text.last, drops(last) { text.removeLast() }
      return text
    }
    var variants = [
      Self.variant(.template, "without the white space at its end") { trimmed($0, \.isWhitespace) },
      Self.variant(.template, "without the punctuation at its end") { text in
        trimmed(trimmed(text, \.isWhitespace)) { $0.isPunctuation || $0.isSymbol }
      },
      Self.variant(.template, "without the white space at its beginning") { String($0.drop(while: \.isWhitespace)) },
    ]
    for (end, name) in [
      (" ", "a space"), ("\n", "a line end"), ("\n\n", "two line ends"), (".", "a full stop"), (":", "a colon"),
      ("?", "a question mark"), ("\r\n", "a Windows line end"),
    ] {
      variants.append(Self.variant(.template, "with \(name) more at its end") { $0 + end })
    }
    for (start, name) in [(" ", "a space"), ("\n", "a line end"), ("\u{FEFF}", "a byte-order mark")] {
      variants.append(Self.variant(.template, "with \(name) more at its beginning") { start + $0 })
    }
    return variants
  }

  private var wholeTexts: [Variant] {
    [
      Self.variant(.template, "in small letters") { $0.lowercased() },
      Self.variant(.template, "in capital letters") { $0.uppercased() },
      Self.variant(.template, "with spaces in place of line ends") { text in
        text.replacing("\r\n", with: " ").replacing("\n", with: " ")
      },
      Self.variant(.template, "without line ends") { $0.replacing("\n", with: "") },
      Self.variant(.template, "with Windows line ends") { $0.replacing("\n", with: "\r\n") },
      Self.variant(.template, "with single spaces in place of several") { text in
        var result = ""
        for character in text where !(character == " " && result.last == " ") { result.append(character) }
        return result
      },
      Self.variant(.template, "twice") { $0 + $0 },
    ]
  }

  // MARK: Values

  /// How a value may be written otherwise.
  private static let formats: [(name: String, change: @Sendable (String) -> String?)] = [
    ("as decimal numbers (35.0 for 35)", { Int($0) == nil ? nil : $0 + ".0" }),
    ("as whole numbers (35 for 35.0)", { $0.hasSuffix(".0") ? String($0.dropLast(2)) : nil }),
    ("with two decimals (35.00 for 35)", { Int($0) == nil ? nil : $0 + ".00" }),
    ("with a comma between thousands", { grouped($0) }),
    ("with a decimal comma", { Double($0) == nil ? nil : $0.replacing(".", with: ",") }),
    ("in small letters", { $0.lowercased() }), ("in capital letters", { $0.uppercased() }),
    ("with a capital letter", { $0.prefix(1).uppercased() + $0.dropFirst() }),
    ("with spaces for underscores", { $0.replacing("_", with: " ") }),
    ("with underscores for spaces", { $0.replacing(" ", with: "_") }),
    ("without white space around", { $0.trimmingCharacters(in: .whitespacesAndNewlines) }),
    ("with a space before", { " " + $0 }), ("with a space after", { $0 + " " }),
    ("in quotation marks", { "\"" + $0 + "\"" }),
    ("as nan where empty", { $0.isEmpty ? "nan" : nil }), ("as None where empty", { $0.isEmpty ? "None" : nil }),
    ("as NaN where empty", { $0.isEmpty ? "NaN" : nil }),
    ("as empty where NA", { ["NA", "nan", "NaN", "None", "null"].contains($0) ? "" : nil }),
    ("as True and False", { ["yes": "True", "no": "False", "1": "True", "0": "False"][$0.lowercased()] }),
    ("as 1 and 0", { ["yes": "1", "no": "0", "true": "1", "false": "0"][$0.lowercased()] }),
    ("left out", { _ in "" }),
  ]

  @Sendable private static func grouped(_ text: String) -> String? {
    guard text.utf8.count > 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    var result = ""
    for (index, character) in text.enumerated() {
      if index > 0, (text.count - index).isMultiple(of: 3) { result.append(",") }
      result.append(character)
    }
    return result
  }

  private var formats: [Variant] {
    let template = template
    let count = template.fields.count
    return Self.formats.flatMap { format in
      let places: [(name: String, fields: [Int])] =
        [("every value", Array(0..<count))]
        + (count > 1 ? (0..<count).map { ("'\(template.fields[$0])'", [$0]) } : [])
      return places.map { place in
        Self.variant(.values, "\(place.name) \(format.name)") { prompt in
          guard var values = template.values(in: prompt) else { return nil }
          var isChanged = false
          for field in place.fields {
            guard let value = format.change(values[field]), value != values[field] else { continue }
            values[field] = value
            isChanged = true
          }
          return isChanged ? template.prompt(values) : nil
        }
      }
    }
  }

  /// Two values in each other's place.
  private var fields: [Variant] {
    let template = template
    let count = template.fields.count
    var variants: [Variant] = []
    for first in 0..<count {
      for second in (first + 1)..<max(first + 1, count) where count <= 8 || second == first + 1 {
        variants.append(
          Self.variant(.values, "'\(template.fields[first])' and '\(template.fields[second])' in each other's place") {
            prompt in
            guard var values = template.values(in: prompt) else { return nil }
            values.swapAt(first, second)
            return template.prompt(values)
          })
      }
    }
    return variants
  }

  // MARK: The text around the values

  /// Another template, with the same values.
  private func rewritten(_ literals: [String], _ detail: String) -> Variant? {
    guard literals != template.literals else { return nil }
    let (old, new) = (
      template, ProviderPredictions.Template(literals: literals, fields: template.fields)
    )
    return Self.variant(.template, detail) { prompt in old.values(in: prompt).map { new.prompt($0) } }
  }

  /// Changes of all literals at once.
  private var literals: [Variant] {
    var variants: [Variant?] = [
      rewritten(template.literals.map { $0.lowercased() }, "its own words in small letters"),
      rewritten(template.literals.map { $0.uppercased() }, "its own words in capital letters"),
      rewritten(template.literals.map(\.capitalized), "its own words with capital letters"),
    ]
    let exchanges = [
      (": ", " "), (": ", "="), (": ", ":"), (":", ": "), (": ", " is "), (" is ", ": "), (":", ""), ("=", ": "),
      (" = ", "="),
      ("=", " = "), (", ", "; "), (", ", "\n"), (", ", " "), (", ", ","), (",", ", "), ("; ", ", "), (". ", ", "),
      (". ", "\n"),
      (".", ""), (" ", "_"), ("_", " "), ("-", " "), (" | ", ", "), ("\n", ", "), ("\n", "; "), ("\n", ". "),
      ("'", "\""),
      ("'", "\u{2019}"), ("\u{2019}", "'"), (" ", ""), (" ", "\u{A0}"),
    ]
    for (old, new) in exchanges {
      variants.append(
        rewritten(
          template.literals.map { $0.replacing(old, with: new) },
          "with \(Self.shown(new)) in place of every \(Self.shown(old)) in its own words"))
    }
    return variants.compactMap { $0 }
  }

  /// Changes of one word or mark.
  private var words: [Variant] {
    var variants: [Variant] = []
    for (index, literal) in template.literals.enumerated() {
      for change in Self.slips(in: literal) {
        var literals = template.literals
        literals[index] = change.text
        if let variant = rewritten(literals, change.detail) { variants.append(variant) }
      }
    }
    return Array(variants.prefix(400))
  }

  /// One letter or one mark of a text otherwise.
  private static func slips(in literal: String) -> [(text: String, detail: String)] {
    var slips: [(String, String)] = []
    var before: Character?
    for place in literal.indices {
      let character = literal[place]
      let word = String(literal[place...].prefix { $0.isLetter || $0.isNumber })
      func replaced(_ new: String, _ length: Int = 1) -> String {
        String(literal[..<place]) + new + String(literal[literal.index(place, offsetBy: length)...])
      }
      if !word.isEmpty, !(before.map { $0.isLetter || $0.isNumber } ?? false) {
        let other = character.isUppercase ? character.lowercased() : character.uppercased()
        if other != String(character) {
          slips.append((replaced(other), "'\(other + word.dropFirst())' in place of '\(word)'"))
        }
        slips.append((replaced("", word.count), "without the word '\(word)'"))
      } else if !character.isLetter, !character.isNumber {
        slips.append((replaced(""), "without \(shown(String(character))) after '\(context(literal, place))'"))
        for new in character.isWhitespace ? [" ", "\n", "  "] : [":", ",", ".", ";", "=", " -"]
        where new != String(character) {
          slips.append(
            (
              replaced(new),
              "with \(shown(new)) in place of \(shown(String(character))) after '\(context(literal, place))'"
            ))
        }
      }
      before = character
    }
    return slips
  }

  /// The last word before a place.
  private static func context(_ text: String, _ place: String.Index) -> String {
    place == text.startIndex ? "the value before" : String(text[..<place].suffix(12))
  }

  /// A mark, so that it is seen.
  private static func shown(_ mark: String) -> String {
    switch mark {
    case "": "nothing"
    case " ": "a space"
    case "  ": "two spaces"
    case "\n": "a line end"
    default: "'\(mark)'"
    }
  }
}

extension ProviderPredictions.Template {
  /// The prompt of some values.
  func prompt(_ values: [String]) -> String {
    var text = literals[0]
    for (value, literal) in zip(values, literals.dropFirst()) { text += value + literal }
    return text
  }

  /// The values that a prompt was made from; nil if it is of another template. Of several possibilities the one with the shortest
  /// first values: whichever it is, it makes the same prompt.
  func values(in prompt: String) -> [String]? {
    guard prompt.hasPrefix(literals[0]) else { return nil }
    var rest = prompt.dropFirst(literals[0].count)
    var values: [String] = []
    for (index, literal) in literals.enumerated().dropFirst() {
      if index == literals.count - 1 {
        guard rest.hasSuffix(literal) else { return nil }
        values.append(String(rest.dropLast(literal.count)))
      } else {
        guard !literal.isEmpty, let found = rest.firstRange(of: literal) else { return nil }
        values.append(String(rest[..<found.lowerBound]))
        rest = rest[found.upperBound...]
      }
    }
    guard fields.isEmpty ? prompt == literals[0] : self.prompt(values) == prompt else { return nil }
    return values
  }
}
