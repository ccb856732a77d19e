import Analysis
import Evidence
import Foundation
import Project

/// A model version of a project, opened, identified by the very bytes that run, and ready to run.
struct LoadedModel {
  let transformer: Transformer
  let tokenizer: Tokenizer?
  let folder: String
  let recorder: RunRecorder

  /// - Parameter memory: what weights and batches may take.
  init(
    _ version: Project.ModelVersion, of project: Project, memory: MemoryBudget = MemoryBudget(total: nil)
  ) throws {
    try self.init(
      folder: version.folder, named: version.path, version: version.version, system: project.system.name,
      ignoredTensors: version.ignoredTensors, memory: memory
    ) { PromptPiecesCheck.remark(project, $0) }
  }

  /// Says again what `check` says of the special tokens around the prompts.
  func warn(of project: Project, _ version: Project.ModelVersion) {
    for message in PromptPiecesCheck(project, version, tokenizer).messages where message.severity == .gap {
      Console.err("vitrine: warning: \(message.text)\(message.remedy.map { "; \($0)" } ?? "")")
    }
  }

  /// - Parameters:
  ///   - url: the model's folder.
  ///   - name: the folder as the user wrote it.
  ///   - version: what its records call it.
  ///   - system: the system that its records name.
  ///   - ignoredTensors: tensors that are declared as not to be used.
  ///   - memory: what weights and batches may take.
  ///   - remark: what a record is to say of the tokenizer, if anything.
  init(
    folder url: URL, named name: String, version: String, system: String, ignoredTensors: [String] = [],
    memory: MemoryBudget = MemoryBudget(total: nil), remark: (Tokenizer) -> ModelRemark? = { _ in nil }
  ) throws {
    let checkpoint = try Checkpoint(folder: url, ignoredTensors: ignoredTensors)
    // What can be refused is refused before the weights are read.
    let outline = try ModelOutline(checkpoint, memory: memory)
    tokenizer = try checkpoint.tokenizer()
    folder = name
    // Digested first: packing the weights uses the bytes up.
    var identity = try ModelIdentity.measure(
      folder: url, read: checkpoint.files, tensors: Array(checkpoint.tensors.values),
      architecture: checkpoint.modelType, layers: outline.layerCount, headsPerLayer: outline.headsPerLayer,
      parameters: outline.parameters, remarks: outline.remarks)
    if let remark = tokenizer.flatMap(remark) { identity.remarks = (identity.remarks ?? []) + [remark] }
    transformer = try outline.load(consuming: true)
    identity.head = transformer.head
    recorder = RunRecorder(
      system: system, modelVersion: version, model: identity,
      program: try RunRecord.Program.current(version: Vitrine.version),
      machine: RunRecord.Machine.current(
        instructionSet: ComputeMachine.instructionSet, threads: ComputeMachine.threads))
  }
}
