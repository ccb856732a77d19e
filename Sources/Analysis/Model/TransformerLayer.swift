/// One layer's weights: attention and MLP, each added to the residual stream. Norms stand before each (pre-norm), after each and
/// before the addition, or after the addition (post-norm; then the stream itself is normed).
struct TransformerLayer: Sendable {
  /// Norm of what attention reads of the stream; nil: it reads the stream as it is.
  var attentionNorm: Norm?
  /// `[width]` → q, k, v side by side, `[projectionWidth]`, each by head.
  let queryKeyValue: Linear
  /// Norm of each query head, before the rotation.
  var queryNorm: Norm?
  /// Norm of each key head, before the rotation.
  var keyNorm: Norm?
  /// Positions that take part in attention as vectors of their own.
  var relative: RelativePositions?
  /// z of all heads, `[queryWidth]` → `[width]`.
  let output: Linear
  /// Norm of the attention's output, before it is added to the residual stream.
  var attentionPostNorm: Norm?
  /// Norm of the stream after attention was added to it.
  var attentionSumNorm: Norm?
  /// Norm of what the MLP reads of the stream; nil: it reads the stream as it is.
  var mlpNorm: Norm?
  /// `[width]` → `[hidden]`, or gate and up side by side, `[2·hidden]`.
  let mlpIn: Linear
  /// `[hidden]` → `[width]`.
  let mlpOut: Linear
  /// Norm of the MLP's output, before it is added to the residual stream.
  var mlpPostNorm: Norm?
  /// Norm of the stream after the MLP's output was added to it.
  var mlpSumNorm: Norm?
}
