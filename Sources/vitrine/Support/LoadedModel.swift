import Analysis
import Evidence
import Foundation
import Project

/// A model version of a project, opened, identified by the bytes that are mapped, and ready to run.
struct LoadedModel {
  let transformer: Transformer
  let tokenizer: Tokenizer?
  let folder: String
  let recorder: RunRecorder

  /// - Parameter memory: what weights and batches may take.
  init(
    _ version: Project.ModelVersion, of project: Project, memory: MemoryBudget = MemoryBudget(total: nil)
  ) throws {
    let checkpoint = try Checkpoint(folder: version.folder)
    transformer = try Transformer.load(checkpoint, memory: memory)
    tokenizer = try checkpoint.tokenizer()
    folder = version.path
    recorder = RunRecorder(
      system: project.system.name, modelVersion: version.version,
      model: try ModelIdentity.measure(
        folder: version.folder, mapped: checkpoint.files, tensors: Array(checkpoint.tensors.values),
        architecture: checkpoint.modelType, layers: transformer.layerCount, headsPerLayer: transformer.headsPerLayer),
      program: try RunRecord.Program.current(version: Vitrine.version),
      machine: RunRecord.Machine.current(
        instructionSet: ComputeMachine.instructionSet, threads: ComputeMachine.threads))
  }
}
