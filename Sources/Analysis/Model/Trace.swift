/// Everything a forward pass computed, for one or more sequences of equal length. Rows are `sequence·length + position`.
///
/// Unchecked: filled by `Transformer.forward` before anyone else sees it, only read afterwards.
final class Trace: @unchecked Sendable {
  let sequences: Int
  /// Tokens of each sequence.
  let length: Int
  /// Positions of each sequence that the decision reads.
  let decided: Range<Int>
  /// Whether the decision reads the mean over its positions.
  let readsMean: Bool
  /// The sum of the embeddings of token, position and type: `[rows, inputWidth]`. The matrix of `resid_pre` of layer 0 where nothing
  /// stands between.
  let input: Matrix
  /// `resid_pre` of each layer and, last, `resid_post` of the last layer: `[rows, width]`.
  var residual: [Matrix] = []
  /// The residual stream between attention and MLP: `[rows, width]`.
  var residualMid: [Matrix] = []
  /// q, k and v side by side, as attention uses them: `[rows, projectionWidth]`.
  var queryKeyValue: [Matrix] = []
  /// q, k and v before the norms of single heads; nil where there are none.
  var queryKeyValueRaw: [Matrix?] = []
  /// Outputs of all heads before the output projection: `[rows, queryWidth]`.
  var z: [Matrix] = []
  /// Output of the attention before its norm, `[rows, width]`; nil where there is none.
  var attentionRaw: [Matrix?] = []
  /// The stream after attention was added, before its norm, `[rows, width]`; nil where there is none.
  var attentionSum: [Matrix?] = []
  /// What the MLP's nonlinearity receives: `[rows, hiddenInputs]`.
  var mlpHidden: [Matrix] = []
  /// Output of the MLP, before its norm if there is one: `[rows, width]`.
  var mlpOut: [Matrix] = []
  /// The stream after the MLP was added, before its norm, `[rows, width]`; nil where there is none.
  var mlpSum: [Matrix?] = []

  init(input: Matrix, length: Int, decided: Range<Int>, readsMean: Bool) {
    precondition(decided.lowerBound >= 0 && decided.upperBound <= length, "positions \(decided) of \(length)")
    self.input = input
    sequences = input.rows / length
    self.length = length
    self.decided = decided
    self.readsMean = readsMean
  }

  var rows: Int { sequences * length }

  /// Each row's position in its sequence.
  var positions: [Int32] { (0..<rows).map { Int32($0 % length) } }

  /// The last layer's residual stream where the decision reads it: `[decided.count, width]`.
  func decisionRow(sequence: Int) -> UnsafeMutablePointer<Float> {
    guard let last = residual.last else { preconditionFailure("a trace without layers") }
    return last.row(sequence * length + decided.lowerBound)
  }
}

extension Transformer {
  /// Input embeddings of token sequences of equal length, scaled, positions and types added if they are learned:
  /// `[sequences·length, inputWidth]`.
  /// - Parameter types: each token's type, the same in all sequences; nil: all 0.
  /// - Throws: `AnalysisError` if a sequence is empty, too long for the model, or has an unknown token or type.
  func embed(_ sequences: [[Int]], types: [Int]? = nil) throws -> Matrix {
    let length = sequences.first?.count ?? 0
    let width = architecture.inputWidth
    let types = try check(types: types, length: length)
    precondition(sequences.allSatisfy { $0.count == length }, "sequences of different lengths in one batch")
    try check(length: length)
    for ids in sequences { try checkPadding(ids) }
    let result = Matrix(rows: sequences.count * length, columns: width)
    for (s, ids) in sequences.enumerated() {
      for (position, id) in ids.enumerated() {
        guard id >= 0, id < architecture.vocabulary else {
          throw AnalysisError(
            .vocabularyMismatch,
            "token \(id) is outside the model's vocabulary of \(architecture.vocabulary); tokenizer.json and config.json are of different models"
          )
        }
        let row = result.row(s * length + position)
        let token = tokenEmbedding.pointer + id * width
        for i in 0..<width { row[i] = architecture.embeddingScale * token[i] }
        if let type = typeEmbedding.map({ $0.pointer + types[position] * width }) {
          for i in 0..<width { row[i] += type[i] }
        }
        guard let place = positionEmbedding.map({ $0.pointer + position * width }) else { continue }
        for i in 0..<width { row[i] += place[i] }
      }
    }
    return result
  }

  /// Types of tokens as they are used.
  /// - Throws: `AnalysisError.badPrompt` if there are as many as tokens no more, or one is unknown to the model.
  private func check(types: [Int]?, length: Int) throws -> [Int] {
    guard let types else { return Array(repeating: 0, count: length) }
    guard types.count == length else {
      throw AnalysisError(.badPrompt, "there are \(types.count) token types for \(length) tokens; give one for each")
    }
    let known = typeEmbedding.map { $0.count / architecture.inputWidth } ?? 1
    if let wrong = types.first(where: { $0 < 0 || $0 >= known }) {
      throw AnalysisError(
        .badPrompt, "token type \(wrong) is unknown: the model has \(known) (type_vocab_size), numbered from 0")
    }
    return types
  }

  /// - Throws: `AnalysisError.emptyPrompt` or `.promptTooLong`.
  func check(length: Int) throws {
    guard length > 0 else { throw AnalysisError(.emptyPrompt, "the prompt has no tokens") }
    guard length <= architecture.positions else {
      throw AnalysisError(
        .promptTooLong, "the prompt has \(length) tokens; the model reads at most \(architecture.positions)")
    }
  }

  /// Hugging Face's classifiers read the last token that is not padding; the engine reads the last. Padding before it changes nothing.
  /// Encoders are given a mask that hides padding wherever it stands; the engine has none.
  /// - Throws: `AnalysisError.badPrompt` if a decoder's classifier's prompt ends in padding, or an encoder's prompt holds any.
  func checkPadding(_ ids: [Int]) throws {
    if let padding = architecture.padding, let place = ids.firstIndex(of: padding) {
      throw AnalysisError(
        .badPrompt,
        "the prompt holds padding (token \(padding), 'pad_token_id') at position \(place), which encoders hide by a mask; leave it out: each prompt runs by itself"
      )
    }
    guard readout.place == .last else { return }
    guard let padding = classifier?.padding, let last = ids.last, last == padding else { return }
    throw AnalysisError(
      .badPrompt,
      "the prompt ends in token \(padding), which config.json calls padding ('pad_token_id'): transformers decides at the last token before it; end the prompt otherwise, or correct 'pad_token_id' if the token is none"
    )
  }

  /// A forward pass that keeps everything.
  /// - Parameters:
  ///   - input: the sum of the embeddings, `[sequences·length, inputWidth]`, kept.
  ///   - length: tokens of each sequence.
  ///   - decided: positions of each sequence that the decision reads; nil: those that the model itself reads.
  ///   - replacing: called with each layer's z and MLP output when they are computed; may write into them.
  /// - Complexity: O(rows·parameters + rows·length·width·layers) time.
  func forward(
    _ input: Matrix, length: Int, decided: Range<Int>? = nil, replacing: ((Stage, Matrix) -> Void)? = nil
  ) -> Trace {
    let trace = Trace(
      input: input, length: length, decided: decided ?? self.decided(length: length),
      readsMean: readout.place == .mean)
    trace.residual.append(embeddingSteps.forward(input))
    let positions = trace.positions
    let normal = Matrix(rows: trace.rows, columns: architecture.width, zeroed: false)
    let active = Matrix(rows: trace.rows, columns: architecture.hidden, zeroed: false)
    meter.add(forward: trace.rows * layerCount)
    for index in layers.indices {
      attend(index, trace, positions, scratch: normal, replacing)
      feedForward(index, trace, scratch: normal, active, replacing)
    }
    return trace
  }

  /// A forward pass over one prompt, read where the model itself reads.
  func forward(_ ids: [Int]) throws -> Trace {
    forward(try embed([ids]), length: ids.count, decided: try decided(in: ids, for: nil))
  }

  /// One layer's attention: appends q, k, v, z and the stream after it.
  private func attend(
    _ index: Int, _ trace: Trace, _ positions: [Int32], scratch normal: Matrix,
    _ replacing: ((Stage, Matrix) -> Void)?
  ) {
    let layer = layers[index]
    let (rows, width) = (trace.rows, architecture.width)
    let before = trace.residual[index]
    let seen = read(layer.attentionNorm, rows: rows, before, scratch: normal)
    let queryKeyValue = Matrix(rows: rows, columns: architecture.projectionWidth, zeroed: false)
    let hasHeadNorms = layer.queryNorm != nil || layer.keyNorm != nil
    let raw = hasHeadNorms ? Matrix(rows: rows, columns: architecture.projectionWidth, zeroed: false) : nil
    project(index, positions: positions[...], seen, into: queryKeyValue, raw: raw)
    let z = Matrix(rows: rows, columns: architecture.queryWidth, zeroed: false)
    Attention.forward(
      (0..<trace.sequences * architecture.heads).map { task in
        let first = task / architecture.heads * trace.length
        return attentionJob(
          index, head: task % architecture.heads, first: 0, rows: trace.length,
          queryKeyValue: queryKeyValue.row(first), cache: nil, z: z.row(first))
      })
    replacing?(Stage(layer: index, step: .heads), z)
    var middle = Matrix(rows: rows, columns: width, zeroed: false)
    let attentionRaw = layer.attentionPostNorm == nil ? nil : Matrix(rows: rows, columns: width, zeroed: false)
    attentionOutput(index, rows: rows, z: z, into: middle, raw: attentionRaw)
    Rows.add(before.pointer, to: middle.pointer, count: rows * width)
    trace.attentionSum.append(layer.attentionSumNorm == nil ? nil : middle)
    middle = normed(layer.attentionSumNorm, middle)
    trace.queryKeyValue.append(queryKeyValue)
    trace.queryKeyValueRaw.append(raw)
    trace.z.append(z)
    trace.attentionRaw.append(attentionRaw)
    trace.residualMid.append(middle)
  }

  /// One layer's MLP: appends its output and the stream after it.
  private func feedForward(
    _ index: Int, _ trace: Trace, scratch normal: Matrix, _ active: Matrix, _ replacing: ((Stage, Matrix) -> Void)?
  ) {
    let layer = layers[index]
    let (rows, width) = (trace.rows, architecture.width)
    let middle = trace.residualMid[index]
    let input = architecture.isParallel ? trace.residual[index] : middle
    let seen = read(layer.mlpNorm, rows: rows, input, scratch: normal)
    let hidden = Matrix(rows: rows, columns: architecture.hiddenInputs, zeroed: false)
    let out = Matrix(rows: rows, columns: width, zeroed: false)
    feedForward(index, rows: rows, seen, hidden: hidden, active: active, into: out)
    replacing?(Stage(layer: index, step: .mlp), out)
    let after = Matrix(rows: rows, columns: width, zeroed: false)
    if let norm = layer.mlpPostNorm {
      norm.forward(rows: rows, out.pointer, into: after.pointer)
    } else {
      after.copy(rows: rows, from: out.pointer, to: 0)
    }
    Rows.add(middle.pointer, to: after.pointer, count: rows * width)
    trace.mlpHidden.append(hidden)
    trace.mlpOut.append(out)
    trace.mlpSum.append(layer.mlpSumNorm == nil ? nil : after)
    trace.residual.append(normed(layer.mlpSumNorm, after))
  }
}
