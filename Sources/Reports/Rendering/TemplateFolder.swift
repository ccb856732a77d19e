public import Foundation

/// The project's own `templates/` folder: each file in it replaces the installed one of the same name.
public enum TemplateFolder {
  /// The files that a project may replace.
  public static let files = ["dossier.html.mustache", "style.css", ExtractReader.fileName]

  /// Refuses a file that would replace nothing, e.g. one whose name is misspelt.
  /// - Parameter folder: the project's folder; nil or absent is well.
  /// - Throws: `ReportsError` `badTemplate` with the known names.
  public static func check(_ folder: URL?) throws {
    guard let folder, FileManager.default.fileExists(atPath: folder.path) else { return }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    } catch {
      throw ReportsError(
        .badTemplate, "\(folder.lastPathComponent)/: cannot be read: \(error.localizedDescription)")
    }
    for name in names where !name.hasPrefix(".") && !files.contains(name) && name.lowercased() != "readme.md" {
      throw ReportsError(
        .badTemplate,
        "\(folder.lastPathComponent)/\(name): this replaces nothing\(Nearest.hint(name, among: files)) A project may replace "
          + "\(files.joined(separator: ", ")); remove or rename the file.")
    }
  }
}
