import Foundation
import Reports

/// A bundle as one side of a comparison.
enum DiffBundle {
  static func source(_ url: URL, unverified: Bool) throws -> DiffSource {
    throw ReportsError(
      .unverified, "\(url.path): this program cannot read bundles yet; unpack it and name its dossier.json")
  }
}
