/// What is possible but probably a slip in a template: each a sentence that says what the model would read.
struct TemplateDoubts {
  let template: PromptTemplate
  let columns: [String]

  /// All of them.
  var doubts: [String] {
    var doubts: [String] = []
    let texts = template.parts.compactMap { part -> String? in
      if case .text(let text) = part { return text }
      return nil
    }
    for text in texts {
      if let found = placeholder(in: text) { doubts.append(found) }
      if let hidden = VisibleText.firstHidden(in: text.replacing("\n", with: " ")) {
        doubts.append(
          "the template holds \(hidden), which nobody sees and the model reads: \(VisibleText.quoted(text)); write a plain space, "
            + "unless the model was trained with it")
      }
      if let damage = TextDamage(text) { doubts.append("the template holds \(damage.description); \(damage.remedy)") }
      for code in ["\\n", "\\t"] where text.contains(code) {
        doubts.append(
          "the template holds '\(code)' as two characters; YAML makes a line end or tab of it in \"double quotation marks\" only"
        )
      }
    }
    if let quotes { doubts.append(quotes) }
    return doubts
  }

  /// A column named in another way than with single braces.
  private func placeholder(in text: String) -> String? {
    for column in columns {
      let forms = ["{\(column)}", "%(\(column))", "<\(column)>", "[\(column)]", "$\(column)"]
      guard let form = forms.first(where: { Self.hasWord($0, in: text) }) else { continue }
      let read = form.hasPrefix("{") ? "doubled braces stand for braces" : "that is no field"
      return "the template holds the text '\(form)', the same in every prompt (\(read)); to fill in the column, write "
        + "'{\(column)}'"
    }
    return nil
  }

  /// Whether a text occurs and is no beginning of a longer word.
  private static func hasWord(_ form: String, in text: String) -> Bool {
    text.ranges(of: form).contains { range in
      guard let next = text[range.upperBound...].first, form.last?.isLetter == true || form.last?.isNumber == true
      else {
        return true
      }
      return !next.isLetter && !next.isNumber && next != "_"
    }
  }

  /// Quotation marks of a word processor around the whole template, which YAML takes as letters.
  private var quotes: String? {
    let marks: Set<Character> = ["“", "”", "„", "«", "»", "‘", "’"]
    guard case .text(let first)? = template.parts.first, case .text(let last)? = template.parts.last,
      let (begin, end) = first.first.flatMap({ begin in last.last.map { (begin, $0) } }), marks.contains(begin),
      marks.contains(end)
    else { return nil }
    return
      "the template begins with '\(begin)' and ends with '\(end)', which the model reads; YAML's quotation marks are \" and '"
  }

  /// The template ends with what the model is to say.
  func ending(in answers: [String]) -> String? {
    guard case .text(let last)? = template.parts.last else { return nil }
    let end = VisibleText.spelling(last).split(separator: " ").last.map(String.init)
    guard let answer = answers.first(where: { VisibleText.spelling($0) == end && !$0.allSatisfy(\.isWhitespace) })
    else {
      return nil
    }
    return
      "the template ends with the answer \"\(answer)\", so that the model is asked what follows it; end it where the answer "
      + "begins"
  }
}
