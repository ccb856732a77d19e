/// Values that do not come from the other prompt: zeros, or means over a reference set.
///
/// Both put the model into a state that no prompt gives (zeros far more than means). A part that writes the same on every prompt
/// then seems to matter though it tells nothing apart: the known false positive of zero ablation.
struct AblationValues: Sendable {
  let kind: AnalysisPlan.Ablation
  /// By node, its value at every position; nil: zeros.
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

  /// A node's value, `[width]`.
  func value(of node: Node, width: Int) -> [Float] { means?[node] ?? [Float](repeating: 0, count: width) }
}

extension PairRun {
  /// Tokens of each prompt.
  var promptLength: Int { clean.length - decision.tail + 1 }

  /// m of the clean run with each set of nodes at other values, at all positions.
  func values(_ sets: [[Node]], ablation: AblationValues) -> [(m: Double, changed: [Bool])] {
    let architecture = model.architecture
    func replacement(_ node: Node) -> Replacement {
      let value = ablation.value(of: node, width: node.isHead ? architecture.headWidth : architecture.width)
      return .values((0..<clean.length).flatMap { _ in value })
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
      let value = ablation.value(of: node, width: here.width)
      var sum = 0.0
      for row in 0..<clean.rows {
        let (a, g) = (here.position(row), slope.position(row))
        for i in 0..<here.width { sum += (Double(value[i]) - Double(a[i])) * Double(g[i]) }
      }
      return sum
    }
  }
}
