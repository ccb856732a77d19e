import Foundation

/// The regularised incomplete beta function I_x(a, b), from which Student's t has its tails for any degrees of freedom.
enum IncompleteBeta {
  /// I_x(a, b) by its continued fraction (NIST Digital Library of Mathematical Functions, 8.17.22), evaluated by
  /// Lentz's method as Thompson and Barnett 1986 have it; beyond the fraction's good side by I_x(a, b) = 1 − I_{1−x}(b,
  /// a).
  /// - Precondition: 0 ≤ x ≤ 1, a > 0, b > 0.
  static func regularised(_ x: Double, _ a: Double, _ b: Double) -> Double {
    precondition(x >= 0 && x <= 1 && a > 0 && b > 0, "I_\(x)(\(a), \(b))")
    if x == 0 || x == 1 { return x }
    let front = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b))
    return x < (a + 1) / (a + b + 2) ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    func away(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
    var c = 1.0
    var d = 1 / away(1 - (a + b) * x / (a + 1))
    var result = d
    // It converges within some √max(a, b) steps.
    for step in 1...10_000 {
      let m = Double(step)
      for coefficient in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 / away(1 + coefficient * d)
        c = away(1 + coefficient / c)
        result *= c * d
      }
      if abs(c * d - 1) < 1e-15 { break }
    }
    return result
  }
}

extension StudentT {
  /// P(T > t) with any positive number of degrees of freedom.
  static func upperTail(_ t: Double, degrees: Double) -> Double {
    precondition(degrees > 0 && !t.isNaN, "t = \(t) with \(degrees) degrees of freedom")
    if t.isInfinite { return t > 0 ? 0 : 1 }
    let tail = 0.5 * IncompleteBeta.regularised(degrees / (degrees + t * t), degrees / 2, 0.5)
    return t >= 0 ? tail : 1 - tail
  }

  /// The t that is exceeded with a probability of `tail`, by bisection.
  /// - Precondition: 0 < tail ≤ 0.5.
  static func critical(tail: Double, degrees: Double) -> Double {
    precondition(tail > 0 && tail <= 0.5, "a tail of \(tail)")
    var (low, high) = (0.0, 1.0)
    while upperTail(high, degrees: degrees) > tail { high *= 2 }
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if upperTail(middle, degrees: degrees) > tail { low = middle } else { high = middle }
    }
  }
}
