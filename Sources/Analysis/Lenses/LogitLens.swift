import Foundation

/// What the model would decide if its layers ended earlier: the residual stream between layers, read through the model's own
/// final norm, pooler and head, unembedding and logit cap (nostalgebraist 2020, "interpreting GPT: the logit lens").
///
/// Early layers need not write in the basis that the unembedding reads; a lens that finds nothing there does not show that
/// nothing is there.
public struct LogitLens: Codable, Sendable, Equatable {
  /// A token, or a class of a classifier, with its probability.
  public struct Guess: Codable, Sendable, Equatable {
    /// Token id, or class.
    public var id: Int
    /// Share of the softmax over all tokens (classes).
    public var probability: Double
  }

  /// The lens at one depth and position.
  public struct Reading: Codable, Sendable, Equatable {
    /// Layers that the stream has passed: 0 is the input embedding, the number of layers is the model's own output.
    public var depth: Int
    /// Position in the prompt, from 0.
    public var position: Int
    /// Decision value m of the stream, in logits.
    public var value: Double
    /// Kullback–Leibler divergence of this distribution from the model's own at the position, Σ final·ln(final/here), in nats.
    public var divergence: Double
    /// The likeliest tokens (classes), most probable first; of equal ones the lower id first.
    public var top: [Guess]

    /// A reading from its parts.
    public init(depth: Int, position: Int, value: Double, divergence: Double, top: [Guess]) {
      self.depth = depth
      self.position = position
      self.value = value
      self.divergence = divergence
      self.top = top
    }
  }

  /// By position, then by depth.
  public var readings: [Reading]

  /// A lens from its readings.
  public init(readings: [Reading]) { self.readings = readings }
}

extension Transformer {
  /// Reads the residual stream before each layer and after the last.
  /// - Parameters:
  ///   - positions: which to read; nil = the decision position. Where the model reads the mean over all positions, there is the first
  ///     alone, which stands for all.
  ///   - top: how many guesses to keep of each reading.
  /// - Precondition: the positions lie within the prompt.
  /// - Complexity: O((layers + 1)·positions·decisionCount·width): one matrix product for each position.
  func logitLens(
    of decision: Decision, _ trace: Trace, sequence: Int = 0, positions: [Int]? = nil, top: Int = 5
  ) -> LogitLens {
    LogitLens(
      readings: (positions ?? [trace.decided.lowerBound]).flatMap { position in
        precondition((0..<trace.length).contains(position), "position \(position) of \(trace.length)")
        return readings(of: decision, trace, row: sequence * trace.length + position, position: position, top: top)
      })
  }

  private func readings(
    of decision: Decision, _ trace: Trace, row: Int, position: Int, top: Int
  ) -> [LogitLens.Reading] {
    let rows = trace.rowsRead
    let depths = Matrix(rows: trace.residual.count * rows, columns: architecture.width)
    for (depth, residual) in trace.residual.enumerated() {
      depths.copy(rows: rows, from: residual.row(row), to: depth * rows)
    }
    let logits = unembed(depths, rows: rows)
    let distributions = (0..<logits.columns).map { LogDistribution(column: $0, of: logits) }
    guard let final = distributions.last else { preconditionFailure("a trace without layers") }
    return distributions.enumerated().map { depth, distribution in
      LogitLens.Reading(
        depth: depth, position: position, value: value(of: decision, at: depths.row(depth * rows), rows: rows),
        divergence: final.divergence(from: distribution), top: distribution.top(top))
    }
  }

  /// All logits of several readings of the residual stream: `[readings·rows, width]` → `[decisionCount, readings]`, a reading's logits
  /// in one column.
  /// - Parameter rows: rows of each reading: 1, or all of a sequence where the mean is read.
  /// - Complexity: O(readings·decisionCount·width), reading the unembedding once.
  func unembed(_ residual: Matrix, rows: Int = 1) -> Matrix {
    let features = features(residual, rows: rows)
    // The few rows are packed, not the unembedding: that is read where it stands.
    let map = Linear(
      weight: features.buffer, bias: nil, inputs: features.columns, outputs: features.rows, transposedInFile: true)
    let result = Matrix(rows: decisionCount, columns: features.rows)
    map.forward(rows: decisionCount, unembedding.pointer, into: result.pointer)
    if let bias = readout.bias {
      for id in 0..<result.rows { for i in 0..<result.columns { result.row(id)[i] += bias.pointer[id] } }
    }
    guard let cap = logitCap else { return result }
    for i in 0..<result.rows * result.columns {
      result.pointer[i] = Float(cap * tanh(Double(result.pointer[i]) / cap))
    }
    return result
  }
}

/// ln softmax over all tokens of one row.
private struct LogDistribution {
  let logs: [Double]

  /// - Parameter logits: `[tokens, rows]`.
  init(column: Int, of logits: Matrix) {
    let values = (0..<logits.rows).map { Double(logits.pointer[$0 * logits.columns + column]) }
    let total = Decision.logSumExp(values)
    logs = values.map { $0 - total }
  }

  /// Σ self·ln(self/other).
  func divergence(from other: LogDistribution) -> Double {
    var sum = 0.0
    for i in logs.indices { sum += exp(logs[i]) * (logs[i] - other.logs[i]) }
    // Rounding alone can make a sum that is never negative so.
    return max(0, sum)
  }

  func top(_ count: Int) -> [LogitLens.Guess] {
    var best: [Int] = []
    for id in logs.indices {
      if best.count == count, let last = best.last, logs[last] >= logs[id] { continue }
      let place = best.firstIndex { logs[$0] < logs[id] } ?? best.count
      best.insert(id, at: place)
      if best.count > count { best.removeLast() }
    }
    return best.map { LogitLens.Guess(id: $0, probability: exp(logs[$0])) }
  }
}
