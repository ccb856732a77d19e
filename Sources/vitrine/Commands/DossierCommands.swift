import Analysis
import ArgumentParser
import Evidence
import Foundation
import Project
import Reports

struct DossierCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dossier", abstract: "Write the technical documentation, or say how it stands.",
    discussion: """
      A dossier follows Annex IV item by item. It is made of the runs in the store, the provider's statements in \
      documentation/ and vitrine.yaml, and never of a model. 'vitrine dossier status' says what is missing and what to write \
      where; 'vitrine dossier build' writes the files.
      """,
    subcommands: [DossierBuild.self, DossierStatusCommand.self])
}

struct DossierBuild: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Write dossier/<version>/dossier.{md,html,json} and its extracts for each model version.",
    discussion: """
      Reads the store, vitrine.yaml and the statements in documentation/; never a model. Each item of Annex IV is shown with \
      what is evidenced by runs, declared by the provider, not applicable, or missing and owed by whom. Gaps are printed, not \
      an error; --strict makes them exit 1. The same inputs give the same bytes.

      Beside the dossier it writes the instructions-for-use extract (Article 13(3)), a draft form of the EU declaration of conformity \
      (Annex V), material for the registration (Annex VIII) and a model card. Files in the project's templates/ folder replace the \
      installed templates of the same name, and files in templates/text/<language>/ hold the words of another language than English; \
      an incomplete language is refused with what it lacks. To sign such a dossier, give 'language:' in vitrine.yaml.
      """)

  @OptionGroup var project: ProjectOptions
  @OptionGroup var models: ModelOptions
  @OptionGroup var words: LanguageOptions
  @Flag(help: "Exit 1 if an element of Annex IV is missing.") var strict = false
  @Flag(
    help:
      "Also print each HTML page but the annexes to a PDF, with Chromium (which writes tags) or WeasyPrint if one is installed."
  )
  var pdf = false
  @Flag(
    help: "Also write each HTML page but the annexes as a DOCX, with pandoc and rsvg-convert if they are installed.")
  var docx = false
  @OptionGroup var output: OutputOptions

  private struct Written: Encodable {
    let modelVersion: String
    let files: [String]
    let counts: Dossier.StatusCounts
    let derived: [Derived]?
  }

  /// A copy in another form, which nobody signs.
  private struct Derived: Encodable {
    let file: String
    let from: String
    let fromSha256: String
    let tool: String
    let isTagged: Bool?

    var said: String {
      let tags = isTagged.map { $0 ? "; tagged PDF" : "; PDF WITHOUT TAGS: not for screen readers" } ?? ""
      return "\(file)  (not signed; copy of \(from), SHA-256 \(fromSha256), by \(tool)\(tags))"
    }
  }

  func run() async throws {
    let source = try DossierSource(project)
    let builder = try source.builder(language: words.language)
    for file in source.unread { Console.err("NOT READ: \(Format.harmless(file.file)): \(file.remedy)") }
    for statement in source.statements.notYet(on: .today) {
      Console.err(
        "NOT YET: \(Format.harmless(statement.file)) is dated \(statement.date.map(\.description) ?? ""), which has not come yet: "
          + "correct 'date', for the dossier takes its day from its statements")
    }
    let printers = (pdf: pdf ? try PDFPrinter.find() : nil, docx: docx ? try DOCXPrinter.find() : nil)
    var written: [Written] = []
    for version in try models.select(source.project) {
      let (built, files) = try builder.write(source.inputs(version))
      let pages = files.filter { $0.pathExtension == "html" && built.isPage($0) && !built.isAnnex($0) }
      let derived = try pages.flatMap { try copies(of: $0, built, printers) }
      written.append(
        Written(
          modelVersion: version.version, files: files.map(\.path), counts: built.dossier.counts,
          derived: derived.isEmpty ? nil : derived))
      guard !output.json else { continue }
      Console.out("Model version \(version.version): \(Self.said(built.dossier.counts))")
      for file in files { Console.out("  \(file.path)") }
      for copy in derived { Console.out("  \(copy.said)") }
    }
    if output.json {
      Console.out(try CanonicalJSON.encode(written))
    } else {
      Console.out("'vitrine dossier status' lists what is missing, and what to write where.")
    }
    if strict, written.contains(where: { $0.counts.missing > 0 }) { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }

  private static func said(_ counts: Dossier.StatusCounts) -> String {
    "\(counts.evidenced) evidenced, \(counts.declared) declared, \(counts.notApplicable) not applicable, \(counts.missing) missing"
  }
}

extension DossierBuild {
  private func copies(
    of page: URL, _ built: DossierBuilder.Output, _ printers: (pdf: PDFPrinter?, docx: DOCXPrinter?)
  ) throws -> [Derived] {
    var derived: [Derived] = []
    if let printer = printers.pdf {
      let copy = try DerivedCopy(of: page, tool: printer.tool, text: built.text)
      let (file, isTagged) = try printer.print(copy, beside: page)
      derived.append(
        Derived(
          file: file.path, from: copy.file, fromSha256: copy.sha256, tool: copy.tool, isTagged: isTagged))
    }
    if let printer = printers.docx {
      let copy = try DerivedCopy(of: page, tool: printer.tool, text: built.text)
      let file = try printer.print(copy, beside: page, day: built.dossier.date)
      derived.append(
        Derived(file: file.path, from: copy.file, fromSha256: copy.sha256, tool: copy.tool, isTagged: nil))
    }
    return derived
  }
}

struct DossierStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Say how each item of Annex IV stands, what is missing, and what to write where.",
    discussion: """
      Builds the dossiers in memory and writes nothing. For each element of Annex IV that is missing it names who owes it and by \
      when ('owners' of vitrine.yaml, or the front matter), and the statement to write in documentation/ or the command to run. Gaps \
      are no error; --strict makes them exit 1.

      --overdue prints what was due before today, or before the day of --on, and exits 1 if there is any; with --json it prints the \
      items and elements that are.
      """)

  @OptionGroup var project: ProjectOptions
  @OptionGroup var models: ModelOptions
  @Flag(help: "Exit 1 if an element of Annex IV is missing.") var strict = false
  @Flag(help: "Print only what is overdue, and exit 1 if anything is.") var overdue = false
  @Option(help: ArgumentHelp("The day to go by instead of today, e.g. 2027-03-31.", valueName: "date"))
  var on: String?
  @OptionGroup var output: OutputOptions

  private struct Status: Encodable {
    let modelVersion: String
    let counts: Dossier.StatusCounts
    let items: [Dossier.Item]
  }

  func run() async throws {
    let day = try day()
    let source = try DossierSource(project)
    let builder = try source.builder()
    var statuses: [Status] = []
    var isLate = false
    for (index, version) in try models.select(source.project).enumerated() {
      let built = try builder.build(source.inputs(version))
      let status = try StatusDocument(built, on: day, unread: source.unread, onlyOverdue: overdue)
      isLate = isLate || !status.overdue.isEmpty
      let items = overdue ? status.overdueItems(of: built.dossier) : built.dossier.items
      statuses.append(Status(modelVersion: version.version, counts: built.dossier.counts, items: items))
      if !output.json {
        if index > 0 { Console.out("") }
        try Console.out(status.document)
      }
    }
    if output.json { Console.out(try CanonicalJSON.encode(statuses)) }
    if overdue && isLate || strict && statuses.contains(where: { $0.counts.missing > 0 }) {
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
  }

  /// The day of `--on`, or today by the machine's clock (UTC).
  private func day() throws -> CalendarDate {
    do { return try on.map(CalendarDate.read) ?? .today } catch {
      throw ValidationError("--on is '\(Format.harmless(on ?? ""))', \(error)")
    }
  }
}

/// In which language documents are written.
struct LanguageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The documents' language, e.g. fr (default: 'language' of vitrine.yaml, or en).", valueName: "code"))
  var language: String?
}

/// What every dossier of a project is made of.
struct DossierSource {
  let project: Project
  let runs: [StoredRun]
  let catalogue: LawCatalogue
  private let signatures: [Dossier.RunSigner]
  let statements: StatementSet
  /// Files of the documentation folder that look like statements and are not read.
  var unread: [StatementSet.UnreadFile] { statements.unread }
  private let waivers: [WaiverReading]
  /// Persons' signed decisions about changes.
  let decisions: [ChangeDecision]
  private let models: ModelsNow
  private let attachments: AttachmentRegister?

  init(_ options: ProjectOptions) throws {
    project = try options.load()
    // Without a store there are no runs: everything that runs would evidence is missing, and the dossier says so.
    let store =
      FileManager.default.fileExists(atPath: project.storeFile.path)
      ? try Store.open(at: project.storeFile, mode: .readOnly) : nil
    (runs, signatures) = try store.map(Self.intactRuns) ?? ([], [])
    waivers = try store?.waivers() ?? []
    catalogue = try LawCatalogue.load()
    decisions = try store?.documents(ChangeDecision.self) ?? []
    statements = try StatementLoader.load(
      folder: project.documentation, catalogue: catalogue, project: project.folder)
    attachments = try store.map(AttachmentRegister.init)
    models = ModelsNow(project: project, runs: runs)
    for failure in models.failures { Console.err("NOT HELD AGAINST THE MODEL: \(failure)") }
  }

  /// Every run with persons' signatures, after a check that each record is still what was stored.
  private static func intactRuns(of store: Store) throws -> ([StoredRun], [Dossier.RunSigner]) {
    let verification = try store.verifyAll()
    guard verification.isIntact else {
      for problem in verification.problems { Console.err("vitrine: \(problem)") }
      for run in verification.runs { for problem in run.problems { Console.err("vitrine: run \(run.id): \(problem)") } }
      Console.err(
        "vitrine: \(store.url.path): the store was changed after its runs were written; no dossier is built from it. Restore it from a backup."
      )
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
    return (
      try store.allRuns(),
      verification.signatures.map { .init(run: $0.run, statement: $0.statement, identity: $0.identity) }
    )
  }

  /// A builder with the project's own templates, if it has any, and its language unless another is asked for.
  func builder(language: String? = nil) throws -> DossierBuilder {
    try DossierBuilder(
      templates: project.folder.appendingPathComponent("templates", isDirectory: true),
      language: language ?? project.language)
  }

  func inputs(_ version: Project.ModelVersion) throws -> DossierInputs {
    DossierInputs(
      project: project, modelVersion: version.version, runs: runs, catalogue: catalogue, statements: statements,
      signatures: signatures, waivers: waivers, decisions: decisions, models: models,
      attachments: try attachments?.attachments(system: project.system.name, modelVersion: version.version) ?? [])
  }
}
