/// How many records a two-sided test of shares needs to find a difference with a power.
public enum SampleSize {
  /// Records of the first kind when shares of different records are compared (Fleiss, Levin and Paik 2003, equation 4.14, without
  /// continuity correction; `power.prop.test` of R for equal sizes).
  /// - Parameters:
  ///   - share: the share to be found.
  ///   - reference: the reference's share.
  ///   - ratio: records of the reference for each record of the first kind.
  ///   - level: of the two-sided test.
  ///   - power: with which the difference is found.
  /// - Returns: nil if the shares are the same.
  /// - Precondition: ratio > 0; level and power between 0 and 1.
  public static func independent(
    share: Double, reference: Double, ratio: Double = 1, level: Double, power: Double
  ) -> Int? {
    precondition(ratio > 0, "a ratio of \(ratio)")
    let difference = share - reference
    guard difference != 0 else { return nil }
    let pooled = (share + ratio * reference) / (1 + ratio)
    let (alpha, beta) = (Normal.quantile(1 - level / 2), Normal.quantile(power))
    let root =
      alpha * (pooled * (1 - pooled) * (1 + 1 / ratio)).squareRoot()
      + beta * (share * (1 - share) + reference * (1 - reference) / ratio).squareRoot()
    return whole(root * root / (difference * difference))
  }

  /// Records when two shares of the same records are compared (Connor 1987, Biometrics 43:207; Miettinen 1968).
  /// - Parameters:
  ///   - discordant: the share of records that count on one side only; at least |difference|, which is taken if it is less.
  ///   - difference: to be found.
  ///   - level: of the two-sided test.
  ///   - power: with which the difference is found.
  /// - Returns: nil if the difference is 0.
  /// - Precondition: level and power between 0 and 1.
  public static func paired(discordant: Double, difference: Double, level: Double, power: Double) -> Int? {
    guard difference != 0 else { return nil }
    let discordant = max(discordant, abs(difference))
    let (alpha, beta) = (Normal.quantile(1 - level / 2), Normal.quantile(power))
    let root = alpha * discordant.squareRoot() + beta * (discordant - difference * difference).squareRoot()
    return whole(root * root / (difference * difference))
  }

  /// The next whole number, at least 2; nil where it is beyond what anyone could collect.
  private static func whole(_ records: Double) -> Int? {
    let up = records.rounded(.up)
    return up < 1e12 ? max(2, Int(up)) : nil
  }
}
