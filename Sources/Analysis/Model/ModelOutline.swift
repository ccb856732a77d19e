import Foundation

/// What can be said of a model before any weight is read: its configuration is understood, every tensor that it asks for is there
/// in its shape and type, and the weights fit into the memory that they may take.
public struct ModelOutline {
  private let checkpoint: Checkpoint
  private let family: any ModelFamily.Type
  private let head: ModelHead
  /// The model without its weights.
  private let unread: Transformer

  /// Tokens of a prompt pair for which a refusal says what memory is needed; prompts are not read yet.
  private static let promptLength = 64

  /// Understands an opened model folder.
  /// - Parameter memory: what weights and batches together may take.
  /// - Throws: `AnalysisError.unsupportedArchitecture`, what is wrong with the configuration or a tensor, or
  ///   `AnalysisError.memoryTooSmall`.
  /// - Complexity: O(tensors); nothing is read.
  public init(_ checkpoint: Checkpoint, memory: MemoryBudget = MemoryBudget(total: nil)) throws {
    guard let family = ModelFamilies.named(checkpoint.modelType) else {
      let known = ModelFamilies.all.map { $0.modelType }.joined(separator: ", ")
      throw AnalysisError(
        .unsupportedArchitecture,
        "\(checkpoint.configuration.place): model_type '\(checkpoint.modelType)' is not supported; the engine runs: \(known)"
      )
    }
    let configuration = ModelConfiguration(checkpoint.configuration)
    let head = try configuration.head(of: family)
    try configuration.checkUnread(read: family.readKeys)
    try configuration.checkAliases(family.aliases)
    try Self.checkNames(checkpoint, family)
    let architecture = try family.architecture(configuration)
    try architecture.validate(configuration)
    let asked = AskedTensors()
    let tensors = ModelTensors(checkpoint: checkpoint, family: family, head: head, use: .check, asked: asked)
    unread = Transformer(
      modelType: checkpoint.modelType, architecture: architecture,
      weights: try family.weights(tensors, architecture), memory: memory)
    try unread.checkMemory(length: 1, told: min(Self.promptLength, architecture.positions))
    let used = asked.names.compactMap { checkpoint.tensors[$0] }
    parameters = used.reduce(0) { $0 + $1.count }
    let unused = UnusedTensors(
      checkpoint, family, head, layers: architecture.layers, prefix: ModelTensors.prefix(checkpoint, family),
      used: asked.names)
    let files = checkpoint.unreadFiles
    remarks =
      try unused.remarks() + (files.isEmpty ? [] : [ModelRemark(kind: .unreadFiles, names: files)])
      + ConfigurationKeys.remarks(checkpoint.configuration, family: family)
      + [ConfigurationKeys.precision(checkpoint.configuration, tensors: used)].compactMap { $0 }
    (self.checkpoint, self.family, self.head) = (checkpoint, family, head)
  }

  /// - Throws: `AnalysisError.unusedTensors` or `.missingTensor` if the names are those of a model inside another one.
  private static func checkNames(_ checkpoint: Checkpoint, _ family: any ModelFamily.Type) throws {
    let names = checkpoint.tensors.keys.sorted()
    if checkpoint.ignoredTensors.isEmpty, let name = names.first(where: UnusedTensors.isAdapter) {
      let count = names.count(where: UnusedTensors.isAdapter)
      let (what, remedy) = UnusedTensors.adapterWords("'\(name)'" + (count > 1 ? " and \(count - 1) more" : ""))
      throw AnalysisError(
        .unusedTensors, "\(checkpoint.tensors[name]?.file.url.path ?? checkpoint.folder.path): \(what); \(remedy)")
    }
    let embedding = [family.embeddingName, family.prefix + family.embeddingName]
    guard !embedding.contains(where: { checkpoint.tensors[$0] != nil }),
      let wrapped = names.first(where: { name in embedding.contains { name.hasSuffix("." + $0) } }),
      let own = embedding.last(where: { wrapped.hasSuffix("." + $0) })
    else { return }
    throw AnalysisError(
      .missingTensor,
      "\(checkpoint.folder.path): the names of the tensors begin with '\(wrapped.dropLast(own.count))' ('\(wrapped)'), as a wrapper "
        + "around the model leaves them (DataParallel, torch.compile, a training framework); save the model inside it: "
        + "`model.module.save_pretrained('NEW_FOLDER')`, or `model._orig_mod…` after torch.compile")
  }

  /// Scalars in the tensors that are used.
  public let parameters: Int
  /// What the folder holds and the computation does not use, or takes otherwise; each is to be said.
  public let remarks: [ModelRemark]
  /// Layers of the model.
  public var layerCount: Int { unread.layerCount }
  /// Heads per layer (query heads, where several share keys and values).
  public var headsPerLayer: Int { unread.headsPerLayer }
  /// Bytes that the weights will take as the engine keeps them.
  public var weightBytes: Int { unread.weightBytes }

  /// Reads the weights.
  /// - Parameter consuming: whether the checkpoint's tensors are not needed after this. Their memory is then given back as they
  ///   are packed, and asking for them again is a programmer's error.
  /// - Throws: `AnalysisError.changedWhileRead`, `.unreadable`.
  /// - Complexity: O(parameters) time and memory.
  public func load(consuming: Bool = false) throws -> Transformer {
    try checkpoint.load()
    let tensors = ModelTensors(checkpoint: checkpoint, family: family, head: head, use: consuming ? .consume : .read)
    return Transformer(
      modelType: checkpoint.modelType, architecture: unread.architecture,
      weights: try family.weights(tensors, unread.architecture), memory: unread.memory)
  }
}
