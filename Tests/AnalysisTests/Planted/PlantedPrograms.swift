@testable import Analysis

/// The programs, each with its truth and its prompts.
extension PlantedCompiler {
  private static var symbols: Range<Int> { 0..<vocabulary }

  /// Moves the token before each position into `moved`.
  private static var previousToken: HeadProgram {
    HeadProgram(
      query: (1..<positions).map { (.position($0), $0 - 1) }, key: (0..<positions - 1).map { (.position($0), $0) },
      value: symbols.map { (.token($0), $0) }, output: symbols.map { ($0, .moved($0)) })
  }

  /// Copies what stands at one position to the answer.
  private static func copy(of position: Int, weight: Double) -> HeadProgram {
    HeadProgram(
      query: [(.constant, 0)], key: [(.position(position), 0)], value: symbols.map { (.token($0), $0) },
      output: symbols.map { ($0, .answer($0)) }, weight: weight)
  }

  mutating func plantInduction() {
    let first = generator.index(below: Self.layers - 1)
    let second = first + 1 + generator.index(below: Self.layers - 1 - first)
    let (mover, inducer) = (freeHead(layer: first), freeHead(layer: second))
    plant(Self.previousToken, at: mover)
    plant(
      HeadProgram(
        query: Self.symbols.map { (.token($0), $0) }, key: Self.symbols.map { (.moved($0), $0) },
        value: Self.symbols.map { (.token($0), $0) }, output: Self.symbols.map { ($0, .answer($0)) }), at: inducer)
    nodes = [mover, inducer]
    edges = [
      Edge(.embedding, input(.value, of: mover)), Edge(.node(mover), input(.key, of: inducer)),
      Edge(.node(inducer), .logits),
    ]
  }

  mutating func plantLookup() {
    let layer = generator.index(below: Self.layers)
    let mover = freeHead(layer: layer)
    let table = layer + generator.index(below: Self.layers - layer)
    plant(Self.previousToken, at: mover)
    plantTable(layer: table, { .moved($0) }, answer: Self.successor)
    nodes = [mover, .mlp(layer: table)]
    edges = [
      Edge(.embedding, input(.value, of: mover)), Edge(.node(mover), .mlp(layer: table)),
      Edge(.node(.mlp(layer: table)), .logits),
    ]
  }

  mutating func plantVotes() {
    for (position, weight) in zip(Self.voters, [0.42, 0.33, 0.25]) {
      let head = freeHead(layer: generator.index(below: Self.layers))
      plant(Self.copy(of: position, weight: weight), at: head)
      nodes.insert(head)
      edges.formUnion([Edge(.embedding, input(.value, of: head)), Edge(.node(head), .logits)])
    }
  }

  mutating func plantDuplicate() {
    let layer = generator.index(below: Self.layers)
    let head = freeHead(layer: layer)
    let table = layer + generator.index(below: Self.layers - layer)
    // A token matches itself as well; that every place but the last is wanted tells the earlier copy from it.
    plant(
      HeadProgram(
        query: Self.symbols.map { (.token($0), $0) } + [(.constant, Self.vocabulary)],
        key: Self.symbols.map { (.token($0), $0) }
          + (0..<Self.positions - 1).map { (.position($0), Self.vocabulary) },
        value: (0..<Self.positions).map { (.position($0), $0) }, output: Self.symbols.map { ($0, .moved($0)) }),
      at: head)
    plantTable(layer: table, { .moved($0) }, answer: Self.successor)
    nodes = [head, .mlp(layer: table)]
    edges = [
      Edge(.embedding, input(.key, of: head)), Edge(.node(head), .mlp(layer: table)),
      Edge(.node(.mlp(layer: table)), .logits),
    ]
  }

  mutating func plantConstant() {
    let layer = generator.index(below: Self.layers)
    let head = freeHead(layer: layer)
    let table = layer + generator.index(below: Self.layers - layer)
    plant(
      HeadProgram(
        query: [(.constant, 0)], key: [(.position(0), 0)], value: [(.token(0), 0)], output: [(0, .moved(0))]), at: head)
    plantTable(layer: table, { .token($0) }, also: .moved(0), answer: Self.successor)
    constants = [head]
    nodes = [.mlp(layer: table)]
    edges = [Edge(.embedding, .mlp(layer: table)), Edge(.node(.mlp(layer: table)), .logits)]
  }

  private func input(_ kind: HeadComposition.Input, of node: Node) -> Receiver {
    guard case .head(let layer, let head) = node else { preconditionFailure("\(node) is no head") }
    return switch kind {
    case .query: .query(layer: layer, head: head)
    case .key: .key(layer: layer, head: head)
    case .value: .value(layer: layer, head: head)
    }
  }

  /// What the tables answer: the next symbol, round.
  private static var successor: [Int] { symbols.map { ($0 + 1) % vocabulary } }

  /// Positions that `votes` reads.
  private static var voters: [Int] { [2, 3, 5] }

  // MARK: Prompts

  /// Symbols in random order, without the beginning token.
  private mutating func shuffled() -> [Int] {
    var symbols = Array(1..<Self.vocabulary)
    for i in symbols.indices.dropLast() { symbols.swapAt(i, i + generator.index(below: symbols.count - i)) }
    return symbols
  }

  mutating func drawPair(of program: PlantedProgram) -> PlantedPair {
    let symbols = shuffled()
    let (a, b) = (symbols[0], symbols[1])
    switch program {
    case .induction:
      // … a x … b y … a → x; with a and b exchanged before the last token, y.
      let (x, y) = (symbols[2], symbols[3])
      var blocks = [[a, x], [b, y], [symbols[4]], [symbols[5]]]
      for i in 0..<3 { blocks.swapAt(i, i + generator.index(below: 4 - i)) }
      let body = blocks.flatMap { $0 }
      let exchanged = body.map { $0 == a ? b : $0 == b ? a : $0 }
      return PlantedPair(clean: [0] + body + [a], counterfactual: [0] + exchanged + [a], positive: x, negative: y)
    case .lookup:
      let start = [0] + symbols[2...]
      return PlantedPair(
        clean: start + [a, symbols[2]], counterfactual: start + [b, symbols[2]], positive: Self.successor[a],
        negative: Self.successor[b])
    case .votes:
      var (clean, counterfactual) = ([0] + symbols, [0] + symbols)
      for (i, symbol) in zip(1..., symbols[2...] + symbols[2...]).prefix(7) {
        (clean[i], counterfactual[i]) = (symbol, symbol)
      }
      for position in Self.voters { (clean[position], counterfactual[position]) = (a, b) }
      return PlantedPair(clean: clean, counterfactual: counterfactual, positive: a, negative: b)
    case .duplicate:
      // a at one place and b at another, then a again; with the two exchanged, a stood at b's place.
      let body = Array(symbols.prefix(6))
      var places = Array(1...6)
      for i in places.indices.dropLast() { places.swapAt(i, i + generator.index(below: places.count - i)) }
      let (p, q) = (places[0], places[1])
      let clean = [0] + body + [body[p - 1]]
      let counterfactual = clean.indices.map { $0 == p ? clean[q] : $0 == q ? clean[p] : clean[$0] }
      return PlantedPair(
        clean: clean, counterfactual: counterfactual, positive: Self.successor[p], negative: Self.successor[q])
    case .constant:
      let start = [0] + symbols[2...] + [symbols[2]]
      return PlantedPair(
        clean: start + [a], counterfactual: start + [b], positive: Self.successor[a], negative: Self.successor[b])
    }
  }
}
