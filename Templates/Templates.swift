public import Foundation

/// The files a user may edit: law catalogue, dossier templates, style sheet, schemas, the scaffold of a new project.
public enum Templates {
  /// The folder with the installed files (`law/`, `dossier/`, `schemas/`, `project/`).
  public static var folder: URL { Bundle.module.bundleURL }

  /// The address of one installed file.
  /// - Parameter path: relative to the templates folder, e.g. `law/annex-iv.yaml`.
  public static func url(_ path: String) -> URL { folder.appendingPathComponent(path) }
}
