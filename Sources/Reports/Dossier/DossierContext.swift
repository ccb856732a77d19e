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
  let dossier: Dossier
  let names: RunNames

  /// A cited run of this version or of the superseded one.
  func run(_ id: String) -> StoredRun? {
    (selection.cited + (superseded?.cited ?? [])).first { $0.record.id == id }
  }

  /// A linked number: the value, its interval and n, its run.
  func linked(_ estimate: Estimate, run: String, percent: Bool = false) -> [Inline] {
    let value = percent ? Numbers.percent(estimate.value) : Numbers.fixed(estimate.value)
    return [
      .text("\(value) (\(Numbers.interval(estimate, percent: percent)), n = \(Numbers.count(estimate.n)); "),
      names.link(run), .text(")"),
    ]
  }
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
