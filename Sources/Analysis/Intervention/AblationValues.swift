/// Values that do not come from the other prompt: zeros, or means over a reference set.
///
/// Both put the model into a state that no prompt gives (zeros far more than means). A part that writes the same on every prompt
/// then seems to matter though it tells nothing apart: the known false positive of zero ablation.
struct AblationValues: Sendable {
  let kind: AnalysisPlan.Ablation
  /// By node, its value at every position, or `[positions, width]`; nil: zeros.
  private let means: [Node: [Float]]?

  /// Zeros.
  static let zero = AblationValues(kind: .zero, means: nil)

  private init(kind: AnalysisPlan.Ablation, means: [Node: [Float]]?) {
    self.kind = kind
    self.means = means
  }

  /// Each node's mean over the positions of some prompts' runs.
  /// - Parameters:
  ///   - runs: the two runs of each pair.
  ///   - progress: called before each run.
  /// - Complexity: that of the runs.
  static func mean(
    of model: Transformer, over runs: [() throws -> PairRun], progress: (Int) throws -> Void
  ) throws -> AblationValues {
    var sums: [Node: [Double]] = [:]
    var positions = 0
    let headWidth = model.architecture.headWidth
    for (done, run) in runs.enumerated() {
      try progress(done)
      let run = try run()
      let length = run.promptLength
      for trace in [run.clean, run.counterfactual] {
        positions += length
        for node in model.nodes {
          let place = trace.place(of: Site(node), sequence: 0, headWidth: headWidth)
          var sum = sums[node] ?? [Double](repeating: 0, count: place.width)
          for position in 0..<length {
            let row = place.position(position)
            for i in 0..<place.width { sum[i] += Double(row[i]) }
          }
          sums[node] = sum
        }
      }
    }
    return AblationValues(kind: .mean, means: sums.mapValues { $0.map { Float($0 / Double(positions)) } })
  }

  /// Each node's mean at each position over some prompts' runs, as Wang et al. (2022) replace activations by means over sentences of
  /// one form: what stands at a position is then of one kind.
  /// - Parameters:
  ///   - runs: the two runs of each pair, at least one, all of as many tokens.
  ///   - progress: called before each run.
  /// - Complexity: that of the runs.
  static func positionMean(
    of model: Transformer, over runs: [() throws -> PairRun], progress: (Int) throws -> Void
  ) throws -> AblationValues {
    var sums: [Node: [Double]] = [:]
    let headWidth = model.architecture.headWidth
    var count = 0
    for (done, run) in runs.enumerated() {
      try progress(done)
      let run = try run()
      for trace in [run.clean, run.counterfactual] {
        // With answers of several tokens every sequence counts: at the prompt's positions they are the same.
        for sequence in 0..<trace.sequences {
          count += 1
          for node in model.nodes {
            let place = trace.place(of: Site(node), sequence: sequence, headWidth: headWidth)
            var sum = sums[node] ?? [Double](repeating: 0, count: trace.length * place.width)
            precondition(
              sum.count == trace.length * place.width, "prompts of different lengths have no common positions")
            for position in 0..<trace.length {
              let row = place.position(position)
              for i in 0..<place.width { sum[position * place.width + i] += Double(row[i]) }
            }
            sums[node] = sum
          }
        }
      }
    }
    return AblationValues(kind: .positionMean, means: sums.mapValues { $0.map { Float($0 / Double(count)) } })
  }

  /// A node's values at `length` positions, `[length, width]`.
  func values(of node: Node, width: Int, length: Int) -> [Float] {
    guard let means = means?[node] else { return [Float](repeating: 0, count: length * width) }
    if kind == .positionMean { return means }
    return (0..<length).flatMap { _ in means }
  }
}

extension PairRun {
  /// Tokens of each prompt.
  var promptLength: Int { clean.length - decision.tail + 1 }

  /// m of the clean run with each set of nodes at other values, at all positions.
  func values(_ sets: [[Node]], ablation: AblationValues) -> [(m: Double, changed: [Bool])] {
    let architecture = model.architecture
    func replacement(_ node: Node) -> Replacement {
      let width = node.isHead ? architecture.headWidth : architecture.width
      return .values(ablation.values(of: node, width: width, length: clean.length))
    }
    let replacements = Dictionary(uniqueKeysWithValues: Set(sets.joined()).map { ($0, replacement($0)) })
    return values(onCleanRun: true) { _ in
      sets.map { $0.compactMap { node in replacements[node].map { Intervention(Site(node), $0) } } }
    }
  }

  /// First-order estimates of the same for each node alone: Σ over positions of (value − a_clean)·∂m/∂a.
  /// - Complexity: one backward pass.
  func attributions(ablation: AblationValues) -> [Double] {
    let gradients = model.gradients(of: decision, clean)
    let headWidth = model.architecture.headWidth
    return model.nodes.map { node in
      let here = clean.place(of: Site(node), sequence: 0, headWidth: headWidth)
      let slope = gradients.place(of: node, sequence: 0, length: clean.rows, headWidth: headWidth)
      let values = ablation.values(of: node, width: here.width, length: clean.length)
      var sum = 0.0
      for row in 0..<clean.rows {
        let (a, g) = (here.position(row), slope.position(row))
        let first = row % clean.length * here.width
        for i in 0..<here.width { sum += (Double(values[first + i]) - Double(a[i])) * Double(g[i]) }
      }
      return sum
    }
  }
}
