/// Which of a head's three inputs.
public enum HeadInputKind: String, Sendable, Codable, CaseIterable {
  case query, key, value
}

/// A head's queries, or a key/value head's keys or values, at all positions: nodes of AtP*.
struct HeadInput: Hashable, Sendable {
  let layer: Int
  let kind: HeadInputKind
  /// Of queries a head, otherwise a key/value head.
  let head: Int

  /// The receiver of the same place in the graph of edges.
  var receiver: Receiver {
    switch kind {
    case .query: .query(layer: layer, head: head)
    case .key: .key(layer: layer, head: head)
    case .value: .value(layer: layer, head: head)
    }
  }
}

extension Transformer {
  /// Every head input, layer by layer queries, keys, values.
  var headInputs: [HeadInput] { (0..<layerCount).flatMap(headInputs) }

  func headInputs(layer: Int) -> [HeadInput] {
    HeadInputKind.allCases.flatMap { kind in
      (0..<(kind == .query ? architecture.heads : architecture.keyValueHeads)).map {
        HeadInput(layer: layer, kind: kind, head: $0)
      }
    }
  }

  /// Columns of q, k and v side by side that a kind of input takes.
  private func columns(_ kind: HeadInputKind) -> Range<Int> {
    let (query, key) = (architecture.queryWidth, architecture.keyValueWidth)
    switch kind {
    case .query: return 0..<query
    case .key: return query..<query + key
    case .value: return query + key..<query + 2 * key
    }
  }

  /// The columns of one input.
  func columns(_ input: HeadInput) -> Range<Int> {
    let first = columns(input.kind).lowerBound + input.head * architecture.headWidth
    return first..<first + architecture.headWidth
  }

  /// The query heads that read an input.
  func readers(_ input: HeadInput) -> Range<Int> {
    guard input.kind != .query else { return input.head..<input.head + 1 }
    let group = architecture.heads / architecture.keyValueHeads
    return input.head * group..<(input.head + 1) * group
  }

  /// z of every head of a layer with all of its inputs of one kind as in another run, the other two as they are: attention computed
  /// anew, softmax and all. `[rows, queryWidth]`.
  /// - Parameter position: only the input at this position of each sequence; nil: at all.
  func attend(_ layer: Int, _ clean: Trace, with kind: HeadInputKind, of other: Trace, position: Int? = nil) -> Matrix {
    let (source, there, columns) = (clean.queryKeyValue[layer], other.queryKeyValue[layer], columns(kind))
    let mixed = Matrix(rows: source.rows, columns: source.columns, zeroed: false)
    mixed.copy(rows: source.rows, from: source.pointer, to: 0)
    for row in 0..<source.rows where position == nil || row % clean.length == position {
      (mixed.row(row) + columns.lowerBound).update(from: there.row(row) + columns.lowerBound, count: columns.count)
    }
    let z = Matrix(rows: source.rows, columns: architecture.queryWidth, zeroed: false)
    Attention.forward(
      (0..<clean.sequences * architecture.heads).map { task in
        let first = task / architecture.heads * clean.length
        return attentionJob(
          layer, head: task % architecture.heads, first: 0, rows: clean.length, queryKeyValue: mixed.row(first),
          cache: nil, z: z.row(first))
      })
    return z
  }
}

/// What replacing each head's queries, keys and values by their counterfactual values does to m, in the order of
/// `Transformer.headInputs`.
struct HeadInputEffects: Sendable {
  /// Exact: m(clean run with this input replaced at all positions) − m_clean.
  var exact: [Double] = []
  /// Attribution patching: Σ (x_cf − x_clean)·∂m/∂x.
  var linear: [Double] = []
  /// With the attention computed anew: Σ (z′ − z)·∂m/∂z, which is Σ (change of the pattern)·∂m/∂pattern for queries and keys (AtP*'s
  /// correction; Kramár et al. 2024, arXiv:2403.00745, section 3.1.1) and the same as `linear` for values, as z is linear in them.
  var corrected: [Double] = []
  /// Mean size of `corrected` with one layer's gradient dropped at a time; nil in a model of one layer. With both, AtP*.
  var dropped: [Double]?
}

extension PairRun {
  /// Effects of every head input; from the same backward passes attribution patching by node, and GradDrop's sizes of it (nil in a
  /// model of one layer).
  /// - Complexity: 1 + (layers − 1)/2 backward passes, 3 forward passes of attention alone, and a batched sweep with a variant
  ///   for each input.
  func headInputEffects() -> (inputs: HeadInputEffects, attributions: [Double], dropped: [Double]?) {
    let whole = model.gradients(of: decision, clean)
    let attributions = model.attributions(clean: clean, counterfactual: counterfactual, gradients: whole)
    var effects = HeadInputEffects()
    // By layer, by kind: z with these inputs replaced.
    let replaced = model.layers.indices.map { layer in
      HeadInputKind.allCases.map { model.attend(layer, clean, with: $0, of: counterfactual) }
    }
    func z(_ input: HeadInput) -> Matrix {
      replaced[input.layer][input.kind == .query ? 0 : input.kind == .key ? 1 : 2]
    }
    for layer in model.layers.indices {
      let inputs = model.headInputs(layer: layer)
      let slope = Matrix(rows: clean.rows, columns: model.architecture.projectionWidth, zeroed: false)
      model.attentionBackward(layer, clean, whole.z[layer], into: slope)
      effects.linear += inputs.map { firstOrderEffect(of: $0, slope) }
      effects.corrected += inputs.map { corrected($0, z($0), whole) }
      effects.exact += exact(inputs, z)
    }
    let inputs = model.headInputs
    var sum = DroppedSum(effects.corrected, at: inputs.map(\.layer), layers: model.layerCount)
    var nodes = DroppedSum(attributions, at: model.nodes.map(\.layer), layers: model.layerCount)
    model.droppingLayers(clean, whole) { dropped, below in
      for (index, input) in inputs.enumerated() where input.layer < dropped {
        sum.add(corrected(input, z(input), below), to: index)
      }
      add(below, dropped, to: &nodes)
    }
    effects.dropped = sum.means
    return (effects, attributions, nodes.means)
  }

  /// AtP*'s corrected estimate for one input at one position of the prompt, or at all: the change of the pattern, computed exactly,
  /// times its gradient.
  func correctedEffect(of input: HeadInput, position: Int? = nil, gradients: Gradients) -> Double {
    corrected(
      input, model.attend(input.layer, clean, with: input.kind, of: counterfactual, position: position), gradients)
  }

  /// Σ over positions of (x_cf − x_clean)·∂m/∂x.
  /// - Parameter slope: ∂m/∂(q, k and v) of the input's layer.
  private func firstOrderEffect(of input: HeadInput, _ slope: Matrix) -> Double {
    Self.product(
      clean.queryKeyValue[input.layer], counterfactual.queryKeyValue[input.layer], slope, model.columns(input))
  }

  /// Σ over positions of (z′ − z)·∂m/∂z of the heads that read an input.
  private func corrected(_ input: HeadInput, _ z: Matrix, _ gradients: Gradients) -> Double {
    let (heads, width) = (model.readers(input), model.architecture.headWidth)
    return Self.product(
      clean.z[input.layer], z, gradients.z[input.layer], heads.lowerBound * width..<heads.upperBound * width)
  }

  /// Σ (b − a)·slope over some columns of all rows.
  private static func product(_ a: Matrix, _ b: Matrix, _ slope: Matrix, _ columns: Range<Int>) -> Double {
    var sum = 0.0
    for row in 0..<a.rows {
      let (from, to, g) = (a.row(row), b.row(row), slope.row(row))
      for i in columns { sum += (Double(to[i]) - Double(from[i])) * Double(g[i]) }
    }
    return sum
  }

  /// Exact effects: replacing an input of a head replaces its z by what attention then gives, and nothing else in the layer.
  private func exact(_ inputs: [HeadInput], _ z: (HeadInput) -> Matrix) -> [Double] {
    let width = model.architecture.headWidth
    return values(onCleanRun: true) { sequence in
      inputs.map { input in
        let matrix = z(input)
        return model.readers(input).map { head in
          let place = SitePlace(
            start: matrix.row(sequence * clean.length) + head * width, stride: matrix.columns, width: width)
          return Intervention(.z(layer: input.layer, head: head), .values(place.values(0..<clean.length)))
        }
      }
    }.map { $0.m - mClean }
  }
}
