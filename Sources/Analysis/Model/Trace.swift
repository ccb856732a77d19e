/// Everything a forward pass computed, for one or more sequences of equal length. Rows are `sequence·length + position`.
///
/// Unchecked: filled by `Transformer.forward` before anyone else sees it, only read afterwards.
final class Trace: @unchecked Sendable {
  let sequences: Int
  /// Tokens of each sequence.
  let length: Int
  /// `resid_pre` of each layer and, last, `resid_post` of the last layer: `[rows, width]`.
  var residual: [Matrix] = []
  /// The residual stream between attention and MLP: `[rows, width]`.
  var residualMid: [Matrix] = []
  /// q, k and v side by side: `[rows, 3·width]`.
  var queryKeyValue: [Matrix] = []
  /// Outputs of all heads before the output projection: `[rows, width]`.
  var z: [Matrix] = []
  /// What the MLP's nonlinearity receives: `[rows, hidden]`.
  var mlpHidden: [Matrix] = []
  /// Output of the MLP: `[rows, width]`.
  var mlpOut: [Matrix] = []

  init(sequences: Int, length: Int) {
    self.sequences = sequences
    self.length = length
  }

  var rows: Int { sequences * length }

  /// The last layer's residual stream at a sequence's last token: `[width]`.
  func decisionRow(sequence: Int) -> UnsafeMutablePointer<Float> {
    guard let last = residual.last else { preconditionFailure("a trace without layers") }
    return last.row(sequence * length + length - 1)
  }
}

extension Transformer {
  /// Input embeddings of token sequences of equal length, token and position added: `[sequences·length, width]`.
  /// - Throws: `AnalysisError` if a sequence is empty, too long for the model, or has an unknown token.
  func embed(_ sequences: [[Int]]) throws -> Matrix {
    let length = sequences.first?.count ?? 0
    let width = architecture.width
    precondition(sequences.allSatisfy { $0.count == length }, "sequences of different lengths in one batch")
    try check(length: length)
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
        let place = positionEmbedding.pointer + position * width
        for i in 0..<width { row[i] = token[i] + place[i] }
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

  /// A forward pass that keeps everything.
  /// - Parameters:
  ///   - input: `[sequences·length, width]`, kept as `resid_pre` of layer 0.
  ///   - length: tokens of each sequence.
  /// - Complexity: O(rows·parameters + rows·length·width·layers) time.
  func forward(_ input: Matrix, length: Int) -> Trace {
    let trace = Trace(sequences: input.rows / length, length: length)
    let rows = input.rows
    let width = architecture.width
    let normal = Matrix(rows: rows, columns: width)
    trace.residual.append(input)
    for (index, layer) in layers.enumerated() {
      let before = trace.residual[index]
      let queryKeyValue = Matrix(rows: rows, columns: 3 * width)
      let z = Matrix(rows: rows, columns: width)
      layer.attentionNorm.forward(rows: rows, before.pointer, into: normal.pointer)
      layer.queryKeyValue.forward(rows: rows, normal.pointer, into: queryKeyValue.pointer)
      attend(layer: index, queryKeyValue, into: z, length: length)
      let middle = Matrix(rows: rows, columns: width)
      layer.output.forward(rows: rows, z.pointer, into: middle.pointer)
      Rows.add(before.pointer, to: middle.pointer, count: rows * width)
      let hidden = Matrix(rows: rows, columns: architecture.hidden)
      let active = Matrix(rows: rows, columns: architecture.hidden)
      let out = Matrix(rows: rows, columns: width)
      layer.mlpNorm.forward(rows: rows, middle.pointer, into: normal.pointer)
      layer.mlpIn.forward(rows: rows, normal.pointer, into: hidden.pointer)
      architecture.activation.forward(count: rows * architecture.hidden, hidden.pointer, into: active.pointer)
      layer.mlpOut.forward(rows: rows, active.pointer, into: out.pointer)
      let after = Matrix(rows: rows, columns: width)
      after.copy(rows: rows, from: out.pointer, to: 0)
      Rows.add(middle.pointer, to: after.pointer, count: rows * width)
      trace.queryKeyValue.append(queryKeyValue)
      trace.z.append(z)
      trace.residualMid.append(middle)
      trace.mlpHidden.append(hidden)
      trace.mlpOut.append(out)
      trace.residual.append(after)
    }
    return trace
  }

  /// A forward pass over one prompt.
  func forward(_ ids: [Int]) throws -> Trace { forward(try embed([ids]), length: ids.count) }

  private func attend(layer: Int, _ queryKeyValue: Matrix, into z: Matrix, length: Int) {
    let (heads, headWidth, width) = (architecture.heads, architecture.headWidth, architecture.width)
    let sequences = queryKeyValue.rows / length
    Attention.forward(
      (0..<sequences * heads).map { task in
        let first = task / heads * length
        let column = task % heads * headWidth
        let source = queryKeyValue.row(first) + column
        return Attention.head(
          rows: length, width: headWidth, scale: architecture.attentionScale[layer], query: source, key: source + width,
          value: source + 2 * width, stride: 3 * width, z: z.row(first) + column, zStride: width)
      })
  }
}
