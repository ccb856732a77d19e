import Analysis
import Evidence
import Foundation
import Reports

/// A run in words, for a person who has never seen the tool.
struct RunText {
  private let stored: StoredRun
  private var record: RunRecord { stored.record }

  init(_ stored: StoredRun) { self.stored = stored }

  /// One line: what was measured and the main number.
  static func headline(_ record: RunRecord) -> String {
    let name = "\(record.modelVersion) \(record.behaviour ?? record.kind.rawValue)"
    let refused = refusals(record)
    if let effect = record.analysis?.totalEffect {
      return
        "\(name): \(record.status.rawValue), change of the decision value \(interval(effect)) logits, \(effect.n) of \(record.analysisPlan?.pairs.count ?? effect.n) pairs\(refused)"
    }
    if let accuracy = record.evaluation?.groups.first?.accuracy {
      return
        "\(name): \(record.status.rawValue), \(accuracy.count) of \(accuracy.share.n) decisions right, \(percent(accuracy.share))\(refused)"
    }
    return "\(name): \(record.status.rawValue)\(refused)"
  }

  /// What was refused, each kind with its count: `; refused: 3 pairs, the mechanism of 12, circuit`.
  private static func refusals(_ record: RunRecord) -> String {
    let whole = record.refusals.filter { $0.pair != nil && $0.scope.isWhole }
    // Pairs, not refusals: several parts of one pair's mechanism may be refused.
    let mechanism = Set(
      record.refusals.compactMap { $0.scope.isWhole ? nil : $0.pair }
    ).count
    var parts: [String] = []
    if let first = whole.first { parts.append("\(whole.count) \(first.scope.rawValue)\(whole.count == 1 ? "" : "s")") }
    if mechanism > 0 { parts.append("the mechanism of \(mechanism) pair\(mechanism == 1 ? "" : "s")") }
    for refusal in record.refusals where refusal.pair == nil && !parts.contains(refusal.scope.rawValue) {
      parts.append(refusal.scope.rawValue)
    }
    return parts.isEmpty ? "" : "; refused: " + parts.joined(separator: ", ")
  }

  /// What is to be read with care, because the model itself would often say something else than the declared answers; nil if it
  /// does not.
  static func ownChoiceWarning(_ record: RunRecord) -> String? {
    let choices = OwnChoices(record.ownChoices)
    guard choices.isDoubtful else { return nil }
    let commonest = choices.commonest.map { " (most often '\($0.text)', \($0.count))" } ?? ""
    return
      "warning: \(record.modelVersion) \(record.behaviour ?? record.kind.rawValue): in \(choices.others) of \(choices.prompts) prompts the model's own first choice is none of the declared answers\(commonest); these hold \(String(format: "%.1f", choices.meanAnswers * 100)) % of its probability on average, less than half in \(choices.belowHalf). Check 'answers', 'template' and the special tokens"
  }

  /// That the decisions would be right far more often the other way round; nil if they would not.
  static func reversedWarning(_ record: RunRecord) -> String? {
    guard let found = reversed(record) else { return nil }
    return "warning: \(record.modelVersion) \(record.kind.rawValue): \(found)"
  }

  private static func reversed(_ record: RunRecord) -> String? {
    guard let plan = record.evaluationPlan, let result = record.evaluation,
      let found = ReversedDecisions(plan, result)
    else { return nil }
    return
      "\(found.right.count) of \(found.right.share.n) decisions are right, but \(found.reversed.count), \(percent(found.reversed.share)), would be if each were the opposite: labels or answers are probably exchanged. If they are, exchange 'positive' and 'negative' under 'evaluation: label', or under 'answers'"
  }

  /// A share in per cent with its interval: `86.9 % (95 % interval 84.1 to 89.2 %)`.
  static func percent(_ share: Estimate) -> String {
    func number(_ value: Double) -> String { String(format: "%.1f", value * 100) }
    return
      "\(number(share.value)) % (\(Int((share.confidence * 100).rounded())) % interval \(number(share.low)) to \(number(share.high)) %)"
  }

  /// A difference of shares in percentage points with its interval.
  private static func points(_ difference: Estimate) -> String {
    func number(_ value: Double) -> String {
      String(format: "%+.1f", value * 100).replacingOccurrences(of: "-", with: "\u{2212}")
    }
    return "\(number(difference.value)) points (\(number(difference.low)) to \(number(difference.high)))"
  }

  /// A share with its interval, without a sign: `0.8689 (95 % interval 0.8412 to 0.8921)`. It may be above 1 or below 0.
  static func share(_ estimate: Estimate) -> String {
    "\(Format.plain(estimate.value)) (\(Int((estimate.confidence * 100).rounded())) % interval \(Format.plain(estimate.low)) to \(Format.plain(estimate.high)))"
  }

  /// A decision value or a difference with its interval, signed.
  static func interval(_ estimate: Estimate) -> String {
    "\(Format.logit(estimate.value)) (\(Int((estimate.confidence * 100).rounded())) % interval \(Format.logit(estimate.low)) to \(Format.logit(estimate.high)))"
  }

  var text: String {
    [head, question, results, circuit, RunEvidenceText(record)?.text ?? "", lists].joined(separator: "\n")
      .trimmingCharacters(in: .newlines)
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    lines.isEmpty ? "" : "\n\(title)\n" + lines.map { "  " + Format.harmless($0) }.joined(separator: "\n")
  }

  private var head: String {
    let model = record.model
    return section(
      "RUN \(record.id)",
      [
        "status            \(record.status.rawValue)\(record.failure.map { ": \($0)" } ?? "")",
        "record sha256     \(stored.sha256)",
        "started           \(record.started)    ended \(record.ended)",
        "system            \(record.system), model version \(record.modelVersion)",
        "model             \(model.architecture), \(model.layers) layers of \(model.headsPerLayer) heads, \(model.parameters) parameters",
      ] + (model.remarks ?? []).map { "model note        \(RemarkText($0).text)" } + [
        "model sha256      \(model.rootSha256)  (OpenSSF model-signing root of \(model.files.count) files)",
        "model signature   \(signature)",
        "tensors sha256    \(model.tensorsSha256)",
        "tokenizer sha256  \(model.tokenizerSha256 ?? "none")",
        "prompts sha256    \(record.promptsSha256)",
        "program           \(record.program.name) \(record.program.version), binary sha256 \(record.program.binarySha256)",
        "machine           \(record.machine.processor), \(record.machine.instructionSet), \(record.machine.threads) threads, \(record.machine.operatingSystem)",
      ])
  }

  private var signature: String {
    guard let signature = record.model.signature else { return "none beside the model (no model.sig)" }
    let signed =
      switch signature.signedRootSha256 {
      case record.model.rootSha256?: "is over this model's root"
      case let root?: "IS OVER ANOTHER MODEL, root \(root)"
      case nil: "does not say what it is over"
      }
    return "\(signature.path), sha256 \(signature.sha256), \(signed); not verified here ('model_signing verify' does)"
  }

  private var question: String {
    if let plan = record.analysisPlan {
      return section(
        "WHAT WAS ASKED",
        [
          "behaviour         \(plan.behaviour): \(plan.question)",
          "prompt pairs      \(plan.pairs.count), \(plan.construction)",
          "first pair        \(plan.pairs.first.map { "\($0.name): \($0.clean)" } ?? "none")",
          "counterfactual    \(plan.pairs.first?.counterfactual ?? "none")",
          "answers           \(quoted(plan.positive)) against \(quoted(plan.negative))\(plan.prepend.isEmpty ? "" : ", each prompt begins with \(quoted(plan.prepend))")\(plan.specialTokensUsed == .never ? "" : ", each prompt with the tokenizer's special tokens")",
          "ablation          \((plan.ablation ?? .counterfactual).rawValue)",
          "methods           \(plan.methods.map(\.rawValue).joined(separator: ", "))",
          "settings          seed \(plan.seed), floor \(plan.floor), \(floors(plan))\(plan.integratedGradientsSteps) integration steps, targets \(plan.sufficiencyTarget) and \(plan.comprehensivenessTarget), \(plan.bootstrapResamples) resamples, confidence \(plan.confidence)",
          "all prompts       vitrine runs show \(record.id) --json   (key analysis_plan)",
        ])
    }
    guard let plan = record.evaluationPlan else { return "" }
    var lines = [
      "data              \(plan.dataset), \(plan.examples.count) records, right answer: \(plan.label)",
      "answers           \(quoted(plan.positive)) against \(quoted(plan.negative)), threshold \(plan.threshold)",
      "groups            \(plan.groupings.joined(separator: ", "))",
      "settings          seed \(plan.seed), \(plan.bootstrapResamples) resamples, confidence \(plan.confidence)",
    ]
    if let given = plan.predictions {
      let score = given.score.map { "score '\($0)' (\(given.unit?.rawValue ?? "no unit"))" }
      let columns = [score, given.label.map { "decision '\($0)'" }].compactMap { $0 }.joined(separator: ", ")
      lines.append(
        "held against      \(given.file), sha256 \(given.sha256), by '\(given.id)': \(columns), tolerance \(given.tolerance)"
      )
    }
    return section("WHAT WAS ASKED", lines)
  }

  private func floors(_ plan: AnalysisPlan) -> String {
    guard let standing = plan.standing else { return "" }
    return
      "flip floor \(standing.flips), share floor \(standing.share > 0 ? "\(standing.share), at least 2/K" : "2/K") for K parts, "
  }

  /// In which of three ways the decision is shown to move, each at a third of the level.
  private static func standing(_ standing: BehaviourStanding) -> [String] {
    func shown(_ ground: BehaviourStanding.Ground) -> String {
      standing.grounds.contains(ground) ? "shown" : "not shown"
    }
    return [
      "does it matter?   \(standing.grounds.isEmpty ? "not established" : "measured"), asked in three ways",
      "  decisions turn   \(shown(.flips)): \(percent(standing.flips.share)), floor \(standing.flipFloor * 100) %",
      "  size, any way    \(shown(.size)): \(interval(standing.size)) logits, floor \(standing.sizeFloor)",
      "  one direction    \(shown(.direction)): \(interval(standing.direction)) logits, against 0",
    ]
  }

  private func quoted(_ texts: [String]) -> String { texts.map { "\"\($0)\"" }.joined(separator: ", ") }

  private var results: String {
    if let result = record.analysis {
      var lines: [String] = ownChoice
      func line(_ name: String, _ estimate: Estimate?, _ unit: String) {
        guard let estimate else { return }
        lines.append(
          "\(name.padding(toLength: 18, withPad: " ", startingAt: 0))\(Self.interval(estimate)) \(unit), n = \(estimate.n)"
        )
      }
      line("m, \(record.analysisPlan?.cleanLabel ?? "clean")", result.meanClean, "logits")
      line("m, \(record.analysisPlan?.counterfactualLabel ?? "counterfactual")", result.meanCounterfactual, "logits")
      line("total effect", result.totalEffect, "logits")
      if let flips = result.flips {
        lines.append(
          "decisions changed \(flips.count) of \(flips.share.n): \(result.positiveOnlyClean) positive only as \(record.analysisPlan?.cleanLabel ?? "clean"), \(result.positiveOnlyCounterfactual) only as \(record.analysisPlan?.counterfactualLabel ?? "counterfactual")"
        )
      }
      if let plan = record.analysisPlan, let standing = result.behaviourStanding(plan) {
        lines += Self.standing(standing)
      }
      let strongest = result.nodeEffects.sorted { abs($0.noising?.value ?? 0) > abs($1.noising?.value ?? 0) }.prefix(8)
      for effect in strongest {
        line("noising \(effect.node)", effect.noising, "logits")
        if let share = effect.noisingShare, let floor = record.analysisPlan.flatMap(result.shareFloor) {
          let isAbove = share.isAbove(floor) ? "above" : "not above"
          lines.append("  share of change  \(Self.interval(share)), \(isAbove) the floor of \(Format.logit(floor))")
        }
      }
      return section("WHAT CAME OUT (m is the decision value in logits; effects are counterfactual − clean)", lines)
    }
    guard let result = record.evaluation else { return "" }
    let rows = result.groups.map { group in
      [
        group.grouping.flatMap { grouping in group.name.map { "\(grouping) = \($0)" } } ?? "all records", "\(group.n)",
        Self.percent(group.accuracy.share), Self.percent(group.positiveRate.share),
        Self.points(group.calibrationInTheLarge),
      ]
    }
    return section(
      "WHAT CAME OUT",
      (Self.reversed(record).map { ["read with care    \($0)"] } ?? []) + predictions + ownChoice
        + Format.table([["group", "n", "accuracy", "positive rate", "calibration in the large"]] + rows).split(
          separator: "\n"
        ).map(String.init))
  }

  /// What came of holding the serving system's own predictions against the engine; none if none were given.
  private var predictions: [String] {
    guard let (lines, _) = try? PredictionText.sentences(record) else { return [] }
    return lines.enumerated().map { ($0 == 0 ? "predictions       " : "                  ") + $1 }
  }

  /// One line about what the model itself would say; none for a record of before version 0.2.
  private var ownChoice: [String] {
    let choices = OwnChoices(record.ownChoices)
    guard choices.prompts > 0 else { return [] }
    let mean = String(format: "%.1f", choices.meanAnswers * 100)
    return [
      "own first choice  a declared answer in \(choices.prompts - choices.others) of \(choices.prompts) prompts; the answers hold \(mean) % of the probability on average, less than half in \(choices.belowHalf)"
    ]
  }

  private var circuit: String {
    guard let circuit = record.analysis?.circuit else { return "" }
    return section(
      "CIRCUIT (asymmetric search, then measured exactly)",
      [
        "heads              \(circuit.heads.map(\.description).joined(separator: " "))",
        "forward step       \(forward(circuit))",
        "sufficiency        \(Self.share(circuit.sufficiency)), n = \(circuit.sufficiency.n)",
        "comprehensiveness  \(Self.share(circuit.comprehensiveness)), n = \(circuit.comprehensiveness.n)",
        "granularity        \(circuit.terms.granularity)", "components         \(circuit.terms.components)",
        "ablation           \(circuit.terms.ablation)", "positions          \(circuit.terms.positions)",
        "direction          \(circuit.terms.direction)",
        "prompts            \(circuit.terms.prompts)",
      ]
        + ((circuit.turned ?? 0) > 0
          ? [
            "counted            \(circuit.turned ?? 0) of \(circuit.sufficiency.n) pairs the other way round, as their decision moves"
          ]
          : [])
        + (circuit.isCutShort ? ["read with care     \(cutShort(circuit))"] : []))
  }

  /// What the forward step of the search went by, and why.
  private func forward(_ circuit: AnalysisResult.Circuit) -> String {
    let correlation = record.rankCorrelation.map { String(format: "%.2f", $0) } ?? "undefined"
    return circuit.forward == .exact
      ? "exact effects of single heads, since first-order scores rank otherwise or promise nothing (rank correlation \(correlation); below 0.5 they do not choose)"
      : "first-order scores (rank correlation with the exact effects \(correlation))"
  }

  private func cutShort(_ circuit: AnalysisResult.Circuit) -> String {
    let promised = "single heads promise \(Format.plain(circuit.firstOrderSufficiency)), together they keep far less"
    guard let series = circuit.series else { return "\(promised); see the stronger search's circuit" }
    return series.isEmpty
      ? "\(promised); no heads that work one after another were found outside the circuit; see the stronger search's"
      : "\(promised); \(series.map(\.description).joined(separator: " ")) work one after another, and this search takes one of such heads for all; see the stronger search's"
  }

  private var lists: String {
    let approximations = record.approximations.map { entry in
      let error = entry.largestError.map { "largest error \(Format.plain($0))" } ?? "error not known"
      return
        "\(entry.method): \(entry.checked ? "\(error), Pearson \(entry.pearson.map { String(format: "%.3f", $0) } ?? "undefined"), \(entry.verified) values checked" : "NOT CHECKED"). \(entry.note)"
    }
    let tests = record.selfTests.map { "\($0.outcome.rawValue): \($0.name) (\($0.detail))" }
    let shown = record.refusals.prefix(20).map {
      "\($0.pair ?? "the behaviour"): \($0.scope.rawValue) refused, \($0.detail)"
    }
    let rest = record.refusals.count > 20 ? ["… and \(record.refusals.count - 20) more, see --json"] : []
    return section("APPROXIMATIONS", approximations) + section("\nSELF-TEST ON THIS MODEL", tests)
      + section("\nREFUSED", shown + rest)
  }
}
