import Analysis
import Foundation

/// Estimates of effects beside the exact ones, and which of them errs least.
extension RunEvidenceText {
  /// So many of the strongest are shown.
  private static let shown = 8

  var estimates: String {
    guard let relevance = result.relevance else { return "" }
    let ranked = relevance.effects.sorted { (abs($1.exact.value), $0.node) < (abs($0.exact.value), $1.node) }
    return section(
      "ESTIMATES OF WHAT HEADS AND MLPS DO, BESIDE WHAT THEY DO (\(relevance.pairs) pairs; logits)",
      errors(.parts)
        + ranked.prefix(Self.shown).map { effect in
          (
            effect.node.description,
            "exact \(interval(effect.exact)); relevance patching \(Format.logit(effect.relevance.value)), with attention's derivative \(Format.logit(effect.attended.value)), attribution patching \(Format.logit(effect.attribution.value))"
          )
        })
  }

  var inputs: String {
    guard let star = result.attributionStar else { return "" }
    let ranked = star.inputs.sorted {
      (abs($1.exact.value), $0.input.description) < (abs($0.exact.value), $1.input.description)
    }
    return section(
      "WHAT HEADS' QUERIES, KEYS AND VALUES DO (AtP*, \(star.pairs) pairs; logits)",
      errors(.queriesAndKeys) + errors(.sizes)
        + ranked.prefix(Self.shown).map { entry in
          (
            entry.input.description,
            "exact \(interval(entry.exact)); softmax exact \(Format.logit(entry.corrected.value)), first order \(Format.logit(entry.attribution.value))"
          )
        })
  }

  /// The errors of a group of estimates, the smallest first.
  private func errors(_ group: EstimateGroup) -> [(String, String)] {
    let ranked = group.ranked(approximations)
    guard let best = ranked.first else { return [] }
    return [
      (
        "errs least",
        "\(best.method); largest errors: "
          + ranked.map { "\($0.method) \(number($0.largestError ?? 0))" }.joined(separator: "; ")
      )
    ]
  }
}
