import Foundation

/// σ(x) = 1 / (1 + exp(−x)): of a decision value in logits, the probability of the positive side between the two answer sets.
public func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
