/// Refuses a document in which a sentence of ours claims more than a measurement can (DESIGN §6).
///
/// Law quotations, the provider's statements, code and attributed words are not ours and are passed over; so are the given
/// phrases of the law and the provider where they stand inside a heading or caption.
struct ClaimLinter {
  /// Rules by their first word; those whose first word ends in `*` stand under `*`.
  private let rules: [Substring: [[Substring]]]
  private var masked: [String]

  /// A linter.
  /// - Parameter attributed: words of the law or the provider that our text may repeat, e.g. a question used as a heading.
  ///   Only those that would be refused themselves are masked, so that no rule is blunted without need.
  init(attributed: [String] = []) {
    rules = Dictionary(grouping: ForbiddenClaims.all.map { $0.split(separator: " ") }) { rule in
      rule.first.flatMap { $0.last == "*" ? nil : $0 } ?? "*"
    }
    masked = []
    masked = Set(attributed.map(PlainText.oneLine)).filter { violation(in: $0) != nil }
      .sorted { ($1.count, $1) < ($0.count, $0) }
  }

  /// Checks every text of ours in a document.
  /// - Throws: `ReportsError` `forbiddenClaim` with the phrase and the sentence.
  func check(_ document: Document) throws {
    try check(document.title, document.subtitle, document.warning ?? "")
    for section in document.sections { try check(section) }
  }

  /// The first forbidden phrase in a text, or nil.
  /// - Complexity: O(words).
  func violation(in text: String) -> String? {
    var text = PlainText.oneLine(text)
    for phrase in masked where text.contains(phrase) { text = text.replacing(phrase, with: " · ") }
    let words = Self.words(of: text)
    for start in words.indices {
      for rule in (rules[words[start]] ?? []) + (rules["*"] ?? []) where start + rule.count <= words.count {
        if Self.matches(words[start..<(start + rule.count)], rule) { return rule.joined(separator: " ") }
      }
    }
    return nil
  }

  private static func matches(_ words: ArraySlice<Substring>, _ rule: [Substring]) -> Bool {
    zip(words, rule).allSatisfy { word, pattern in
      pattern.last == "*" ? word.hasPrefix(pattern.dropLast()) : word == pattern
    }
  }

  /// Lower-case words; a masked phrase stays as `·`, so that no rule reaches across it.
  private static func words(of text: String) -> [Substring] {
    text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "·") }
  }

  private func check(_ texts: String...) throws {
    for text in texts {
      guard let phrase = violation(in: text) else { continue }
      throw ReportsError(
        .forbiddenClaim,
        "the dossier would say \"\(phrase)\", which no measurement supports, in: \"\(PlainText.shortened(text, to: 200))\". "
          + "Nothing was written. If these are words of the project, put them into a statement; otherwise report this fault"
      )
    }
  }

  private func check(_ section: Section) throws {
    try check(section.heading, section.badge?.text ?? "")
    for block in section.blocks { try check(block) }
    for section in section.sections { try check(section) }
  }

  private func check(_ block: Block) throws {
    switch block {
    case .paragraph(let inlines), .notice(_, let inlines): try check(inlines)
    case .list(let items): for item in items { try check(item) }
    case .definitions(let definitions):
      for definition in definitions {
        try check(definition.term)
        try check(definition.explanation)
      }
    case .quotation, .markdown: break
    case .table(let table): try check(table)
    case .figure(let figure):
      try check(figure.caption, figure.alternative)
      try check(figure.data)
    case .details(let summary, let blocks):
      try check(summary)
      for block in blocks { try check(block) }
    }
  }

  private func check(_ table: Table) throws {
    try check(table.caption)
    for heading in table.header { try check(heading) }
    for row in table.rows { for cell in row { try check(cell) } }
  }

  /// Words of others are a break in the sentence, not part of it.
  private func check(_ inlines: [Inline]) throws {
    let ours = inlines.map { inline in
      switch inline {
      case .text(let text), .strong(let text), .link(let text, _): text
      case .badge(let badge): badge.text
      case .attributed, .code, .anchor: " · "
      }
    }
    try check(ours.joined())
  }
}
