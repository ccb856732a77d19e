import Foundation
import Kernels

/// The question put to the model: `m = logsumexp(logits[positive]) − logsumexp(logits[negative])` at the last token. Ids are
/// tokens, or classes where the model is a classifier.
struct Decision: Sendable, Equatable {
  /// Token ids whose probability counts for m.
  let positive: [Int]
  /// Token ids whose probability counts against m.
  let negative: [Int]

  /// - Parameter vocabulary: what the model decides between (`Transformer.decisionCount`).
  /// - Throws: `AnalysisError.badAnswer` if a set is empty, an id is unknown to the model, repeated, or in both sets.
  init(positive: [Int], negative: [Int], vocabulary: Int) throws {
    for (name, ids) in [("positive", positive), ("negative", negative)] {
      guard !ids.isEmpty else { throw AnalysisError(.badAnswer, "the \(name) answers are empty; name at least one") }
      guard let wrong = ids.first(where: { $0 < 0 || $0 >= vocabulary }) else { continue }
      throw AnalysisError(.badAnswer, "answer token \(wrong) is outside the model's vocabulary of \(vocabulary) tokens")
    }
    let all = positive + negative
    guard Set(all).count == all.count else {
      throw AnalysisError(.badAnswer, "an answer's token is named twice; each answer belongs to one side, once")
    }
    self.positive = positive
    self.negative = negative
  }

  /// A decision from answers as text: one token each, or a class by its name or number where the model is a classifier.
  /// - Throws: `AnalysisError.badAnswer`, or what is wrong with the tokenizer.
  init(positive: [String], negative: [String], model: Transformer, encoder: PromptEncoder) throws {
    try self.init(
      positive: try positive.map { try model.answer($0, encoder) },
      negative: try negative.map { try model.answer($0, encoder) }, vocabulary: model.decisionCount)
  }

  /// m from the logits of the two sets.
  static func value(positive: [Double], negative: [Double]) -> Double { logSumExp(positive) - logSumExp(negative) }

  static func logSumExp(_ values: [Double]) -> Double {
    guard let most = values.max() else { return -.infinity }
    guard most.isFinite else { return values.reduce(0, +) }
    return most + log(values.reduce(0) { $0 + exp($1 - most) })
  }

  /// ∂m/∂logit of each id: softmax within its own set, negated for the negative set.
  func logitGradients(positive: [Double], negative: [Double]) -> [(id: Int, gradient: Float)] {
    func weights(_ values: [Double]) -> [Double] {
      let total = Self.logSumExp(values)
      return values.map { exp($0 - total) }
    }
    return zip(self.positive, weights(positive)).map { ($0, Float($1)) }
      + zip(self.negative, weights(negative)).map { ($0, Float(-$1)) }
  }
}

extension Transformer {
  /// The id of an answer: its token, or its class.
  func answer(_ text: String, _ encoder: PromptEncoder) throws -> Int {
    guard let classifier else { return try encoder.answer(text) }
    if let index = classifier.labels.firstIndex(of: text) { return index }
    if let index = Int(text), classifier.labels.indices.contains(index) { return index }
    throw AnalysisError(
      .badAnswer,
      "answer '\(text)' is no class of this classifier; its classes are \(classifier.labels.joined(separator: ", "))")
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

  /// The decision value from the last layer's residual stream at the decision position.
  func value(of decision: Decision, at residual: UnsafePointer<Float>) -> Double {
    Decision.value(
      positive: logits(of: decision.positive, at: residual), negative: logits(of: decision.negative, at: residual))
  }

  /// ∂m/∂residual at one position, added to `gradient`.
  func addGradient(
    of decision: Decision, at residual: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>
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
    finalNorm.backward(rows: 1, at: residual, upstream.pointer, addingTo: gradient)
  }
}
