import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Say what changed between two versions, or how the versions went.",
    discussion: """
      'vitrine diff A B' compares two model versions, dossiers or bundles and exits 1 only if something changed beyond the \
      declared envelope of pre-determined changes. 'vitrine diff --all' draws the history. 'vitrine diff sign FILE' signs a \
      person's decision whether the change is a substantial modification.
      """,
    subcommands: [DiffCompare.self, DiffSign.self], defaultSubcommand: DiffCompare.self)
}

struct DiffCompare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare two versions: vitrine diff A B, or all: vitrine diff --all.",
    discussion: """
      A and B are model versions of the project, dossier.json files or their folders, or bundles; B is the later one. Behaviour \
      is compared on the same prompts with intervals and tests, mechanism head by head, the documentation statement by \
      statement. The files go to diff/<A>-<B>/: diff.md, diff.html, diff.json, and worksheet.yaml with the law's questions about \
      a substantial modification, which a person fills in and signs ('vitrine diff sign').

      With the models of both versions at hand, tensors are compared and each circuit is measured on the other model; these \
      measurements become records of the store. --no-models leaves them out.

      Exit status 1 if something changed beyond the envelope declared under 'changes' in vitrine.yaml (Annex IV, point 2(f)), \
      or if a version is not there. --all draws every behaviour and group over the versions and always exits 0.
      """)

  @Argument(help: "The earlier version, dossier or bundle.") var before: String?
  @Argument(help: "The later version, dossier or bundle.") var after: String?
  @Flag(help: "Draw the history of all versions of the project instead.") var all = false
  @OptionGroup var project: ProjectOptions
  @Option(help: ArgumentHelp("Where to write (default: diff/<A>-<B> in the project's folder).", valueName: "folder"))
  var to: String?
  @Flag(help: "Leave out what takes the models: tensors, and circuits on the other model.") var noModels = false
  @Flag(help: "Read bundles whose seal does not hold; every page then says so.") var unverified = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if all ? before != nil : before == nil || after == nil {
      throw ValidationError("say what to compare: two versions, dossiers or bundles, or --all")
    }
  }

  func run() async throws {
    let sources = try DiffSources(project)
    if all { return try history(sources) }
    guard let before, let after else { return }
    let first = try sources.source(before, unverified: unverified)
    let second = try sources.source(after, unverified: unverified)
    try [first, second].forEach(sources.requireRuns)
    if first.kind == second.kind, first.dossier == second.dossier {
      Console.err("warning: both sides are the same, \(first.words): nothing can differ")
    }
    let models = try models(first, second, sources)
    let inputs = DiffInputs(
      before: first, after: second, settings: sources.project?.project.changes ?? .standard,
      catalogue: try sources.project?.catalogue ?? LawCatalogue.load(), tensors: models.tensors,
      tensorsNote: models.tensorsNote, transfers: try sources.transfers() + first.transfers + second.transfers,
      transferNote: models.transferNote)
    let built = try sources.builder().build(inputs)
    let folder = try folder("\(Self.name(first))-\(Self.name(second))")
    let files = try DossierWriter.write(built.files, to: folder)
    let worksheet = try worksheet(built.diff, in: folder, sources)
    if output.json {
      Console.out(try CanonicalJSON.encode(built.diff))
    } else {
      try Console.out(built.summary)
      for file in files + [worksheet] { Console.out("  \(file.path)") }
    }
    if !built.diff.outcome.beyond.isEmpty { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }

  private func models(_ first: DiffSource, _ second: DiffSource, _ sources: DiffSources) throws -> DiffModels {
    guard !noModels else { return DiffModels(without: "The models were left out (--no-models).") }
    guard let project = sources.project?.project else { return DiffModels(without: "The models were not at hand.") }
    return try .measured(first, second, project: project, known: sources.transfers())
  }

  private func folder(_ name: String) throws -> URL {
    if let to { return URL(fileURLWithPath: to, isDirectory: true) }
    return try project.url().appendingPathComponent("diff").appendingPathComponent(name)
  }

  /// A side's name in a folder's name; a stranger's dossier may call itself anything.
  private static func name(_ source: DiffSource) -> String {
    String(
      source.label.prefix(100).map {
        $0.isASCII && ($0.isLetter || $0.isNumber || "._-+".contains($0)) ? $0 : "_"
      })
  }

  /// Writes the worksheet unless a person has begun to fill it in.
  private func worksheet(_ diff: Diff, in folder: URL, _ sources: DiffSources) throws -> URL {
    let file = folder.appendingPathComponent("worksheet.yaml")
    let register = DecisionRegister(sources.project?.decisions ?? [], system: diff.system)
    let blank = try WorksheetFile.blank(
      diff, superseding: register.inForce(before: diff.before.modelVersion, after: diff.after.modelVersion))
    if FileManager.default.fileExists(atPath: file.path) {
      let present = try WorksheetFile(file)
      guard !present.isStarted else {
        if present.diffSha256 != (try SHA256.digest(of: CanonicalJSON.encode(diff)).hex) {
          Console.err(
            "warning: \(file.path) is filled in for another state of this comparison and was left as it is; move it away to get a new one"
          )
        }
        return file
      }
    }
    return try DossierWriter.write([("worksheet.yaml", blank)], to: folder)[0]
  }

  private func history(_ sources: DiffSources) throws {
    guard let project = sources.project else {
      throw ReportsError(.unknownVersion, "--all draws the versions of a project, and there is no vitrine.yaml here")
    }
    let versions = try project.project.models.map { try sources.source($0) }
    let built = try HistoryBuilder(
      confidence: project.project.changes.confidence, templates: sources.templates,
      language: project.project.language
    ).build(versions)
    let files = try DossierWriter.write(built.files, to: try folder("all"))
    if output.json { return Console.out(try CanonicalJSON.encode(built.history)) }
    try Console.out(built.document)
    for file in files { Console.out("  \(file.path)") }
  }
}
