/// Checks a project's own page frame: a frame is structure around a document, and can neither lose, hide nor add to it.
///
/// Not a list of what is forbidden, which would never end, but of what there is: a few elements, a few attributes with named values,
/// and the placeholders, each in its place. Literal text is refused: words come from the document.
struct FrameCheck {
  private let file: String
  private var scanner: FrameScanner
  private var open: [Element] = []
  /// How often each placeholder stood as text, or as a style sheet or markup.
  private var placed: [PageTemplate.Name: Int] = [:]
  private var seen: [String: Int] = [:]
  private var metas: Set<String> = []
  private var isBegun = false

  private struct Element {
    var name: String
    var line: Int
  }

  /// Checks a frame.
  /// - Throws: `ReportsError` `badTemplate` with file, line and remedy.
  static func check(_ frame: String, file: String) throws {
    var check = FrameCheck(file: file, scanner: FrameScanner(frame))
    try check.run()
  }

  private init(file: String, scanner: FrameScanner) {
    self.file = file
    self.scanner = scanner
  }

  private func error(_ line: Int, _ message: String) -> ReportsError {
    ReportsError(.badTemplate, "\(file), line \(line): \(message)")
  }

  // MARK: Tokens

  private mutating func run() throws {
    while let token = try next() {
      switch token.kind {
      case .doctype:
        guard !isBegun else { throw error(token.line, "'<!DOCTYPE html>' stands once, before everything else") }
        isBegun = true
      case .start(let name, let attributes): try start(name, attributes, token.line)
      case .end(let name): try end(name, token.line)
      case .value(let name): try place(name, token.line)
      case .text(let text):
        throw error(
          token.line,
          "'\(PlainText.shortened(PlainText.oneLine(text), to: 60))' is text of its own beside the document; a frame holds tags and "
            + "placeholders alone")
      }
    }
    if let left = open.last { throw error(left.line, "<\(left.name)> is not closed") }
    try requireAll()
  }

  private mutating func next() throws -> FrameScanner.Token? {
    do {
      return try scanner.next()
    } catch let fault as FrameScanner.Fault {
      throw error(fault.line, fault.problem)
    }
  }

  private mutating func start(_ name: String, _ attributes: [(name: String, value: FrameScanner.Value)], _ line: Int)
    throws
  {
    guard isBegun else { throw error(line, "a page begins with '<!DOCTYPE html>'") }
    guard let rule = FrameRules.elements[name] else {
      throw error(
        line, "<\(name)> is no part of a frame; it may use \(FrameRules.elements.keys.sorted().joined(separator: ", "))"
      )
    }
    let parent = open.last?.name ?? ""
    guard rule.parents.contains(parent) else {
      let places = rule.parents.sorted().map { $0.isEmpty ? "the top" : "<\($0)>" }.joined(separator: ", ")
      throw error(line, "<\(name)> stands in \(places), not in \(parent.isEmpty ? "the top" : "<\(parent)>")")
    }
    seen[name, default: 0] += 1
    if rule.isOnce, seen[name] != 1 { throw error(line, "<\(name)> stands once in a page") }
    try check(attributes, of: name, line)
    if name == "meta" { try meta(attributes, line) } else { open.append(Element(name: name, line: line)) }
  }

  private mutating func end(_ name: String, _ line: Int) throws {
    guard let last = open.popLast(), last.name == name else {
      throw error(line, "</\(name)> closes nothing here; elements close in the order in which they open")
    }
  }

  private func check(_ attributes: [(name: String, value: FrameScanner.Value)], of element: String, _ line: Int) throws
  {
    var names: Set<String> = []
    for (name, value) in attributes {
      guard names.insert(name).inserted else { throw error(line, "<\(element)> has the attribute \(name) twice") }
      if element == "meta" { continue }
      guard FrameRules.allows(name, value, on: element) else {
        throw error(
          line, "<\(element) \(name)=…> is no part of a frame: attributes are \(FrameRules.known(on: element))")
      }
    }
    for needed in FrameRules.needed[element] ?? [] where !names.contains(needed) {
      throw error(line, "<\(element)> needs the attribute \(needed), as the installed frame has it")
    }
  }

  /// A `meta` is one of the installed ones, to the letter: among them the policy that forbids scripts and everything from outside.
  private mutating func meta(_ attributes: [(name: String, value: FrameScanner.Value)], _ line: Int) throws {
    let written = attributes.map { "\($0.name)=\($0.value.shown)" }.sorted().joined(separator: " ")
    guard FrameRules.metas.contains(written), metas.insert(written).inserted else {
      throw error(line, "this <meta> is not one of the installed frame, to the letter and once; copy those")
    }
  }

  // MARK: Placeholders

  private mutating func place(_ name: PageTemplate.Name, _ line: Int) throws {
    let path = open.map(\.name)
    guard FrameRules.holds(path, name) else {
      throw error(line, "the placeholder \(name.rawValue) does not stand here: \(FrameRules.place(of: name))")
    }
    placed[name, default: 0] += 1
    let isOnce = name.isMarkup || name == .skipToContent
    if isOnce, placed[name] != 1 { throw error(line, "the placeholder \(name.rawValue) stands once in a page") }
  }

  private func requireAll() throws {
    let needed = ["html", "head", "title", "style", "body", "nav", "main"]
    if let lost = needed.first(where: { seen[$0] == nil }) {
      throw error(scanner.line, "the page has no <\(lost)>; copy the installed frame and change its order or classes")
    }
    if let lost = FrameRules.metas.subtracting(metas).sorted().first {
      throw error(scanner.line, "the page has no <meta \(lost)>; copy it from the installed frame")
    }
    for name in PageTemplate.Name.allCases where name != .language && (placed[name] ?? 0) == 0 {
      throw error(scanner.line, "the placeholder \(name.rawValue) is missing: \(FrameRules.place(of: name))")
    }
  }
}

/// What a frame is made of.
enum FrameRules {
  struct Element {
    /// Where it may stand; the empty name is the top.
    var parents: Set<String>
    var isOnce = false
  }

  private static let blocks: Set = ["body", "div", "header", "footer"]

  static let elements: [String: Element] = [
    "html": Element(parents: [""], isOnce: true), "head": Element(parents: ["html"], isOnce: true),
    "meta": Element(parents: ["head"]), "title": Element(parents: ["head"], isOnce: true),
    "style": Element(parents: ["head"], isOnce: true), "body": Element(parents: ["html"], isOnce: true),
    "div": Element(parents: blocks), "header": Element(parents: ["body", "div"]),
    "footer": Element(parents: ["body", "div"]), "nav": Element(parents: ["body", "div"], isOnce: true),
    "main": Element(parents: ["body", "div"], isOnce: true), "a": Element(parents: ["body"], isOnce: true),
    "h1": Element(parents: blocks, isOnce: true), "p": Element(parents: blocks),
    "details": Element(parents: ["nav"], isOnce: true), "summary": Element(parents: ["details"], isOnce: true),
  ]

  /// Attributes that an element must have.
  static let needed = ["html": ["lang"], "main": ["id"], "a": ["class", "href"], "nav": ["aria-label"]]

  /// The `meta` elements of the installed frame, their attributes in the order of their names.
  static let metas: Set = [
    "charset=utf-8", "content=width=device-width, initial-scale=1 name=viewport", "content=no-referrer name=referrer",
    "content=default-src 'none'; style-src 'unsafe-inline'; img-src data: http-equiv=Content-Security-Policy",
  ]

  /// Classes of the installed style sheet that a frame may use; a class of one's own begins with `own-`.
  private static let classes: Set = ["page", "columns"]

  static func allows(_ name: String, _ value: FrameScanner.Value, on element: String) -> Bool {
    switch (element, name, value) {
    case ("html", "lang", .placeholder(.language)), ("nav", "aria-label", .placeholder(.contents)): true
    case ("a", "class", .text("skip")), ("a", "href", .text("#content")), ("main", "id", .text("content")),
      ("main", "tabindex", .text("-1")), ("details", "id", .text("contents")), ("details", "open", .text("")):
      true
    case ("a", _, _), ("html", _, _), ("head", _, _), ("title", _, _), ("style", _, _): false
    case (_, "class", .text(let text)):
      text.splitScalars(" ").allSatisfy { word in
        classes.contains(word)
          || word.beginsWith("own-") && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
      }
    default: false
    }
  }

  static func known(on element: String) -> String {
    switch element {
    case "html": "lang=\"{{language}}\""
    case "nav": "aria-label=\"{{contents}}\" and class (page, columns, own-…)"
    case "a": "class=\"skip\" and href=\"#content\""
    case "main": "id=\"content\", tabindex=\"-1\" and class (page, columns, own-…)"
    case "details": "id=\"contents\", open and class (page, columns, own-…)"
    case "head", "title", "style": "none"
    default: "class (page, columns, own-…)"
    }
  }

  /// Whether a placeholder stands in its place.
  static func holds(_ path: [String], _ name: PageTemplate.Name) -> Bool {
    let last = path.last ?? ""
    return switch name {
    case .language: false
    case .title: path == ["html", "head", "title"] || last == "h1"
    case .subtitle: last == "p" || last == "header" || last == "div"
    case .style: path == ["html", "head", "style"]
    case .skipToContent: last == "a"
    case .contents: last == "summary" || last == "nav"
    case .contentsList: last == "nav" || last == "details"
    case .body: last == "main"
    }
  }

  static func place(of name: PageTemplate.Name) -> String {
    switch name {
    case .language: "it is <html lang=\"{{language}}\">"
    case .title: "{{title}} stands in <title> and in <h1>"
    case .subtitle: "{{subtitle}} stands in a <p> of the header"
    case .style: "{{{style}}} is all that stands in <style>"
    case .skipToContent: "{{skipToContent}} stands in <a class=\"skip\" href=\"#content\">"
    case .contents: "{{contents}} stands in <summary> or <nav>"
    case .contentsList: "{{{contentsList}}} stands in <nav>, or in its <details>"
    case .body: "{{{body}}} stands in <main>, by itself"
    }
  }
}
