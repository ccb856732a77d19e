import Analysis
import ArgumentParser
import Evidence
import Foundation
import Reports

struct LawCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "law", abstract: "Read the law that dossiers go by, and check its quotations.",
    discussion: """
      The catalogue holds Annex IV of Regulation (EU) 2024/1689 item by item, the provisions that a dossier cites beside it, the \
      changes of 2026, the dates of application, and what follows from what a project declares about its system. It needs no project.
      """,
    subcommands: [LawList.self, LawShow.self, LawCheckCommand.self])
}

/// Which catalogue a command reads.
struct CatalogueOptions: ParsableArguments {
  @Option(
    name: .customLong("catalogue"),
    help: ArgumentHelp("A folder with catalogue.yaml, annex-iv.yaml and provisions.yaml (default: the installed ones).")
  )
  var folder: String?

  func load() throws -> LawCatalogue {
    try LawCatalogue.load(from: folder.map { URL(fileURLWithPath: $0, isDirectory: true) })
  }
}

struct LawList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List every passage: its id, where it stands, our short title, its standing.",
    discussion: """
      Annex IV comes first, item by item, then the provisions in the order of the Regulation. 'byte-verified' words were copied from the \
      Official Journal text; 'not-byte-verified' wording of the changes of 2026 comes from the carriers that 'vitrine law show' names.
      """)

  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let law = try catalogue.load()
    if output.json { return Console.out(try CanonicalJSON.encode(law.entries)) }
    Console.out("Law as of \(law.lawAsOf), last checked on \(law.checkedOn). Short titles are ours.\n")
    Console.out(
      Format.table(
        law.entries.map { [$0.id, $0.ourTitle, "\($0.verification), \($0.amendment)", $0.citation] }))
    let topics = LawTopic.Name.allCases.map(\.rawValue).joined(separator: ", ")
    Console.out(
      "\n'vitrine law show ID' prints the words of one, e.g. vitrine law show '2(b)'; it also answers to \(topics).")
  }
}

struct LawShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print one passage in its words, with its digest and from when it applies.",
    discussion: """
      For an item of Annex IV it also prints the elements that its text names, with the law's condition if it sets one, who owes each, and \
      whether a run alone evidences it. Three questions that several passages answer together have names of their own: \
      notified-body, standards, simplified-form. An unknown id exits with 1 and names the nearest one.
      """)

  @Argument(help: "The passage's id, e.g. '2(b)' (or 2-b) or article-13-3-b-iv; 'vitrine law list' prints them all.")
  var id: String
  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let law = try catalogue.load()
    if let topic = law.topic(id) {
      if output.json { return Console.out(try CanonicalJSON.encode(topic)) }
      return try Console.out(try LawDocument(topic).document)
    }
    let entry = try law.entry(id)
    if output.json { return Console.out(try CanonicalJSON.encode(entry)) }
    try Console.out(try LawDocument(entry).document)
  }
}

struct LawCheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check every quotation against its digest, and against law text if you give it.",
    discussion: """
      With --text, each quotation must stand in the file of that folder which the catalogue names, line by line. Exit 1 if a quotation \
      differs, if its file is missing, or if the last check by a person is older than --age days.
      """)

  @Option(help: "A folder of law text, one file per Article or Annex, e.g. Tests/Reference/law of the source.")
  var text: String?
  @Option(help: "The greatest accepted age of the last check by a person, in days.") var age = 90
  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard age >= 0 else { throw ValidationError("--age must be 0 or more days, e.g. --age 90") }
    if let text {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: text, isDirectory: &isFolder), isFolder.boolValue else {
        throw ValidationError("--text '\(text)' is no folder; give the folder that holds the files of law text")
      }
    }
  }

  func run() async throws {
    let today = String(Date.now.ISO8601Format().prefix(10))
    guard let day = CalendarDate(today) else { throw ReportsError(.badValue, "the clock gives no date: '\(today)'.") }
    let law: LawCatalogue
    do {
      law = try catalogue.load()
    } catch let error as ReportsError where error.code == .badQuotation {
      // A quotation that differs from its digest is the answer "no", not bad input.
      Console.err("vitrine: \(error.description)")
      throw ExitCode(ExitStatus.answerIsNo.rawValue)
    }
    let check = try LawCheck.run(
      law, folder: text.map { URL(fileURLWithPath: $0, isDirectory: true) }, today: day, maximumAge: age)
    if output.json {
      Console.out(try CanonicalJSON.encode(check))
    } else {
      Console.out(Self.words(check))
    }
    guard check.holds else { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }

  private static func words(_ check: LawCheck) -> String {
    var lines: [String] = []
    for entry in check.entries where !LawCheck.holds(entry) {
      let reason =
        switch entry.text {
        case .different: "does not stand in \(entry.file) as quoted"
        case .noFile: "cannot be compared: the folder has no \(entry.file)"
        case .found, .notCompared: "differs from its digest"
        }
      lines.append("\(entry.id): \(reason) (\(entry.citation))")
    }
    let good = check.entries.count(where: LawCheck.holds)
    let compared = check.entries.contains { $0.text != .notCompared }
    let secondary = check.entries.count { $0.verification == "not-byte-verified" }
    lines.append(
      "\(good) of \(check.entries.count) quotations have the digest that the catalogue names"
        + (compared ? " and stand in the given text." : "; --text FOLDER also compares them with law text."))
    lines.append("\(secondary) of them are wording of carriers, not byte-verified.")
    let age =
      "Law as of \(check.lawAsOf); a person last checked on \(check.checkedOn), \(check.daysSinceCheck) days ago"
    lines.append(check.isRecent ? "\(age)." : "\(age): check it again (accepted are \(check.maximumAge) days).")
    return lines.joined(separator: "\n")
  }
}
