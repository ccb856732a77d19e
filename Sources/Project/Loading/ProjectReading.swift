import Analysis
import Foundation

/// A project file while it is read: where things are, what was read so far, what is suspicious.
struct ProjectReading {
  /// The project folder.
  let folder: URL
  /// The project file's name.
  let file: String
  /// What is possible but suspicious.
  var warnings: [String] = []
  /// What was noted and is not to be noted again.
  private var warnedOnce: Set<String> = []
  /// What was looked through for slips: a file with its filter and columns.
  private var looked: Set<String> = []
  /// Prompt pairs of the behaviours so far.
  private var pairCount = 0
  /// What stands on top of the models that are there and can be told, each once.
  var heads: Set<ModelHead> = []
  /// Whether the models that are there are classifiers, whose answers are names of classes.
  var isClassifier: Bool { !heads.isEmpty && heads.allSatisfy(\.hasClasses) }
  /// The unit of the number that the models give, once one was read.
  var unit: String?
  /// Data files read so far, by path as written.
  private var tables: [String: DataTable] = [:]

  /// The keys at the top of the file.
  static let keys = [
    "system", "people", "owners", "models", "prompts", "behaviours", "evaluation", "analysis", "changes",
    "documentation", "language",
  ]

  init(folder: URL, file: String) {
    self.folder = folder
    self.file = file
  }

  /// The whole project.
  mutating func project(root: FileSection, bytes: Data) throws -> Project {
    let system = try system(root)
    let people = try people(root)
    let owners = try owners(root, people: people)
    let models = try models(root)
    let analysis = try analysis(root)
    let prompts = try prompts(root)
    let behaviours = try behaviours(root, defaults: prompts, analysis: analysis)
    let evaluation = try evaluation(root, defaults: prompts, models: models)
    compareBeginnings(behaviours, evaluation, root: root)
    let groupings = evaluation?.groupings ?? []
    let changes = try changes(root, behaviours: behaviours, groupings: groupings)
    let documentation = try root.text("documentation", example: "'documentation: documentation'") ?? "documentation"
    let language = try root.text("language", example: "'language: en'") ?? "en"
    return Project(
      folder: folder, language: language, system: system, people: people, owners: owners, models: models,
      behaviours: behaviours, evaluation: evaluation,
      analysis: analysis, changes: changes, documentation: resolve(documentation), fileBytes: bytes,
      dataFiles: tables.keys.sorted(), warnings: warnings)
  }

  /// A path of the project file: relative to the project folder unless absolute.
  func resolve(_ path: String) -> URL {
    path.hasPrefix("/") ? URL(fileURLWithPath: path) : folder.appendingPathComponent(path)
  }

  /// A data file, read once.
  mutating func table(_ path: String, line: Int) throws -> DataTable {
    if let table = tables[path] { return table }
    let table = try DataTable(path: path, url: resolve(path), namedIn: "\(file) line \(line)")
    tables[path] = table
    return table
  }

  /// Counts pairs of prompts, and refuses more than any project has.
  mutating func checkPairs(_ count: Int, in section: FileSection) throws {
    pairCount += count
    try section.checkCount(
      pairCount, atMost: ProjectLimits.pairs, of: "prompt pairs of all behaviours", line: section.line)
  }

  /// Whether something is looked through for the first time.
  mutating func looksFirst(at what: String) -> Bool { looked.insert(what).inserted }

  /// Notes something suspicious once, with its place.
  mutating func warnOnce(_ what: String, line: Int) {
    if warnedOnce.insert(what).inserted { warn(what, line: line) }
  }

  /// Notes something suspicious, with its place.
  mutating func warn(_ what: String, line: Int) {
    warnings.append("\(file) line \(line): \(what)")
  }

  /// Checks that a name may stand in a file name, a run record and a command line.
  func checkName(_ name: String, of what: String, in section: FileSection, line: Int) throws {
    let allowed = name.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "._-+".unicodeScalars.contains($0)
    }
    guard allowed, !name.hasPrefix("."), !name.hasPrefix("-"), !name.hasSuffix(".") else {
      throw section.error(
        .badValue, "the \(what) '\(Self.shown(name))' is not a usable name,", line: line,
        remedy: "use only letters a–z, digits and . _ - +, begin with a letter or digit and do not end in a full stop, "
          + "because it becomes part of file names")
    }
    guard name.utf8.count <= ProjectLimits.nameBytes else {
      throw section.error(
        .badValue, "the \(what) '\(Self.shown(name))' has \(name.utf8.count) characters,", line: line,
        remedy: "use at most \(ProjectLimits.nameBytes), because it becomes part of file names")
    }
  }

  /// Checks that no two names are one on a file system that does not tell capital letters from small ones.
  /// - Parameter seen: the names before, by their small letters; the name is added.
  func checkTwin(
    _ name: String, of what: String, among seen: inout [String: String], in section: FileSection, line: Int
  ) throws {
    if let twin = seen.updateValue(name, forKey: name.lowercased()), twin != name {
      throw section.error(
        .duplicate, "the \(what)s '\(twin)' and '\(name)' differ in capital letters only,", line: line,
        remedy: "give them names that stay apart as file names, too")
    }
  }

  /// A text by others in a message: not endless, and nothing that moves the cursor.
  static func shown(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(60).map { scalar in
      scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        ? "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" : String(scalar)
    }.joined()
    return text.unicodeScalars.count > 60 ? start + "…" : start
  }
}
