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
    let project = try ProjectLoader.load(folder: try self.project.url(folder))
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
        ? [] : ModelCheck(project, version, behaviours: ready).messages
    }
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
      for message in messages {
        Console.out("\(message.severity.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)) \(message)")
      }
    }
    if messages.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.badInput.rawValue) }
    if strict, messages.contains(where: { $0.severity != .ok }) { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }
}

/// What can be said of a model only by opening it.
struct ModelCheck {
  let messages: [CheckMessage]

  init(_ project: Project, _ version: Project.ModelVersion, behaviours: [Project.Behaviour]) {
    do {
      let checkpoint = try Checkpoint(folder: version.folder)
      let model = try Transformer.load(checkpoint)
      let tokenizer = try checkpoint.tokenizer()
      let analyzer = Analyzer(model: model, tokenizer: tokenizer, folder: version.path)
      messages =
        [
          CheckMessage(
            .ok, "models",
            "model \(version.version) opens: \(model.modelType), \(model.layerCount) layers of \(model.headsPerLayer) heads, \(checkpoint.parameters) parameters"
          )
        ] + behaviours.map { Self.check($0, project, version, analyzer) }
        + PromptPiecesCheck(project, version, tokenizer).messages
    } catch {
      messages = [CheckMessage(.error, "models", "model \(version.version): \(error)")]
    }
  }

  private static func check(
    _ behaviour: Project.Behaviour, _ project: Project, _ version: Project.ModelVersion, _ analyzer: Analyzer
  ) -> CheckMessage {
    let name = "behaviour '\(behaviour.id)' on model \(version.version)"
    do {
      let check = try analyzer.check(project.plan(for: behaviour))
      let tokens =
        check.tokens.map {
          $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)"
        } ?? "no"
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

/// What the provider's statements look like from outside: whether they can be read, and how much is still missing.
struct StatementCheck {
  let messages: [CheckMessage]

  init(_ project: Project) {
    do {
      let catalogue = try LawCatalogue.load()
      let statements = try StatementLoader.load(folder: project.documentation, catalogue: catalogue)
      messages = try project.models.compactMap { version in
        let status = DossierStatus.evaluate(
          catalogue: catalogue, statements: statements,
          facts: try ProjectFacts(project: project, modelVersion: version.version), runs: [])
        let elements = status.items.reduce(0) { $0 + $1.elements.count }
        guard !status.gaps.isEmpty else { return nil }
        return CheckMessage(
          .gap, "documentation",
          "model \(version.version): \(status.gaps.count) of \(elements) elements of Annex IV have no statement of the provider yet (runs may evidence a few)",
          remedy: "'vitrine dossier status' lists them and says what to write where")
      }
    } catch {
      messages = [CheckMessage(.error, "documentation", "\(error)")]
    }
  }
}
