public import Foundation
import Project

/// Reads the provider's statements: every Markdown file of the documentation folder but its README.
public enum StatementLoader {
  /// Reads a folder. Subfolders and hidden files are left alone; a folder that does not exist holds no statements.
  /// - Throws: `ReportsError` that names file and line; `duplicate` if two files state one item for one model version.
  public static func load(folder: URL, catalogue: LawCatalogue) throws -> StatementSet {
    let name = folder.lastPathComponent
    var statements: [Statement] = []
    let files = try markdownFiles(in: folder)
    guard files.count <= ProjectLimits.statements else {
      throw ReportsError(
        .badStatement,
        "\(name) holds \(files.count) Markdown files, more than \(ProjectLimits.statements); keep only the provider's statements "
          + "there, one file per item of Annex IV.")
    }
    for url in files {
      let file = "\(name)/\(url.lastPathComponent)"
      let statement = try StatementParser(catalogue: catalogue, file: file).parse(
        TextFile.bytes(url, as: file, limit: ProjectLimits.statementBytes))
      if let other = statements.first(where: { overlap($0, statement) }) {
        throw ReportsError(
          .duplicate,
          "\(file) and \(other.file) both state item \(statement.item); put everything into one file, or give each its own "
            + "model_versions.")
      }
      statements.append(statement)
    }
    return StatementSet(folder: name, statements: statements)
  }

  private static func markdownFiles(in folder: URL) throws -> [URL] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else { return [] }
    guard isFolder.boolValue else {
      throw ReportsError(.unreadable, "\(folder.lastPathComponent): this is a file, not the folder of the statements.")
    }
    do {
      return try FileManager.default
        .contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)
        .filter { $0.pathExtension.lowercased() == "md" && $0.lastPathComponent.lowercased() != "readme.md" }
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
