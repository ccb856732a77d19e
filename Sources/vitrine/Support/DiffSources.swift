import Analysis
import Evidence
import Foundation
import Project
import Reports

/// Finds what the words on the command line mean: a version of the project, a dossier, a bundle.
struct DiffSources {
  /// The project with its runs, if the folder holds one.
  let project: DossierSource?
  private let store: Store?
  private let folder: URL

  init(_ options: ProjectOptions) throws {
    folder = try options.url()
    let hasProject = FileManager.default.fileExists(atPath: folder.appendingPathComponent("vitrine.yaml").path)
    project = hasProject ? try DossierSource(options) : nil
    let file = try options.storeFile()
    store =
      hasProject && FileManager.default.fileExists(atPath: file.path) ? try Store.open(at: file, mode: .readOnly) : nil
  }

  /// The project's own templates, which need not exist; nil without a project.
  var templates: URL? { project.map { $0.project.folder.appendingPathComponent("templates", isDirectory: true) } }

  /// A builder with the project's templates and language, if there is a project.
  func builder() throws -> DiffBuilder {
    guard let project else { return try DiffBuilder() }
    return try DiffBuilder(templates: templates, language: project.project.language)
  }

  /// The source that a word means.
  /// - Throws: `ReportsError` `unknownVersion` if it means none.
  func source(_ word: String, unverified: Bool) throws -> DiffSource {
    if let version = project?.project.models.first(where: { $0.version == word }) { return try source(version) }
    let url = URL(fileURLWithPath: word)
    guard FileManager.default.fileExists(atPath: url.path) else {
      let known = project?.project.models.map(\.version) ?? []
      throw ReportsError(
        .unknownVersion,
        "'\(word)' is neither a model version "
          + (project == nil
            ? "(\(folder.path) holds no vitrine.yaml; --project says where it is)"
            : "of the project (it has \(known.joined(separator: ", ")))")
          + " nor a file or folder: name a version, a dossier.json or a bundle")
    }
    if ["asice", "zip"].contains(url.pathExtension.lowercased()) {
      return try DiffSource.bundle(url, unverified: unverified)
    }
    return try DiffSource.dossier(url, records: project?.runs ?? [])
  }

  /// Refuses a model version that has no run: nothing can be said of it.
  func requireRuns(_ source: DiffSource) throws {
    guard source.kind == .version, !source.dossier.runs.contains(where: { $0.modelVersion == source.label }) else {
      return
    }
    let others = source.dossier.runsNotCited.filter {
      ["other-system", "other-weights", "other-plan"].contains($0.code)
    }
    let what =
      others.first.map { first in
        "model version '\(source.label)' has no run that counts (\(others.count) do not; \(first.id): \(first.reason)), so there is "
          + "nothing to compare"
      } ?? "model version '\(source.label)' has no run in the store, so there is nothing to compare"
    throw ReportsError(
      .unknownVersion,
      "\(what); 'vitrine analyze --model \(source.label)' and 'vitrine evaluate --model \(source.label)' make its runs")
  }

  /// A model version: its dossier built from the store as it is now.
  func source(_ version: Project.ModelVersion) throws -> DiffSource {
    guard let project else { throw ReportsError(.unknownVersion, "there is no project in \(folder.path)") }
    let dossier = try project.builder().build(project.inputs(version)).dossier
    let runs = DiffSource.matching(project.runs, dossier)
    let approvals = try store.map { store in
      try runs.flatMap { run in
        try store.entries(about: run.record.id).filter { $0.kind == RunSignature.kind }.map { entry in
          let statement = try entry.decoded(as: RunSignature.self).statement
          return DiffSource.Approval(
            name: statement.name, function: statement.function, meaning: statement.meaning, date: statement.date,
            run: run.record.id)
        }
      }
    }
    let signOffs = try store?.documents(SignOff.self).filter {
      $0.statement.about == "dossier" && $0.statement.modelVersion == version.version
    }.map {
      DiffSource.Approval(
        name: $0.statement.name, function: $0.statement.function, meaning: $0.statement.role, date: $0.statement.date,
        run: nil)
    }
    return DiffSource(
      kind: .version, label: version.version, dossier: dossier, runs: runs,
      approvals: (approvals ?? []) + (signOffs ?? []))
  }

  /// The records of circuits measured on both versions' models.
  func transfers() throws -> [TransferRecord] { try store?.documents(TransferRecord.self) ?? [] }
}

/// What can be said of two versions only with their models at hand: tensors, and circuits on the other model.
struct DiffModels {
  var tensors: TensorDifference?
  var tensorsNote: String
  var transferNote: String

  /// Nothing, and why.
  init(without reason: String) {
    tensorsNote = reason
    transferNote = reason
  }

  /// Compares the tensors and measures the circuits that were not measured yet; each measurement becomes a record of
  /// the store.
  static func measured(
    _ before: DiffSource, _ after: DiffSource, project: Project, known: [TransferRecord]
  ) throws -> DiffModels {
    guard before.kind == .version, after.kind == .version else {
      return DiffModels(without: "Only model versions of a project have their models at hand.")
    }
    let versions = try [before, after].map { try project.model(version: $0.label) }
    var checkpoints: [Checkpoint] = []
    for (source, version) in zip([before, after], versions) {
      guard source.dossier.model.rootSha256.count == 1 else {
        return DiffModels(without: "The runs of version \(source.label) do not rest on one model.")
      }
      guard FileManager.default.fileExists(atPath: version.folder.path) else {
        return DiffModels(
          without: "The model folder of version \(source.label), \(version.folder.lastPathComponent), is not there.")
      }
      // Opened before it is digested, so that whatever changes from here on is noticed.
      let opened = Result { try Checkpoint(folder: version.folder) }
      guard try ModelIdentity.rootDigest(folder: version.folder) == source.dossier.model.rootSha256[0] else {
        return DiffModels(
          without:
            "The model folder of version \(source.label), \(version.folder.lastPathComponent), has other files than those "
            + "that were run.")
      }
      checkpoints.append(try opened.get())
    }
    guard before.dossier.model.rootSha256 != after.dossier.model.rootSha256 else {
      return DiffModels(without: "Both versions have the same files.")
    }
    var models = DiffModels(
      without: "Read from the folders of both versions, whose root digests are those of the runs.")
    models.tensors = try .between(checkpoints[0], checkpoints[1])
    for checkpoint in checkpoints { try checkpoint.checkUnchanged() }
    models.transferNote = try transfer(before, after, versions, project, known)
    return models
  }

  /// Measures what is not recorded yet.
  /// - Returns: why a behaviour may have no record.
  private static func transfer(
    _ before: DiffSource, _ after: DiffSource, _ versions: [Project.ModelVersion], _ project: Project,
    _ known: [TransferRecord]
  ) throws -> String {
    let reason =
      "One of the two versions has no circuit for this behaviour, or its prompts cannot be read by both models."
    let jobs = after.dossier.behaviours.compactMap { behaviour -> (RunRecord, RunRecord)? in
      let earlier = before.dossier.behaviours.first { $0.id == behaviour.id }
      guard let a = before.runs.first(where: { $0.record.id == earlier?.run })?.record,
        let b = after.runs.first(where: { $0.record.id == behaviour.run })?.record,
        a.analysis?.circuit != nil, b.analysis?.circuit != nil, b.analysisPlan != nil,
        !known.contains(where: { $0.before.run == a.id && $0.after.run == b.id })
      else { return nil }
      return (a, b)
    }
    guard !jobs.isEmpty else { return reason }
    let models = try zip([before, after], versions).map { source, version in
      let model = try LoadedModel(version, of: project)
      guard model.recorder.model.rootSha256 == source.dossier.model.rootSha256[0] else {
        throw RegularFile.changed(version.folder)
      }
      return model
    }
    let store = try Store.open(at: project.storeFile, mode: .readWrite)
    Interruption.listen()
    for (a, b) in jobs {
      guard let record = try Self.record(a, b, models) else { continue }
      try store.append(record)
    }
    return reason
  }

  private static func record(_ a: RunRecord, _ b: RunRecord, _ models: [LoadedModel]) throws -> TransferRecord? {
    guard let plan = b.analysisPlan, let first = a.analysis?.circuit?.heads, let second = b.analysis?.circuit?.heads
    else {
      return nil
    }
    let started = Timestamp.now()
    let columns = try models.map { model -> [Analyzer.TransferScore]? in
      let line = ProgressLine("\(model.recorder.modelVersion) \(plan.behaviour)")
      defer { line.finish() }
      return try Analyzer(model: model.transformer, tokenizer: model.tokenizer, folder: model.folder).transfer(
        [first, second], plan: plan, progress: { line.update("transfer of circuits", done: $0.done, total: $0.total) },
        isCancelled: { Interruption.isRequested })
    }
    guard let onFirst = columns[0], let onSecond = columns[1] else { return nil }
    func side(_ record: RunRecord, _ model: LoadedModel, _ circuit: [Node]) -> TransferRecord.Side {
      TransferRecord.Side(
        modelVersion: record.modelVersion, run: record.id, rootSha256: model.recorder.model.rootSha256, circuit: circuit
      )
    }
    return TransferRecord(
      behaviour: plan.behaviour, before: side(a, models[0], first), after: side(b, models[1], second), plan: plan,
      scores: [[onFirst[0], onSecond[0]], [onFirst[1], onSecond[1]]], started: started,
      program: models[1].recorder.program, machine: models[1].recorder.machine)
  }
}
