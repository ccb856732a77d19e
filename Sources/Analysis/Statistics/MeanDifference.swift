import Foundation

/// A difference of two means with what Student's t says of it: is there one, is it smaller than a margin, and how small
/// a one would have been seen?
///
/// Paired: the t of the differences (Student 1908). Independent: Welch's (1947), with his degrees of freedom.
/// Equivalence: two one-sided tests (Schuirmann 1987), the larger of their p-values.
public struct MeanDifference: Codable, Sendable, Equatable {
  /// Whether each value of one side has its partner on the other.
  public enum Pairing: String, Codable, Sendable { case paired, independent }

  /// Second mean − first mean.
  public var value: Double
  /// Its standard error; 0 if the values of each side agree up to rounding, nil of a single value.
  public var standardError: Double?
  /// Degrees of freedom; 0 where there is no standard error.
  public var degrees: Double
  /// How many pairs, or how many values of both sides together.
  public var n: Int
  /// How the sides belong together.
  public var pairing: Pairing

  /// The mean of paired differences.
  /// - Precondition: at least one, all finite.
  public static func paired(_ differences: [Double]) -> MeanDifference {
    precondition(!differences.isEmpty && differences.allSatisfy(\.isFinite), "\(differences.count) differences")
    let n = differences.count
    let side = Side(differences)
    return MeanDifference(
      value: side.mean, standardError: n > 1 ? side.squaredError.squareRoot() : nil, degrees: Double(n - 1), n: n,
      pairing: .paired)
  }

  /// The difference of the means of two samples that have nothing to do with each other.
  /// - Precondition: at least one value in each, all finite.
  public static func independent(_ first: [Double], _ second: [Double]) -> MeanDifference {
    precondition(
      !first.isEmpty && !second.isEmpty && (first + second).allSatisfy(\.isFinite),
      "samples of \(first.count) and \(second.count)")
    let (a, b) = (Side(first), Side(second))
    let total = a.squaredError + b.squaredError
    let isDefined = first.count > 1 && second.count > 1
    let spread =
      a.squaredError * a.squaredError / Double(max(1, first.count - 1))
      + b.squaredError * b.squaredError / Double(max(1, second.count - 1))
    return MeanDifference(
      value: b.mean - a.mean, standardError: isDefined ? total.squareRoot() : nil,
      degrees: !isDefined ? 0 : spread > 0 ? total * total / spread : Double(first.count + second.count - 2),
      n: first.count + second.count, pairing: .independent)
  }

  /// Two-sided p-value of no difference. Values that all agree have no t; n of them that agree on a difference other
  /// than 0 are as unlikely as n equal signs (2/2ⁿ). 1 of a single value.
  public var p: Double {
    guard let standardError else { return 1 }
    guard standardError > 0 else { return value == 0 ? 1 : min(1, 2 * exp2(-Double(n))) }
    return min(1, 2 * StudentT.upperTail(abs(value) / standardError, degrees: degrees))
  }

  /// p-value of a difference that is as large as the margin or larger, on either side: small ones speak for
  /// equivalence.
  /// - Precondition: margin > 0.
  public func equivalenceP(margin: Double) -> Double {
    precondition(margin > 0, "a margin of \(margin)")
    guard let standardError else { return 1 }
    guard standardError > 0 else { return abs(value) < margin ? exp2(-Double(n)) : 1 }
    return StudentT.upperTail((margin - abs(value)) / standardError, degrees: degrees)
  }

  /// The interval at a confidence; the value twice where there is no spread; nil of a single value.
  public func interval(confidence: Double) -> (low: Double, high: Double)? {
    guard let standardError else { return nil }
    guard standardError > 0 else { return (value, value) }
    let half = standardError * StudentT.critical(tail: (1 - confidence) / 2, degrees: degrees)
    return (value - half, value + half)
  }

  /// The smallest difference that the two-sided test at a level finds with a power, if the spread is what it is here.
  /// - Returns: nil where there is no spread to go by.
  public func smallestDetectable(level: Double, power: Double) -> Double? {
    guard let standardError, standardError > 0 else { return nil }
    return standardError * TestPower.shift(level: level, power: power, degrees: degrees)
  }

  /// Mean and squared standard error of one sample.
  private struct Side {
    let mean: Double
    let squaredError: Double

    init(_ values: [Double]) {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let size = values.reduce(0) { max($0, abs($1)) }
      self.mean = mean
      let squaredError = n > 1 ? squares / (n - 1) / n : 0
      // Values that agree up to rounding have no spread.
      self.squaredError = squaredError.squareRoot() > 1e-13 * size ? squaredError : 0
    }
  }
}

/// The power of a two-sided t test.
public enum TestPower {
  /// The probability that |T| exceeds the critical value of a level when the true difference is `shift` standard
  /// errors: the noncentral t distribution, integrated over the distribution of the standard deviation.
  /// - Precondition: 0 < level < 1, degrees > 0.
  public static func power(shift: Double, level: Double, degrees: Double) -> Double {
    let critical = StudentT.critical(tail: level / 2, degrees: degrees)
    let width = 12 / (2 * degrees).squareRoot()
    let (low, high) = (max(0, 1 - width), 1 + width)
    let constant = log(2.0) + degrees / 2 * log(degrees / 2) - lgamma(degrees / 2)
    // Simpson's rule over s, the ratio of the estimated to the true standard deviation.
    let steps = 600
    let h = (high - low) / Double(steps)
    var sum = 0.0
    for i in 0...steps {
      let s = low + Double(i) * h
      guard s > 0 || degrees == 1 else { continue }
      let density = exp(constant + (degrees == 1 ? 0 : (degrees - 1) * log(s)) - degrees * s * s / 2)
      let rejected = Normal.cumulative(shift - critical * s) + Normal.cumulative(-shift - critical * s)
      sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * density * rejected
    }
    return min(1, sum * h / 3)
  }

  /// The true difference, in standard errors, that a two-sided test at a level finds with a power.
  /// - Precondition: level < power < 1.
  public static func shift(level: Double, power target: Double, degrees: Double) -> Double {
    precondition(level > 0 && level < target && target < 1, "a power of \(target) at the level \(level)")
    var (low, high) = (0.0, 1.0)
    while power(shift: high, level: level, degrees: degrees) < target { high *= 2 }
    for _ in 0..<45 {
      let middle = (low + high) / 2
      if power(shift: middle, level: level, degrees: degrees) < target { low = middle } else { high = middle }
    }
    return high
  }
}
