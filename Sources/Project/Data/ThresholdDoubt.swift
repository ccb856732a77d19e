import Foundation

/// A threshold that was probably meant as a probability or in per cent, where decision values are logits.
struct ThresholdDoubt {
  /// The threshold as it is taken.
  let logits: Double
  /// The threshold as it is written.
  let written: String

  /// What is odd about it, nil if nothing is.
  ///
  /// Between 0 and 1 two decimals or fewer are a probability rather than logits: what was computed from a probability has more.
  var text: String? {
    let unit = "the threshold is a decision value in logits, ln(p / (1 \u{2212} p)): a probability of 50 % is 0"
    let isRound = abs(logits * 100 - (logits * 100).rounded()) < 1e-9
    if logits > 0, logits < 1, isRound {
      return "'threshold' is \(written); \(unit), and that many logits are \(Self.percent(probability)); "
        + "for a probability of \(Self.percent(logits)) write \(Self.logits(of: logits))"
    }
    guard abs(logits) >= 4.6 else { return nil }
    let side = logits > 0 ? "above" : "below"
    let percentage =
      (10..<100).contains(logits)
      ? "; for a probability of \(Self.percent(logits / 100)) write \(Self.logits(of: logits / 100))" : ""
    return
      "'threshold' is \(written), a probability of \(Self.percent(probability)), and hardly any decision value lies "
      + "\(side) it; \(unit)\(percentage)"
  }

  private var probability: Double { 1 / (1 + exp(-logits)) }

  /// `64.6 %`, with as many digits as tell it from 0 and 100.
  private static func percent(_ share: Double) -> String {
    let number = String(format: share < 0.001 || share > 0.999 ? "%.4g" : "%.3g", share * 100)
    return "\(number) %"
  }

  /// The logit of a probability with three decimals; 0.405, -0.405, 0.
  private static func logits(of probability: Double) -> String {
    let value = (log(probability / (1 - probability)) * 1000).rounded() / 1000
    return value == 0 ? "0" : String(format: "%.3f", value)
  }
}
