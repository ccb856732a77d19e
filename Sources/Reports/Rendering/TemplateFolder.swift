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
      if name == InterfaceText.folderName {
        try checkTexts(
          folder.appendingPathComponent(name, isDirectory: true), shown: "\(folder.lastPathComponent)/\(name)")
        continue
      }
      throw ReportsError(
        .badTemplate,
        "\(folder.lastPathComponent)/\(name): this replaces nothing\(Nearest.hint(name, among: files)) A project may replace "
          + "\(files.joined(separator: ", ")) and \(InterfaceText.folderName)/<language>/*.yaml; remove or rename the file."
      )
    }
  }

  /// The folder of texts holds a folder for each language, and these hold YAML files. What stands in them is checked when the
  /// language is used.
  private static func checkTexts(_ folder: URL, shown: String) throws {
    for language in try entries(folder, shown) {
      let inner = folder.appendingPathComponent(language, isDirectory: true)
      var isFolder: ObjCBool = false
      guard InterfaceText.isLanguageCode(language),
        FileManager.default.fileExists(atPath: inner.path, isDirectory: &isFolder), isFolder.boolValue
      else {
        throw ReportsError(
          .badTemplate,
          "\(shown)/\(language): this is no folder of a language; name it by its code, e.g. \(shown)/fr/, and put its YAML files in it."
        )
      }
      for file in try entries(inner, "\(shown)/\(language)") where !file.hasSuffix(".yaml") {
        throw ReportsError(
          .badTemplate, "\(shown)/\(language)/\(file): only .yaml files are read here; remove or rename the file.")
      }
    }
  }

  private static func entries(_ folder: URL, _ shown: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        .filter { !$0.hasPrefix(".") && $0.lowercased() != "readme.md" }
    } catch {
      throw ReportsError(.badTemplate, "\(shown)/: cannot be read: \(error.localizedDescription)")
    }
  }
}
