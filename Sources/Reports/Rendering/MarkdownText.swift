/// Plain text as GitHub-flavoured Markdown that renders as the same text.
enum MarkdownText {
  /// Escapes text for running text. White space is collapsed, so that no line can begin a block inside it.
  /// - Parameter startsLine: whether the text is the first thing on its line, where `#`, `-`, `+`, `=` and `1.` would act.
  static func escaped(_ text: String, startsLine: Bool = false) -> String {
    let scalars = Array(PlainText.visible(text).unicodeScalars)
    var result = String.UnicodeScalarView()
    var index = scalars.startIndex
    if startsLine {
      while index < scalars.endIndex, isSpace(scalars[index]) { index += 1 }
      if let marker = blockMarker(scalars, from: index) {
        result.append(contentsOf: scalars[index..<marker])
        result.append("\\")
        result.append(scalars[marker])
        index = marker + 1
      }
    }
    var afterSpace = false
    while index < scalars.endIndex {
      let scalar = scalars[index]
      if isSpace(scalar) {
        if !afterSpace { result.append(" ") }
        afterSpace = true
      } else {
        if alwaysEscaped.contains(scalar) || beginsAutolink(scalars, at: index) { result.append("\\") }
        result.append(scalar)
        afterSpace = false
      }
      index += 1
    }
    return String(result)
  }

  /// A code span; inside a table a pipe needs its backslash even here. What no code span can hold is printed as escaped text: more
  /// backticks in a row than cmark looks for (80), or inside a table a backslash before a pipe, where a row would be split.
  /// - Parameter touchesCode: whether the text before ends in a code span, whose fence would become one with this one.
  static func code(_ text: String, inTable: Bool, touchesCode: Bool = false) -> String {
    let content = PlainText.visible(text).unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : $0 }
    guard content.contains(where: { $0 != " " }) else { return content.isEmpty ? "" : "` `" }
    var (longest, run) = (0, 0)
    for scalar in content {
      run = scalar == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let splits = inTable && zip(content, content.dropFirst()).contains { $0 == "\\" && $1 == "|" }
    guard longest < longestFence, !splits, !touchesCode else { return escaped(text) }
    let fence = String(repeating: "`", count: longest + 1)
    let (first, last) = (content[0], content[content.count - 1])
    let pad = first == "`" || last == "`" || (first == " " && last == " ") ? " " : ""
    var inner = String.UnicodeScalarView()
    for scalar in content {
      if inTable && scalar == "|" { inner.append("\\") }
      inner.append(scalar)
    }
    return fence + pad + String(inner) + pad + fence
  }

  /// cmark takes longer runs of backticks for text.
  private static let longestFence = 60

  /// Text of a heading: a number sign at its end would be taken for the heading's closing mark.
  static func heading(_ text: String) -> String {
    let scalars = Array(escaped(text.trimmingWhitespaceScalars()).unicodeScalars)
    let end = (scalars.lastIndex { $0 != "#" } ?? -1) + 1
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars[..<end])
    if end < scalars.count { result.append("\\") }
    result.append(contentsOf: scalars[end...])
    return String(result)
  }

  /// Everything that can begin an inline construct of GFM, a GitHub formula or a template tag.
  private static let alwaysEscaped = Set("\\`*_[]<>|~&${}".unicodeScalars)

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\n" || scalar == "\t"
  }

  /// Where the character stands that would make a line a heading, list item or underline: `#`, `+`, `-`, `=`, `1.`, `1)`.
  private static func blockMarker(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
    var index = start
    while index < scalars.endIndex, ("0"..."9").contains(scalars[index]) { index += 1 }
    guard index < scalars.endIndex else { return nil }
    let markers: [Unicode.Scalar] = index == start ? ["#", "+", "-", "="] : [".", ")"]
    return markers.contains(scalars[index]) ? index : nil
  }

  /// GFM links bare `http://…` and `www.…`: a backslash before the colon or the dot keeps them text.
  private static func beginsAutolink(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
    switch scalars[index] {
    case ":":
      return index + 2 < scalars.count && scalars[index + 1] == "/" && scalars[index + 2] == "/"
    case ".":
      return index >= 3 && scalars[(index - 3)..<index].allSatisfy { $0 == "w" || $0 == "W" }
    default: return false
    }
  }
}
