import Foundation

@testable import Analysis

/// Writes programs into the weights of a three-layer GPT-2.
///
/// The residual stream is a sum of features, orthonormal directions turned at random, all at right angles to (1, …, 1), so that
/// layer norms find no mean. A constant feature of amplitude 3 makes up most of its length, so that their scale hardly moves.
/// Norms get random gains and biases, which the maps that read them undo.
struct PlantedCompiler {
  static let layers = 3
  static let heads = 4
  static let headWidth = 12
  static let hidden = 16
  static let width = heads * headWidth
  /// Token 0 begins every prompt; the others are symbols.
  static let vocabulary = 8
  static let positions = 8
  private static let carrier = 3.0
  /// |token + position + constant|² of an embedding.
  private static let nominalSquare = 2 + carrier * carrier

  /// What stands in the residual stream.
  enum Feature {
    case token(Int), position(Int), constant, moved(Int), answer(Int), unread(Int)

    var index: Int {
      switch self {
      case .token(let i): i
      case .position(let i): 8 + i
      case .constant: 16
      case .moved(let i): 17 + i
      case .answer(let i): 25 + i
      case .unread(let i): 33 + i
      }
    }
  }

  /// A head in terms of features: what each of its dimensions reads and writes.
  struct HeadProgram {
    var query: [(Feature, dimension: Int)] = []
    var key: [(Feature, dimension: Int)] = []
    var value: [(Feature, dimension: Int)] = []
    var output: [(dimension: Int, Feature)] = []
    var weight = 1.0
  }

  private let sharpness: Double
  var generator: SplitMix64
  /// Orthonormal, at right angles to (1, …, 1): `[width − 1][width]`.
  private let basis: [[Double]]
  private(set) var file = GPT2File(
    width: width, heads: heads, layers: layers, hidden: hidden, vocabulary: vocabulary, positions: positions)
  private var gains: [String: (gain: [Double], bias: [Double])] = [:]
  private var programs: [Node: HeadProgram] = [:]
  private var lookups: Set<Int> = []
  var nodes: Set<Node> = []
  var edges: Set<Edge> = []
  var constants: Set<Node> = []
  private var decoys: Set<Node> = []

  init(seed: UInt64, sharpness: Double) {
    generator = SplitMix64(seed: seed)
    self.sharpness = sharpness
    let ones = [Double](repeating: 1 / Double(Self.width).squareRoot(), count: Self.width)
    basis = Array(Self.orthonormal(Self.width, first: [ones], &generator).dropFirst())
    for layer in 0..<Self.layers {
      for name in ["h.\(layer).ln_1", "h.\(layer).ln_2"] { setNorm(name, hasBias: true) }
    }
    // A bias of the final norm would add to logits that no node writes.
    setNorm("ln_f", hasBias: false)
    embed()
  }

  // MARK: Algebra

  private static func uniform(_ generator: inout SplitMix64) -> Double {
    Double(Int64(generator.next() >> 11)) * 0x1p-52 - 1
  }

  /// A random orthonormal basis by Gram and Schmidt, beginning with given vectors.
  private static func orthonormal(
    _ size: Int, first: [[Double]] = [], _ generator: inout SplitMix64
  ) -> [[Double]] {
    var vectors = first
    while vectors.count < size {
      var vector = (0..<size).map { _ in uniform(&generator) }
      // Twice, so that rounding leaves no angle.
      for _ in 0..<2 {
        for other in vectors {
          let part = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for i in 0..<size { vector[i] -= part * other[i] }
        }
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vectors.append(vector.map { $0 / length })
    }
    return vectors
  }

  private mutating func setNorm(_ name: String, hasBias: Bool) {
    let gain = (0..<Self.width).map { _ in 1 + 0.4 * Self.uniform(&generator) }
    let bias = (0..<Self.width).map { _ in hasBias ? 0.3 * Self.uniform(&generator) : 0 }
    gains[name] = (gain, bias)
    file.set(name + ".weight", gain.map(Float.init))
    if hasBias { file.set(name + ".bias", bias.map(Float.init)) }
  }

  /// Token and position embeddings, and the unembedding, which reads the answer features alone.
  private mutating func embed() {
    let scale = nominalScale
    let gain = gains["ln_f"]?.gain ?? []
    for i in 0..<Self.width {
      for token in 0..<Self.vocabulary {
        file.add("wte.weight", row: token, column: i, Float(basis[Feature.token(token).index][i]))
        // 4 logits for an answer of weight 1.
        let row = 4 * basis[Feature.answer(token).index][i] / (scale * gain[i])
        file.add("lm_head.weight", row: token, column: i, Float(row))
      }
      for position in 0..<Self.positions {
        let place = basis[Feature.position(position).index][i] + Self.carrier * basis[Feature.constant.index][i]
        file.add("wpe.weight", row: position, column: i, Float(place))
      }
    }
  }

  /// 1/√(variance + ε) of an embedding.
  private var nominalScale: Double { 1 / (Self.nominalSquare / Double(Self.width) + 1e-5).squareRoot() }

  /// Adds to a column of a map: what reads `amount`·feature out of a norm's output, its bias undone.
  private mutating func read(_ feature: Feature, through norm: String, _ map: String, column: Int, _ amount: Double) {
    guard let (gain, bias) = gains[norm], amount != 0 else { return }
    let strength = amount / nominalScale / (feature.index == Feature.constant.index ? Self.carrier : 1)
    var offset = 0.0
    for i in 0..<Self.width {
      let weight = strength * basis[feature.index][i] / gain[i]
      file.add(map + ".weight", row: i, column: column, Float(weight))
      offset -= weight * bias[i]
    }
    file.add(map + ".bias", row: 0, column: column, Float(offset))
  }

  // MARK: Heads and MLPs

  /// A head of a layer that nothing stands in yet.
  mutating func freeHead(layer: Int) -> Node {
    let free = (0..<Self.heads).map { Node.head(layer: layer, head: $0) }.filter { programs[$0] == nil }
    return free[generator.index(below: free.count)]
  }

  mutating func plant(_ program: HeadProgram, at node: Node) {
    programs[node] = program
    write(program, at: node)
  }

  private mutating func write(_ program: HeadProgram, at node: Node, silent: Bool = false, toMean: Bool = false) {
    guard case .head(let layer, let head) = node else { preconditionFailure("\(node) is no head") }
    let size = Self.headWidth
    let turnQK = Self.orthonormal(size, &generator)
    let turnOV = Self.orthonormal(size, &generator)
    let (norm, map) = ("h.\(layer).ln_1", "h.\(layer).attn.c_attn")
    // q·k/√headWidth = sharpness where both have the dimension.
    let strength = (sharpness * Double(size).squareRoot()).squareRoot()
    for (part, reads, turn, amount) in [
      (0, program.query, turnQK, strength), (1, program.key, turnQK, strength), (2, program.value, turnOV, 1),
    ] {
      for (feature, dimension) in reads {
        for c in 0..<size {
          read(
            feature, through: norm, map, column: part * Self.width + head * size + c, amount * turn[dimension][c])
        }
      }
    }
    guard !silent else { return }
    let ones = [Double](repeating: 0.5, count: Self.width)
    for (dimension, feature) in program.output {
      let target = toMean ? ones : basis[feature.index]
      for c in 0..<size {
        for i in 0..<Self.width {
          file.add(
            "h.\(layer).attn.c_proj.weight", row: head * size + c, column: i,
            Float(program.weight * turnOV[dimension][c] * target[i]))
        }
      }
    }
  }

  /// An MLP that writes `answer[i]` where `feature(i)` is there, for symbols i; and only if `also` is, if given.
  mutating func plantTable(
    layer: Int, _ feature: (Int) -> Feature, also: Feature? = nil, answer: [Int]
  ) {
    lookups.insert(layer)
    let (norm, name) = ("h.\(layer).ln_2", "h.\(layer).mlp.")
    for symbol in 0..<Self.vocabulary {
      // 2·present − 1, or 2·(present + also) − 3: 1 if all are there, −1 if one is missing.
      read(feature(symbol), through: norm, name + "c_fc", column: symbol, 2)
      if let also { read(also, through: norm, name + "c_fc", column: symbol, 2) }
      file.add(name + "c_fc.bias", row: 0, column: symbol, also == nil ? -1 : -3)
      for i in 0..<Self.width {
        file.add(
          name + "c_proj.weight", row: symbol, column: i, Float(basis[Feature.answer(answer[symbol]).index][i]))
      }
    }
  }

  // MARK: The rest

  /// Fills the other heads with decoys and noise and the other MLPs with noise, and loads the model.
  mutating func finish(pairs: Int, of program: PlantedProgram) throws -> Planted {
    fillHeads()
    for layer in 0..<Self.layers where !lookups.contains(layer) { fillMLP(layer) }
    let drawn = (0..<pairs).map { _ in drawPair(of: program) }
    return Planted(
      model: try file.load(), file: file, pairs: drawn, nodes: nodes, edges: edges, decoys: decoys,
      constants: constants)
  }

  /// In turn: a head that looks like a planted one with W_O = 0; one that writes along (1, …, 1), which every norm takes
  /// off; and one that looks anywhere and writes a little where no one reads.
  private mutating func fillHeads() {
    let planted = programs.sorted { $0.key < $1.key }.map(\.value)
    let free = (0..<Self.layers).flatMap { layer in
      (0..<Self.heads).map { Node.head(layer: layer, head: $0) }
    }.filter { programs[$0] == nil }
    for (kind, node) in free.enumerated() {
      let model = planted[generator.index(below: planted.count)]
      switch kind % 3 {
      case 0:
        write(model, at: node, silent: true)
        decoys.insert(node)
      case 1:
        write(model, at: node, toMean: true)
        decoys.insert(node)
      default: write(noiseHead(), at: node)
      }
    }
  }

  private mutating func noiseHead() -> HeadProgram {
    var program = HeadProgram()
    for dimension in 0..<Self.vocabulary {
      program.query.append((.position(generator.index(below: 8)), dimension))
      program.key.append((.token(generator.index(below: 8)), dimension))
      program.value.append((.token(dimension), dimension))
      program.output.append((dimension, .unread(generator.index(below: 14))))
    }
    program.weight = 0.01
    return program
  }

  private mutating func fillMLP(_ layer: Int) {
    let name = "h.\(layer).mlp."
    for unit in 0..<Self.hidden {
      read(.token(generator.index(below: 8)), through: "h.\(layer).ln_2", name + "c_fc", column: unit, 1)
      read(.moved(generator.index(below: 8)), through: "h.\(layer).ln_2", name + "c_fc", column: unit, 1)
      let target = basis[Feature.unread(generator.index(below: 14)).index]
      for i in 0..<Self.width {
        file.add(name + "c_proj.weight", row: unit, column: i, Float(0.01 * target[i]))
      }
    }
  }
}
