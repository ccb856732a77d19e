/// What each token of the clean prompt contributes to the decision value.
struct TokenScores: Sendable {
  /// Token embedding·∂m/∂embedding at the clean prompt, per position (the position's own embedding left out).
  let gradientTimesInput: [Double]
  /// Integrated gradients over the input embeddings from the counterfactual to the clean prompt, per position.
  let integratedGradients: [Double]
  /// Σ over positions of (a_cf − a_clean)·(mean of ∂m/∂a along the same path), by node in the model's
  /// order; empty if not asked for.
  let integratedNodes: [Double]
  /// Σ integratedGradients − (m_clean − m_cf).
  let completenessResidual: Double
}

extension Transformer {
  /// Gradient × input and integrated gradients (Sundararajan, Taly, Yan 2017) by the midpoint rule.
  /// - Parameters:
  ///   - ids: the clean prompt's tokens.
  ///   - clean: run of the clean prompt.
  ///   - counterfactual: run of the counterfactual prompt, of the same length.
  ///   - steps: points of the midpoint rule.
  /// - Complexity: `steps` forward and backward passes, run as batches.
  func tokenScores(
    of decision: Decision, ids: [Int], clean: Trace, counterfactual: Trace, cleanGradients: Gradients, steps: Int,
    includeNodes: Bool = false
  ) -> TokenScores {
    let (length, rows, width) = (clean.length, clean.rows, architecture.inputWidth)
    let nodes = includeNodes ? self.nodes : []
    var path = [Double](repeating: 0, count: rows * width)
    var nodeScores = [Double](repeating: 0, count: nodes.count)
    let (end, start) = (clean.input, counterfactual.input)
    alongInputs(from: counterfactual, to: clean, steps: steps) { trace in
      let gradients = self.gradients(of: decision, trace)
      for run in 0..<trace.sequences / clean.sequences {
        let row = gradients.embedding.row(run * rows)
        for i in 0..<rows * width { path[i] += Double(row[i]) }
        for (n, node) in nodes.enumerated() {
          nodeScores[n] += firstOrderEffect(
            of: node, clean: clean, counterfactual: counterfactual, gradients: gradients, run: run)
        }
      }
    }
    // The prompt stands in each of the run's sequences: its tokens' shares are added up. What follows it is the same in both.
    let integrated = ids.indices.map { position in
      (0..<clean.sequences).reduce(0.0) { sum, sequence in
        let row = sequence * length + position
        return (row * width..<(row + 1) * width).reduce(sum) { sum, i in
          sum + (Double(end.pointer[i]) - Double(start.pointer[i])) * path[i] / Double(steps)
        }
      }
    }
    let local = ids.enumerated().map { position, id in
      let token = tokenEmbedding.pointer + id * width
      return (0..<clean.sequences).reduce(0.0) { sum, sequence in
        let slope = cleanGradients.embedding.row(sequence * length + position)
        return (0..<width).reduce(sum) {
          $0 + Double(architecture.embeddingScale * token[$1]) * Double(slope[$1])
        }
      }
    }
    let difference = value(of: decision, clean) - value(of: decision, counterfactual)
    return TokenScores(
      gradientTimesInput: local, integratedGradients: integrated,
      integratedNodes: nodeScores.map { $0 / Double(steps) },
      completenessResidual: integrated.reduce(0, +) - difference)
  }
}
