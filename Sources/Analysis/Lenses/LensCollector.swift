/// Looks at the clean prompts of a behaviour through all lenses, one run at a time, so that no run need be kept.
struct LensCollector {
  private let model: Transformer
  private let decision: Decision
  private var readings: [[LogitLens.Reading]] = []
  private var attributions: [LogitAttribution] = []
  private var meter: HeadRoleMeter

  /// - Parameter delimiters: tokens that end a text, where tokens see those after them.
  /// - Complexity: O(vocabulary·width), once.
  init(model: Transformer, decision: Decision, delimiters: Set<Int> = []) {
    self.model = model
    self.decision = decision
    meter = HeadRoleMeter(model: model, delimiters: delimiters)
  }

  /// How many prompts were added.
  var count: Int { readings.count }

  /// Adds one prompt.
  /// - Parameters:
  ///   - ids: the prompt's tokens.
  ///   - trace: the run of `ids`.
  /// - Complexity: about two forward passes, and layers + 1 full unembeddings.
  mutating func add(_ ids: [Int], _ trace: Trace) {
    readings.append(model.logitLens(of: decision, trace).readings)
    if model.addsToOneStream { attributions.append(model.logitAttribution(of: decision, ids: ids, trace)) }
    meter.add(ids, trace, decision: decision)
  }

  /// The means over the prompts.
  /// - Parameters:
  ///   - bootstrap: of as many prompts as were added.
  ///   - strongest: how many composition scores to keep; nil leaves them out.
  ///   - distance: positions from key to query at which rotated models' scores are taken.
  /// - Precondition: at least one prompt was added.
  func summary(_ bootstrap: Bootstrap, strongest: Int?, distance: Int = 0) -> LensSummary {
    precondition(count > 0, "no prompt was added")
    return LensSummary(
      depths: (0...model.layerCount).map { depth($0, bootstrap) }, firstPrompt: readings[0],
      direct: attributions.isEmpty ? nil : direct(bootstrap), roles: meter.result(),
      composition: !model.composesHeads
        ? nil : strongest.map { .init(model.headComposition(distance: distance), strongest: $0) })
  }

  private func depth(_ depth: Int, _ bootstrap: Bootstrap) -> LensSummary.Depth {
    let here = readings.map { $0[depth] }
    let agreeing = zip(here, readings).reduce(0) { count, pair in
      count + (pair.0.top.first?.id == pair.1[model.layerCount].top.first?.id ? 1 : 0)
    }
    return LensSummary.Depth(
      depth: depth, value: bootstrap.mean(here.map(\.value)), divergence: bootstrap.mean(here.map(\.divergence)),
      agreement: .wilson(agreeing, of: count, confidence: bootstrap.confidence))
  }

  private func direct(_ bootstrap: Bootstrap) -> LensSummary.Direct {
    LensSummary.Direct(
      nodes: model.nodes.enumerated().map { index, node in
        .init(node: node, value: bootstrap.mean(attributions.map { $0.nodes[index].value }))
      },
      embedding: bootstrap.mean(attributions.map { $0.tokenEmbedding + ($0.positionEmbedding ?? 0) }),
      biases: bootstrap.mean(attributions.map { $0.attentionBiases.reduce(0, +) + $0.finalBias }),
      largestResidual: attributions.map { abs($0.residual) }.max() ?? 0,
      isComplete: attributions.allSatisfy(\.isComplete))
  }
}
