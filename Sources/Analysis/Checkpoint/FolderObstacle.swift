public import Foundation

/// What stands in a folder that does not hold a model the engine opens: an adapter, or weights in another format. Named for what it is,
/// before anything is missed.
public enum FolderObstacle {
  private static let plain = "model.safetensors"
  private static let index = "model.safetensors.index.json"

  /// - Returns: what is there instead of, or beside, a model's weights, with the remedy; nil if nothing is in the way.
  public static func find(in folder: URL) -> AnalysisError? {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() else { return nil }
    let hasWeights = names.contains(plain) || names.contains(index)
    let adapters = names.filter(isAdapter)
    if let first = adapters.first { return adapter(folder, first, adapters, names, hasWeights: hasWeights) }
    guard !hasWeights else { return nil }
    return foreign(folder, names) ?? nested(folder, names)
  }

  /// Files with weights in them, or adapters, in the folder or in a folder of it, that are not read.
  static func unread(in folder: URL, read: Set<String>) -> [String] {
    func names(_ folder: URL) -> [String] {
      (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    }
    let all = names(folder)
    let inner = all.filter { !$0.hasPrefix(".") }.flatMap { name in
      names(folder.appendingPathComponent(name)).map { "\(name)/\($0)" }
    }
    return (all + inner).filter { path in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return !read.contains(path) && (isWeights(name) || isAdapter(name) || name == index)
    }.sorted()
  }

  private static let endings = [
    ".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".gguf", ".ggml", ".onnx", ".msgpack", ".h5",
  ]
  /// Files of training with such endings that hold no weights of the model.
  private static let others: Set<String> = [
    "training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scheduler.bin", "scaler.pt", "rng_state.pth",
    "random_states_0.pkl",
  ]

  private static func isWeights(_ name: String) -> Bool {
    !name.hasPrefix(".") && !others.contains(name) && !name.hasPrefix("rng_state")
      && endings.contains { name.lowercased().hasSuffix($0) }
  }

  private static func isAdapter(_ name: String) -> Bool {
    name == "adapter_config.json" || name == "adapters.safetensors" || name.hasPrefix("adapter_model")
      || name.hasPrefix("pytorch_lora_weights") || name == "adapter.safetensors"
  }

  // MARK: Adapters

  private static func adapter(
    _ folder: URL, _ first: String, _ adapters: [String], _ names: [String], hasWeights: Bool
  ) -> AnalysisError {
    let configuration = json(folder.appendingPathComponent("adapter_config.json"))
    let base = (try? configuration.string("base_model_name_or_path")).map { " of the base model '\($0)'" } ?? ""
    let kind = (try? configuration.string("peft_type")).map { "\($0) adapter" } ?? "LoRA (PEFT) adapter"
    let isClassifier = (try? configuration.string("task_type")) == "SEQ_CLS" || isClassifier(folder)
    let auto = isClassifier ? "AutoPeftModelForSequenceClassification" : "AutoPeftModelForCausalLM"
    let merge =
      "merge it into the weights and name the new folder (needs the Python packages peft and transformers): "
      + "`python3 -c \"from peft import \(auto) as M; from transformers import AutoTokenizer as T; "
      + "M.from_pretrained('\(folder.path)').merge_and_unload().save_pretrained('NEW_FOLDER'); "
      + "T.from_pretrained('\(folder.path)').save_pretrained('NEW_FOLDER')\"`"
    let shown = ModelRemark.short(adapters)
    guard hasWeights || names.contains(where: { isWeights($0) && !isAdapter($0) }) else {
      return AnalysisError(
        .badCheckpoint,
        "\(folder.path): is a \(kind)\(base) (\(shown)), not a model: it holds the difference to a model; \(merge)")
    }
    return AnalysisError(
      .badCheckpoint,
      "\(folder.path): holds a \(kind)\(base) beside the weights (\(shown)), which transformers loads with them and the engine "
        + "would leave out; \(merge). If the weights already have it in them, move \(first) and the adapter's other files out of this folder"
    )
  }

  // MARK: Weights in another format

  private static func foreign(_ folder: URL, _ names: [String]) -> AnalysisError? {
    let weights = names.filter { isWeights($0) || $0 == "pytorch_model.bin.index.json" }
    func named(_ endings: String...) -> [String] {
      weights.filter { name in endings.contains { name.lowercased().hasSuffix($0) } }
    }
    func failure(_ what: String, _ remedy: String) -> AnalysisError {
      AnalysisError(.modelNotFound, "\(folder.path): \(what); the engine reads \(plain); \(remedy)")
    }
    let safetensors = named(".safetensors")
    if !safetensors.isEmpty {
      let isShard = safetensors.contains { $0.contains("-of-") }
      return failure(
        "has safetensors files (\(ModelRemark.short(safetensors))) but neither \(plain) nor \(index)",
        isShard
          ? "copy \(index) and every shard that it names from where the model was published: without it no program opens the shards"
          : safetensors.count == 1
            ? "if '\(safetensors[0])' holds the whole model in transformers' names, rename it to \(plain)"
            : "copy the folder as `save_pretrained` wrote it")
    }
    if names.contains(where: { $0.hasPrefix("pytorch_model") && $0.contains(".bin") }) {
      return failure(
        "has its weights as PyTorch .bin only (\(ModelRemark.short(named(".bin", ".bin.index.json"))))",
        SaveCommand(folder: folder).remedy)
    }
    if let first = named(".bin", ".pt", ".pth", ".ckpt").first {
      return failure(
        "has a PyTorch file only (\(first))",
        "if it is a state_dict in transformers' names, make a folder that opens: "
          + SaveCommand(folder: folder, before: "mv '\(folder.path)/\(first)' '\(folder.path)/pytorch_model.bin' && ")
          .text
          + "; else load it with the code that wrote it and call `model.save_pretrained('NEW_FOLDER', safe_serialization=True)`"
      )
    }
    if let first = named(".gguf", ".ggml").first {
      return failure(
        "has its weights as GGUF of llama.cpp only (\(first)), mostly rounded to few bits",
        "take the folder that the file was made from; or make one of the rounded weights (needs the Python packages transformers, torch "
          + "and gguf): " + SaveCommand(folder: folder, arguments: ", gguf_file='\(first)'").text)
    }
    if let first = named(".msgpack").first {
      return failure(
        "has its weights as Flax only (\(first))",
        "make a folder that opens (needs the Python packages transformers<5, torch and flax): "
          + SaveCommand(folder: folder, arguments: ", from_flax=True").text)
    }
    if let first = named(".h5").first {
      return failure(
        "has its weights as TensorFlow only (\(first))",
        "make a folder that opens (needs the Python packages transformers<5, torch and tensorflow): "
          + SaveCommand(folder: folder, arguments: ", from_tf=True").text)
    }
    if let first = named(".onnx").first {
      return failure(
        "has the model as an ONNX graph only (\(first)), from which no weights are read",
        "name the folder that was exported; if that does not open either, it says why")
    }
    return nil
  }

  /// A folder of training, whose checkpoints are folders of their own.
  private static func nested(_ folder: URL, _ names: [String]) -> AnalysisError? {
    guard !names.contains("config.json") else { return nil }
    let models = names.filter {
      let inner = folder.appendingPathComponent($0)
      return FileManager.default.fileExists(atPath: inner.appendingPathComponent("config.json").path)
    }
    guard let first = models.first else { return nil }
    return AnalysisError(
      .modelNotFound,
      "\(folder.path): has no config.json, but \(models.count == 1 ? "a folder" : "folders") with one in it "
        + "(\(ModelRemark.short(models))); name the model's own folder, e.g. \(folder.appendingPathComponent(first).path)"
    )
  }

  /// A small JSON object; empty if it cannot be read.
  private static func json(_ file: URL) -> ModelJSONObject {
    let object = try? RegularFile.read(file, limit: Checkpoint.Limits.configuration).withUnsafeBytes {
      try ModelJSONObject($0, file: file.path, code: .badConfiguration)
    }
    return object ?? ModelJSONObject(place: file.path, code: .badConfiguration)
  }

  /// Whether a folder's `config.json` names a classifier.
  static func isClassifier(_ folder: URL) -> Bool {
    let names = try? json(folder.appendingPathComponent("config.json")).array("architectures")
    return (names ?? []).contains { name in
      if case .string(let text) = name { text.hasSuffix("ForSequenceClassification") } else { false }
    }
  }
}
