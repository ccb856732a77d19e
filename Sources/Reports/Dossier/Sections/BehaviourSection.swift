import Analysis
import Evidence
import Project

/// One question to the model as the project asks it: its answer, or that no run of this version has one.
struct BehaviourSection {
  let context: DossierContext
  let report: Dossier.BehaviourReport
  let behaviour: Project.Behaviour
  let run: StoredRun?

  private var text: InterfaceText { context.text }

  /// The section; without a run it says so.
  var section: Section {
    guard let run, let view = AnalysisView(run.record, names: context.names, text: text) else {
      return Section(
        id: behaviour.anchor, heading: behaviour.question, badge: text.badge(.notEstablished),
        blocks: [.notice(kind: .missing, missingRun)])
    }
    return AnswerSection(
      view: view, anchor: behaviour.anchor, question: behaviour.question,
      notices: report.planIsCurrent == false ? [changedPlan] : [],
      asRecorded: report.planIsCurrent == true ? asRecorded : nil
    ).section
  }

  private var missingRun: [Inline] {
    let command = "vitrine analyze --model \(context.model.version) --behaviour \(behaviour.id)"
    if let other = report.otherPlanRun {
      return text.inlines("binding.question-of-other-plan", ["run": .code(other), "command": .code(command)])
    }
    return text.inlines(
      "behaviour.no-run", ["version": .code(context.model.version), "command": .code(command)])
  }

  private var changedPlan: Block {
    .notice(kind: .note, text.inlines("behaviour.changed-plan", ["behaviour": .code(behaviour.id)]))
  }

  private var asRecorded: Definition? {
    behaviour.asRecorded.map { recorded in
      Definition(
        text.words("behaviour.as-recorded"),
        text.inlines(
          "behaviour.as-recorded-in",
          [
            "n": .count(behaviour.pairs.count), "clean": .text(String(recorded.clean)),
            "counterfactual": .text(String(recorded.counterfactual)), "neither": .text(String(recorded.neither)),
          ]))
    }
  }
}
