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
      "answer '\(text)' is no class of this classifier; its classes are \(classifier.labels.joined(separator: ", ")) (config.json's id2label in '\(encoder.folder)')\(near ?? "")"
    )
  }

  /// Runs a prompt and what follows it in each of a decision's sequences.
  /// - Parameter types: the type of each of the prompt's tokens; nil: all 0.
  /// - Throws: `AnalysisError` if the prompt is empty, has an unknown token or type, or is too long with its longest answer, or the model
  ///   cannot decide on it.
  func forward(_ prompt: [Int], types: [Int]? = nil, for decision: Decision) throws -> Trace {
    try check(prompt: prompt, for: decision)
    let sequences = decision.sequences(after: prompt)
    return forward(
      try embed(sequences, types: types), length: prompt.count + decision.tail - 1,
      decided: try decided(in: sequences[0], for: decision))
  }

  /// - Throws: `AnalysisError.emptyPrompt`, `.promptTooLong`, or `.badPrompt` if a classifier would read another position than its last,
  ///   an encoder's prompt holds padding, or a masked language model's not one mask.
  func check(prompt ids: [Int], for decision: Decision) throws {
    let count = ids.count
    try check(length: count)
    try checkPadding(ids)
    _ = try decided(in: decision.sequences(after: ids)[0], for: decision)
    let length = count + decision.tail - 1
    guard length > architecture.positions else { return }
    throw AnalysisError(
      .promptTooLong,
      "the prompt has \(count) tokens and its longest answer \(decision.longestAnswer), of which all but the last are read: \(length); the model reads at most \(architecture.positions)"
    )
  }

  /// What the unembedding reads of one reading of the residual stream: `[1, featureWidth]`.
  /// - Parameter rows: rows that are read; see `Transformer.features`.
  private func features(at residual: UnsafePointer<Float>, rows: Int) -> (stream: Matrix, features: Matrix) {
    let stream = Matrix(rows: rows, columns: architecture.width, zeroed: false)
    stream.copy(rows: rows, from: residual, to: 0)
    return (stream, features(stream, rows: rows))
  }

  /// Logits of some tokens (or classes) from the last layer's residual stream at one position.
  /// - Parameter rows: rows from there on that are read: 1, or all of a sequence where the mean is read.
  /// - Complexity: O(ids·width).
  func logits(of ids: [Int], at residual: UnsafePointer<Float>, rows: Int = 1) -> [Double] {
    logits(of: ids, features(at: residual, rows: rows).features)
  }

  private func logits(of ids: [Int], _ row: Matrix) -> [Double] {
    ids.map { id in
      var logit: Float = 0
      vk_matrix_vector(
        1, featureWidth, unembedding.pointer + id * featureWidth, featureWidth, row.pointer, &logit)
      if let bias = readout.bias { logit += bias.pointer[id] }
      return capped(Double(logit))
    }
  }

  /// All logits from the last layer's residual stream at one position: `[decisionCount]`.
  /// - Parameter rows: as above.
  /// - Complexity: O(decisionCount·width).
  func logits(at residual: UnsafePointer<Float>, rows: Int = 1) -> [Float] {
    let row = features(at: residual, rows: rows).features
    let result = FloatBuffer(decisionCount)
    vk_matrix_vector(
      decisionCount, featureWidth, unembedding.pointer, featureWidth, row.pointer, result.pointer)
    if let bias = readout.bias { for id in 0..<decisionCount { result.pointer[id] += bias.pointer[id] } }
    let logits = result.array(0..<decisionCount)
    return logitCap == nil ? logits : logits.map { Float(capped(Double($0))) }
  }

  /// All logits of one sequence of a trace: `[decisionCount]`.
  func logits(_ trace: Trace, sequence: Int = 0) -> [Float] {
    logits(at: trace.decisionRow(sequence: sequence), rows: trace.rowsRead)
  }

  /// The cap on logits; class logits have none.
  var logitCap: Double? { classifier == nil ? architecture.logitCap.map(Double.init) : nil }

  private func capped(_ logit: Double) -> Double { logitCap.map { $0 * tanh(logit / $0) } ?? logit }

  // MARK: Decision value

  /// The decision value of answers of one token from the last layer's residual stream at the decision position.
  /// - Parameter rows: rows from there on that are read: 1, or all of a sequence where the mean is read.
  func value(of decision: Decision, at residual: UnsafePointer<Float>, rows: Int = 1) -> Double {
    let row = features(at: residual, rows: rows).features
    return Decision.value(positive: logits(of: decision.positive, row), negative: logits(of: decision.negative, row))
  }

  /// Decision values of several runs.
  /// - Parameters:
  ///   - rows: by run, by sequence of the decision, the last layer's residual stream where the decision reads it.
  ///   - rowsRead: rows that a decision of one token reads of each.
  /// - Complexity: O(rows·answers·width), or O(rows·places·decisionCount·width) if an answer has several tokens.
  func values(of decision: Decision, at rows: [[UnsafePointer<Float>]], rowsRead: Int = 1) -> [Double] {
    guard !decision.isSingleToken else { return rows.map { value(of: decision, at: $0[0], rows: rowsRead) } }
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
    values(of: decision, at: [trace.decisionRows(of: decision, run: run)], rowsRead: trace.rowsRead)[0]
  }

  // MARK: Gradient

  /// ∂m/∂(the last layer's residual stream) of every run of a trace, added to `gradient`, `[rows, width]`.
  func addGradients(
    of decision: Decision, _ trace: Trace, to gradient: Matrix, rule: BackwardRule = .derivative
  ) {
    let sequences = decision.continuations.count
    for run in 0..<trace.sequences / sequences {
      let rows = trace.decisionRows(of: decision, run: run)
      let first = { (sequence: Int) in (run * sequences + sequence) * trace.length + trace.decided.lowerBound }
      if decision.isSingleToken {
        addGradient(of: decision, at: rows[0], rows: trace.rowsRead, to: gradient.row(first(0)), rule)
      } else {
        addForcedGradient(of: decision, at: rows, rule) { gradient.row(first($0.sequence) + $0.offset) }
      }
    }
  }

  private func addGradient(
    of decision: Decision, at residual: UnsafePointer<Float>, rows: Int, to gradient: UnsafeMutablePointer<Float>,
    _ rule: BackwardRule
  ) {
    let (stream, features) = features(at: residual, rows: rows)
    let (positive, negative) = (logits(of: decision.positive, features), logits(of: decision.negative, features))
    let slopes = decision.logitGradients(positive: positive, negative: negative)
    let upstream = Matrix(rows: 1, columns: featureWidth)
    for ((id, slope), logit) in zip(slopes, positive + negative) {
      // Forward: logit = cap·tanh(raw/cap).
      let capSlope = logitCap.map { Float(1 - (logit / $0) * (logit / $0)) } ?? 1
      let row = unembedding.pointer + id * featureWidth
      for i in 0..<featureWidth { upstream.pointer[i] += slope * capSlope * row[i] }
    }
    addFeatureGradient(at: stream, upstream, to: gradient, rule)
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
      let (row, upstream) = (Matrix(rows: 1, columns: width), Matrix(rows: 1, columns: featureWidth))
      row.copy(rows: 1, from: stream.row(p), to: 0)
      upstream.copy(rows: 1, from: back.row(p), to: 0)
      addFeatureGradient(at: row, upstream, to: gradient(place), rule)
    }
  }

  /// Forward: logits = W_U·x. `[rows, decisionCount]` → `[rows, width]`, the unembedding packed some tokens at a time.
  private func backThroughUnembedding(_ upstream: Matrix) -> Matrix {
    let (width, rows, block) = (featureWidth, upstream.rows, 4096)
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
  /// Rows that a decision of one token reads: all that the decision reads where the mean is read, otherwise 1. (Where an answer has
  /// several tokens, a token is decided at each of the decision's rows.)
  var rowsRead: Int { readsMean ? decided.count : 1 }

  /// Of one run, by sequence of the decision: the last layer's residual stream where the decision reads it.
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
