import Foundation

/// How much each component writes towards the decision directly, without passing through later components: direct logit
/// attribution (Elhage et al. 2021; Wang et al. 2022, section 3.1).
///
/// Everything nonlinear between a component's output and m is held at its value in the run: the scales of the final norm and
/// of norms after attention and MLP, the ratio of capped to raw logit, and the softmax weights within each answer set. What
/// is left is linear, so the contributions add up. What a component does through later ones is not in these numbers.
public struct LogitAttribution: Codable, Sendable, Equatable {
  /// One head's or MLP's contribution.
  public struct Contribution: Codable, Sendable, Equatable {
    /// The head or MLP.
    public var node: Node
    /// Logits; positive is towards the positive answers.
    public var value: Double
  }

  /// Of the last token's embedding, in logits.
  public var tokenEmbedding: Double
  /// Of the last position's embedding; nil where positions are not embedded.
  public var positionEmbedding: Double?
  /// Of each head and MLP, in the model's order. A head's share of the value bias is in its number, as it is in its z.
  public var nodes: [Contribution]
  /// Of the bias of each layer's output projection, which belongs to no head.
  public var attentionBiases: [Double]
  /// Of the final norm's bias.
  public var finalBias: Double
  /// The sum of all of these.
  public var total: Double
  /// The decision value m of the run.
  public var decisionValue: Double
  /// decisionValue − total. Rounding if each answer set has one token; otherwise the difference of the two sets' entropies
  /// (logsumexp is the weighted mean of the logits plus the entropy of the weights), which no component owns.
  public var residual: Double
  /// Whether each answer set has one token (class), so that the contributions add up to m.
  public var isComplete: Bool
}

extension Transformer {
  /// Whether what heads and MLPs give is added up to the last layer, and read there through a norm alone.
  var addsToOneStream: Bool {
    readsStreamDirectly && layers.allSatisfy { $0.attentionSumNorm == nil && $0.mlpSumNorm == nil }
  }

  /// Direct logit attribution at the decision position of one prompt.
  /// - Parameters:
  ///   - ids: the prompt's tokens.
  ///   - trace: the run of `ids`.
  /// - Precondition: `addsToOneStream`.
  /// - Complexity: O(layers·width²): about one token's forward pass.
  func logitAttribution(of decision: Decision, ids: [Int], _ trace: Trace, sequence: Int = 0) -> LogitAttribution {
    precondition(ids.count == trace.length, "\(ids.count) tokens for a run of \(trace.length)")
    guard let finalNorm, addsToOneStream else { preconditionFailure("contributions do not add up in this model") }
    let row = sequence * trace.length + trace.length - 1
    let width = architecture.width
    let value = self.value(of: decision, at: trace.decisionRow(sequence: sequence))
    let answers = frozenAnswerDirection(decision, at: trace.decisionRow(sequence: sequence))
    let direction = finalNorm.pullBack(answers, scale: finalNorm.scale(at: trace.decisionRow(sequence: sequence)))
    var nodes: [LogitAttribution.Contribution] = []
    var biases: [Double] = []
    for layer in layers.indices {
      let attention = attentionContributions(layer, trace, row: row, direction)
      nodes += attention.heads.enumerated().map { .init(node: .head(layer: layer, head: $0), value: $1) }
      biases.append(attention.bias)
      let out = trace.mlpOut[layer].row(row)
      let read = layers[layer].mlpPostNorm.map { $0.pullBack(direction, scale: $0.scale(at: out)) } ?? direction
      nodes.append(.init(node: .mlp(layer: layer), value: read.dot(out)))
    }
    let token = Double(architecture.embeddingScale) * direction.dot(tokenEmbedding.pointer + ids[ids.count - 1] * width)
    let position = positionEmbedding.map { direction.dot($0.pointer + (ids.count - 1) * width) }
    let finalBias = finalNorm.biasReading(answers)
    let total =
      token + (position ?? 0) + nodes.reduce(0) { $0 + $1.value } + biases.reduce(0, +) + finalBias
    return LogitAttribution(
      tokenEmbedding: token, positionEmbedding: position, nodes: nodes, attentionBiases: biases, finalBias: finalBias,
      total: total, decisionValue: value, residual: value - total,
      isComplete: decision.positive.count == 1 && decision.negative.count == 1)
  }

  /// What a read-out of the residual stream finds in each head's output and in the output projection's bias.
  private func attentionContributions(
    _ index: Int, _ trace: Trace, row: Int, _ direction: [Double]
  ) -> (heads: [Double], bias: Double) {
    let layer = layers[index]
    var read = direction
    if let norm = layer.attentionPostNorm, let scale = attentionPostScale(index, trace, row: row) {
      read = norm.pullBack(direction, scale: scale)
    }
    let (queryWidth, headWidth) = (architecture.queryWidth, architecture.headWidth)
    var slopes = [Float](repeating: 0, count: queryWidth)
    layer.output.backward(rows: 1, read.map(Float.init), into: &slopes)
    let z = trace.z[index].row(row)
    let heads = (0..<architecture.heads).map { head in
      slopes[head * headWidth..<(head + 1) * headWidth].map(Double.init).dot(z + head * headWidth)
    }
    var bias = [Float](repeating: 0, count: architecture.width)
    layer.output.forward(rows: 1, [Float](repeating: 0, count: queryWidth), into: &bias)
    return (heads, read.dot(bias))
  }

  /// Σ weight·ratio·W_U over the answers: the direction of the final norm's output that m reads, with the weights within
  /// each answer set and the ratios of capped to raw logits held at their values in the run.
  private func frozenAnswerDirection(_ decision: Decision, at residual: UnsafePointer<Float>) -> [Double] {
    var direction = [Double](repeating: 0, count: architecture.width)
    for (ids, sign) in [(decision.positive, 1.0), (decision.negative, -1.0)] {
      let logits = self.logits(of: ids, at: residual)
      let total = Decision.logSumExp(logits)
      for (id, logit) in zip(ids, logits) {
        let factor = sign * exp(logit - total) * capRatio(logit)
        let row = unembedding.pointer + id * architecture.width
        for i in direction.indices { direction[i] += factor * Double(row[i]) }
      }
    }
    return direction
  }

  /// logit/raw, with logit = cap·tanh(raw/cap); 1 without a cap, and in the limit at 0.
  private func capRatio(_ logit: Double) -> Double {
    guard let cap = logitCap, logit != 0 else { return 1 }
    return (logit / cap) / atanh(logit / cap)
  }
}
