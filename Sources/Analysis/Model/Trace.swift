/// Everything a forward pass computed, for one or more sequences of equal length. Rows are `sequence·length + position`.
///
/// Unchecked: filled by `Transformer.forward` before anyone else sees it, only read afterwards.
final class Trace: @unchecked Sendable {
  let sequences: Int
  /// Tokens of each sequence.
  let length: Int
  /// Rows of each sequence from the prompt's last token on; more than 1 where tokens of an answer follow the prompt.
  let tail: Int
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
  /// What the MLP's nonlinearity receives: `[rows, hiddenInputs]`.
  var mlpHidden: [Matrix] = []
  /// Output of the MLP, before its norm if there is one: `[rows, width]`.
  var mlpOut: [Matrix] = []

  init(sequences: Int, length: Int, tail: Int = 1) {
    self.sequences = sequences
    self.length = length
    self.tail = tail
  }

  var rows: Int { sequences * length }

  /// Each row's position in its sequence.
  var positions: [Int32] { (0..<rows).map { Int32($0 % length) } }

  /// The last layer's residual stream from the last token of a sequence's prompt on: `[tail, width]`.
  func decisionRow(sequence: Int) -> UnsafeMutablePointer<Float> {
    guard let last = residual.last else { preconditionFailure("a trace without layers") }
    return last.row(sequence * length + length - tail)
  }
}

extension Transformer {
  /// Input embeddings of token sequences of equal length, scaled, positions added if they are learned:
  /// `[sequences·length, width]`.
  /// - Throws: `AnalysisError` if a sequence is empty, too long for the model, or has an unknown token.
  func embed(_ sequences: [[Int]]) throws -> Matrix {
    let length = sequences.first?.count ?? 0
    let width = architecture.width
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
        guard let place = positionEmbedding.map({ $0.pointer + position * width }) else { continue }
        for i in 0..<width { row[i] += place[i] }
      }
    }
    return result
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
  /// - Throws: `AnalysisError.badPrompt` if a classifier's prompt ends in padding.
  func checkPadding(_ ids: [Int]) throws {
    guard let padding = classifier?.padding, let last = ids.last, last == padding else { return }
    throw AnalysisError(
      .badPrompt,
      "the prompt ends in token \(padding), which config.json calls padding ('pad_token_id'): transformers decides at the last token before it; end the prompt otherwise, or correct 'pad_token_id' if the token is none"
    )
  }

  /// A forward pass that keeps everything.
  /// - Parameters:
  ///   - input: `[sequences·length, width]`, kept as `resid_pre` of layer 0.
  ///   - length: tokens of each sequence.
  ///   - tail: rows of each sequence from its prompt's last token on.
  ///   - replacing: called with each layer's z and MLP output when they are computed; may write into them.
  /// - Complexity: O(rows·parameters + rows·length·width·layers) time.
  func forward(
    _ input: Matrix, length: Int, tail: Int = 1, replacing: ((Stage, Matrix) -> Void)? = nil
  ) -> Trace {
    let trace = Trace(sequences: input.rows / length, length: length, tail: tail)
    trace.residual.append(input)
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

  /// A forward pass over one prompt.
  func forward(_ ids: [Int]) throws -> Trace { forward(try embed([ids]), length: ids.count) }

  /// One layer's attention: appends q, k, v, z and the stream after it.
  private func attend(
    _ index: Int, _ trace: Trace, _ positions: [Int32], scratch normal: Matrix,
    _ replacing: ((Stage, Matrix) -> Void)?
  ) {
    let layer = layers[index]
    let (rows, width) = (trace.rows, architecture.width)
    let before = trace.residual[index]
    layer.attentionNorm.forward(rows: rows, before.pointer, into: normal.pointer)
    let queryKeyValue = Matrix(rows: rows, columns: architecture.projectionWidth, zeroed: false)
    let hasHeadNorms = layer.queryNorm != nil || layer.keyNorm != nil
    let raw = hasHeadNorms ? Matrix(rows: rows, columns: architecture.projectionWidth, zeroed: false) : nil
    project(index, positions: positions[...], normal, into: queryKeyValue, raw: raw)
    let z = Matrix(rows: rows, columns: architecture.queryWidth, zeroed: false)
    Attention.forward(
      (0..<trace.sequences * architecture.heads).map { task in
        let first = task / architecture.heads * trace.length
        return attentionJob(
          index, head: task % architecture.heads, first: 0, rows: trace.length,
          queryKeyValue: queryKeyValue.row(first), cache: nil, z: z.row(first))
      })
    replacing?(Stage(layer: index, step: .heads), z)
    let middle = Matrix(rows: rows, columns: width, zeroed: false)
    let attentionRaw = layer.attentionPostNorm == nil ? nil : Matrix(rows: rows, columns: width, zeroed: false)
    attentionOutput(index, rows: rows, z: z, into: middle, raw: attentionRaw)
    Rows.add(before.pointer, to: middle.pointer, count: rows * width)
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
    layer.mlpNorm.forward(rows: rows, input.pointer, into: normal.pointer)
    let hidden = Matrix(rows: rows, columns: architecture.hiddenInputs, zeroed: false)
    let out = Matrix(rows: rows, columns: width, zeroed: false)
    feedForward(index, rows: rows, normal, hidden: hidden, active: active, into: out)
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
    trace.residual.append(after)
  }
}
