import Analysis
import Foundation
import Project

/// What a plan will cost, in words.
enum CostText {
  /// One line for a run.
  static func line(_ cost: PlanCost, _ version: Project.ModelVersion, _ plan: AnalysisPlan) -> String {
    let passes = "about \(count(cost.forward)) forward and \(count(cost.backward)) backward passes"
    let moving =
      cost.moving < cost.pairs
      ? " (about \(cost.moving) of them move the decision by the floor of \(plan.floor) \(plan.unit ?? "logits"))" : ""
    return
      "\(version.version) \(plan.behaviour): \(cost.pairs) prompt pairs of \(Int(cost.tokens.rounded())) tokens\(moving), \(passes), "
      + "about \(time(cost.seconds)) here, at most \(String(format: "%.2g", max(0.01, Double(cost.memory) / 1e9))) GB"
  }

  /// A table of the steps.
  static func steps(_ cost: PlanCost) -> String {
    let rows = cost.steps.map {
      ["  " + $0.name, count($0.forward), count($0.backward), String(format: "%.2f", $0.seconds)]
    }
    return Format.table([["  step", "forward passes", "backward passes", "seconds"]] + rows)
      + "\n  Passes are estimates within a factor of \(Int(PlanCost.factor)): how many circuits a search looks at is not known before, nor\n  how many pairs move the decision: some were tried just now, and the others cost next to nothing."
      + "\n  Seconds are those of this moment: passes, resamples and tests were timed just now, and a busier machine takes longer."
  }

  private static func count(_ passes: Double) -> String {
    passes == 0 ? "0" : passes < 10 ? String(format: "%.1f", passes) : "\(Int(passes.rounded()))"
  }

  private static func time(_ seconds: Double) -> String {
    switch seconds {
    case ..<1: "1 s"
    case ..<120: "\(Int(seconds.rounded(.up))) s"
    case ..<7200: "\(Int((seconds / 60).rounded(.up))) min"
    default: String(format: "%.1f h", seconds / 3600)
    }
  }
}
