/// Quantiles by linear interpolation between order statistics (Hyndman and Fan 1996, type 7: numpy's default).
public enum Quantile {
  /// The quantile of values in rising order; nil if there are none.
  public static func linear(sorted values: [Double], _ q: Double) -> Double? {
    guard let last = values.last else { return nil }
    let position = q * Double(values.count - 1)
    let lower = Int(position.rounded(.down))
    guard lower + 1 < values.count else { return last }
    let fraction = position - Double(lower)
    return values[lower] + (values[lower + 1] - values[lower]) * fraction
  }
}
