import Analysis
import Project

/// The questions of the law about a substantial modification, each with what a comparison has to say and no answer.
struct Worksheet {
  let diff: Diff
  let before: Dossier
  let after: Dossier
  let catalogue: LawCatalogue
  let words: DiffWords

  /// A question: which provision, and which of its words.
  struct Text {
    let id: String
    let provision: String
    let quote: String
  }

  /// The law's words, taken apart at its own joints. A test checks each against the provision's text.
  static let texts = [
    Text(
      id: "after-placing", provision: "article-3-23",
      quote: "a change to an AI system after its placing on the market or putting into service"),
    Text(
      id: "foreseen", provision: "article-3-23",
      quote: "which is not foreseen or planned in the initial conformity assessment carried out by the provider"),
    Text(
      id: "compliance", provision: "article-3-23",
      quote:
        "as a result of which the compliance of the AI system with the requirements set out in Chapter III, Section 2 is "
        + "affected"),
    Text(
      id: "purpose", provision: "article-3-23",
      quote: "or results in a modification to the intended purpose for which the AI system has been assessed"),
    Text(
      id: "assessed", provision: "article-43-4",
      quote:
        "High-risk AI systems that have already been subject to a conformity assessment procedure shall undergo a new "
        + "conformity assessment procedure in the event of a substantial modification"),
    Text(
      id: "continues-to-learn", provision: "article-43-4",
      quote: "For high-risk AI systems that continue to learn after being placed on the market or put into service"),
    Text(
      id: "pre-determined", provision: "article-43-4",
      quote:
        "changes to the high-risk AI system and its performance that have been pre-determined by the provider at the moment "
        + "of the initial conformity assessment and are part of the information contained in the technical documentation "
        + "referred to in point 2(f) of Annex IV, shall not constitute a substantial modification"),
  ]

  /// The questions with their evidence.
  func questions() -> [Diff.Question] {
    Self.texts.map { text in
      let passage = catalogue.provision(text.provision)?.passage
      return Diff.Question(
        id: text.id, quote: text.quote,
        citation: passage.map { "\($0.citation) (\($0.standing))" } ?? text.provision, evidence: evidence(text.id))
    }
  }

  private func evidence(_ id: String) -> [String] {
    switch id {
    case "after-placing": [placing, model]
    case "foreseen": [declaredChanges] + beyond
    case "compliance": rows + ["Which requirement a difference bears on, if any, is for the person who answers."]
    case "purpose": [purpose]
    case "assessed": ["Neither dossier nor runs say whether a conformity assessment took place."]
    case "continues-to-learn":
      [
        "The files of each version are fixed by digest. Whether the system learns after release is the provider's to say."
      ]
    default: [declaredChanges, envelope]
    }
  }

  private var placing: String {
    after.system.placedOnMarket.map {
      "vitrine.yaml declares \($0) as the day of placing on the market or putting into service."
    }
      ?? "vitrine.yaml declares no day of placing on the market or putting into service."
  }

  private var model: String {
    let changed = diff.model.facts.filter { !$0.isEqual && $0.name != "differing predictions" }.map(\.name)
    return changed.isEmpty
      ? "The model's files are the same." : "Of the model, these differ: \(changed.joined(separator: ", "))."
  }

  private var declaredChanges: String {
    let states = before.items.first { $0.id == "2(f)" }?.elements.map { "\($0.title): \($0.state)" } ?? []
    return states.isEmpty
      ? "The earlier dossier has no point 2(f)."
      : "Point 2(f) of the earlier documentation stands as follows. \(states.joined(separator: "; "))."
  }

  private var beyond: [String] {
    diff.outcome.beyond.isEmpty
      ? ["Nothing is established to have changed beyond the declared envelope."]
      : diff.outcome.beyond.map { "Beyond the declared envelope: \($0)." }
  }

  private var envelope: String {
    let limits = diff.settings.envelope.count
    return limits == 0
      ? "No declared limits are at hand ('changes' in vitrine.yaml)."
      : "\(RecordedWords.counted(limits, "limit is", "limits are")) declared under 'changes' in vitrine.yaml. Whether they were part "
        + "of the documentation at the moment of the initial conformity assessment is not recorded there."
  }

  private var purpose: String {
    before.system.intendedPurpose == after.system.intendedPurpose
      ? "The intended purpose reads the same in both dossiers."
      : "The intended purpose reads differently in the two dossiers."
  }

  private func headline(_ row: Diff.Row) -> String { words.headline(row) + "." }

  /// Losses of right decisions or of the better answer, worst first.
  private func losses(_ loss: GroupComparison.Loss) -> [String] {
    diff.rows.filter { $0.loss == loss }.sorted { GroupComparison.Order($0) < GroupComparison.Order($1) }.map { row in
      let needed = row.needed.map { ", about \($0) records would settle it" } ?? ""
      return words.headline(row) + needed + "."
    }
  }

  private var rows: [String] {
    let changed = losses(.settled) + diff.rows.filter { $0.verdict == .changed && $0.loss != .settled }.map(headline)
    let likely = losses(.likely).map { "Likely lost, and not settled: \($0)" }
    let unsettled = diff.rows.count { $0.verdict == .unsettled && !$0.isGroup }
    return (changed.isEmpty ? ["No measure is established to have changed."] : changed) + likely
      + ["Unsettled over all records: \(RecordedWords.counted(unsettled, "measure", "measures"))."]
  }
}
