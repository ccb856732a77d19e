import Foundation
import Kernels

extension Transformer {
  /// The ids of an answer: its tokens, or its class.
  func answer(_ text: String, _ encoder: PromptEncoder) throws -> [Int] {
    guard let classifier else { return try encoder.answer(text) }
    if let index = classifier.labels.firstIndex(of: text) { return [index] }
    if let index = Int(text), classifier.labels.indices.contains(index) { return [index] }
    let near = ClassNames.nearest(text, among: classifier.labels).map {
      "; did you mean '\($0)'? Names of classes are written as config.json has them, without a leading space"
    }
    throw AnalysisError(
      .badAnswer,
      "answer '\(text)' is no class of this classifier; its classes are \(classifier.labels.joined(separator: ", "))\(near ?? "")"
    )
  }

  /// Runs a prompt and what follows it in each of a decision's sequences.
  /// - Throws: `AnalysisError` if the prompt is empty, has an unknown token, or is too long with its longest answer.
  func forward(_ prompt: [Int], for decision: Decision) throws -> Trace {
    try check(prompt: prompt, for: decision)
    return forward(
      try embed(decision.sequences(after: prompt)), length: prompt.count + decision.tail - 1, tail: decision.tail)
  }

  /// - Throws: `AnalysisError.emptyPrompt`, `.promptTooLong`, or `.badPrompt` if a classifier would read another position than its last.
  func check(prompt ids: [Int], for decision: Decision) throws {
    let count = ids.count
    try check(length: count)
    try checkPadding(ids)
    let length = count + decision.tail - 1
    guard length > architecture.positions else { return }
    throw AnalysisError(
      .promptTooLong,
      "the prompt has \(count) tokens and its longest answer \(decision.longestAnswer), of which all but the last are read: \(length); the model reads at most \(architecture.positions)"
    )
  }

  /// The final norm of one row of the residual stream.
  private func normalised(_ residual: UnsafePointer<Float>) -> FloatBuffer {
    let result = FloatBuffer(architecture.width)
    finalNorm.forward(rows: 1, residual, into: result.pointer)
    return result
  }

  /// Logits of some tokens (or classes) from the last layer's residual stream at one position.
  /// - Complexity: O(ids·width).
  func logits(of ids: [Int], at residual: UnsafePointer<Float>) -> [Double] {
    let row = normalised(residual)
    return ids.map { id in
      var logit: Float = 0
      vk_matrix_vector(
        1, architecture.width, unembedding.pointer + id * architecture.width, architecture.width, row.pointer, &logit)
      return capped(Double(logit))
    }
  }

  /// All logits from the last layer's residual stream at one position: `[decisionCount]`.
  /// - Complexity: O(decisionCount·width).
  func logits(at residual: UnsafePointer<Float>) -> [Float] {
    let row = normalised(residual)
    let result = FloatBuffer(decisionCount)
    vk_matrix_vector(
      decisionCount, architecture.width, unembedding.pointer, architecture.width, row.pointer, result.pointer)
    let logits = result.array(0..<decisionCount)
    return logitCap == nil ? logits : logits.map { Float(capped(Double($0))) }
  }

  /// The cap on logits; class logits have none.
  var logitCap: Double? { classifier == nil ? architecture.logitCap.map(Double.init) : nil }

  private func capped(_ logit: Double) -> Double { logitCap.map { $0 * tanh(logit / $0) } ?? logit }

  // MARK: Decision value

  /// The decision value of answers of one token from the last layer's residual stream at the decision position.
  func value(of decision: Decision, at residual: UnsafePointer<Float>) -> Double {
    Decision.value(
      positive: logits(of: decision.positive, at: residual), negative: logits(of: decision.negative, at: residual))
  }

  /// Decision values of several runs.
  /// - Parameter rows: by run, by sequence of the decision, the last layer's residual stream from the prompt's last token on:
  ///   `[tail, width]`.
  /// - Complexity: O(rows·answers·width), or O(rows·places·decisionCount·width) if an answer has several tokens.
  func values(of decision: Decision, at rows: [[UnsafePointer<Float>]]) -> [Double] {
    guard !decision.isSingleToken else { return rows.map { value(of: decision, at: $0[0]) } }
    let width = architecture.width
    // As many runs at once as keep the table of all logits small.
    let together = max(1, 64 / decision.places.count)
    return stride(from: 0, to: rows.count, by: together).flatMap { first in
      let runs = rows[first..<min(rows.count, first + together)]
      let stream = Matrix(rows: runs.count * decision.places.count, columns: width, zeroed: false)
      for (r, sequences) in runs.enumerated() {
        for (p, place) in decision.places.enumerated() {
          stream.copy(
            rows: 1, from: sequences[place.sequence] + place.offset * width, to: r * decision.places.count + p)
        }
      }
      let logs = LogProbabilities(unembed(stream))
      return runs.indices.map { r in
        let offset = (r - first) * decision.places.count
        return decision.value(scores: decision.scores { logs[offset + $0, $1] })
      }
    }
  }

  /// Summed log-probability of each answer of one run, the positive answers first.
  func answerScores(of decision: Decision, at rows: [UnsafePointer<Float>]) -> [Double] {
    let stream = Matrix(rows: decision.places.count, columns: architecture.width, zeroed: false)
    for (p, place) in decision.places.enumerated() {
      stream.copy(rows: 1, from: rows[place.sequence] + place.offset * architecture.width, to: p)
    }
    let logs = LogProbabilities(unembed(stream))
    return decision.scores { logs[$0, $1] }
  }

  /// The decision value of one run of a trace.
  /// - Parameter run: which one; each has as many sequences as the decision.
  func value(of decision: Decision, _ trace: Trace, run: Int = 0) -> Double {
    values(of: decision, at: [trace.decisionRows(of: decision, run: run)])[0]
  }

  // MARK: Gradient

  /// ∂m/∂(the last layer's residual stream) of every run of a trace, added to `gradient`, `[rows, width]`.
  func addGradients(
    of decision: Decision, _ trace: Trace, to gradient: Matrix, rule: BackwardRule = .derivative
  ) {
    let sequences = decision.continuations.count
    for run in 0..<trace.sequences / sequences {
      let rows = trace.decisionRows(of: decision, run: run)
      let first = { (sequence: Int) in (run * sequences + sequence) * trace.length + trace.length - trace.tail }
      if decision.isSingleToken {
        addGradient(of: decision, at: rows[0], to: gradient.row(first(0)), rule)
      } else {
        addForcedGradient(of: decision, at: rows, rule) { gradient.row(first($0.sequence) + $0.offset) }
      }
    }
  }

  private func addGradient(
    of decision: Decision, at residual: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>,
    _ rule: BackwardRule
  ) {
    let width = architecture.width
    let (positive, negative) = (
      logits(of: decision.positive, at: residual), logits(of: decision.negative, at: residual)
    )
    let slopes = decision.logitGradients(positive: positive, negative: negative)
    let upstream = FloatBuffer(width)
    for ((id, slope), logit) in zip(slopes, positive + negative) {
      // Forward: logit = cap·tanh(raw/cap).
      let capSlope = logitCap.map { Float(1 - (logit / $0) * (logit / $0)) } ?? 1
      let row = unembedding.pointer + id * width
      for i in 0..<width { upstream.pointer[i] += slope * capSlope * row[i] }
    }
    finalNorm.backward(rows: 1, at: residual, upstream.pointer, addingTo: gradient, rule: rule)
  }

  /// Forward: score = Σ (logit[id] − logsumexp(logits)) over the places of an answer's tokens. So ∂score/∂logits is, at each
  /// place, 1 at the token less the softmax.
  private func addForcedGradient(
    of decision: Decision, at rows: [UnsafePointer<Float>], _ rule: BackwardRule,
    to gradient: (Decision.Place) -> UnsafeMutablePointer<Float>
  ) {
    let (width, places) = (architecture.width, decision.places)
    let stream = Matrix(rows: places.count, columns: width, zeroed: false)
    for (p, place) in places.enumerated() {
      stream.copy(rows: 1, from: rows[place.sequence] + place.offset * width, to: p)
    }
    let logits = unembed(stream)
    let logs = LogProbabilities(logits)
    let weights = decision.weights(scores: decision.scores { logs[$0, $1] })
    var total = [Double](repeating: 0, count: places.count)
    var slopes = [[Int: Double]](repeating: [:], count: places.count)
    for (weight, answer) in zip(weights, decision.terms) {
      for term in answer {
        total[term.place] += weight
        slopes[term.place][term.id, default: 0] += weight
      }
    }
    let upstream = Matrix(rows: places.count, columns: decisionCount, zeroed: false)
    let cap = logitCap
    Parallel.forEach(places.count) { [total, slopes] p in
      let row = upstream.row(p)
      for id in 0..<logits.rows {
        var slope = -total[p] * exp(logs[p, id])
        if let own = slopes[p][id] { slope += own }
        if let cap {
          let share = Double(logits.row(id)[p]) / cap
          slope *= 1 - share * share
        }
        row[id] = Float(slope)
      }
    }
    let back = backThroughUnembedding(upstream)
    for (p, place) in places.enumerated() {
      finalNorm.backward(rows: 1, at: stream.row(p), back.row(p), addingTo: gradient(place), rule: rule)
    }
  }

  /// Forward: logits = W_U·x. `[rows, decisionCount]` → `[rows, width]`, the unembedding packed some tokens at a time.
  private func backThroughUnembedding(_ upstream: Matrix) -> Matrix {
    let (width, rows, block) = (architecture.width, upstream.rows, 4096)
    let result = Matrix(rows: rows, columns: width)
    let part = Matrix(rows: rows, columns: width, zeroed: false)
    let packed = FloatBuffer(vk_packed_count(min(block, decisionCount), width), zeroed: false)
    for first in stride(from: 0, to: decisionCount, by: block) {
      let count = min(block, decisionCount - first)
      vk_pack(unembedding.pointer + first * width, width, 0, count, width, packed.pointer)
      vk_gemm(
        rows, width, count, upstream.pointer + first, decisionCount, packed.pointer, nil, part.pointer, width)
      Rows.add(part.pointer, to: result.pointer, count: rows * width)
    }
    return result
  }
}

extension Trace {
  /// Of one run, by sequence of the decision: the last layer's residual stream from the prompt's last token on.
  func decisionRows(of decision: Decision, run: Int) -> [UnsafePointer<Float>] {
    let sequences = decision.continuations.count
    return (0..<sequences).map { UnsafePointer(decisionRow(sequence: run * sequences + $0)) }
  }
}

/// ln softmax of columns of logits.
private struct LogProbabilities: Sendable {
  /// `[tokens, columns]`.
  private let logits: Matrix
  private let totals: [Double]

  init(_ logits: Matrix) {
    self.logits = logits
    totals = (0..<logits.columns).map { column in
      var most = -Double.infinity
      for id in 0..<logits.rows { most = max(most, Double(logits.row(id)[column])) }
      var sum = 0.0
      for id in 0..<logits.rows { sum += exp(Double(logits.row(id)[column]) - most) }
      return most + log(sum)
    }
  }

  subscript(column: Int, id: Int) -> Double { Double(logits.row(id)[column]) - totals[column] }
}
