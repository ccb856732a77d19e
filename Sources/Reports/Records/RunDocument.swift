import Analysis
public import Evidence

/// One run as a document: what was asked and on which model, what came out, how it was checked, and what was said about it since.
/// Its evidence is the dossier's, section by section.
public struct RunDocument {
  private let run: StoredRun
  private let said: SaidAboutRun
  private let names: RunNames
  private let text: InterfaceText
  private var record: RunRecord { run.record }

  /// The document of a run.
  /// - Parameter entries: what the log holds about the run.
  /// - Throws: `ReportsError` if the program's own words are damaged.
  public init(_ run: StoredRun, entries: [StoredEntry]) throws {
    self.run = run
    text = try .english()
    names = RunNames([run.record.id], text: text)
    said = SaidAboutRun(run, entries, text: text)
  }

  /// Why what was said about the run does not hold; empty if all does.
  public var failures: [String] { said.failures }

  /// The whole document.
  public var document: Document {
    Document(
      title: text.words("terminal.run", ["id": .text(record.id)]),
      subtitle: RecordBlocks(names: names, text: text).subject(Dossier.RunEntry(run, text: text)).plainText,
      sections: [identity] + [asked, answer, checks, refused].compactMap { $0 } + said.sections)
  }

  private var identity: Section {
    let blocks = RecordBlocks(names: names, text: text)
    let about = text.columns(
      "terminal.about", ["system": .text(record.system), "failure": .text(record.failure ?? "–")])
    return Section(
      id: RunNames.anchor(record.id), heading: text.words("terminal.record"),
      blocks: [.definitions(blocks.definitions(of: Dossier.RunEntry(run, text: text)) + about.definitions)]
        + blocks.identity(record, remarks: (record.model.remarks ?? []).map(text.remark)) + [.paragraph(signature)])
  }

  private var signature: [Inline] {
    guard let signature = record.model.signature else { return text.inlines("terminal.no-model-signature") }
    let isOwn = signature.signedRootSha256 == record.model.rootSha256
    let over =
      isOwn
      ? text.words("terminal.over-own-model")
      : signature.signedRootSha256.map { text.words("terminal.over-other-model", ["root": .text($0)]) }
        ?? text.words("terminal.over-unknown")
    return text.inlines(
      "terminal.model-signature",
      ["path": .text(signature.path), "digest": .text(signature.sha256), "over": .text(over)])
  }

  /// The plan; texts stand to the last space, since the model was given them so.
  private var asked: Section? {
    func exact(_ texts: [String]) -> TextValue {
      .text(texts.isEmpty ? "–" : texts.map { "\"\($0)\"" }.joined(separator: ", "))
    }
    func positive(_ texts: [String], _ unit: String?, _ threshold: Double?) -> TextValue {
      unit == nil ? exact(texts) : .text(text.answers(texts, unit: unit, threshold: threshold))
    }
    var rows: [String] = []
    if let plan = record.analysisPlan {
      let (first, standing) = (plan.pairs.first, plan.standing)
      rows = text.columns(
        "terminal.asked-analysis",
        [
          "behaviour": .text(plan.behaviour), "question": .text(plan.question),
          "n": .text(text.count(plan.pairs.count)), "name": .text(first?.name ?? "–"),
          "clean": .text(first?.clean ?? "–"),
          "counterfactual": .text(first?.counterfactual ?? "–"),
          "positive": positive(plan.positive, plan.unit, plan.threshold),
          "negative": exact(plan.negative), "prepended": exact(plan.prepend),
          "special": .text("\(plan.specialTokensUsed)"),
          "ablation": .text(text.replacement(plan.ablation ?? .counterfactual)),
          "methods": .text(plan.methods.map(\.rawValue).joined(separator: ", ")), "seed": .text(String(plan.seed)),
          "floor": .text(text.precise(plan.floor)), "flips": .text(standing.map { text.precise($0.flips) } ?? "–"),
          "share": .text(standing.map { text.precise($0.share) } ?? "–"),
          "steps": .text(String(plan.integratedGradientsSteps)), "kept": .text(text.precise(plan.sufficiencyTarget)),
          "lost": .text(text.precise(plan.comprehensivenessTarget)),
          "resamples": .text(String(plan.bootstrapResamples)), "level": .text(text.level(plan.confidence)),
          "id": .text(record.id),
        ])
    } else if let plan = record.evaluationPlan {
      rows = text.columns(
        "terminal.asked-evaluation",
        [
          "positive": positive(plan.positive, plan.unit, plan.threshold), "negative": exact(plan.negative),
          "groups": .text(plan.groupings.joined(separator: ", ")), "seed": .text(String(plan.seed)),
          "resamples": .text(String(plan.bootstrapResamples)), "level": .text(text.level(plan.confidence)),
        ])
      if let given = plan.predictions {
        rows += text.columns(
          "terminal.held-against",
          [
            "id": .text(given.id), "unit": .text(given.unit?.rawValue ?? "–"),
            "tolerance": .text(text.precise(given.tolerance)),
          ])
      }
    }
    return rows.isEmpty
      ? nil : Section(id: "asked", heading: text.words("terminal.asked"), blocks: [.definitions(rows.definitions)])
  }

  private var answer: Section? {
    if let view = AnalysisView(record, names: names, text: text) {
      return AnswerSection(view: view, anchor: "answer", question: view.plan.question).section
    }
    return EvaluationSentences(record, names: names, text: text).map { EvaluationSection(sentences: $0).section }
  }

  private var checks: Section? {
    guard !record.approximations.isEmpty || !record.selfTests.isEmpty else { return nil }
    let unit = record.analysisPlan?.unit
    let blocks = CheckBlocks(runs: [record], names: names, text: text.measuring(in: unit))
    return Section(
      id: "methods", heading: text.words("methods.heading"), sections: [blocks.register, blocks.selfTests])
  }

  /// So many refusals are printed one by one.
  private static let shown = 20

  private var refused: Section? {
    guard !record.refusals.isEmpty else { return nil }
    let shown = record.refusals.prefix(Self.shown).map { refusal in
      text.inlines(
        "terminal.refusal",
        [
          "pair": .text(refusal.pair ?? text.words("terminal.the-behaviour")), "scope": .text(refusal.scope.rawValue),
          "reason": .text(text.reason(refusal.reason)), "detail": .text(refusal.detail),
        ])
    }
    let rest = record.refusals.count - shown.count
    let left = rest > 0 ? [text.inlines("terminal.refusals-left", ["n": .count(rest)])] : []
    return Section(id: "refused", heading: text.words("terminal.refused"), blocks: [.list(shown + left)])
  }
}

extension [String] {
  /// Every other one a term, with its explanation after it.
  var definitions: [Definition] {
    stride(from: 0, to: count - 1, by: 2).map { Definition(self[$0], [.text(self[$0 + 1])]) }
  }
}
