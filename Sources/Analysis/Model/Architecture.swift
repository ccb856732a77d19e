/// What a transformer's computation needs to know about its shape, whatever the family.
struct Architecture: Sendable, Equatable {
  var layers: Int
  var heads: Int
  /// d_model, the width of the residual stream.
  var width: Int
  /// d_mlp, the MLP's hidden width.
  var hidden: Int
  /// Longest prompt in tokens.
  var positions: Int
  var vocabulary: Int
  var activation: Activation
  /// What q·k is multiplied with, by layer.
  var attentionScale: [Float]

  /// d_head.
  var headWidth: Int { width / heads }
}
