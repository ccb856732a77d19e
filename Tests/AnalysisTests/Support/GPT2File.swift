import Foundation

@testable import Analysis

/// A GPT-2 checkpoint in the making: weights set by name, written in Hugging Face's layout, loaded as any other model.
///
/// What is not set is neutral: matrices and biases 0, gains of norms 1.
struct GPT2File {
  let width: Int
  let heads: Int
  let layers: Int
  let hidden: Int
  let vocabulary: Int
  let positions: Int
  private var tensors: [String: (shape: [Int], values: [Float])] = [:]

  init(width: Int, heads: Int, layers: Int, hidden: Int, vocabulary: Int, positions: Int) {
    (self.width, self.heads, self.layers, self.hidden) = (width, heads, layers, hidden)
    (self.vocabulary, self.positions) = (vocabulary, positions)
    add("wte.weight", [vocabulary, width])
    add("wpe.weight", [positions, width])
    add("lm_head.weight", [vocabulary, width])
    addNorm("ln_f")
    for layer in 0..<layers {
      let name = "h.\(layer)."
      addNorm(name + "ln_1")
      addMap(name + "attn.c_attn", width, 3 * width)
      addMap(name + "attn.c_proj", width, width)
      addNorm(name + "ln_2")
      addMap(name + "mlp.c_fc", width, hidden)
      addMap(name + "mlp.c_proj", hidden, width)
    }
  }

  private mutating func add(_ name: String, _ shape: [Int], _ value: Float = 0) {
    tensors[name] = (shape, Array(repeating: value, count: shape.reduce(1, *)))
  }

  private mutating func addNorm(_ name: String) {
    add(name + ".weight", [width], 1)
    add(name + ".bias", [width])
  }

  private mutating func addMap(_ name: String, _ inputs: Int, _ outputs: Int) {
    add(name + ".weight", [inputs, outputs])
    add(name + ".bias", [outputs])
  }

  /// - Precondition: the model has such a tensor, of that size.
  mutating func set(_ name: String, _ values: [Float]) {
    precondition(tensors[name]?.values.count == values.count, "no tensor \(name) of \(values.count) values")
    tensors[name]?.values = values
  }

  /// Adds to one value of a matrix.
  mutating func add(_ name: String, row: Int, column: Int, _ value: Float) {
    guard let columns = tensors[name]?.shape.last else { preconditionFailure("no tensor \(name)") }
    tensors[name]?.values[row * columns + column] += value
  }

  /// Every tensor's values by name.
  var all: [String: [Float]] { tensors.mapValues(\.values) }

  /// Writes `config.json` and `model.safetensors` to a folder.
  func write(to scratch: Scratch) throws {
    var entries: [String] = []
    var data = Data()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let start = data.count
      for value in tensor.values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
      entries.append(
        "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(tensor.shape),\"data_offsets\":[\(start),\(data.count)]}")
    }
    try scratch.write(
      safetensors(header: "{" + entries.joined(separator: ",") + "}", data: data), to: "model.safetensors")
    let config: [String: Any] = [
      "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": layers, "n_head": heads, "n_embd": width,
      "n_inner": hidden, "vocab_size": vocabulary, "n_positions": positions, "activation_function": "relu",
      "layer_norm_epsilon": 1e-5, "tie_word_embeddings": false,
    ]
    try scratch.write(
      try JSONSerialization.data(withJSONObject: config, options: [.sortedKeys]), to: "config.json")
  }

  /// Writes the checkpoint to a temporary folder and loads it from there.
  func load() throws -> Transformer {
    let scratch = try Scratch()
    try write(to: scratch)
    return try withExtendedLifetime(scratch) { try Transformer.load(Checkpoint(folder: scratch.folder)) }
  }
}
