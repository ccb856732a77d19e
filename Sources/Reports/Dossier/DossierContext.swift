import Analysis
import Evidence
import Project

/// What every section of the document is made from.
struct DossierContext {
  let project: Project
  let model: Project.ModelVersion
  let catalogue: LawCatalogue
  let status: DossierStatus
  /// The runs of this model version.
  let selection: RunSelection
  /// The runs of the superseded version, if the project has it.
  let superseded: RunSelection?
  /// What changed since then, measure by measure; nil if the project has no such version.
  let since: VersionRows?
  let dossier: Dossier
  /// The files that go with it.
  let files: [ProvidedFile]
  let names: RunNames
  /// Tells which statements are older than what they speak of.
  let staleness: Staleness
  /// How Annex IV stood for each version that this one follows, this one first.
  let history: [VersionStatus]
  /// Persons' signatures on runs, as the store's verification found them.
  let signatures: [Dossier.RunSigner]
  /// The words of the documents' language.
  let text: InterfaceText

  /// The dossier's day, or that there is nothing yet.
  var dateOrEmpty: String { dossier.date.map(text.day) ?? text.words("dossier.empty-project") }

  /// A cited run of this version or of the superseded one.
  func run(_ id: String) -> StoredRun? {
    (selection.cited + (superseded?.cited ?? [])).first { $0.record.id == id }
  }

  /// What the runs on a model say that they left out of it, or took otherwise than it stands there.
  func remarks(on rootSha256: String) -> [[Inline]] {
    var said: [ModelRemark] = []
    for run in selection.cited where run.record.model.rootSha256 == rootSha256 {
      for remark in run.record.model.remarks ?? [] where !said.contains(remark) { said.append(remark) }
    }
    return said.map(text.remark)
  }
}

/// How Annex IV stands for one model version of the project.
struct VersionStatus {
  /// The version.
  let model: Project.ModelVersion
  /// Its runs.
  let selection: RunSelection
  /// How its elements stand.
  let status: DossierStatus
}

extension LawItem {
  /// The section of this item.
  var anchor: String { "item-" + slug }
}

extension Project.Behaviour {
  /// A well-formed anchor for any id that a project may give.
  var anchor: String { "behaviour-" + id.slug }
}

extension String {
  /// Lower-case letters, digits and `-`; anything else becomes its code point, so that different texts stay different.
  var slug: String {
    unicodeScalars.map { scalar in
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-"
        ? String(scalar) : "-u" + String(scalar.value, radix: 16)
    }.joined()
  }
}

extension Table {
  /// A table whose cells are plain text of ours.
  static func plain(_ caption: String, _ header: [String], numbers: Int = 0, _ rows: [[String]]) -> Table {
    Table(
      caption: caption, header: header,
      alignment: header.indices.map { $0 >= header.count - numbers ? .right : .left },
      rows: rows.map { $0.map { [.text($0)] } })
  }
}
