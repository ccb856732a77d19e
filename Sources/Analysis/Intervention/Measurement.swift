/// Raw numbers of one prompt pair: the fields of `reference/*.json`.
public struct Measurement: Codable, Sendable {
  /// A head set and its three decision values.
  public struct CircuitValues: Codable, Sendable {
    /// `[layer, head]` pairs.
    public var heads: [[Int]]
    /// m with every other head's z replaced by the counterfactual run's.
    public var mCircuit: Double
    /// m with these heads' z replaced.
    public var mWithout: Double
    /// m with every head's z replaced.
    public var mEmpty: Double

    enum CodingKeys: String, CodingKey {
      case heads
      case mCircuit = "m_circuit"
      case mWithout = "m_without"
      case mEmpty = "m_empty"
    }
  }

  /// Token ids of the clean prompt.
  public var cleanIDs: [Int]
  /// Token ids of the counterfactual prompt.
  public var corruptedIDs: [Int]
  /// Answer ids that m counts for.
  public var positive: [AnswerTokens]
  /// Answer ids that m counts against.
  public var negative: [AnswerTokens]
  /// Decision value of the clean prompt.
  public var mClean: Double
  /// Decision value of the counterfactual prompt.
  public var mCorrupted: Double
  /// The clean run's logits where the decision is read, `[vocabulary]` (or one of each class).
  public var lastLogits: [Float]
  /// m(clean run with the counterfactual z) − m_clean, `[layer][head]`.
  public var noisingHead: [[Double]]
  /// m(counterfactual run with the clean z) − m_corrupted, `[layer][head]`.
  public var denoisingHead: [[Double]]
  /// As `noisingHead`, for the MLP's output, `[layer]`.
  public var noisingMLP: [Double]
  /// As `denoisingHead`, for the MLP's output, `[layer]`.
  public var denoisingMLP: [Double]
  /// First-order estimate of `noisingHead`, `[layer][head]`.
  public var attributionHead: [[Double]]
  /// First-order estimate of `noisingMLP`, `[layer]`.
  public var attributionMLP: [Double]
  /// Integrated gradients over the input embeddings, by position.
  public var igToken: [Double]
  /// Σ (z_corrupted − z_clean)·(mean of ∂m/∂z along that path), `[layer][head]`.
  public var igInputsHead: [[Double]]
  /// Token embedding·∂m/∂embedding at the clean prompt, by position.
  public var gradientTimesInputToken: [Double]
  /// The given head sets with their decision values.
  public var circuits: [CircuitValues]

  enum CodingKeys: String, CodingKey {
    case cleanIDs = "clean_ids"
    case corruptedIDs = "corrupted_ids"
    case positive, negative
    case mClean = "m_clean"
    case mCorrupted = "m_corrupted"
    case lastLogits = "last_logits"
    case noisingHead = "noising_head"
    case denoisingHead = "denoising_head"
    case noisingMLP = "noising_mlp"
    case denoisingMLP = "denoising_mlp"
    case attributionHead = "attribution_head"
    case attributionMLP = "attribution_mlp"
    case igToken = "ig_token"
    case igInputsHead = "ig_inputs_head"
    case gradientTimesInputToken = "grad_x_input_token"
    case circuits
  }
}

extension Transformer {
  /// Measures one prompt pair, with answers of one token.
  public func measure(
    clean: [Int], corrupted: [Int], positive: [Int], negative: [Int], circuits: [[[Int]]], steps: Int = 64
  ) throws -> Measurement {
    try measure(
      clean: clean, corrupted: corrupted, positive: positive.map { [$0] }, negative: negative.map { [$0] },
      circuits: circuits, steps: steps)
  }

  /// Measures one prompt pair, with answers as lists of token ids.
  /// - Parameters:
  ///   - circuits: head sets as `[layer, head]` pairs.
  ///   - position: where the decision is read; nil: where the model's head reads.
  ///   - types: the types of each prompt's tokens; nil: all 0.
  /// - Throws: `AnalysisError` if the pair does not align, an answer is unknown, or a head does not exist.
  public func measure(
    clean: [Int], corrupted: [Int], positive: [[Int]], negative: [[Int]], circuits: [[[Int]]], steps: Int = 64,
    position: Int? = nil, types: (clean: [Int]?, corrupted: [Int]?) = (nil, nil), maskToken: Int? = nil
  ) throws -> Measurement {
    var decision = try Decision(positive: positive, negative: negative, model: self)
    (decision.position, decision.maskToken) = (position, maskToken)
    let sets = try circuits.map { try $0.map(head) }
    let run = try PairRun(
      model: self, decision: decision, clean: clean, counterfactual: corrupted,
      types: (types.clean, types.corrupted))
    let nodes = self.nodes
    let heads = nodes.filter(\.isHead)
    let noising = run.values(nodes.map { [$0] }, noising: true).map { $0.m - run.mClean }
    let denoising = run.values(nodes.map { [$0] }, noising: false).map { $0.m - run.mCounterfactual }
    let gradients = self.gradients(of: decision, run.clean)
    let attributions = self.attributions(clean: run.clean, counterfactual: run.counterfactual, gradients: gradients)
    let tokens = tokenScores(
      of: decision, ids: clean, clean: run.clean, counterfactual: run.counterfactual, cleanGradients: gradients,
      steps: steps,
      includeNodes: true)
    func byHead(_ values: [Double]) -> [[Double]] {
      (0..<layerCount).map { l in (0..<headsPerLayer).map { values[l * (headsPerLayer + 1) + $0] } }
    }
    func byMLP(_ values: [Double]) -> [Double] {
      (0..<layerCount).map { values[$0 * (headsPerLayer + 1) + headsPerLayer] }
    }
    let circuitValues = zip(circuits, sets).map { given, set in
      let values = run.values([heads.filter { !set.contains($0) }, set, heads], noising: true).map(\.m)
      return Measurement.CircuitValues(heads: given, mCircuit: values[0], mWithout: values[1], mEmpty: values[2])
    }
    let lastLogits = logits(run.clean)
    guard lastLogits.allSatisfy(\.isFinite) else {
      throw AnalysisError(
        .notFinite, "the clean prompt gives logits that are NaN or infinite; look for such weights in the checkpoint")
    }
    return Measurement(
      cleanIDs: clean, corruptedIDs: corrupted, positive: positive.map(AnswerTokens.init),
      negative: negative.map(AnswerTokens.init), mClean: run.mClean,
      mCorrupted: run.mCounterfactual, lastLogits: lastLogits,
      noisingHead: byHead(noising), denoisingHead: byHead(denoising), noisingMLP: byMLP(noising),
      denoisingMLP: byMLP(denoising), attributionHead: byHead(attributions), attributionMLP: byMLP(attributions),
      igToken: tokens.integratedGradients, igInputsHead: byHead(tokens.integratedNodes),
      gradientTimesInputToken: tokens.gradientTimesInput, circuits: circuitValues)
  }

  private func head(_ pair: [Int]) throws -> Node {
    guard pair.count == 2, (0..<layerCount).contains(pair[0]), (0..<headsPerLayer).contains(pair[1]) else {
      throw AnalysisError(
        .badCases,
        "circuit head \(pair) does not exist; the model has \(layerCount) layers of \(headsPerLayer) heads, counted from 0"
      )
    }
    return .head(layer: pair[0], head: pair[1])
  }
}
