/// Reads a regular expression in Oniguruma's syntax, the one of `tokenizer.json` files.
///
/// Read: alternatives, groups, `(?:…)`, `(?i:…)`, `(?i)`, `(?>…)`, look-ahead and look-behind, classes with ranges, nesting and
/// `&&`, general categories, the usual escapes, greedy, lazy and possessive repeats, anchors. Back references, named
/// groups, scripts and conditions are refused.
struct RegexParser {
  private let pattern: [Unicode.Scalar]
  private var position = 0
  private var ignoresCase = false
  private var depth = 0

  /// - Throws: `RegexError`.
  static func parse(_ pattern: String) throws -> RegexNode {
    var parser = RegexParser(pattern: Array(pattern.unicodeScalars))
    guard parser.pattern.count <= TokenizerLimits.pattern else {
      throw RegexError(reason: "it has more than \(TokenizerLimits.pattern) characters")
    }
    let node = try parser.alternatives()
    guard parser.next == nil else { throw RegexError(reason: "a ')' closes nothing") }
    return node
  }

  private init(pattern: [Unicode.Scalar]) { self.pattern = pattern }

  private var next: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }

  private mutating func take() -> Unicode.Scalar? {
    defer { position += 1 }
    return next
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard pattern[min(position, pattern.count)...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  // MARK: Structure

  private mutating func alternatives() throws -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    guard depth < 50 else { throw RegexError(reason: "groups are nested too deeply") }
    let outer = ignoresCase
    defer { ignoresCase = outer }
    var nodes = [try sequence()]
    while take("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
  }

  private mutating func sequence() throws -> RegexNode {
    var nodes: [RegexNode] = []
    var letters = ""
    while let scalar = next, scalar != "|", scalar != ")" {
      let start = position
      let node = try repeats(of: try atom())
      // Under (?i) Oniguruma lets one ligature stand for two letters; no known tokenizer needs it.
      if ignoresCase, case .set = node, position == start + 1 {
        letters = String(letters.suffix(1))
        letters.unicodeScalars.append(scalar)
        try Self.checkFolding(letters, scalar)
      } else {
        letters = ""
      }
      nodes.append(node)
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private static func checkFolding(_ letters: String, _ scalar: Unicode.Scalar) throws {
    let ligatures = ["ss", "ff", "fi", "fl", "st"]
    guard scalar.isASCII, !ligatures.contains(where: { letters.lowercased().hasSuffix($0) }) else {
      throw RegexError(reason: "letters without regard to case that a ligature or another script may stand for")
    }
  }

  private mutating func repeats(of node: RegexNode) throws -> RegexNode {
    var node = node
    var count = 0
    while let bounds = try bounds() {
      count += 1
      if case .anchor = node { throw RegexError(reason: "a repeat of an anchor") }
      if case .look = node { throw RegexError(reason: "a repeat of a look-around") }
      var greed = RegexNode.Greed.greedy
      if take("?") {
        // Oniguruma reads {n}? as {0,n}.
        if bounds.isInterval, bounds.least == bounds.most { throw RegexError(reason: "the repeat {n}?") }
        greed = .lazy
      } else if next == "+" {
        if bounds.isInterval { throw RegexError(reason: "the repeat {…}+") }
        position += 1
        greed = .possessive
      }
      if bounds.most == nil, node.length.least == 0 {
        throw RegexError(reason: "an endless repeat of what may be empty")
      }
      guard count < 4 else { throw RegexError(reason: "repeats of repeats") }
      node = .repeated(node, least: bounds.least, most: bounds.most, greed)
    }
    return node
  }

  private struct Bounds {
    let least: Int
    let most: Int?
    let isInterval: Bool
  }

  private mutating func bounds() throws -> Bounds? {
    switch next {
    case "?":
      position += 1
      return Bounds(least: 0, most: 1, isInterval: false)
    case "*":
      position += 1
      return Bounds(least: 0, most: nil, isInterval: false)
    case "+":
      position += 1
      return Bounds(least: 1, most: nil, isInterval: false)
    case "{":
      let start = position
      position += 1
      let least = try number()
      let comma = take(",")
      let most = comma ? try number() : least
      guard take("}"), least != nil || most != nil else {
        // Not an interval: the brace stands for itself.
        position = start
        return nil
      }
      if let least, let most, least > most { throw RegexError(reason: "an interval that runs backwards") }
      return Bounds(least: least ?? 0, most: most, isInterval: true)
    default: return nil
    }
  }

  private mutating func number() throws -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
      if let value, value > 1000 { throw RegexError(reason: "more than 1000 repeats") }
      position += 1
    }
    return value
  }

  // MARK: Atoms

  private mutating func atom() throws -> RegexNode {
    guard let scalar = take() else { throw RegexError(reason: "it ends too early") }
    switch scalar {
    case "(": return try group()
    case "[": return .set(try characterClass())
    case ".": return .set(.not(.scalar("\n")))
    case "^": return .anchor(.lineStart)
    case "$": return .anchor(.lineEnd)
    case "*", "+", "?": throw RegexError(reason: "a '\(scalar)' repeats nothing")
    case "\\": return try escape()
    default: return .set(literal(scalar))
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> RegexSet {
    ignoresCase ? .ignoringCase(.scalar(scalar)) : .scalar(scalar)
  }

  private mutating func group() throws -> RegexNode {
    guard take("?") else { return try closed(try alternatives()) }
    if take(":") { return try closed(try alternatives()) }
    if take(">") { return .atomic(try closed(try alternatives())) }
    if take("=") { return .look(try closed(try alternatives()), ahead: true, negative: false) }
    if take("!") { return .look(try closed(try alternatives()), ahead: true, negative: true) }
    for (mark, negative) in [("<=", false), ("<!", true)] where take(mark) {
      let node = try closed(try alternatives())
      guard let most = node.length.most, most == node.length.least else {
        throw RegexError(reason: "a look-behind of no fixed length")
      }
      return .look(node, ahead: false, negative: negative)
    }
    let outer = ignoresCase
    if take("i") {
      ignoresCase = true
    } else if take("-i") {
      ignoresCase = false
    } else {
      throw RegexError(reason: "a group (?…) of a kind that the engine does not read")
    }
    if take(":") {
      let node = try closed(try alternatives())
      ignoresCase = outer
      return node
    }
    // (?i) holds to the end of the group that it stands in.
    guard take(")") else { throw RegexError(reason: "an option that the engine does not read") }
    let rest = try alternatives()
    ignoresCase = outer
    return rest
  }

  private mutating func closed(_ node: RegexNode) throws -> RegexNode {
    guard take(")") else { throw RegexError(reason: "a ')' is missing") }
    return node
  }

  private mutating func escape() throws -> RegexNode {
    switch next {
    case "A": return anchored(.textStart)
    case "z": return anchored(.textEnd)
    case "Z": return anchored(.textEndOrNewline)
    case "b": return anchored(.boundary)
    case "B": return anchored(.noBoundary)
    default:
      let set = try escapedSet()
      if case .range(let range) = set, range.count == 1, ignoresCase { return .set(.ignoringCase(set)) }
      return .set(set)
    }
  }

  private mutating func anchored(_ anchor: RegexNode.Anchor) -> RegexNode {
    position += 1
    return .anchor(anchor)
  }

  // MARK: Sets

  /// What follows a backslash, inside or outside a class.
  private mutating func escapedSet() throws -> RegexSet {
    guard let scalar = take() else { throw RegexError(reason: "it ends in a backslash") }
    switch scalar {
    case "s": return .whiteSpace
    case "S": return .not(.whiteSpace)
    case "d": return .digit
    case "D": return .not(.digit)
    case "w": return .word
    case "W": return .not(.word)
    case "h": return .any([.range(0x30...0x39), .range(0x41...0x46), .range(0x61...0x66)])
    case "p", "P": return try property(negated: scalar == "P")
    case "n": return .scalar("\n")
    case "r": return .scalar("\r")
    case "t": return .scalar("\t")
    case "f": return .scalar("\u{0C}")
    case "v": return .scalar("\u{0B}")
    case "a": return .scalar("\u{07}")
    case "e": return .scalar("\u{1B}")
    case "u": return .scalar(try hexadecimal(digits: 4))
    case "x":
      if take("{") {
        let scalar = try hexadecimal(digits: nil)
        guard take("}") else { throw RegexError(reason: "a '}' is missing") }
        return .scalar(scalar)
      }
      return .scalar(try hexadecimal(digits: 2))
    case "a"..."z", "A"..."Z", "0"..."9": throw RegexError(reason: "the escape \\\(scalar)")
    default: return .scalar(scalar)
    }
  }

  private mutating func hexadecimal(digits: Int?) throws -> Unicode.Scalar {
    var value: UInt32 = 0
    var count = 0
    while count < digits ?? 8, let scalar = next, let digit = Character(scalar).hexDigitValue, scalar.isASCII {
      value = value << 4 | UInt32(digit)
      count += 1
      position += 1
    }
    guard count == digits ?? count, count > 0, let scalar = Unicode.Scalar(value), digits != 2 || value < 0x80 else {
      throw RegexError(reason: "a character number that the engine does not read")
    }
    return scalar
  }

  private mutating func property(negated: Bool) throws -> RegexSet {
    guard take("{") else { throw RegexError(reason: "\\p without a name") }
    var negated = negated
    if take("^") { negated.toggle() }
    var name = ""
    while let scalar = take(), scalar != "}" { name.unicodeScalars.append(scalar) }
    guard let set = RegexSet.named(name) else { throw RegexError(reason: "the property \\p{\(name)}") }
    if ignoresCase, ["lu", "ll", "lt"].contains(name.lowercased()) {
      throw RegexError(reason: "\\p{\(name)} without regard to case")
    }
    return negated ? .not(set) : set
  }

  /// A class, after its `[`.
  private mutating func characterClass() throws -> RegexSet {
    depth += 1
    defer { depth -= 1 }
    guard depth < 50 else { throw RegexError(reason: "classes are nested too deeply") }
    let negated = take("^")
    if next == "]" { throw RegexError(reason: "an empty class") }
    var items: [RegexSet] = []
    var left: RegexSet?
    while let scalar = take() {
      if scalar == "]" {
        let right = RegexSet.any(items)
        var set = left.map { .both($0, right) } ?? right
        if ignoresCase { set = .ignoringCase(set) }
        return negated ? .not(set) : set
      }
      if scalar == "&", take("&") {
        let right = RegexSet.any(items)
        left = left.map { .both($0, right) } ?? right
        items = []
      } else {
        items.append(try classItem(scalar))
      }
    }
    throw RegexError(reason: "a ']' is missing")
  }

  private mutating func classItem(_ scalar: Unicode.Scalar) throws -> RegexSet {
    if scalar == "[" {
      if next == ":" { throw RegexError(reason: "a class [:…:]") }
      return try characterClass()
    }
    let first = scalar == "\\" ? try classEscape() : .scalar(scalar)
    guard next == "-", position + 1 < pattern.count, pattern[position + 1] != "]" else { return first }
    guard case .range(let low) = first, low.count == 1 else {
      // [\d-x]: the hyphen stands for itself.
      throw RegexError(reason: "a range that begins with a class")
    }
    position += 1
    guard let end = take(), end != "[" else { throw RegexError(reason: "a range that ends in a class") }
    let last = end == "\\" ? try classEscape() : .scalar(end)
    guard case .range(let high) = last, high.count == 1, low.lowerBound <= high.lowerBound else {
      throw RegexError(reason: "a range that runs backwards or ends in a class")
    }
    return .range(low.lowerBound...high.lowerBound)
  }

  private mutating func classEscape() throws -> RegexSet {
    // In a class \b is the backspace.
    if take("b") { return .scalar("\u{08}") }
    return try escapedSet()
  }
}
