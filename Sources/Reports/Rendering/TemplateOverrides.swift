import Evidence
import Foundation
import Templates

/// What a project's `templates/` folder puts in place of installed files for documents in one language, read once: what was digested
/// is what is used.
struct TemplateOverrides: Sendable {
  /// One file of the project.
  struct File: Sendable {
    /// Its name below `templates/`.
    var name: String
    var bytes: Data
    /// The installed file that it replaces, below `Templates/`.
    var installed: String

    /// Whether it says anything else than the installed file.
    var isChange: Bool { FileManager.default.contents(atPath: Templates.url(installed).path) != bytes }
  }

  /// The files, in the order of their names.
  let files: [File]

  static let folderName = "templates"

  /// Without any.
  static let none = TemplateOverrides(files: [])

  private init(files: [File]) { self.files = files }

  /// Reads them.
  /// - Parameters:
  ///   - folder: the project's folder of templates; nil or absent is well.
  ///   - language: whose words are used; words of other languages are not read.
  /// - Throws: `ReportsError` `unreadable`.
  init(_ folder: URL?, language: String) throws {
    guard let folder else {
      self = .none
      return
    }
    var files: [File] = []
    func add(_ name: String, installed: String) throws {
      let url = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: url.path) else { return }
      files.append(
        File(name: name, bytes: try TextFile.bytes(url, as: "\(Self.folderName)/\(name)"), installed: installed))
    }
    for name in TemplateFolder.files { try add(name, installed: "dossier/\(name)") }
    let texts = "\(InterfaceText.folderName)/\(language)"
    let inner = folder.appendingPathComponent(texts, isDirectory: true)
    if FileManager.default.fileExists(atPath: inner.path) {
      let names = try Self.names(in: inner, shown: texts)
      for name in names {
        try add("\(texts)/\(name)", installed: Self.installed(name, of: language))
      }
    }
    self.files = files.sorted { $0.name < $1.name }
  }

  private static func names(in folder: URL, shown: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.endsWith(".yaml") }.sorted()
    } catch {
      throw ReportsError(.unreadable, "\(folderName)/\(shown): cannot be read: \(error.localizedDescription)")
    }
  }

  /// The file of the same name in the language, else in English, else English as a whole.
  private static func installed(_ name: String, of language: String) -> String {
    let candidates = [language, InterfaceText.reference].map { "\(InterfaceText.folderName)/\($0)/\(name)" }
    return candidates.first { FileManager.default.fileExists(atPath: Templates.url($0).path) }
      ?? "\(InterfaceText.folderName)/\(InterfaceText.reference)"
  }

  /// A file's bytes, if the project has it.
  func bytes(_ name: String) -> Data? { files.first { $0.name == name }?.bytes }

  /// A file as text, if the project has it.
  /// - Throws: `ReportsError` `badValue` if it is not UTF-8.
  func text(_ name: String) throws -> String? {
    try bytes(name).map { try TextFile.decode($0, as: "\(Self.folderName)/\(name)") }
  }

  /// The files of words of the language; empty if the project has none.
  func texts(_ language: String) throws -> [(name: String, yaml: String)] {
    let folder = "\(InterfaceText.folderName)/\(language)/"
    return try files.filter { $0.name.beginsWith(folder) }.map { file in
      (file.name, try TextFile.decode(file.bytes, as: file.name))
    }
  }

  /// Whether words of the language are others than the installed ones.
  func changesWords(of language: String) -> Bool {
    files.contains { $0.name.beginsWith("\(InterfaceText.folderName)/\(language)/") && $0.isChange }
  }

  /// What a document that uses them must name.
  /// - Throws: `CryptographyError` if the library fails.
  func looks() throws -> [Look] {
    try files.filter(\.isChange).map { file in
      Look(
        path: "\(Self.folderName)/\(file.name)", sha256: try SHA256.digest(of: file.bytes).hex, replaces: file.installed
      )
    }
  }
}

/// A file of a project that stands in place of an installed one.
public struct Look: Codable, Sendable, Equatable {
  /// Its path in the project.
  public var path: String
  /// SHA-256 of its bytes, hex.
  public var sha256: String
  /// The installed file that it replaces.
  public var replaces: String
}

/// What a document says of itself whose words or looks are not the installed ones. It is code's: in the installed words of the
/// document's language, in English where that is not installed, and no template holds it.
struct LooksNotice {
  let looks: [Look]
  /// The installed text that it is said in.
  let words: InterfaceText
  /// How the elements stand, as counted; nil where the document has no count.
  var counts: Dossier.StatusCounts?
  /// What the document is called with the installed words; nil if no installed document is of this kind.
  var installedTitle: String?

  /// The installed text of a language, or the English one.
  static func words(_ language: String) throws -> InterfaceText {
    try InterfaceText.installed(of: language) ?? .english()
  }

  /// The document with the notice as the first thing that it says.
  func placed(in document: Document) -> Document {
    guard !looks.isEmpty, !document.sections.isEmpty else { return document }
    var document = document
    document.sections[0].blocks.insert(contentsOf: blocks, at: 0)
    return document
  }

  private var blocks: [Block] {
    var said = words.words("looks.notice", ["n": .count(looks.count)])
    if let installedTitle { said += " " + words.words("looks.title", ["title": .text(installedTitle)]) }
    if let counts {
      said +=
        " "
        + words.words(
          "looks.counts",
          [
            "total": .text(String(counts.total)), "evidenced": .text(String(counts.evidenced)),
            "declared": .text(String(counts.declared)), "not-applicable": .text(String(counts.notApplicable)),
            "missing": .text(String(counts.missing)),
          ])
    }
    let table = Table(
      caption: words.words("looks.caption"), header: words.columns("looks.columns"),
      alignment: [.left, .left, .left],
      rows: looks.map { [[.code($0.path)], [.code($0.sha256)], [.code($0.replaces)]] })
    return [.paragraph([.strong(said)]), .table(table)]
  }
}
