/// What a head reads of the last layer's residual stream, and what it does with it before the unembedding.
struct Readout: Sendable {
  /// Where the stream is read.
  enum Place: Sendable, Equatable {
    /// At the last token, and where an answer has several tokens at those after it: language models, and classifiers made of them.
    case last
    /// At the first token: the classifiers of encoders.
    case first
    /// The mean over all tokens, each normed before if there is a final norm.
    case mean
    /// At the mask token, wherever it stands: masked language models.
    case mask
  }

  var place = Place.last
  /// What the row passes before the unembedding, the final norm not counted: pooler, classifier head, transform.
  var steps: [RowStep] = []
  /// Of each token or class, added to its logit: `[decisions]`.
  var bias: FloatBuffer?
}

extension Transformer {
  /// What the unembedding reads: `[readings·rows, width]` of the last layer's residual stream → `[readings, featureWidth]`.
  /// - Parameter rows: rows of each reading: 1, or all of a sequence where the mean is read.
  func features(_ stream: Matrix, rows: Int = 1) -> Matrix { readout.steps.forward(pooled(stream, rows: rows)) }

  /// The final norm of each row, and the mean of each reading's.
  private func pooled(_ stream: Matrix, rows: Int) -> Matrix {
    let normal = normed(finalNorm, stream)
    guard readout.place == .mean else {
      precondition(rows == 1, "\(rows) rows where one is read")
      return normal
    }
    let mean = Matrix(rows: stream.rows / rows, columns: stream.columns)
    for reading in 0..<mean.rows {
      let sum = mean.row(reading)
      for row in 0..<rows {
        let value = normal.row(reading * rows + row)
        for i in 0..<mean.columns { sum[i] += value[i] }
      }
      for i in 0..<mean.columns { sum[i] /= Float(rows) }
    }
    return mean
  }

  /// Adds ∂m/∂(the stream) of one reading (forward: `features`).
  /// - Parameters:
  ///   - stream: the rows that were read, `[rows, width]`.
  ///   - upstream: ∂m/∂features, `[1, featureWidth]`.
  ///   - gradient: `[rows, width]`.
  ///   - rule: of the final norm alone; what follows it keeps its derivative.
  func addFeatureGradient(
    at stream: Matrix, _ upstream: Matrix, to gradient: UnsafeMutablePointer<Float>, _ rule: BackwardRule
  ) {
    let rows = stream.rows
    var back = upstream
    if !readout.steps.isEmpty { back = readout.steps.backward(at: pooled(stream, rows: rows), upstream) }
    if readout.place == .mean {
      let share = Matrix(rows: rows, columns: back.columns, zeroed: false)
      for row in 0..<rows { for i in 0..<back.columns { share.row(row)[i] = back.pointer[i] / Float(rows) } }
      back = share
    }
    if let finalNorm {
      finalNorm.backward(rows: rows, at: stream.pointer, back.pointer, addingTo: gradient, rule: rule)
    } else {
      Rows.add(back.pointer, to: gradient, count: rows * back.columns)
    }
  }

  /// Whether m is linear in the final norm's output but for the answers' softmax: nothing of the head's own stands between.
  var readsStreamDirectly: Bool { readout.steps.isEmpty && readout.place == .last && finalNorm != nil }

  /// Positions of a sequence that the decision reads.
  /// - Parameters:
  ///   - ids: the sequence, what follows the prompt included.
  ///   - decision: what is asked; nil: answers of one token, at the place that the model itself reads.
  /// - Throws: `AnalysisError.badPrompt` if a masked language model's prompt has no mask or several, or a place is named that the model
  ///   does not read.
  func decided(in ids: [Int], for decision: Decision?) throws -> Range<Int> {
    if let position = decision?.position {
      let isRead = readout.place == .mask || decided(length: ids.count) == position..<position + 1
      guard ids.indices.contains(position), isRead else {
        throw AnalysisError(
          .badPrompt,
          "'position' is \(position); "
            + (ids.indices.contains(position)
              ? "this model reads \(Self.words(readout.place)); leave 'position' out"
              : "the prompt has the positions 0 to \(ids.count - 1)"))
      }
      return position..<position + 1
    }
    guard readout.place == .mask else { return decided(length: ids.count, tail: decision?.tail ?? 1) }
    guard let mask = decision?.maskToken else {
      throw AnalysisError(
        .badPrompt,
        "this masked language model decides at its mask token, and there is no tokenizer that says which token that is; give 'position', the token's place counted from 0"
      )
    }
    let places = ids.indices.filter { ids[$0] == mask }
    guard places.count == 1 else {
      throw AnalysisError(
        .badPrompt,
        "the prompt has \(places.count) mask tokens (id \(mask)); a masked language model decides at exactly one: write it once, or give 'position'"
      )
    }
    return places[0]..<places[0] + 1
  }

  /// Positions that the model itself reads of any sequence of a length.
  /// - Precondition: that does not depend on the tokens.
  func decided(length: Int, tail: Int = 1) -> Range<Int> {
    switch readout.place {
    case .last: return length - tail..<length
    case .first: return 0..<1
    case .mean: return 0..<length
    case .mask: preconditionFailure("where a masked language model decides depends on the prompt")
    }
  }

  private static func words(_ place: Readout.Place) -> String {
    switch place {
    case .last: "the last token"
    case .first: "the first token"
    case .mean: "the mean over all tokens"
    case .mask: "the mask token"
    }
  }
}
