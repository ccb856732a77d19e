import Evidence
import Foundation

extension BundleExamination {
  // MARK: Words and looks

  /// Which files of the project stand in place of installed words and looks, as the dossier says, and that its pages say so.
  mutating func checkLooks() {
    var check = BundleReport.Check(
      "looks",
      "files of the project whose words or looks the dossier has in place of the installed ones, named on its pages")
    defer { report.checks.append(check) }
    let path = BundlePath.dossier + "dossier.json"
    guard let data = files[path], let dossier = try? CanonicalJSON.decode(Dossier.self, from: data) else {
      return report.omit(
        "whether the dossier has the words and looks of the program",
        "\(path) says so, and it is not here or cannot be read")
    }
    let looks = dossier.looks ?? []
    check.count = looks.count
    for look in looks {
      check.notes.append("\(look.path) (SHA-256 \(look.sha256)) in place of the installed \(look.replaces)")
    }
    for page in ["dossier.html", "dossier.md"].map({ BundlePath.dossier + $0 }) {
      guard let text = files[page] else { continue }
      for look in looks where text.range(of: Data(look.sha256.utf8)) == nil {
        check.problems.append(
          BundleProblem(
            .dossier, page, "it does not name \(look.path), which dossier.json lists among its words and looks"))
      }
    }
  }
}
