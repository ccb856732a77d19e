import Evidence
public import Foundation
import Project

/// Reads the provider's statements: every Markdown file of the documentation folder but its README, and every document of a word
/// processor that can be turned into one.
public enum StatementLoader {
  /// Reads a folder, and the files that its final statements refer to. Subfolders and hidden files are left alone; a folder that does
  /// not exist holds no statements.
  /// - Parameter project: the folder outside of which no file is read; nil: that of the statements.
  /// - Throws: `ReportsError` that names file and line; `duplicate` if two files state one item for one model version.
  public static func load(folder: URL, catalogue: LawCatalogue, project: URL? = nil) throws -> StatementSet {
    let name = folder.lastPathComponent
    var reader = ProvidedFileReader(root: project ?? folder)
    var statements: [Statement] = []
    let files = try files(in: folder)
    let read = files.filter(isStatement)
    guard read.count <= ProjectLimits.statements else {
      throw ReportsError(
        .badStatement,
        "\(name) holds \(read.count) statements, more than \(ProjectLimits.statements); keep only the provider's statements "
          + "there, one file per item of Annex IV.")
    }
    var converter: StatementConverter?
    for url in read {
      let file = "\(name)/\(url.lastPathComponent)"
      let bytes = try TextFile.bytes(url, as: file, limit: ProjectLimits.statementBytes)
      let parser = StatementParser(catalogue: catalogue, file: file)
      let format = url.pathExtension.lowercased()
      var statement: Statement
      if StatementConverter.formats.contains(format) {
        let pandoc = try converter ?? StatementConverter(for: file)
        converter = pandoc
        let text = try pandoc.markdown(bytes, format: format, file: file)
        statement = try parser.parse(text, sha256: SHA256.digest(of: bytes).hex)
        statement.converter = pandoc.tool
      } else {
        statement = try parser.parse(bytes)
      }
      if statement.openKeys.isEmpty {
        for index in statement.parts.indices {
          let part = statement.parts[index]
          statement.parts[index].files = try reader.references(
            in: part.markdown, of: url, called: file, line: part.textLine)
        }
      }
      if let other = statements.first(where: { overlap($0, statement) }) {
        throw ReportsError(
          .duplicate,
          "\(file) and \(other.file) both state item \(statement.item); put everything into one file, or give each its own "
            + "model_versions.")
      }
      statements.append(statement)
    }
    let unread = files.compactMap { Self.unread($0, folder: name, statements: statements) }
    return StatementSet(folder: name, statements: statements, unread: unread)
  }

  private static func isStatement(_ file: URL) -> Bool {
    (["md"] + StatementConverter.formats).contains(file.pathExtension.lowercased())
      && file.lastPathComponent.lowercased() != "readme.md"
  }

  /// Endings of texts that somebody may take for statements.
  private static let texts = [
    "doc", "dot", "dotx", "docm", "rtf", "odf", "ott", "fodt", "pages", "wpd", "pdf", "txt", "text", "html", "htm",
    "markdown", "mdown", "mkd", "adoc", "rst", "tex",
  ]

  /// A text that is no statement, unless a statement refers to it.
  private static func unread(_ url: URL, folder: String, statements: [Statement]) -> StatementSet.UnreadFile? {
    let (name, ending) = (url.lastPathComponent, url.pathExtension.lowercased())
    guard texts.contains(ending), !name.lowercased().hasPrefix("readme"),
      !statements.contains(where: { $0.parts.contains { $0.markdown.contains(name) } })
    else { return nil }
    let remedy =
      switch ending {
      case "markdown", "mdown", "mkd": "give it the ending .md"
      case "txt", "text": "if it is a statement in Markdown, give it the ending .md"
      case "pdf": "save what it was made from as .docx, .odt or Markdown (.md)"
      default: "save it as .docx, .odt or Markdown (.md)"
      }
    return StatementSet.UnreadFile(file: "\(folder)/\(name)", remedy: remedy)
  }

  private static func files(in folder: URL) throws -> [URL] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else { return [] }
    guard isFolder.boolValue else {
      throw ReportsError(.unreadable, "\(folder.lastPathComponent): this is a file, not the folder of the statements.")
    }
    do {
      return try FileManager.default
        .contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
        .filter { !$0.lastPathComponent.hasPrefix("~$") }  // what Word leaves beside an open document
        .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory != true }
        .sorted { $0.lastPathComponent < $1.lastPathComponent }
    } catch {
      throw ReportsError(
        .unreadable, "\(folder.lastPathComponent): the folder cannot be read: \(error.localizedDescription)")
    }
  }

  private static func overlap(_ left: Statement, _ right: Statement) -> Bool {
    guard left.item == right.item else { return false }
    guard let leftVersions = left.modelVersions, let rightVersions = right.modelVersions else { return true }
    return leftVersions.contains { rightVersions.contains($0) }
  }
}
