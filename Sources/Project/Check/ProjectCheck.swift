import Analysis
import Foundation

/// Says what a project still lacks, in the order in which it is best mended. Looks at files, not into models: whether prompts
/// align token by token is checked where the tokenizer is at hand.
public enum ProjectCheck {
  /// What the scaffold's placeholder texts begin with.
  public static let placeholder = "REPLACE"
  /// The scaffold's placeholder data file.
  static let placeholderData = "data/placeholder.csv"

  /// The findings, by topic in the order of work: models, data, behaviours, evaluation, system, people, documentation; then
  /// the loader's warnings; then what to do next.
  /// - Parameters:
  ///   - project: the project as loaded.
  ///   - directory: the project folder as the user names it, for the commands in the messages; nil for the folder's path.
  public static func findings(_ project: Project, directory: String? = nil) -> [CheckMessage] {
    let directory = directory ?? project.folder.path
    var messages = models(project, directory: directory)
    messages += data(project) + behaviours(project) + evaluation(project)
    messages += system(project) + people(project) + documentation(project)
    messages += project.warnings.map { CheckMessage(.gap, "warning", $0) }
    let errors = messages.count { $0.severity == .todo }
    let argument = directory == "." ? "" : " \(directory)"
    messages.append(
      errors == 0
        ? CheckMessage(.ok, "next", "the project can be analysed", remedy: "run `vitrine analyze\(argument)`")
        : CheckMessage(
          .todo, "next", "\(errors) of the points above stand in the way of a first analysis",
          remedy: "mend them in vitrine.yaml from the top, then run `vitrine check\(argument)` again"))
    return messages
  }

  // MARK: What an analysis needs

  static func models(_ project: Project, directory: String) -> [CheckMessage] {
    guard !project.models.isEmpty else {
      return [
        CheckMessage(
          .todo, "models", "no model is named",
          remedy: "add the key 'models', e.g. 'models: {\"1.0\": {folder: models/v1.0}}'")
      ]
    }
    return SameModels.messages(project.models)
      + project.models.map { model in
        let name = "model \(model.version)"
        guard isFolder(model.folder) else {
          if let problem = misnamed(model) {
            return CheckMessage(.todo, "models", "\(name): \(problem.text)", remedy: problem.remedy)
          }
          let target = model.path.hasPrefix("/") || directory == "." ? model.path : "\(directory)/\(model.path)"
          return CheckMessage(
            .todo, "models", "\(name): there is no folder '\(model.path)'",
            remedy: "copy your model there, `cp -r YOUR_MODEL_FOLDER \(target)` (config.json, *.safetensors and "
              + "tokenizer.json, as Hugging Face lays them out), or let 'models › \(model.version) › folder' in "
              + "vitrine.yaml point to it")
        }
        let missing = missingModelFiles(model.folder)
        // What is there instead is named when the model is opened.
        guard missing.isEmpty || FolderObstacle.find(in: model.folder) != nil else {
          return CheckMessage(
            .todo, "models", "\(name): the folder '\(model.path)' has no \(missing.joined(separator: " and no "))",
            remedy: "copy the whole folder as your training code or `save_pretrained` wrote it")
        }
        return CheckMessage(.ok, "models", "\(name) is in '\(model.path)'")
      }
  }

  /// A path that is no folder for a reason that can be said; nil if it is just not there yet.
  private static func misnamed(_ model: Project.ModelVersion) -> (text: String, remedy: String)? {
    if FileManager.default.fileExists(atPath: model.folder.path) {
      return (
        "'\(model.path)' is a file, not a folder",
        "let 'models › \(model.version) › folder' name the folder that holds it, with config.json and tokenizer.json"
      )
    }
    if let remedy = PathAdvice.remedy(model.path, at: model.folder, guessing: false) {
      return ("there is no folder '\(model.path)'", remedy)
    }
    return nil
  }

  private static func missingModelFiles(_ folder: URL) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    var missing = ["config.json", "tokenizer.json"].filter { !names.contains($0) }
    if !names.contains(where: { $0.hasSuffix(".safetensors") }) { missing.append("*.safetensors file") }
    return missing
  }

  static func data(_ project: Project) -> [CheckMessage] {
    project.dataFiles.map { path in
      path == placeholderData
        ? CheckMessage(
          .todo, "data", "'\(path)' is the placeholder that `vitrine init` wrote, not your data",
          remedy: "put your records beside it as a CSV file with a header, "
            + "and let 'prompts › data' in vitrine.yaml name that file")
        : CheckMessage(.ok, "data", "'\(path)' was read")
    }
  }

  static func behaviours(_ project: Project) -> [CheckMessage] {
    guard !project.behaviours.isEmpty else {
      return [
        CheckMessage(
          .todo, "behaviours", "no behaviour is described, so there is nothing to analyse",
          remedy: "add the key 'behaviours' with at least an id, a question and 'substitute' or 'pairs'")
      ]
    }
    return project.behaviours.map { behaviour in
      if isPlaceholder(behaviour.question) || isPlaceholder(behaviour.id) {
        return CheckMessage(
          .todo, "behaviours", "'\(behaviour.id)' is the example that `vitrine init` wrote",
          remedy: "give it your own 'id', 'question' and 'substitute' under 'behaviours', "
            + "and set 'prompts › template' and 'prompts › answers' to what your model was trained on")
      }
      guard !behaviour.pairs.isEmpty else {
        return CheckMessage(
          .todo, "behaviours", "'\(behaviour.id)' has no prompt pairs",
          remedy: "loosen 'where' or 'records', or add 'pairs', in that behaviour")
      }
      let recorded = behaviour.asRecorded.map {
        " (as recorded: \($0.clean) clean, \($0.counterfactual) counterfactual, \($0.neither) neither)"
      }
      return CheckMessage(
        .ok, "behaviours", "'\(behaviour.id)' has \(behaviour.pairs.count) prompt pairs\(recorded ?? "")")
    }
  }

  static func evaluation(_ project: Project) -> [CheckMessage] {
    guard let evaluation = project.evaluation else {
      return [
        CheckMessage(
          .gap, "evaluation", "no labelled evaluation is described, so the dossier will hold no performance figures",
          remedy: "add the key 'evaluation' with 'label: {column: …, positive: …}' and 'groups: […]'")
      ]
    }
    guard !project.dataFiles.contains(placeholderData) else {
      return [
        CheckMessage(
          .gap, "evaluation", "it still rests on the placeholder data",
          remedy:
            "set 'evaluation › label' and 'evaluation › groups' to columns of your data file, or remove 'evaluation'")
      ]
    }
    let count = "\(evaluation.examples.count) labelled records"
    let summary = EvaluationSummary(evaluation)
    guard !evaluation.groupings.isEmpty else {
      return [
        CheckMessage(
          .gap, "evaluation", "\(count), but no groups",
          remedy: "add 'groups: [column, …]' under 'evaluation' for figures by group of persons")
      ] + summary.labels + summary.predictions
    }
    return [CheckMessage(.ok, "evaluation", "\(count), by \(evaluation.groupings.joined(separator: ", "))")]
      + summary.labels + summary.groups + summary.predictions
  }

  // MARK: What the documentation needs

  static func system(_ project: Project) -> [CheckMessage] {
    let system = project.system
    var messages: [CheckMessage] = []
    if isPlaceholder(system.name) {
      messages.append(
        CheckMessage(
          .gap, "system", "the system's name is the scaffold's placeholder",
          remedy: "set 'system › name' in vitrine.yaml"))
    }
    let wanted: [(key: String, value: String?, why: String)] = [
      ("provider", system.provider, "who develops the system and places it on the market"),
      ("intended_purpose", system.intendedPurpose, "what it is to be used for, by whom, on whom"),
      ("risk_class", system.riskClass, "e.g. high-risk"),
    ]
    for (key, value, why) in wanted where value == nil || value.map(isPlaceholder) == true {
      messages.append(
        CheckMessage(
          .gap, "system", "the \(key.replacing("_", with: " ")) is not stated",
          remedy: "set 'system › \(key)' in vitrine.yaml: \(why)"))
    }
    if system.riskClass == "high-risk", system.annexIIIPoint == nil, !system.annexI {
      messages.append(
        CheckMessage(
          .gap, "system", "a high-risk system with neither a point of Annex III nor Annex I",
          remedy: "set 'system › annex_iii_point' (e.g. 5(b)) or 'system › annex_i: true' in vitrine.yaml"))
    }
    return messages.isEmpty ? [CheckMessage(.ok, "system", "'\(system.name)' is described")] : messages
  }

  static func people(_ project: Project) -> [CheckMessage] {
    guard !project.people.isEmpty else {
      return [
        CheckMessage(
          .gap, "people", "nobody is named, so nobody can sign",
          remedy: "list under 'people' who prepares, reviews and approves, each with name, function and roles")
      ]
    }
    var messages: [CheckMessage] = []
    for role in ["prepared", "reviewed", "approved"] where !project.people.contains(where: { $0.roles.contains(role) })
    {
      messages.append(
        CheckMessage(
          .gap, "people", "nobody has the role '\(role)'",
          remedy: "add '\(role)' to the 'roles' of a person under 'people'"))
    }
    let approvers = project.people.filter { $0.roles.contains("approved") }
    let preparers = project.people.filter { $0.roles.contains("prepared") }
    if approvers.count == 1, preparers.map(\.name) == approvers.map(\.name) {
      messages.append(
        CheckMessage(
          .gap, "people", "\(approvers[0].name) alone both prepares and approves",
          remedy: "give 'approved' to another person under 'people': who prepared a dossier cannot approve it"))
    }
    return messages.isEmpty
      ? [CheckMessage(.ok, "people", "\(project.people.count) people cover the three roles")] : messages
  }

  static func documentation(_ project: Project) -> [CheckMessage] {
    let name = project.documentation.lastPathComponent
    let names = (try? FileManager.default.contentsOfDirectory(atPath: project.documentation.path)) ?? []
    let statements = names.filter { $0.hasSuffix(".md") && $0 != "README.md" }
    let documents = names.filter { ($0.hasSuffix(".docx") || $0.hasSuffix(".odt")) && !$0.hasPrefix("~$") }
    guard statements.count <= ProjectLimits.statements else {
      return [
        CheckMessage(
          .error, "documentation",
          "the folder '\(name)' holds \(statements.count) Markdown files, more than \(ProjectLimits.statements)",
          remedy: "keep only the provider's statements there, one file per item of Annex IV")
      ]
    }
    let final = statements.count { isFinal(project.documentation.appendingPathComponent($0)) }
    guard isFolder(project.documentation), final > 0 || !documents.isEmpty else {
      return [
        CheckMessage(
          .gap, "documentation", "the folder '\(name)' holds no provider's statements marked final",
          remedy: "write one Markdown file per item of Annex IV there, as \(name)/README.md explains")
      ]
    }
    return [
      CheckMessage(
        .ok, "documentation",
        "'\(name)' holds \(statements.count) files of provider's statements, \(final) of them marked final"
          + (documents.isEmpty ? "" : ", and \(documents.count) documents of word processors"))
    ]
  }

  /// Whether the front matter says so; `vitrine dossier status` reads the statements themselves.
  private static func isFinal(_ file: URL) -> Bool {
    guard let content = try? PlainFile.read(file, limit: ProjectLimits.statementBytes) else { return false }
    let text = String(decoding: content, as: UTF8.self)
    return text.split(whereSeparator: \.isNewline).prefix { !$0.hasPrefix("#") }.contains("status: final")
  }

  private static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
  }

  static func isPlaceholder(_ text: String) -> Bool {
    text.uppercased().hasPrefix(placeholder)
  }
}
