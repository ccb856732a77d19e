import CCmarkGFM

/// Finds the provider's sentences that claim conformity or freedom from bias. They are printed as they are, beside a remark that nothing
/// in the file shows them; nothing is blocked.
///
/// A sentence is passed over where it can be told cheaply that it claims nothing: a question, a negation or a condition in the same
/// clause, a demand, words in quotation marks, block quotations and code, and `bias` as a part of a model.
struct ProviderClaims {
  /// The sentences of a Markdown text that claim, in order, each once.
  /// - Complexity: O(words · rules).
  static func sentences(in markdown: String) -> [String] {
    var found: [String] = []
    for prose in prose(of: markdown) {
      for sentence in sentences(of: prose) where !found.contains(sentence) && isClaim(sentence) {
        found.append(sentence)
      }
    }
    return found
  }

  /// Whether one sentence claims.
  static func isClaim(_ sentence: String) -> Bool {
    guard !sentence.hasSuffix("?") else { return false }
    return clauses(of: unquoted(sentence)).contains { clause in
      let words = ClaimLinter.words(of: clause)
      return ClaimRules.all.contains { claims(words, $0) }
    }
  }

  private static func claims(_ words: [Substring], _ rules: ClaimRules) -> Bool {
    rules.rules.contains { rule in
      words.indices.contains { start in
        guard let end = ClaimLinter.end(of: rule.phrase[...], in: words[start...], widest: ClaimRules.widestGap) else {
          return false
        }
        return isAbout(rule, words[end...]) && !isTechnical(rule, words, start..<end, rules)
          && !isNegated(words, start..<end, rules)
      }
    }
  }

  private static func isAbout(_ rule: ClaimRules.Rule, _ rest: ArraySlice<Substring>) -> Bool {
    rule.about.isEmpty || rest.prefix(8).contains { word in rule.about.contains { ClaimLinter.matches(word, $0) } }
  }

  /// Whether `bias` here is the addend of a layer, or `unbiased` a property of an estimator.
  private static func isTechnical(
    _ rule: ClaimRules.Rule, _ words: [Substring], _ place: Range<Int>, _ rules: ClaimRules
  ) -> Bool {
    guard rule.phrase.contains(where: { $0.contains("bias") || $0.contains("verzerr") }) else { return false }
    let around = words[max(0, place.lowerBound - 5)..<min(words.count, place.upperBound + 2)]
    return around.contains { word in rules.technical.contains { ClaimLinter.matches(word, $0) } }
  }

  private static func isNegated(_ words: [Substring], _ place: Range<Int>, _ rules: ClaimRules) -> Bool {
    let before = words[..<place.lowerBound]
    let isDemand = before.suffix(3).indices.contains { index in
      rules.demands.contains(words[index]) && !(index > 0 && rules.assertions.contains(words[index - 1]))
    }
    if isDemand { return true }
    let behind = rules.negatesBehind ? words[place.upperBound...] : []
    return (Array(before.indices) + Array(behind.indices)).contains { index in
      rules.negations.contains(words[index])
        && !rules.falseNegations.contains { pair in
          index + 1 < words.count && pair == [words[index], words[index + 1]]
        }
    }
  }

  // MARK: Sentences

  /// The running text of paragraphs, headings, list items and table rows. Quotations, code and HTML are no text of the provider's own.
  private static func prose(of markdown: String) -> [String] {
    var markdown = markdown
    let document = markdown.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { cmark_parse_document($0.baseAddress, $0.count, CMARK_OPT_DEFAULT) }
    }
    guard let document, let iterator = cmark_iter_new(document) else { return [] }
    defer {
      cmark_iter_free(iterator)
      cmark_node_free(document)
    }
    var (texts, text, quoted) = ([String](), "", 0)
    while case let event = cmark_iter_next(iterator), event != CMARK_EVENT_DONE {
      guard let node = cmark_iter_get_node(iterator) else { continue }
      let isEnter = event == CMARK_EVENT_ENTER
      switch cmark_node_get_type(node) {
      case CMARK_NODE_BLOCK_QUOTE: quoted += isEnter ? 1 : -1
      case CMARK_NODE_PARAGRAPH, CMARK_NODE_HEADING:
        if !isEnter, quoted == 0 { texts.append(text) }
        text = ""
      case CMARK_NODE_TEXT: text += cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
      case CMARK_NODE_CODE: text += "·"
      case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: text += " "
      default: break
      }
    }
    return texts
  }

  /// Pieces that end in `.`, `!` or `?` before white space and a capital letter, or at the end; a row of a table is one piece a cell.
  private static func sentences(of text: String) -> [String] {
    var (sentences, current) = ([String](), String.UnicodeScalarView())
    let scalars = Array(PlainText.oneLine(text).unicodeScalars)
    func close() {
      let sentence = String(current).trimmingSpaces
      if !sentence.isEmpty { sentences.append(sentence) }
      current = .init()
    }
    for (index, scalar) in scalars.enumerated() {
      guard scalar != "|" else {
        close()
        continue
      }
      current.append(scalar)
      guard scalar == "." || scalar == "!" || scalar == "?", index + 2 < scalars.count, scalars[index + 1] == " " else {
        continue
      }
      let next = scalars[index + 2]
      if next.properties.isUppercase || "„“\"«(".unicodeScalars.contains(next) { close() }
    }
    close()
    return sentences
  }

  /// Parts that a negation does not reach across.
  private static func clauses(of sentence: String) -> [String] {
    var clauses = [sentence]
    for mark in [";", ":", " – ", " — ", ", and ", ", so ", " but ", ", und ", ", aber ", ", sondern "] {
      clauses = clauses.flatMap { $0.splitScalars(mark).map { String($0) } }
    }
    return clauses
  }

  /// Without what stands in quotation marks.
  private static func unquoted(_ sentence: String) -> String {
    let pairs: [(open: Unicode.Scalar, close: Set<Unicode.Scalar>)] = [
      ("“", ["”"]), ("„", ["“", "”"]), ("«", ["»"]), ("»", ["«"]), ("\"", ["\""]), ("‘", ["’"]), ("‚", ["‘", "’"]),
    ]
    var (result, scalars) = (String.UnicodeScalarView(), sentence.unicodeScalars[...])
    while let scalar = scalars.popFirst() {
      if let close = pairs.first(where: { $0.open == scalar })?.close,
        let end = scalars.firstIndex(where: close.contains)
      {
        result.append("·")
        scalars = scalars[scalars.index(after: end)...]
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    var scalars = unicodeScalars[...]
    while scalars.first == " " { scalars.removeFirst() }
    while scalars.last == " " { scalars.removeLast() }
    return String(scalars)
  }
}
