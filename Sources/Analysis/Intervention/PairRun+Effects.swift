extension PairRun {
  /// Exact effects of every head and MLP, all positions together, in the order of the model's `nodes`.
  /// - Parameter noising: m(clean run with the node's counterfactual value) − m_clean; otherwise denoising, m(counterfactual
  ///   run with the node's clean value) − m_counterfactual.
  /// - Complexity: one batched sweep of `nodes.count` variants.
  public func effects(noising: Bool) -> [Double] {
    let base = noising ? mClean : mCounterfactual
    return values(model.nodes.map { [$0] }, noising: noising).map { $0.m - base }
  }

  /// Decision values of the clean run (noising) or the counterfactual run with sets of nodes replaced by the other run's
  /// values, in the order of the sets.
  /// - Complexity: one batched sweep.
  public func decisionValues(_ sets: [[Node]], noising: Bool) -> [Double] { values(sets, noising: noising).map(\.m) }

  /// What `decisionValues` of the same sets computes, and what it takes from the base run instead.
  public func work(_ sets: [[Node]], noising: Bool) -> SweepWork {
    (0..<clean.sequences).reduce(into: SweepWork()) { work, sequence in
      work += sweep(noising: noising, sequence: sequence)
        .work(interventions(sets, noising: noising, sequence: sequence))
    }
  }

  /// First-order estimates of the noising effects (attribution patching), in the order of the model's `nodes`.
  /// - Complexity: one backward pass.
  public func attributions() -> [Double] {
    model.attributions(
      clean: clean, counterfactual: counterfactual, gradients: model.gradients(of: decision, clean))
  }
}

extension PairRun {
  /// The mean of ∂m/∂(input embeddings) along the straight path from the counterfactual to the clean input, `[tokens, d_model]`,
  /// row after row.
  /// - Parameter steps: points of the midpoint rule.
  /// - Complexity: `steps` forward and backward passes in batches.
  public func inputPathGradients(steps: Int) -> [Float] {
    let (rows, width) = (clean.rows, model.architecture.inputWidth)
    var sum = [Double](repeating: 0, count: rows * width)
    model.alongInputs(from: counterfactual, to: clean, steps: steps) { trace in
      let gradient = model.gradients(of: decision, trace).embedding
      for run in 0..<trace.sequences / clean.sequences {
        let row = gradient.row(run * rows)
        for i in sum.indices { sum[i] += Double(row[i]) }
      }
    }
    return sum.map { Float($0 / Double(steps)) }
  }
}

/// A circuit of heads that the asymmetric search found for one prompt pair, with its exact decision values.
public struct PairCircuit: Sendable, Equatable {
  /// The heads that are left, in order of layer.
  public let heads: [Node]
  /// The heads that the forward step selected, largest share first.
  public let selected: [Node]
  /// First-order sufficiency of `selected`.
  public let firstOrderSufficiency: Double
  /// m(N): the clean run.
  public let mFull: Double
  /// m(∅): every head at its counterfactual value.
  public let mEmpty: Double
  /// m(C): every other head at its counterfactual value.
  public let mCircuit: Double
  /// m(N∖C): these heads at their counterfactual values.
  public let mWithout: Double

  /// (m(C) − m(∅))/(m(N) − m(∅)), not clipped.
  public var sufficiency: Double { (mCircuit - mEmpty) / (mFull - mEmpty) }
  /// (m(N) − m(N∖C))/(m(N) − m(∅)), not clipped.
  public var comprehensiveness: Double { (mFull - mWithout) / (mFull - mEmpty) }
}

extension PairRun {
  /// The asymmetric search on this pair alone, MLPs computed again from what they receive, followed by its exact scores.
  /// - Returns: nil if no head adds first-order sufficiency, or replacing every head does not move the decision.
  /// - Complexity: one backward pass and O(k²) exact evaluations for k selected heads.
  public func asymmetricCircuit(sufficiencyTarget: Double = 0.85, comprehensivenessTarget: Double = 0.9) throws
    -> PairCircuit?
  {
    let search = AsymmetricSearch(
      sufficiencyTarget: sufficiencyTarget, comprehensivenessTarget: comprehensivenessTarget)
    let heads = model.nodes.filter(\.isHead)
    let difference = mClean - mCounterfactual
    let mEmpty = values([heads], noising: true)[0].m
    guard difference != 0, mEmpty != mClean else { return nil }
    let attributions = zip(model.nodes, attributions()).filter(\.0.isHead).map { (head: $0.0, value: $0.1) }
    let selection = search.select(attributions, difference: difference)
    guard !selection.heads.isEmpty else { return nil }
    func without(_ sets: [[Node]]) -> [[Double]] { values(sets, noising: true).map { [$0.m] } }
    let kept = try search.prune(
      selection.heads, AsymmetricSearch.SetValues(full: [mClean], empty: [mEmpty], without: without)
    ).heads
    let scores = without([heads.filter { !kept.contains($0) }, kept])
    return PairCircuit(
      heads: kept, selected: selection.heads, firstOrderSufficiency: selection.sufficiency, mFull: mClean,
      mEmpty: mEmpty, mCircuit: scores[0][0], mWithout: scores[1][0])
  }
}

extension Transformer {
  /// The decision value of one prompt.
  /// - Throws: `AnalysisError` if the prompt is empty, too long or has an unknown token, or an answer is unknown.
  /// - Complexity: one forward pass; the unembedding only for the answers.
  public func decisionValue(of ids: [Int], positive: [Int], negative: [Int]) throws -> Double {
    let decision = try Decision(positive: positive.map { [$0] }, negative: negative.map { [$0] }, model: self)
    return value(of: decision, try forward(ids, for: decision))
  }

  /// All logits where the model reads: `[decisionCount]`.
  public func logits(of ids: [Int]) throws -> [Float] { logits(try forward(ids)) }

  /// ∂m/∂(input embeddings), `[tokens, d_model]`, row after row.
  /// - Complexity: one forward and one backward pass.
  public func embeddingGradient(of ids: [Int], positive: [Int], negative: [Int]) throws -> [Float] {
    let decision = try Decision(positive: positive.map { [$0] }, negative: negative.map { [$0] }, model: self)
    let gradient = gradients(of: decision, try forward(ids, for: decision)).embedding
    return gradient.buffer.array(0..<gradient.rows * gradient.columns)
  }
}
