import Evidence
import Project

/// The core of the dossier, in the order in which an officer asks: what the system is, what moves its decisions, who fares worse, what
/// changed, what is missing, what to do next; then Annex IV, the limits of what was measured, how the documentation changed, and who
/// signs. How it was measured, where each number comes from and the law stand in the annexes.
struct CoreSections {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The sections in order.
  var sections: [Section] {
    let brief = BriefSection(context: context)
    // Where nothing was measured, there is nothing to say of what measurements cannot show.
    let limits = context.selection.cited.isEmpty ? [] : [MethodsSection(context: context).limits]
    return [brief.about, brief.brief, AnnexSection(context: context).section] + limits + [
      HistorySection(context: context).section, SignOffSection(context: context).section, brief.file, annexes,
    ]
  }

  /// What stands on the other pages.
  private var annexes: Section {
    let pages = [
      text.inlines("annexes.evidence", ["link": .link(text.words("evidence.heading"), to: "#evidence")]),
      text.inlines("annexes.traceability", ["link": .link(text.words("trace.heading"), to: "#traceability")]),
      text.inlines("annexes.law", ["link": .link(text.words("law.heading"), to: "#law")]),
    ]
    return Section(
      id: "annexes", heading: text.words("annexes.heading"),
      blocks: [.paragraph(text.inlines("annexes.lead")), .list(pages)])
  }
}
