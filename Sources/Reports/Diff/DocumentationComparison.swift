import Analysis
import Evidence
import Project

/// Annex IV of two dossiers, element by element and statement by statement.
struct DocumentationComparison {
  let before: Dossier
  let after: Dossier
  /// The later run's findings that are established to have changed, by run, each in words.
  let changed: [String: [String: String]]
  /// Whether the model's files differ.
  let modelDiffers: Bool

  /// Elements in which something changed or is stale; a count of the others.
  func documentation() -> Diff.Documentation {
    var elements: [Diff.Documentation.Element] = []
    var unchanged = 0
    for (item, element) in keys {
      let compared = compare(item, element)
      let isSame = compared.before == compared.after && compared.statements.allSatisfy { $0.state == .same }
      if isSame && !compared.isStale { unchanged += 1 } else { elements.append(compared) }
    }
    return Diff.Documentation(elements: elements, unchanged: unchanged)
  }

  /// Every element of both, in the later catalogue's order; what only the earlier one has comes last.
  private var keys: [(String, String)] {
    func all(_ dossier: Dossier) -> [(String, String)] {
      dossier.items.flatMap { item in item.elements.map { (item.id, $0.id) } }
    }
    let known = Set(all(after).map { "\($0.0) \($0.1)" })
    return all(after) + all(before).filter { !known.contains("\($0.0) \($0.1)") }
  }

  private func element(_ dossier: Dossier, _ item: String, _ element: String) -> Dossier.Element? {
    dossier.items.first { $0.id == item }?.elements.first { $0.id == element }
  }

  private func compare(_ item: String, _ id: String) -> Diff.Documentation.Element {
    let (old, new) = (element(before, item, id), element(after, item, id))
    let statements = statements(old, new)
    let evidence = changedEvidence(new)
    let isStale = !evidence.isEmpty && isOlder(new)
    return Diff.Documentation.Element(
      item: item, element: id, title: new?.title ?? old?.title ?? id, before: old?.state, after: new?.state,
      statements: statements, changedEvidence: evidence, isStale: isStale)
  }

  private func statements(_ old: Dossier.Element?, _ new: Dossier.Element?) -> [Diff.Documentation.Statement] {
    let (first, second) = (words(old), words(new))
    var left = first
    var right: [Words] = []
    var result: [Diff.Documentation.Statement] = []
    for statement in second {
      if let place = left.firstIndex(where: { $0.text == statement.text }) {
        left.remove(at: place)
        result.append(statement.compared(.same, before: statement.text))
      } else {
        right.append(statement)
      }
    }
    // What is left on both sides at the same place of the same source is the same statement in other words.
    for statement in right {
      if let place = left.firstIndex(where: { $0.file == statement.file }) {
        result.append(statement.compared(.reworded, before: left.remove(at: place).text))
      } else {
        result.append(statement.compared(.added, before: nil))
      }
    }
    result += left.map {
      Diff.Documentation.Statement(state: .removed, before: $0.text, after: nil, source: $0.source, date: $0.date)
    }
    return result
  }

  /// A statement's words and where they stand.
  private struct Words {
    var text: String
    var source: String
    var date: String?

    /// The source without what moves: its line, and in `vitrine.yaml` the version's own key (`models › 1.1 › supersedes`).
    var file: String {
      var keys = source.prefix { $0 != ":" }.split(separator: " › ")
      if keys.count > 1, keys[0] == "models" { keys.remove(at: 1) }
      return keys.joined(separator: " › ")
    }

    func compared(_ state: Diff.Documentation.State, before: String?) -> Diff.Documentation.Statement {
      Diff.Documentation.Statement(state: state, before: before, after: text, source: source, date: date)
    }
  }

  private func words(_ element: Dossier.Element?) -> [Words] {
    let declared = (element?.declarations ?? []).map { declaration -> Words in
      // The same words about another plan are not the same statement; a copy's name begins with its digest.
      let files = (declaration.files ?? []).map { "\n- `\($0)`" }.joined()
      return Words(
        text: declaration.markdown + (files.isEmpty ? "" : "\n" + files), source: declaration.source,
        date: declaration.date)
    }
    let excluded = element?.notApplicable.map { [Words(text: $0.reason, source: $0.source, date: $0.date)] } ?? []
    return declared + excluded
  }

  /// What changed of the evidence that bears on an element.
  private func changedEvidence(_ element: Dossier.Element?) -> [String] {
    guard let element else { return [] }
    var words: [String] = []
    for support in element.support + element.evidencedBy {
      if support.source == "identity" {
        if modelDiffers { words.append("the model's files") }
        continue
      }
      for (finding, description) in (changed[support.run] ?? [:]).sorted(by: { $0.key < $1.key })
      where support.findings.isEmpty || support.findings.contains(finding) {
        words.append(description)
      }
    }
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }
  }

  /// Whether a person's statement was made before the later version's runs; one made on their day or later may know
  /// them.
  private func isOlder(_ element: Dossier.Element?) -> Bool {
    guard let element else { return false }
    let runs = Set((element.support + element.evidencedBy).map(\.run))
    let days = after.runs.filter { runs.contains($0.id) && $0.modelVersion == after.model.version }
      .map { RecordedWords.day($0.ended) }
    guard let latest = days.max() else { return false }
    return element.declarations.contains { $0.responsible != nil && ($0.date ?? "") < latest }
      || element.notApplicable.map { $0.date < latest } ?? false
  }
}

/// What changed in the law that two dossiers go by.
struct LawComparison {
  let before: Dossier
  let after: Dossier

  /// The changes.
  func change() -> Diff.LawChange {
    let old = Dictionary(before.items.map { ($0.id, $0) }) { first, _ in first }
    let new = Set(after.items.map(\.id))
    var items = after.items.compactMap { item -> Diff.LawChange.Item? in
      guard let earlier = old[item.id] else { return .init(item: item.id, change: "new in the later catalogue") }
      var changes: [String] = []
      if earlier.textSha256 != item.textSha256 { changes.append("the wording differs") }
      if earlier.citation != item.citation { changes.append("the citation differs") }
      if earlier.standing != item.standing {
        changes.append("the wording's standing was '\(earlier.standing)' and is '\(item.standing)'")
      }
      return changes.isEmpty ? nil : .init(item: item.id, change: changes.joined(separator: "; "))
    }
    items += before.items.filter { !new.contains($0.id) }.map {
      .init(item: $0.id, change: "not in the later catalogue")
    }
    func dates(_ law: Dossier.LawFacts) -> [String] { law.application.map { "\($0.covers): from \($0.days)" } }
    let (first, second) = (dates(before.law), dates(after.law))
    return Diff.LawChange(
      asOf: [before.law.asOf, after.law.asOf], checkedOn: [before.law.checkedOn, after.law.checkedOn], items: items,
      application: first.filter { !second.contains($0) }.map { "no longer: \($0)" }
        + second.filter { !first.contains($0) }.map { "now: \($0)" })
  }
}
