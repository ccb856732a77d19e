/// Reads a regular expression in Oniguruma's syntax, the one of `tokenizer.json` files.
///
/// Read: alternatives, groups with or without a name, the options `i`, `m` and `x`, comments, `(?>…)`, look-ahead and look-behind,
/// classes with ranges, nesting, `&&` and `[:alpha:]`, general categories, common scripts, the usual escapes, greedy, lazy and
/// possessive repeats, anchors. Back references, conditions, absent groups, `\X`, `\K`, `\G` and calls are refused.
struct RegexParser {
  let pattern: [Unicode.Scalar]
  var position = 0
  var options = Options()
  var depth = 0

  /// What `(?imx)` switches on.
  struct Options {
    var ignoresCase = false
    var dotTakesLineEnds = false
    var isExtended = false
  }

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

  var next: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }

  mutating func take() -> Unicode.Scalar? {
    defer { position += 1 }
    return next
  }

  mutating func take(_ text: String) -> Bool {
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
    let outer = options
    defer { options = outer }
    var nodes = [try sequence()]
    while take("|") { nodes.append(try sequence()) }
    return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
  }

  private mutating func sequence() throws -> RegexNode {
    var nodes: [RegexNode] = []
    // Letters without regard to case that stand one after another: together they may be one ligature.
    var letters: [Unicode.Scalar] = []
    func flush() throws {
      nodes += try CaseFolding.nodes(of: letters)
      letters = []
    }
    while let scalar = next, scalar != "|", scalar != ")" {
      if options.isExtended, skipsExtended() { continue }
      if take("(?#") {
        while let scalar = take(), scalar != ")" {}
        continue
      }
      let atom = try atom()
      let isRepeated = next.map { "?*+{".unicodeScalars.contains($0) } ?? false
      if options.ignoresCase, case .set(.range(let range)) = atom, range.count == 1,
        let letter = Unicode.Scalar(range.lowerBound)
      {
        guard isRepeated else {
          letters.append(letter)
          continue
        }
        try flush()
        nodes.append(try repeats(of: .sequence(try CaseFolding.nodes(of: [letter]))))
      } else {
        try flush()
        nodes.append(try repeats(of: atom))
      }
    }
    try flush()
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  /// Skips a blank or a comment under the option `x`.
  private mutating func skipsExtended() -> Bool {
    if next == "#" {
      while let scalar = take(), scalar != "\n" {}
      return true
    }
    guard let scalar = next, scalar.isASCII, scalar.properties.isWhitespace else { return false }
    position += 1
    return true
  }

  private mutating func repeats(of node: RegexNode) throws -> RegexNode {
    var node = node
    if case .sequence(let nodes) = node, nodes.count == 1 { node = nodes[0] }
    var count = 0
    while let bounds = try bounds() {
      count += 1
      if case .anchor = node { throw RegexError(reason: "a repeat of an anchor") }
      if case .look = node { throw RegexError(reason: "a repeat of a look-around") }
      var greed = RegexNode.Greed.greedy
      // Oniguruma reads {n}? and {…}+ as repeats of repeats.
      if !(bounds.isInterval && bounds.least == bounds.most), take("?") {
        greed = .lazy
      } else if !bounds.isInterval, take("+") {
        greed = .possessive
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
    case "[": return try classNode()
    case ".": return .set(options.dotTakesLineEnds ? .everything : .not(.scalar("\n")))
    case "^": return .anchor(.lineStart)
    case "$": return .anchor(.lineEnd)
    case "*", "+", "?": throw RegexError(reason: "a '\(scalar)' repeats nothing")
    case "\\": return try escape()
    default: return .set(.scalar(scalar))
    }
  }

  private mutating func group() throws -> RegexNode {
    guard take("?") else { return try closed(try alternatives()) }
    if take(":") { return try closed(try alternatives()) }
    if take(">") { return .atomic(try closed(try alternatives())) }
    if take("=") { return .look(try closed(try alternatives()), ahead: true, negative: false) }
    if take("!") { return .look(try closed(try alternatives()), ahead: true, negative: true) }
    for (mark, negative) in [("<=", false), ("<!", true)] where take(mark) {
      return .look(try closed(try alternatives()), ahead: false, negative: negative)
    }
    if take("<") {
      // A name is of no use without references, which are refused.
      while let scalar = take(), scalar != ">" {}
      return try closed(try alternatives())
    }
    let outer = options
    try readOptions()
    if take(":") {
      let node = try closed(try alternatives())
      options = outer
      return node
    }
    // (?i) holds to the end of the group that it stands in.
    guard take(")") else { throw RegexError(reason: "an option that the engine does not read") }
    let rest = try alternatives()
    options = outer
    return rest
  }

  private mutating func readOptions() throws {
    var isOn = true
    while let scalar = next, scalar != ":", scalar != ")" {
      position += 1
      switch scalar {
      case "-": isOn = false
      case "i": options.ignoresCase = isOn
      case "m": options.dotTakesLineEnds = isOn
      case "x": options.isExtended = isOn
      default: throw RegexError(reason: "a group (?…) of a kind that the engine does not read")
      }
    }
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
    case "R":
      position += 1
      return .atomic(
        .alternatives([
          .sequence([.set(.scalar("\r")), .set(.scalar("\n"))]),
          .set(.any([.range(0x0A...0x0D), .range(0x85...0x85), .range(0x2028...0x2029)])),
        ]))
    case "N", "O":
      let takesLineEnds = take() == "O"
      return .set(takesLineEnds ? .everything : .not(.scalar("\n")))
    default: return .set(try escapedSet(inClass: false))
    }
  }

  private mutating func anchored(_ anchor: RegexNode.Anchor) -> RegexNode {
    position += 1
    return .anchor(anchor)
  }
}
