import Foundation

/// Student's t distribution with a whole number of degrees of freedom.
public enum StudentT {
  /// P(|T| ≤ t) for t ≥ 0: the finite sums of Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.
  /// - Complexity: O(degrees).
  static func central(_ t: Double, degrees: Int) -> Double {
    precondition(degrees > 0 && t >= 0, "t = \(t) with \(degrees) degrees of freedom")
    let angle = atan(t / Double(degrees).squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    let odd = degrees % 2 == 1
    var term = odd ? cosine : 1
    var sum = degrees == 1 ? 0 : term
    for k in stride(from: odd ? 3 : 2, to: degrees, by: 2) {
      term *= cosine * cosine * Double(k - 1) / Double(k)
      sum += term
    }
    return odd ? 2 / Double.pi * (angle + sine * sum) : sine * sum
  }

  /// The quantile at p. From 1,000 degrees on by the expansion of Abramowitz and Stegun 1964, 26.7.5, whose four terms
  /// leave less than 1e-11 there.
  /// - Precondition: 0 < p < 1, degrees > 0.
  public static func quantile(_ p: Double, degrees: Int) -> Double {
    precondition(p > 0 && p < 1 && degrees > 0, "a quantile at \(p) with \(degrees) degrees of freedom")
    if p < 0.5 { return -quantile(1 - p, degrees: degrees) }
    guard degrees < 1000 else { return expansion(Normal.quantile(p), Double(degrees)) }
    var (low, high) = (0.0, 1.0)
    while central(high, degrees: degrees) < 2 * p - 1 { high *= 2 }
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if central(middle, degrees: degrees) < 2 * p - 1 { low = middle } else { high = middle }
    }
  }

  private static func expansion(_ z: Double, _ degrees: Double) -> Double {
    let s = z * z
    let first = (s + 1) * z / 4
    let second = ((5 * s + 16) * s + 3) * z / 96
    let third = (((3 * s + 19) * s + 17) * s - 15) * z / 384
    let fourth = ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945) * z / 92160
    return z + (first + (second + (third + fourth / degrees) / degrees) / degrees) / degrees
  }
}
