/// Which declarations a project's own style sheet may have: looks, never whether a reader sees the words. Everything stays that the
/// installed sheet says; a project's declarations come after it. What is repeated from it to the letter is well and adds nothing.
enum StyleRules {
  /// The project's part of a page's style.
  /// - Throws: `ReportsError` `badTemplate` with file, line and remedy.
  static func checked(_ own: String, installed: String, file: String) throws -> String {
    let base = Set(try sheet(installed, file: file).declarations.map(\.identity))
    var result = ""
    for declaration in try sheet(own, file: file).declarations where !base.contains(declaration.identity) {
      if let problem = problem(in: declaration) {
        throw ReportsError(.badTemplate, "\(file), line \(declaration.line): \(problem)")
      }
      let rule = "\(declaration.property): \(declaration.value)"
      let inner = declaration.selector.isEmpty ? "@page { \(rule) }" : "\(declaration.selector) { \(rule) }"
      let media = declaration.context.splitScalars(" › ")[0]
      result += media.beginsWith("@media ") ? "\(media) { \(inner) }\n" : "\(inner)\n"
    }
    return result.isEmpty ? "" : result + guarded
  }

  /// What must be seen however a selector of the project's is weighted.
  private static let guarded = """
    .warning { color: #fff !important; background: #8c1d18 !important; }
    @media print { .warning { color: #8c1d18 !important; background: #fff !important; } }

    """

  private static func sheet(_ text: String, file: String) throws -> StyleSheet {
    do {
      return try StyleSheet(text)
    } catch let fault as StyleSheet.Fault {
      throw ReportsError(.badTemplate, "\(file), line \(fault.line): \(fault.problem)")
    }
  }

  /// What is wrong with a declaration; nil if nothing is.
  private static func problem(in declaration: StyleSheet.Declaration) -> String? {
    let (property, value) = (declaration.property, declaration.value)
    if !isKnown(context: declaration.context) {
      return
        "'\(shown(declaration.context))' is not used here; write @media print, @media screen, (min-width: 44rem) or (max-width: 44rem)"
    }
    if !isPlain(selector: declaration.selector) {
      return
        "the selector '\(shown(declaration.selector))' has more than elements, classes, ids, :hover, :focus and their like"
    }
    if declaration.selector.isEmpty {
      return isPage(property, value)
        ? nil
        : "in @page only 'size' (A4, A5, letter, landscape) and 'margin' (10mm to 40mm) are a project's; '\(shown(property)): \(shown(value))' is not"
    }
    guard let rule = StyleValues.properties[property] ?? variable(property, declaration.selector) else {
      let hint = Nearest.hint(property, among: Array(StyleValues.properties.keys))
      return
        "'\(shown(property))' is no property that a project may set\(hint) Looks are \(StyleValues.properties.keys.sorted().joined(separator: ", "))"
    }
    return rule.allows(value) ? nil : "'\(property): \(shown(value))' is not allowed: \(rule.says)"
  }

  private static func variable(_ property: String, _ selector: String) -> StyleValues.Rule? {
    guard selector == ":root" else { return nil }
    return switch property {
    case "--ink", "--quiet", "--accent": StyleValues.textColour
    case "--wash": StyleValues.background
    case "--rule": StyleValues.lineColour
    case "--serif", "--sans", "--mono": StyleValues.family
    default: nil
    }
  }

  private static func isPage(_ property: String, _ value: String) -> Bool {
    switch property {
    case "size": StyleValues.words(value).allSatisfy { ["A4", "A5", "letter", "landscape", "portrait"].contains($0) }
    case "margin":
      (1...4).contains(StyleValues.words(value).count)
        && StyleValues.words(value).allSatisfy { StyleValues.length($0, ["mm": 10...40, "cm": 1...4]) }
    default: false
    }
  }

  private static func isKnown(context: String) -> Bool {
    let parts = context.splitScalars(" › ")
    if parts.count > 2 || parts.count == 2 && parts[1] != "@page" { return false }
    if parts[0].isEmpty || parts[0] == "@page" { return true }
    return parts[0].unicodeScalars.dropFirst("@media ".utf8.count).split { $0 == "," }.allSatisfy { query in
      String(query).splitScalars(" and ").allSatisfy { part in
        let word = part.trimmingWhitespaceScalars()
        if ["print", "screen", "all"].contains(word) { return true }
        guard word.beginsWith("("), word.endsWith(")") else { return false }
        let pair = String(word.unicodeScalars.dropFirst().dropLast()).splitScalars(":").map {
          $0.trimmingWhitespaceScalars()
        }
        return pair.count == 2 && ["min-width", "max-width"].contains(pair[0])
          && StyleValues.length(pair[1], ["rem": 1...200, "em": 1...200, "px": 100...4000])
      }
    }
  }

  private static let pseudo = [
    "hover", "focus", "focus-visible", "active", "visited", "link", "root", "first-child", "last-child", "target",
    "not", "is",
    "where", "nth-child", "even", "odd",
  ]

  private static func isPlain(selector: String) -> Bool {
    let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.#:*>+~, ()".unicodeScalars)
    guard selector.unicodeScalars.allSatisfy(allowed.contains) else { return false }
    // What makes an element that is not there (::before) has no words of ours.
    return selector.splitScalars(":").dropFirst().allSatisfy { rest in
      let name = String(rest.unicodeScalars.prefix { $0 == "-" || $0.properties.isAlphabetic })
      return pseudo.contains(name)
    }
  }

  private static func shown(_ text: String) -> String { PlainText.shortened(PlainText.oneLine(text), to: 80) }
}
