import Foundation

/// Where one head looks: softmax(cap(scale·q·kᵀ + what is added by distance)) over the positions that each one sees.
public struct AttentionPattern: Codable, Sendable, Equatable {
  /// The (query) head.
  public var head: Node
  /// For each query position i the weights on the positions 0...i, or on all where tokens see those after them; they add up to 1, and
  /// are 0 beyond a sliding window.
  public var rows: [[Double]]
}

extension Architecture {
  /// The first position that a position sees in a layer.
  func firstSeen(from position: Int, layer: Int) -> Int {
    attentionWindow[layer].map { max(0, position + 1 - $0) } ?? 0
  }

  /// The positions that a position sees in a layer, of a sequence of a length.
  func seen(from position: Int, layer: Int, length: Int) -> ClosedRange<Int> {
    let first = firstSeen(from: position, layer: layer)
    guard looksBothWays else { return first...position }
    return first...(attentionWindow[layer].map { min(length - 1, position + $0 - 1) } ?? length - 1)
  }
}

extension Transformer {
  /// A head's pattern in a run, computed again from its queries and keys (as attention uses them: normed and rotated).
  /// - Complexity: O(length²·headWidth).
  func attentionPattern(_ trace: Trace, layer: Int, head: Int, sequence: Int = 0) -> AttentionPattern {
    precondition(layers.indices.contains(layer) && (0..<headsPerLayer).contains(head), "no head L\(layer)H\(head)")
    let headWidth = architecture.headWidth
    let matrix = trace.queryKeyValue[layer]
    let start = matrix.row(sequence * trace.length)
    let scale = Double(architecture.attentionScale[layer])
    let cap = architecture.attentionCap.map(Double.init)
    let rows = (0..<trace.length).map { position -> [Double] in
      let query = start + position * matrix.columns + head * headWidth
      let seenPositions = architecture.seen(from: position, layer: layer, length: trace.length)
      var row = [Double](repeating: 0, count: architecture.looksBothWays ? trace.length : position + 1)
      for seen in seenPositions {
        let key = start + seen * matrix.columns + architecture.keyColumn(head: head)
        var product = 0.0
        for i in 0..<headWidth { product += Double(query[i]) * Double(key[i]) }
        product +=
          layers[layer].relative?.score(
            head: head, width: headWidth, distance: seen - position, query: query, key: key) ?? 0
        let score = product * scale + (attentionBias.map { Double($0.centre(head: head)[seen - position]) } ?? 0)
        row[seen] = cap.map { $0 * tanh(score / $0) } ?? score
      }
      let total = Decision.logSumExp(Array(row[seenPositions]))
      for seen in seenPositions { row[seen] = exp(row[seen] - total) }
      return row
    }
    return AttentionPattern(head: .head(layer: layer, head: head), rows: rows)
  }

  /// The patterns of every head, by layer.
  /// - Complexity: O(layers·heads·length²·headWidth).
  func attentionPatterns(_ trace: Trace, sequence: Int = 0) -> [AttentionPattern] {
    layers.indices.flatMap { layer in
      (0..<headsPerLayer).map { attentionPattern(trace, layer: layer, head: $0, sequence: sequence) }
    }
  }
}
