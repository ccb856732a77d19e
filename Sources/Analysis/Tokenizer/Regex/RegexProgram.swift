/// A regular expression as instructions for `RegexMatcher`.
struct RegexProgram: Sendable {
  enum Instruction: Sendable {
    case set(Int)
    /// A repeat of one set without giving up the fast loop.
    case run(Int, least: Int, most: Int, possessive: Bool)
    /// Try the first, and if it fails the second.
    case split(Int, Int)
    case jump(Int)
    /// The instructions up to `end` match from here.
    case look(negative: Bool, end: Int)
    /// The instructions up to `end` match from somewhere before up to here; `back` is how far that may be.
    case lookBehind(negative: Bool, back: ClosedRange<Int>, end: Int)
    /// Before and after a pass of a loop whose pass may be empty; an empty pass ends the loop.
    case passBegins(loop: Int)
    case passEnds(loop: Int, exit: Int)
    /// The instructions up to `end` match, and their choices are final.
    case atomic(end: Int)
    case anchor(RegexNode.Anchor)
    case accept
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [CompiledRegexSet] = []

  /// Reads a pattern in Oniguruma's syntax.
  /// - Throws: `RegexError`.
  init(pattern: String) throws {
    let node = try RegexParser.parse(pattern)
    // Repeats within repeats are written out: their product is known before it is made, also of what is empty.
    guard node.cost <= TokenizerLimits.program else { throw RegexError(reason: "it is too long") }
    try add(node)
    try add(.accept)
  }

  /// A text that stands for itself.
  init(literal: String) {
    for scalar in literal.unicodeScalars {
      sets.append(CompiledRegexSet(.scalar(scalar)))
      instructions.append(.set(sets.count - 1))
    }
    instructions.append(.accept)
  }

  private mutating func add(_ instruction: Instruction) throws {
    instructions.append(instruction)
  }

  private mutating func add(_ node: RegexNode) throws {
    switch node {
    case .set(let set):
      try add(.set(sets.count))
      sets.append(CompiledRegexSet(set))
    case .sequence(let nodes): for node in nodes { try add(node) }
    case .alternatives(let nodes): try add(alternatives: nodes)
    case .repeated(let node, let least, let most, let greed):
      try add(repeated: node, least: least, most: most, greed)
    case .look(let inner, let ahead, let negative):
      let length = inner.length
      try enclose(inner) {
        ahead
          ? .look(negative: negative, end: $0)
          : .lookBehind(negative: negative, back: length.least...max(length.least, length.most ?? .max), end: $0)
      }
    case .atomic(let inner): try enclose(inner) { .atomic(end: $0) }
    case .anchor(let anchor): try add(Instruction.anchor(anchor))
    }
  }

  /// An instruction that holds others: those follow it and end in `accept`.
  private mutating func enclose(_ node: RegexNode, _ opening: (Int) -> Instruction) throws {
    let place = instructions.count
    try add(.accept)
    try add(node)
    try add(.accept)
    instructions[place] = opening(instructions.count)
  }

  private mutating func add(alternatives nodes: [RegexNode]) throws {
    var jumps: [Int] = []
    for (number, node) in nodes.enumerated() {
      guard number < nodes.count - 1 else {
        try add(node)
        continue
      }
      let split = instructions.count
      try add(.accept)
      try add(node)
      jumps.append(instructions.count)
      try add(.accept)
      instructions[split] = .split(split + 1, instructions.count)
    }
    for place in jumps { instructions[place] = .jump(instructions.count) }
  }

  private mutating func add(
    repeated node: RegexNode, least: Int, most: Int?, _ greed: RegexNode.Greed
  ) throws {
    if case .set(let set) = node, greed != .lazy {
      try add(.run(sets.count, least: least, most: most ?? .max, possessive: greed == .possessive))
      sets.append(CompiledRegexSet(set))
      return
    }
    if greed == .possessive {
      return try add(.atomic(.repeated(node, least: least, most: most, .greedy)))
    }
    for _ in 0..<least { try add(node) }
    guard let most else {
      let split = instructions.count
      try add(.accept)
      let mayBeEmpty = node.length.least == 0
      if mayBeEmpty { try add(.passBegins(loop: split)) }
      try add(node)
      let end = instructions.count
      if mayBeEmpty { try add(.accept) }
      try add(.jump(split))
      if mayBeEmpty { instructions[end] = .passEnds(loop: split, exit: instructions.count) }
      instructions[split] = choice(greed, inside: split + 1, after: instructions.count)
      return
    }
    var splits: [Int] = []
    for _ in least..<max(least, most) {
      splits.append(instructions.count)
      try add(.accept)
      try add(node)
    }
    for place in splits { instructions[place] = choice(greed, inside: place + 1, after: instructions.count) }
  }

  private func choice(_ greed: RegexNode.Greed, inside: Int, after: Int) -> Instruction {
    greed == .lazy ? .split(after, inside) : .split(inside, after)
  }
}
