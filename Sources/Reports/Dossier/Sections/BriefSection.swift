import Analysis
import Evidence
import Project

/// What a reader should know first: what the dossier is about, what is known, what is missing.
struct BriefSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  private var dossier: Dossier { context.dossier }

  private func stated(_ given: String?) -> [Inline] {
    given.map { [.attributed($0)] } ?? text.inlines("words.not-stated")
  }

  /// What the system is, and that the files measured are the version's.
  var about: Section {
    let system = dossier.system
    let definitions = [
      Definition(text.words("facts.system"), [.attributed(system.name)]),
      Definition(text.words("facts.provider"), stated(system.provider)),
      Definition(text.words("facts.purpose"), stated(system.intendedPurpose)),
      Definition(
        text.words("facts.version"),
        dossier.model.supersedes.map {
          text.inlines("facts.version-after", ["version": .code(dossier.model.version), "before": .code($0)])
        } ?? [.code(dossier.model.version)]),
      Definition(
        text.words("facts.risk-class"),
        text.inlines(
          "facts.risk", ["class": .inlines(stated(system.riskClass)), "point": .inlines(stated(system.annexIIIPoint))])),
    ]
    return Section(
      id: "about", heading: text.words("words.about"),
      blocks: [
        .definitions(definitions + [BindingBlocks(context: context).definition].compactMap { $0 })
      ])
  }

  private var notTheForm: [Inline] {
    let day = text.day(context.catalogue.simplifiedForm.checkedOn)
    return [.text(" ")] + text.inlines("law.not-the-form", ["day": .text(day)])
  }

  /// The first page.
  var brief: Section {
    let glance = DecisionsAtAGlance(context: context)
    let owed = OwedSection(context: context)
    // One picture for what moves the decisions, one for who fares worse.
    let pictures = [glance.picture, GroupsSection(context).flatMap { $0.figure($0.pictured) }].compactMap { $0 }
    return Section(
      id: "in-brief", heading: text.words("brief.heading"), blocks: doubts,
      sections: [
        Section(id: "brief-decisions", heading: text.words("brief.decisions"), blocks: glance.blocks),
        Section(id: "brief-groups", heading: text.words("groups.heading"), blocks: groups),
        Section(
          id: "brief-changes", heading: text.words("brief.changes"),
          blocks: ChangesAtAGlance(context: context, decisions: glance).blocks),
        Section(
          id: "brief-missing", heading: text.words("owed.heading"),
          blocks: owed.blocks + owed.conflicts),
        Section(id: "brief-next", heading: text.words("brief.next"), blocks: NextSteps(context: context).blocks),
      ]
        + (pictures.isEmpty
          ? [] : [Section(id: "brief-pictures", heading: text.words("brief.pictures"), blocks: pictures)]))
  }

  /// What else a reader should know of this document.
  var file: Section {
    Section(
      id: "about-file", heading: text.words("brief.file"),
      blocks: [.paragraph(text.inlines("brief.scope") + notTheForm), .definitions(facts)])
  }

  /// Who fares worse: the few worst rows.
  private var groups: [Block] {
    guard let blocks = GroupsAtAGlance(context, limit: 3)?.blocks, !blocks.isEmpty else {
      return [.notice(kind: .missing, text.inlines("brief.no-evaluation"))]
    }
    let overall = context.selection.evaluation.flatMap {
      EvaluationSentences($0.record, names: context.names, text: text)?.brief
    }
    return (overall ?? []) + refusedRecords + blocks
  }

  /// Records that could not be scored: they stand in no number here.
  private var refusedRecords: [Block] {
    let refused = context.selection.evaluation?.record.refusals.count { $0.pair != nil } ?? 0
    return refused == 0
      ? []
      : [
        .notice(
          kind: .refused,
          text.inlines(
            "glance.refused-records",
            ["n": .count(refused), "link": .link(text.words("evaluation.heading"), to: "#evaluation")]))
      ]
  }

  private var facts: [Definition] {
    var definitions = [
      Definition(text.words("facts.placed-on-market"), stated(dossier.system.placedOnMarket)),
      Definition(
        text.words("facts.law-as-of"),
        text.inlines(
          "facts.law-checked",
          [
            "as-of": .text(text.day(dossier.law.asOf)), "checked": .text(text.day(dossier.law.checkedOn)),
            "sources": .link(text.words("facts.law-link"), to: "#law"),
          ])),
      Definition(
        text.words("facts.latest"), [.text(dossier.date.map(text.day) ?? text.words("facts.latest-none"))]),
    ]
    if !dossier.runs.isEmpty {
      let programs = Set(dossier.runs.map(\.program)).sorted().joined(separator: ", ")
      definitions.append(
        Definition(
          text.words("facts.measured-with"),
          text.inlines(
            "facts.programs",
            ["programs": .text(programs), "register": .link(text.words("facts.register-link"), to: "#runs")])))
    }
    return definitions
  }

  /// What stands before everything else: that the serving system says something else than what is measured here, or that the engine
  /// failed a check of itself on this model.
  private var doubts: [Block] {
    var blocks: [Block] = []
    if let run = context.selection.evaluation,
      let sentences = PredictionSentences(run.record, link: context.names.link(run.record.id), text: text),
      sentences.isDoubtful
    {
      blocks.append(.notice(kind: .note, Array(sentences.all.map(\.inlines).joined(separator: [.text(" ")]))))
    }
    let failed = context.selection.cited.filter { $0.record.selfTests.contains { $0.outcome == .failed } }
    if !failed.isEmpty {
      let runs = Array(failed.map { [context.names.link($0.record.id)] }.joined(separator: [.text(", ")]))
      blocks.append(
        .notice(kind: .refused, text.inlines("methods.check-failed") + [.text(" (")] + runs + [.text(")")]))
    }
    return blocks
  }

  /// One line per question.
  var decisions: [Block] {
    guard !dossier.behaviours.isEmpty else { return [.paragraph(text.inlines("brief.no-question"))] }
    let items = context.selection.analyses.map { behaviour, run -> [Inline] in
      let more = TextValue.link(
        text.words("brief.more", ["behaviour": .text(behaviour.id)]), to: "#\(behaviour.anchor)")
      guard let run, let sentences = BehaviourSentences(run.record, names: context.names, text: text) else {
        return text.inlines(
          "brief.decision-without-run",
          [
            "standing": .inline(.badge(text.badge(.notEstablished))), "question": .attributed(behaviour.question),
            "more": more,
          ])
      }
      let said = Array(sentences.brief.map(\.inlines).joined(separator: [.text(" ")]))
      return text.inlines(
        "brief.decision",
        [
          "standing": .inline(.badge(sentences.badge)),
          "question": .attributed(behaviour.question), "sentences": .inlines(said), "more": more,
        ])
    }
    let lead = text.inlines(
      "brief.decisions-lead", ["how": .link(text.words("brief.how-to-read-link"), to: "#how-to-read")])
    return [.paragraph(lead), .list(items)]
  }
}
