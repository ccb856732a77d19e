/// What a transformer's computation needs to know about its shape, whatever the family. A family's file fills it in.
struct Architecture: Sendable, Equatable {
  var layers: Int
  /// Query heads per layer: the heads that can be patched.
  var heads: Int
  /// Key and value heads per layer; `heads / keyValueHeads` query heads share one.
  var keyValueHeads: Int
  /// d_head.
  var headWidth: Int
  /// d_model, the width of the residual stream.
  var width: Int
  /// d_mlp, the MLP's hidden width.
  var hidden: Int
  /// Longest prompt in tokens.
  var positions: Int
  var vocabulary: Int
  var activation: Activation
  /// Whether the MLP is W_out·(f(gate)·up), not W_out·f(in).
  var isGated = false
  /// Whether attention and MLP both read the layer's input, not one after the other.
  var isParallel = false
  /// What q·k is multiplied with, by layer.
  var attentionScale: [Float]
  /// Positions that a token sees on each side, its own included, by layer; nil = all.
  var attentionWindow: [Int?]
  /// Whether a token sees those after it too, not only those before it.
  var looksBothWays = false
  /// Attention scores become cap·tanh(score/cap).
  var attentionCap: Float?
  /// Logits become cap·tanh(logit/cap).
  var logitCap: Float?
  /// What token embeddings are multiplied with.
  var embeddingScale: Float = 1
  var rotary: Rotary?
  /// Of layers with a window, where it is another one.
  var windowedRotary: Rotary?
  /// The padding token of an encoder, which its prompts may not hold.
  var padding: Int?
  /// Width of a token's embedding, where a map brings it to `width`.
  var embeddingWidth: Int?

  /// Width of what goes into the first layer's way in: of token embeddings.
  var inputWidth: Int { embeddingWidth ?? width }
  /// The rotation in a layer; nil where positions are not rotated.
  func rotary(layer: Int) -> Rotary? { attentionWindow[layer] == nil ? rotary : windowedRotary ?? rotary }
  /// Width of q and of z: all query heads side by side.
  var queryWidth: Int { heads * headWidth }
  /// Width of k and of v.
  var keyValueWidth: Int { keyValueHeads * headWidth }
  /// Width of q, k and v side by side.
  var projectionWidth: Int { queryWidth + 2 * keyValueWidth }
  /// Width of what the MLP's nonlinearity receives.
  var hiddenInputs: Int { isGated ? 2 * hidden : hidden }

  /// Where a query head's key begins in a row of q, k and v; its value begins `keyValueWidth` later.
  func keyColumn(head: Int) -> Int { queryWidth + head / (heads / keyValueHeads) * headWidth }
}
