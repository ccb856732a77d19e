import Analysis
import ArgumentParser
import Foundation
import Project

/// Which project a command works on.
struct ProjectOptions: ParsableArguments {
  @Option(name: .customLong("project"), help: "The project's folder (default: the current folder).")
  var folder: String?

  /// The project's folder.
  /// - Parameter argument: the folder given as the command's own argument, if it takes one.
  func url(_ argument: String? = nil) throws -> URL {
    if let argument, let folder,
      URL(fileURLWithPath: argument).standardized != URL(fileURLWithPath: folder).standardized
    {
      throw ValidationError(
        "the project's folder is given twice, as '\(argument)' and as --project '\(folder)'; give it once")
    }
    return URL(fileURLWithPath: argument ?? folder ?? ".", isDirectory: true).standardizedFileURL
  }

  /// The store of the project's folder, whether or not the folder holds a `vitrine.yaml`.
  func storeFile() throws -> URL { try url().appendingPathComponent("evidence.sqlite") }

  /// The project, if the folder holds a `vitrine.yaml` that can be read; otherwise why not.
  func loadIfThere() throws -> Result<Project, ProjectError> {
    do {
      return .success(try ProjectLoader.load(folder: try url()))
    } catch let error as ProjectError {
      return .failure(error)
    }
  }

  /// The project, read and validated; its warnings go to standard error.
  func load(_ argument: String? = nil) throws -> Project {
    let project = try ProjectLoader.load(folder: try url(argument))
    for warning in project.warnings { Console.err("warning: \(Format.harmless(warning))") }
    return project
  }
}

/// Which model versions a command works on.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp("A model version of vitrine.yaml; repeat for several (default: all).", valueName: "version"))
  var versions: [String] = []

  func select(_ project: Project) throws -> [Project.ModelVersion] {
    guard !project.models.isEmpty else {
      throw ProjectError(
        .missingKey,
        "vitrine.yaml names no model; add one, e.g. 'models: {\"1.0\": {folder: models/v1.0}}', or see 'vitrine check'")
    }
    return try versions.isEmpty ? project.models : versions.map { try project.model(version: $0) }
  }
}
