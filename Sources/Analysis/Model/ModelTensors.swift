import Foundation
import Kernels

/// Reads a checkpoint's tensors by a family's names, packing matrices as they come.
struct ModelTensors {
  /// What becomes of a tensor.
  enum Use {
    /// Only its shape and type are held against the configuration; nothing is read.
    case check
    /// It is read, and stays in the checkpoint.
    case read
    /// It is read once. Its memory is given back then, so that file and packed weights do not both fill the memory.
    case consume
  }

  /// A matrix, or several whose outputs stand side by side.
  struct Part {
    let name: String
    let outputs: Int
  }

  let checkpoint: Checkpoint
  let configuration: ModelConfiguration
  private let family: any ModelFamily.Type
  private let head: ModelHead
  private var prefix: String
  private let use: Use
  private let asked: AskedTensors?

  /// - Parameter asked: notes the names of the tensors that are asked for.
  init(
    checkpoint: Checkpoint, family: any ModelFamily.Type, head: ModelHead, use: Use,
    asked: AskedTensors? = nil
  ) {
    self.checkpoint = checkpoint
    self.use = use
    self.asked = asked
    configuration = ModelConfiguration(checkpoint.configuration)
    self.family = family
    self.head = head
    prefix = Self.prefix(checkpoint, family)
  }

  /// What stands before the names of the body's tensors: nothing when only the body was saved.
  static func prefix(_ checkpoint: Checkpoint, _ family: any ModelFamily.Type) -> String {
    checkpoint.tensors[family.embeddingName] == nil ? family.prefix : ""
  }

  private func stored(_ name: String, _ shape: [Int]) throws -> StoredTensor {
    let name = former(name)
    asked?.names.insert(name)
    return try checkpoint.tensor(name, shape: shape)
  }

  /// The name under which the file has a tensor: `LayerNorm.gamma` and `.beta` are older names for a norm's weight and bias, and
  /// `transformers` reads them so.
  private func former(_ name: String) -> String {
    guard checkpoint.tensors[name] == nil else { return name }
    for (suffix, old) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
    where name.hasSuffix(suffix) {
      let former = String(name.dropLast(suffix.count)) + old
      if checkpoint.tensors[former] != nil { return former }
    }
    return name
  }

  private func read(_ name: String, _ shape: [Int]) throws -> FloatBuffer {
    let tensor = try stored(name, shape)
    guard use != .check else { return FloatBuffer(0) }
    let floats = try tensor.floats()
    try checkFinite(floats, tensor)
    if use == .consume { tensor.file.giveBack(tensor.range) }
    return floats
  }

  /// A weight that is no number spoils what it meets, and what it meets depends on the prompt: the model is refused whole.
  private func checkFinite(_ floats: FloatBuffer, _ tensor: StoredTensor) throws {
    let block = 1 << 22
    let blocks = (floats.count + block - 1) / block
    let found = FirstPlaces(blocks)
    Parallel.forEach(blocks) { number in
      let first = number * block
      let place = vk_first_not_finite(min(block, floats.count - first), floats.pointer + first)
      if place >= 0 { found.places[number] = first + place }
    }
    guard let place = (0..<blocks).lazy.map({ found.places[$0] }).first(where: { $0 >= 0 }) else { return }
    var (index, rest) = ([Int](), place)
    for size in tensor.shape.reversed() {
      index.insert(rest % size, at: 0)
      rest /= size
    }
    let value = floats.pointer[place]
    throw AnalysisError(
      .badCheckpoint,
      "\(tensor.file.url.path): tensor '\(tensor.name)' holds \(value.isNaN ? "NaN" : value > 0 ? "an infinite value" : "a negative infinite value") at \(index), and no decision can be computed with it; copy the file again from where it was made, or take a checkpoint of before training failed"
    )
  }

  /// A large tensor that is used as it stands: float32 stays in the memory that the file was read into; other types are
  /// converted.
  private func table(_ name: String, _ shape: [Int]) throws -> FloatBuffer {
    let tensor = try stored(name, shape)
    #if _endian(little)
      if use != .check, tensor.dataTypeName == StoredTensor.DataType.float32.rawValue {
        let (owner, bytes) = try tensor.file.memory(of: tensor.range)
        if let inPlace = FloatBuffer(in: owner, bytes) {
          try checkFinite(inPlace, tensor)
          return inPlace
        }
      }
    #endif
    return try read(name, shape)
  }

  /// The same tensors by their whole names: those of the head, outside of the body.
  var outside: ModelTensors {
    var tensors = self
    tensors.prefix = ""
    return tensors
  }

  /// A tensor of the body.
  func floats(_ name: String, _ shape: [Int]) throws -> FloatBuffer { try read(prefix + name, shape) }

  /// - Parameter bias: whether the file has one; otherwise it is 0.
  func layerNorm(_ name: String, _ width: Int, _ epsilon: Double, bias: Bool = true) throws -> Norm {
    Norm(
      kind: .layer, weight: try floats(name + ".weight", [width]),
      bias: bias ? try floats(name + ".bias", [width]) : FloatBuffer(width), epsilon: Float(epsilon))
  }

  func rmsNorm(_ name: String, _ width: Int, _ epsilon: Double, offset: Float = 0) throws -> Norm {
    Norm(
      kind: .rootMeanSquare(offset: offset), weight: try floats(name + ".weight", [width]), bias: FloatBuffer(0),
      epsilon: Float(epsilon))
  }

  /// A map stored `[inputs, outputs]`, with a bias: GPT-2's Conv1D.
  func convolution(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Linear {
    let weight = try floats(name + ".weight", [inputs, outputs])
    let bias = try floats(name + ".bias", [outputs])
    guard use != .check else { return Linear(unreadInputs: inputs, outputs: outputs) }
    return Linear(weight: weight, bias: bias, inputs: inputs, outputs: outputs, transposedInFile: false)
  }

  /// A map stored `[outputs, inputs]`; several parts become one map with their outputs side by side.
  /// - Parameter order: the file's row of each row of the map, if they differ.
  func linear(_ parts: [Part], inputs: Int, bias: Bool, order: [Int]? = nil) throws -> Linear {
    let outputs = parts.reduce(0) { $0 + $1.outputs }
    func gather(_ suffix: String, _ columns: Int, _ shape: (Part) -> [Int]) throws -> FloatBuffer {
      var pieces: [FloatBuffer] = []
      for part in parts { pieces.append(try floats(part.name + suffix, shape(part))) }
      if pieces.count == 1, order == nil || use == .check { return pieces[0] }
      guard use != .check else { return FloatBuffer(0) }
      let joined = FloatBuffer(outputs * columns)
      var end = 0
      for piece in pieces {
        (joined.pointer + end).update(from: piece.pointer, count: piece.count)
        end += piece.count
      }
      guard let order else { return joined }
      let ordered = FloatBuffer(outputs * columns)
      for (row, source) in order.enumerated() {
        (ordered.pointer + row * columns).update(from: joined.pointer + source * columns, count: columns)
      }
      return ordered
    }
    let weight = try gather(".weight", inputs) { [$0.outputs, inputs] }
    let biases = bias ? try gather(".bias", 1) { [$0.outputs] } : nil
    guard use != .check else { return Linear(unreadInputs: inputs, outputs: outputs) }
    return Linear(weight: weight, bias: biases, inputs: inputs, outputs: outputs, transposedInFile: true)
  }

  func linear(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool) throws -> Linear {
    try linear([Part(name: name, outputs: outputs)], inputs: inputs, bias: bias)
  }

  // MARK: Both ends

  /// Embeddings, final norm and head around the layers.
  /// - Parameter tied: what `tie_word_embeddings` is where the configuration does not say.
  func weights(
    _ architecture: Architecture, finalNorm: Norm, positionEmbedding: FloatBuffer? = nil, tied: Bool,
    layer: (Int) throws -> TransformerLayer
  ) throws -> ModelWeights {
    let shape = [architecture.vocabulary, architecture.width]
    let embedding = try table(prefix + family.embeddingName, shape)
    var weights = ModelWeights(
      tokenEmbedding: embedding, positionEmbedding: positionEmbedding, layers: [], finalNorm: finalNorm,
      unembedding: embedding)
    for index in 0..<architecture.layers { weights.layers.append(try layer(index)) }
    if head.hasClasses {
      let classifier = try classifier()
      weights.classifier = classifier
      weights.unembedding = try read("score.weight", [classifier.labels.count, architecture.width])
    } else {
      if try !(configuration.json.bool("tie_word_embeddings") ?? tied) {
        weights.unembedding = try table(family.unembeddingName, shape)
      }
    }
    return weights
  }

  /// What stands around an encoder's layers.
  struct EncoderEnds {
    var positionEmbedding: FloatBuffer?
    var typeEmbedding: FloatBuffer?
    /// What the sum of the embeddings passes before the first layer.
    var embeddingSteps: [RowStep] = []
    var attentionBias: AttentionBias?
    var finalNorm: Norm?
  }

  /// The last part of a head: what the row passes, then the scores of classes or tokens.
  struct EncoderHead {
    /// Where a classifier reads.
    var place = Readout.Place.first
    var steps: [RowStep]
    /// The matrix of a classifier's scores.
    var scores = "classifier.weight"
    /// The scores' bias, by its whole name.
    var bias: String?
  }

  /// Embeddings and head around an encoder's layers.
  /// - Parameters:
  ///   - classifier: the head of a classifier.
  ///   - masked: the head of a masked language model, whose matrix is the token embedding unless `tie_word_embeddings` is false.
  func encoder(
    _ architecture: Architecture, _ ends: EncoderEnds, classifier makeClassifier: () throws -> EncoderHead,
    masked: () throws -> EncoderHead, layer: (Int) throws -> TransformerLayer
  ) throws -> ModelWeights {
    let embedding = try table(prefix + family.embeddingName, [architecture.vocabulary, architecture.inputWidth])
    var weights = ModelWeights(
      tokenEmbedding: embedding, positionEmbedding: ends.positionEmbedding, typeEmbedding: ends.typeEmbedding,
      embeddingSteps: ends.embeddingSteps, attentionBias: ends.attentionBias, layers: [], finalNorm: ends.finalNorm,
      unembedding: embedding)
    for index in 0..<architecture.layers { weights.layers.append(try layer(index)) }
    let (head, decisions): (EncoderHead, Int)
    if self.head.hasClasses {
      var classifier = try classifier()
      classifier.head = self.head
      weights.classifier = classifier
      (head, decisions) = (try makeClassifier(), classifier.labels.count)
    } else {
      (head, decisions) = (try masked(), architecture.vocabulary)
    }
    let width = head.steps.outputs(architecture.width)
    if self.head.hasClasses {
      try checkNames(decisions, scores: head.scores)
      weights.unembedding = try read(head.scores, [decisions, width])
    }
    weights.readout = Readout(
      place: self.head.hasClasses ? head.place : .mask, steps: head.steps,
      bias: try head.bias.map { try read($0, [decisions]) })
    if self.head.hasClasses {
      return weights
    } else if try !(configuration.json.bool("tie_word_embeddings") ?? true) {
      weights.unembedding = try table(family.unembeddingName, [decisions, width])
    } else if width != architecture.inputWidth {
      throw configuration.json.failure(
        "tie_word_embeddings",
        "ties scores of \(width) columns to embeddings of \(architecture.inputWidth); set it to false")
    }
    return weights
  }

  /// - Throws: `AnalysisError.badConfiguration` if the configuration names more or fewer classes than the file scores.
  private func checkNames(_ count: Int, scores: String) throws {
    guard let rows = checkpoint.tensors[scores]?.shape.first, rows != count else { return }
    throw configuration.json.failure(
      "id2label",
      "(or 'num_labels') gives \(count) classes, but '\(scores)' scores \(rows); name each class that the model was trained with, in its order"
    )
  }

  /// Rows of a table from one on.
  func rows(_ table: FloatBuffer, from first: Int, width: Int) -> FloatBuffer {
    guard first > 0, use != .check else { return table }
    let result = FloatBuffer(table.count - first * width)
    result.pointer.update(from: table.pointer + first * width, count: result.count)
    return result
  }

  /// The classes, by `id2label` or else by number.
  private func classifier() throws -> Classifier {
    let json = configuration.json
    let padding = try json.integer("pad_token_id", in: Int.min...Int.max)
    if let names = try json.object("id2label") {
      let labels = try (0..<names.members.count).map { index in
        guard let label = try names.string("\(index)") else {
          throw names.failure("\(index)", "is missing; classes are numbered from 0 without gaps")
        }
        return label
      }
      guard !labels.isEmpty else { throw json.failure("id2label", "is empty") }
      try ClassNames.check(labels, json)
      return Classifier(labels: labels, padding: padding)
    }
    // Hugging Face leaves the key out for its default, two classes.
    let count = try json.integer("num_labels", in: 1...1_000_000) ?? 2
    return Classifier(labels: (0..<count).map { "LABEL_\($0)" }, padding: padding)
  }
}

/// By block, the place that was found in it, or -1.
///
/// Unchecked: each block has a place of its own.
private final class FirstPlaces: @unchecked Sendable {
  let places: UnsafeMutablePointer<Int>

  init(_ count: Int) {
    places = .allocate(capacity: count)
    places.initialize(repeating: -1, count: count)
  }

  deinit { places.deallocate() }
}

/// The names of the tensors that a family asks for.
final class AskedTensors {
  var names: Set<String> = []
}
