/// One layer's weights: pre-norm attention and pre-norm MLP, each added to the residual stream.
struct TransformerLayer: Sendable {
  let attentionNorm: Norm
  /// `[width]` → q, k, v side by side, `[projectionWidth]`, each by head.
  let queryKeyValue: Linear
  /// Norm of each query head, before the rotation.
  var queryNorm: Norm?
  /// Norm of each key head, before the rotation.
  var keyNorm: Norm?
  /// z of all heads, `[queryWidth]` → `[width]`.
  let output: Linear
  /// Norm of the attention's output, before it is added to the residual stream.
  var attentionPostNorm: Norm?
  let mlpNorm: Norm
  /// `[width]` → `[hidden]`, or gate and up side by side, `[2·hidden]`.
  let mlpIn: Linear
  /// `[hidden]` → `[width]`.
  let mlpOut: Linear
  /// Norm of the MLP's output, before it is added to the residual stream.
  var mlpPostNorm: Norm?
}
