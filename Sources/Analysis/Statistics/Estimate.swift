/// A mean over prompts with its interval. A mean never hides its n.
public struct Estimate: Codable, Sendable, Equatable {
  /// The mean over the prompts (or another statistic of them, as `method` says).
  public var value: Double
  /// Lower end of the confidence interval.
  public var low: Double
  /// Upper end of the confidence interval.
  public var high: Double
  /// The level of the interval, e.g. 0.95.
  public var confidence: Double
  /// How many prompts the value rests on.
  public var n: Int
  /// How the interval was made, in words, e.g. `bootstrap-t over prompts, 2000 resamples`.
  public var method: String

  /// An estimate from its parts.
  public init(value: Double, low: Double, high: Double, confidence: Double, n: Int, method: String) {
    self.value = value
    self.low = low
    self.high = high
    self.confidence = confidence
    self.n = n
    self.method = method
  }

  /// A value that no interval would do justice to, e.g. the expected calibration error: distances do not cancel, so that
  /// sampling noise alone makes it larger (Roelofs et al. 2022, arXiv 2012.08668), and a bootstrap's resamples more so; their
  /// percentiles can all lie above the value.
  /// - Parameter why: what stands in the way, for `method`.
  public static func withoutInterval(_ value: Double, n: Int, confidence: Double, why: String) -> Estimate {
    Estimate(value: value, low: value, high: value, confidence: confidence, n: n, method: "no interval: \(why)")
  }

  /// Whether there is an interval: one prompt, or prompts that all agree, give none (both ends are then the value).
  public var hasInterval: Bool { n > 1 && low < high }

  /// Whether a value, e.g. the null's, cannot be excluded: the interval contains it, or there is none to exclude it with.
  public func covers(_ null: Double) -> Bool { !hasInterval || (low <= null && null <= high) }
}

/// A count out of n with the interval of its share.
public struct Proportion: Codable, Sendable, Equatable {
  /// How many.
  public var count: Int
  /// The share with its interval and n.
  public var share: Estimate
}
