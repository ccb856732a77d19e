import Analysis
import Evidence
import Project

/// How the numbers were made and checked, and the terms; what the methods cannot show stands in the core.
struct MethodsSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The whole part.
  var section: Section {
    let checks = CheckBlocks(
      runs: context.selection.analyses.compactMap { $0.run?.record }, names: context.names, text: text)
    return Section(
      id: "methods", heading: text.words("methods.heading"),
      sections: [checks.register, checks.selfTests, glossary])
  }

  /// What no measurement here can show.
  var limits: Section {
    Section(
      id: "limits", heading: text.words("limits.heading"),
      blocks: [.list(text.limits.map { [.strong($0.title), .text(" " + $0.text)] })])
  }

  private var glossary: Section {
    Section(
      id: "glossary", heading: text.words("glossary.heading"),
      blocks: [.definitions(text.glossary.map { Definition($0.term, [.text($0.meaning)]) })])
  }
}
