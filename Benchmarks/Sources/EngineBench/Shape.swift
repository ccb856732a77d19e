import ArgumentParser
import Foundation

/// Writes a checkpoint of GPT-2 small's shape with random weights: nothing to be learned from, but as much work as the real one.
struct Shape: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a random checkpoint of GPT-2 small's shape (124 M parameters, float32) in Hugging Face layout.")

  @Argument(help: "The folder to write; made if it is not there.") var folder: String
  @Option(help: "Seed of the weights.") var seed: UInt64 = 1
  @Option(help: "Layers.") var layers = 12
  @Option(help: "Heads per layer; each is 64 wide.") var heads = 12
  @Option(help: "Longest prompt in tokens.") var positions = 1024
  @Option(help: "Tokens of the vocabulary.") var vocabulary = 50257
  @Flag(help: "Print nothing.") var quiet = false

  func run() throws {
    let width = 64 * heads
    let folder = URL(fileURLWithPath: self.folder, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let configuration = """
      {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": \(layers), "n_head": \(heads), \
      "n_embd": \(width), "n_inner": \(4 * width), "n_positions": \(positions), "n_ctx": \(positions), \
      "vocab_size": \(vocabulary), "activation_function": "gelu_new", "layer_norm_epsilon": 1e-05, \
      "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": 0, "initializer_range": 0.02}

      """
    try Data(configuration.utf8).write(to: folder.appendingPathComponent("config.json"), options: .atomic)
    var file = RandomTensors(seed: seed)
    file.add("transformer.wte.weight", [vocabulary, width], mean: 0, deviation: 0.1)
    file.add("transformer.wpe.weight", [positions, width], mean: 0, deviation: 0.05)
    for l in 0..<layers {
      let layer = "transformer.h.\(l)."
      file.addNorm(layer + "ln_1", width)
      file.addMap(layer + "attn.c_attn", width, 3 * width)
      file.addMap(layer + "attn.c_proj", width, width)
      file.addNorm(layer + "ln_2", width)
      file.addMap(layer + "mlp.c_fc", width, 4 * width)
      file.addMap(layer + "mlp.c_proj", 4 * width, width)
    }
    file.addNorm("transformer.ln_f", width)
    try file.write(to: folder.appendingPathComponent("model.safetensors"))
    if !quiet { print("\(folder.path): \(file.parameters) parameters") }
  }
}

/// Tensors of random normal values, written as one safetensors file.
struct RandomTensors {
  private struct Entry {
    let name: String
    let shape: [Int]
    let mean: Float
    let deviation: Float
    var count: Int { shape.reduce(1, *) }
  }

  private var entries: [Entry] = []
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  var parameters: Int { entries.reduce(0) { $0 + $1.count } }

  mutating func add(_ name: String, _ shape: [Int], mean: Float, deviation: Float) {
    entries.append(Entry(name: name, shape: shape, mean: mean, deviation: deviation))
  }

  mutating func addNorm(_ name: String, _ width: Int) {
    add(name + ".weight", [width], mean: 1, deviation: 0.2)
    add(name + ".bias", [width], mean: 0, deviation: 0.1)
  }

  mutating func addMap(_ name: String, _ inputs: Int, _ outputs: Int) {
    add(name + ".weight", [inputs, outputs], mean: 0, deviation: 0.04)
    add(name + ".bias", [outputs], mean: 0, deviation: 0.02)
  }

  /// splitmix64 (Steele, Lea, Flood 2014).
  private mutating func uniform() -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 31)) >> 40) * 0x1p-24
  }

  /// A normal value by Box and Muller's transform.
  private mutating func normal() -> Float {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  mutating func write(to url: URL) throws {
    var header = "{"
    var end = 0
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      header +=
        "\(end == 0 ? "" : ",")\"\(entry.name)\":{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(end),\(end + 4 * entry.count)]}"
      end += 4 * entry.count
    }
    header += "}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
      throw ValidationError("\(url.path): cannot be written")
    }
    let handle = try FileHandle(forWritingTo: url)
    defer { try? handle.close() }
    var length = UInt64(header.utf8.count).littleEndian
    try handle.write(contentsOf: withUnsafeBytes(of: &length) { Data($0) })
    try handle.write(contentsOf: Data(header.utf8))
    for entry in entries {
      var values = [Float](repeating: 0, count: entry.count)
      for i in values.indices { values[i] = entry.mean + entry.deviation * normal() }
      try handle.write(contentsOf: values.withUnsafeBytes { Data($0) })
    }
  }
}
