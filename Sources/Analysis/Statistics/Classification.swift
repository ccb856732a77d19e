/// How well scores predict a yes-or-no label.
public enum Classification {
  /// Area under the ROC curve: the share of positive–negative pairs ranked rightly, ties counting half (Mann–Whitney).
  /// NaN if a class is absent.
  public static func areaUnderCurve(scores: [Double], labels: [Bool]) -> Double {
    let ranks = Correlation.ranks(scores)
    let positives = labels.reduce(0) { $0 + ($1 ? 1 : 0) }
    let negatives = labels.count - positives
    guard positives > 0, negatives > 0 else { return .nan }
    let sum = zip(ranks, labels).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    return (sum - Double(positives * (positives + 1)) / 2) / Double(positives * negatives)
  }

  /// Rows of a reliability table: equal-width bins of the predicted probability, the last one closed.
  public static func reliability(probabilities: [Double], labels: [Bool], bins: Int = 10) -> [EvaluationResult.Bin] {
    var members = [[Int]](repeating: [], count: bins)
    for (i, p) in probabilities.enumerated() { members[bin(p, bins)].append(i) }
    return members.enumerated().map { index, members in
      let n = Double(members.count)
      return EvaluationResult.Bin(
        from: Double(index) / Double(bins), to: Double(index + 1) / Double(bins), n: members.count,
        predicted: members.isEmpty ? nil : members.reduce(0) { $0 + probabilities[$1] } / n,
        observed: members.isEmpty ? nil : members.reduce(0) { $0 + (labels[$1] ? 1 : 0) } / n)
    }
  }

  /// Expected calibration error (Guo et al. 2017, eq. 3): Σ over bins of (n_bin/n)·|observed − predicted|.
  public static func expectedCalibrationError(probabilities: [Double], labels: [Bool], bins: Int = 10) -> Double {
    var gap = [Double](repeating: 0, count: bins)
    for (p, label) in zip(probabilities, labels) { gap[bin(p, bins)] += (label ? 1 : 0) - p }
    return gap.reduce(0) { $0 + abs($1) } / Double(max(labels.count, 1))
  }

  private static func bin(_ probability: Double, _ bins: Int) -> Int {
    max(0, min(bins - 1, Int(probability * Double(bins))))
  }
}
