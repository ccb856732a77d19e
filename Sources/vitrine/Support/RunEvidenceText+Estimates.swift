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

  /// The errors of a group of estimates, the smallest first: the largest error says how far off one value may be, the rank
  /// correlation whether the order can be trusted; they need not name the same estimate.
  private func errors(_ group: EstimateGroup) -> [(String, String)] {
    let ranked = group.ranked(approximations)
    guard let best = ranked.first else { return [] }
    let ordered = ranked.filter { $0.spearman != nil }.max { ($0.spearman ?? 0) < ($1.spearman ?? 0) }
    let all = ranked.map { entry in
      let order = entry.spearman.map { ", rank correlation \(number($0))" } ?? ""
      return "\(entry.method): largest error \(number(entry.largestError ?? 0))\(order)"
    }
    return [
      ("smallest error", best.method), ("best order", ordered?.method ?? "none: nothing to order"),
      ("errors", all.joined(separator: "; ")),
    ]
  }
}
