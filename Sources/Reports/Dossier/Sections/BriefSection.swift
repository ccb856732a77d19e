import Analysis
import Evidence
import Project

/// What a reader should know first: what the dossier is about, what is known, what is missing.
struct BriefSection {
  let context: DossierContext

  private var dossier: Dossier { context.dossier }

  /// The title block.
  var about: Section {
    let system = dossier.system
    func stated(_ text: String?) -> [Inline] { [text.map { .attributed($0) } ?? .text(English.notStated)] }
    var definitions = [
      Definition("System", [.attributed(system.name)]), Definition("Provider", stated(system.provider)),
      Definition("Intended purpose", stated(system.intendedPurpose)),
      Definition("Model version", [.code(dossier.model.version)]),
      Definition("Supersedes", [dossier.model.supersedes.map { .code($0) } ?? .text("no version is named")]),
      Definition("Changes in this version", stated(dossier.model.changes)),
      Definition("Risk class, as declared", stated(system.riskClass)),
      Definition("Point of Annex III, as declared", stated(system.annexIIIPoint)),
      Definition("Placed on the market or put into service", stated(system.placedOnMarket)),
      Definition(
        "Law as of",
        [
          .text("\(dossier.law.asOf), last checked on \(dossier.law.checkedOn) ("),
          .link(text: "sources and dates", target: "#law"), .text(")"),
        ]),
      Definition("Latest run or statement", [.text(dossier.date ?? "none")]),
    ]
    if !dossier.runs.isEmpty {
      let programs = Set(dossier.runs.map(\.program)).sorted().joined(separator: ", ")
      definitions.append(
        Definition("Measured with", [.text("\(programs) ("), .link(text: "run register", target: "#runs"), .text(")")]))
    }
    let scope =
      "This document follows Annex IV of Regulation (EU) 2024/1689 point by point. It quotes the law, prints what the provider "
      + "declares, and reports what was measured in the model. It does not judge whether any provision is met."
    return Section(
      id: "about", heading: "About this document", blocks: [.definitions(definitions), .paragraph([.text(scope)])])
  }

  /// The summary.
  var brief: Section {
    Section(
      id: "in-brief", heading: "In brief",
      sections: [
        state, Section(id: "brief-decisions", heading: "What moves the decisions", blocks: decisions),
        Section(id: "brief-performance", heading: "How often the decision equals the label", blocks: performance), owed,
      ])
  }

  private var state: Section {
    let counts = dossier.counts
    let sentence =
      "Annex IV names \(counts.total) elements in \(dossier.items.count) items: \(counts.evidenced) are evidenced by runs, "
      + "\(counts.declared) declared by the provider, \(counts.notApplicable) declared not applicable with a reason, and "
      + "\(counts.missing) missing."
    let rows = context.status.items.map { status -> [[Inline]] in
      func number(_ kind: ElementState.Kind) -> [Inline] {
        [.text(String(status.elements.count { $0.state.kind == kind }))]
      }
      return [
        [.link(text: "\(status.item.id) \(status.item.passage.ourTitle)", target: "#\(status.item.anchor)")],
        [.badge(status.badge)], number(.evidenced), number(.declared), number(.notApplicable), number(.missing),
      ]
    }
    let table = Table(
      caption: "Annex IV at a glance: elements by state",
      header: ["Item (our short title)", "State", "Evidenced", "Declared", "Not applicable", "Missing"],
      alignment: [.left, .left, .right, .right, .right, .right], rows: rows)
    return Section(
      id: "brief-state", heading: "State of the documentation", blocks: [.paragraph([.text(sentence)]), .table(table)])
  }

  /// One line per question.
  var decisions: [Block] {
    guard !dossier.behaviours.isEmpty else {
      return [.paragraph([.text("The project file asks no question of the model.")])]
    }
    let items = context.selection.analyses.map { behaviour, run -> [Inline] in
      let more: [Inline] = [
        .text(" "), .link(text: "More on \(behaviour.id)", target: "#\(behaviour.anchor)"), .text("."),
      ]
      guard let run, let sentences = BehaviourSentences(run.record, names: context.names, text: context.text) else {
        return [.badge(English.badge(.notEstablished)), .text(" "), .attributed(behaviour.question)]
          + [.text(" No run of this version answers this question.")] + more
      }
      let said = Array(sentences.decision.map { [.text(" ")] + $0.inlines }.joined())
      return [.badge(English.badge(sentences.totalEffect.standing)), .text(" "), .attributed(behaviour.question)] + said
        + more
    }
    return [
      .paragraph([
        .text("One line per question that was put to the model ("),
        .link(text: "how to read these numbers", target: "#how-to-read"), .text(")."),
      ]), .list(items),
    ]
  }

  private var performance: [Block] {
    guard let run = context.selection.evaluation,
      let sentences = EvaluationSentences(run.record, names: context.names, text: context.text)?.all, !sentences.isEmpty
    else { return [.notice(kind: .missing, [.text("No evaluation run of this model version.")])] }
    return [
      .list(sentences.map { $0.badged(context.text) }),
      .paragraph([.link(text: "All measures, by group", target: "#evaluation"), .text(".")]),
    ]
  }

  private var owed: Section {
    let gaps = context.status.gaps
    let heading = "What is missing and who owes it"
    guard !gaps.isEmpty else {
      return Section(id: "brief-missing", heading: heading, blocks: [.paragraph([.text("No element is missing.")])])
    }
    var owners: [(owner: String, count: Int)] = []
    for gap in gaps {
      if let index = owners.firstIndex(where: { $0.owner == gap.gap.owner }) {
        owners[index].count += 1
      } else {
        owners.append((gap.gap.owner, 1))
      }
    }
    let rows = gaps.map { gap -> [[Inline]] in
      [
        [.link(text: gap.item.id, target: "#\(gap.item.anchor)-\(gap.element.id.slug)")],
        [.attributed(gap.element.title)],
        [.text(gap.gap.owner)], [.code(gap.gap.file)],
      ]
    }
    let table = Table(
      caption: "Missing elements. Each item below says what to do.", header: ["Item", "Element", "Owner", "File"],
      alignment: [.left, .left, .left, .left], rows: rows)
    return Section(
      id: "brief-missing", heading: heading,
      blocks: [
        .list(
          owners.map {
            [.text("\(English.counted($0.count, "element is", "elements are")) owed by \($0.owner).")]
          }),
        .details(
          summary: "List of \(English.counted(gaps.count, "missing element", "missing elements"))", [.table(table)]),
      ])
  }
}
