import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Validate the project, its prompts and its models, and say what is missing and what to do next.",
    discussion: """
      Reads vitrine.yaml and the data, opens each model, and reads every prompt with the model's tokenizer: pairs must align \
      token by token, answers must be readable. Nothing is computed or stored. What is not there yet is printed, not an \
      error (--strict makes it exit 1). What is there and wrong exits 65.
      """)

  @Argument(help: "The project's folder (default: the current folder).") var folder: String?
  @OptionGroup var project: ProjectOptions
  @Flag(help: "Exit 1 if anything is missing.") var strict = false
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let project: Project
    do {
      project = try ProjectLoader.load(folder: try self.project.url(folder))
    } catch let error as ProjectError where output.json {
      // A program that reads the messages gets this one too, and the same exit status as a person.
      Console.out(try CanonicalJSON.encode([CheckMessage(.error, "project", error.message)]))
      throw error
    }
    let directory = folder ?? self.project.folder ?? "."
    let argument = directory == "." ? "" : " \(directory)"
    var messages = ProjectCheck.findings(project, directory: directory)
    let next = messages.popLast()
    let missing = messages.filter { $0.severity == .todo }
    // What is still the scaffold's example is to be replaced, not to be fitted to the model's tokenizer.
    let ready = project.behaviours.filter { behaviour in
      !missing.contains { $0.topic == "data" || $0.topic == "behaviours" && $0.text.hasPrefix("'\(behaviour.id)'") }
    }
    let inside = project.models.flatMap { version in
      missing.contains { $0.text.hasPrefix("model \(version.version):") }
        ? ModelCheck.weights(version)
        : ModelCheck(
          project, version, behaviours: ready, evaluating: !missing.contains { $0.topic == "data" }
        ).messages
    }
    messages += BindingCheck(project).messages
    messages += AttachmentCheck(project).messages
    messages += StatementCheck(project).messages
    messages.insert(contentsOf: inside, at: messages.firstIndex { $0.topic != "models" } ?? messages.count)
    if let next {
      messages.append(
        messages.contains { $0.severity == .error } && next.severity == .ok
          ? CheckMessage(
            .error, "next", "something above stands in the way",
            remedy: "mend the points marked error, then run `vitrine check\(argument)` again")
          : next)
    }
    if output.json {
      Console.out(try CanonicalJSON.encode(messages))
    } else {
      let table = ready.isEmpty && project.evaluation == nil ? "" : ProjectTable(project).text
      for message in messages {
        if message.topic == "next", !table.isEmpty { Console.out("\n\(table)\n") }
        Console.out(
          "\(message.severity.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)) \(Format.harmless("\(message)"))"
        )
      }
    }
    if messages.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.badInput.rawValue) }
    if strict, messages.contains(where: { $0.severity != .ok }) { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }
}

/// What can be said of a model only by opening it.
struct ModelCheck {
  let messages: [CheckMessage]

  /// - Parameters:
  ///   - behaviours: those that are described.
  ///   - isReady: whether the evaluation rests on data of the user's.
  init(
    _ project: Project, _ version: Project.ModelVersion, behaviours: [Project.Behaviour], evaluating isReady: Bool
  ) {
    do {
      let checkpoint = try Checkpoint(folder: version.folder, ignoredTensors: version.ignoredTensors)
      // What would stop 'analyze' at the end of reading stops the check too: links, as a hub's cache has them.
      try ModelIdentity.checkFolder(version.folder)
      let outline = try ModelOutline(checkpoint)
      let tokenizer = try checkpoint.tokenizer()
      let model = try outline.load(consuming: true)
      let analyzer = Analyzer(model: model, tokenizer: tokenizer, folder: version.path)
      messages =
        [
          CheckMessage(
            .ok, "models",
            "model \(version.version) opens: \(model.modelType), \(model.layerCount) layers of \(model.headsPerLayer) heads, \(outline.parameters) parameters"
          )
        ] + outline.remarks.map { RemarkText($0).message(version) }
        + behaviours.map { Self.check($0, project, version, analyzer) }
        + PromptPiecesCheck(project, version, tokenizer).messages
        + ClassCheck(project, version, model, behaviours: behaviours, evaluating: isReady).messages
        + (isReady ? Self.evaluation(project, version, checkpoint, model).map { [$0] } ?? [] : [])
    } catch {
      messages = [CheckMessage(.error, "models", "model \(version.version): \(error)")]
    }
  }

  /// What the weights alone say where something else, e.g. the tokenizer, is still missing: whatever would stop an analysis, and what it
  /// would leave out.
  static func weights(_ version: Project.ModelVersion) -> [CheckMessage] {
    let needed = ["config.json", "model.safetensors"].map { version.folder.appendingPathComponent($0).path }
    guard needed.allSatisfy(FileManager.default.fileExists(atPath:)) else { return [] }
    do {
      let outline = try ModelOutline(Checkpoint(folder: version.folder, ignoredTensors: version.ignoredTensors))
      return outline.remarks.map { RemarkText($0).message(version) }
    } catch {
      return [CheckMessage(.error, "models", "model \(version.version): \(error)")]
    }
  }

  /// Reads every record of the evaluation with the model's tokenizer; nil if the project has no evaluation.
  private static func evaluation(
    _ project: Project, _ version: Project.ModelVersion, _ checkpoint: Checkpoint, _ model: Transformer
  ) -> CheckMessage? {
    guard let plan = project.evaluationPlan(version: version.version) else { return nil }
    let name = "evaluation on model \(version.version)"
    do {
      let evaluator = Evaluator(model: model, tokenizer: try checkpoint.tokenizer(), folder: version.path)
      let check = try evaluator.check(plan)
      let tokens = Self.range(check.tokens)
      guard let first = check.refused.first else {
        return CheckMessage(.ok, "prompts", "\(name): \(check.records) records of \(tokens) tokens")
      }
      return CheckMessage(
        check.refused.count == check.records ? .error : .gap, "prompts",
        "\(name): \(check.refused.count) of \(check.records) records would be refused, first '\(first.pair)': \(first.detail)"
      )
    } catch {
      return CheckMessage(.error, "prompts", "\(name): \(error)")
    }
  }

  /// `70 to 82`; `no` where nothing could be read.
  private static func range(_ tokens: ClosedRange<Int>?) -> String {
    guard let tokens else { return "no" }
    return tokens.count == 1 ? "\(tokens.lowerBound)" : "\(tokens.lowerBound) to \(tokens.upperBound)"
  }

  private static func check(
    _ behaviour: Project.Behaviour, _ project: Project, _ version: Project.ModelVersion, _ analyzer: Analyzer
  ) -> CheckMessage {
    let name = "behaviour '\(behaviour.id)' on model \(version.version)"
    do {
      let check = try analyzer.check(project.plan(for: behaviour))
      let tokens = Self.range(check.tokens)
      if let first = check.refused.first {
        return CheckMessage(
          check.refused.count == check.pairs ? .error : .gap, "prompts",
          "\(name): \(check.refused.count) of \(check.pairs) pairs would be refused, first '\(first.pair)': \(first.detail)"
        )
      }
      if let first = check.identical.first {
        return CheckMessage(
          .gap, "prompts",
          "\(name): \(check.identical.count) of \(check.pairs) pairs have twice the same prompt, first '\(first)'",
          remedy: "give 'substitute' two different values")
      }
      return CheckMessage(.ok, "prompts", "\(name): \(check.pairs) pairs of \(tokens) tokens align")
    } catch let error as AnalysisError where error.code == .badAnswer {
      return CheckMessage(
        .error, "prompts", "\(name): \(error)",
        remedy:
          "set 'answers' of that behaviour, or 'prompts › answers' for all, to what your model was trained to answer")
    } catch {
      return CheckMessage(.error, "prompts", "\(name): \(error)")
    }
  }
}

/// Whether the runs in the store are of this system, of the models as they are now, and of the present plan.
struct BindingCheck {
  let messages: [CheckMessage]

  init(_ project: Project) {
    guard FileManager.default.fileExists(atPath: project.storeFile.path) else {
      messages = []
      return
    }
    do {
      let store = try Store.open(at: project.storeFile, mode: .readOnly)
      let runs = try store.allRuns()
      let catalogue = try LawCatalogue.load()
      let models = ModelsNow(project: project, runs: runs)
      let waivers = try store.waivers()
      messages = try project.models.compactMap { version in
        let inputs = DossierInputs(
          project: project, modelVersion: version.version, runs: runs, catalogue: catalogue,
          statements: StatementSet(folder: project.documentation.lastPathComponent, statements: []), waivers: waivers,
          models: models)
        let unbound = try inputs.unboundRuns()
        guard let first = unbound.first else { return nil }
        return CheckMessage(
          .gap, "runs",
          "model \(version.version): \(unbound.count) \(unbound.count == 1 ? "run counts" : "runs count") for nothing now; first "
            + "\(first.subject), \(first.id): \(first.reason)",
          remedy: "'vitrine dossier status' lists them; 'vitrine analyze' and 'vitrine evaluate' measure again")
      }
    } catch {
      messages = [CheckMessage(.error, "runs", "\(error)")]
    }
  }
}

/// Whether the copies of attached files are what was attached: a dossier and a bundle are refused otherwise.
struct AttachmentCheck {
  let messages: [CheckMessage]

  init(_ project: Project) {
    guard FileManager.default.fileExists(atPath: project.storeFile.path) else {
      messages = []
      return
    }
    do {
      let store = try Store.open(at: project.storeFile, mode: .readOnly)
      let register = try AttachmentRegister(store)
      let files = AttachmentFiles(besideStore: store.url)
      messages = register.records.map(\.document).filter { register.successor(of: $0.id) == nil }.compactMap { record in
        let state = files.content(record).state
        guard state != .here else { return nil }
        return CheckMessage(
          .error, "evidence",
          "the copy of '\(record.title)' (\(record.file)) "
            + "\(state == .missing ? "is missing" : "has other bytes than were attached"): \(files.url(record).path)",
          remedy:
            "take it from a backup, or attach the file anew with 'vitrine evidence add FILE --supersedes \(record.id) …'"
        )
      }
    } catch {
      messages = [CheckMessage(.error, "evidence", "\(error)")]
    }
  }
}

/// What the provider's statements look like from outside: whether they can be read, and how much is still missing.
struct StatementCheck {
  let messages: [CheckMessage]

  init(_ project: Project) {
    do {
      let catalogue = try LawCatalogue.load()
      let statements = try StatementLoader.load(
        folder: project.documentation, catalogue: catalogue, project: project.folder)
      let unread = statements.unread.map {
        CheckMessage(.gap, "documentation", "'\($0.file)' is not read", remedy: $0.remedy)
      }
      let undated = statements.notYet(on: CalendarDate.today).map {
        CheckMessage(
          .gap, "documentation", "'\($0.file)' is dated \($0.date.map(\.description) ?? ""), which has not come yet",
          remedy: "correct 'date'; until then the dossier is dated so, and nothing counts as out of date before it")
      }
      let assignments = try AssignmentTable(project.owners, catalogue: catalogue)
      let found = try project.models.flatMap { version -> [CheckMessage] in
        let status = DossierStatus.evaluate(
          catalogue: catalogue, statements: statements,
          facts: try ProjectFacts(project: project, modelVersion: version.version), assignments: assignments, runs: [])
        return Self.conflicts(status) + Self.gaps(status, version: version.version)
      }
      messages = unread + undated + found
    } catch {
      messages = [CheckMessage(.error, "documentation", "\(error)")]
    }
  }

  private static func conflicts(_ status: DossierStatus) -> [CheckMessage] {
    status.conflicts.map {
      CheckMessage(
        .gap, "documentation",
        "\($0.used.place) says \($0.key): \($0.used.value), and \($0.other.place) says \($0.other.value)",
        remedy: "what the statement itself says counts; make both say the same")
    }
  }

  private static func gaps(_ status: DossierStatus, version: String) -> [CheckMessage] {
    guard !status.gaps.isEmpty else { return [] }
    let elements = status.items.reduce(0) { $0 + $1.elements.count }
    return [
      CheckMessage(
        .gap, "documentation",
        "model \(version): \(status.gaps.count) of \(elements) elements of Annex IV have no statement of the provider yet (runs may "
          + "evidence a few)",
        remedy: "'vitrine dossier status' lists them and says what to write where")
    ]
  }
}
