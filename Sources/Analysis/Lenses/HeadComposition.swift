import Foundation

/// How strongly a later head could read what an earlier head writes, from the weights alone: the composition scores of Elhage
/// et al. 2021, "A Mathematical Framework for Transformer Circuits".
///
/// With rows as vectors, W_QK = W_Q·W_Kᵀ (query first) and W_OV = W_V·W_O, the earlier head's output enters the later head's
/// - query: ‖W_OV·W_QK‖ / (‖W_OV‖·‖W_QK‖),
/// - key: ‖W_OV·W_QKᵀ‖ / (‖W_OV‖·‖W_QK‖),
/// - value: ‖W_OV·W_OV′‖ / (‖W_OV‖·‖W_OV′‖), all Frobenius norms.
///
/// A score is 1 if and only if all that the earlier head writes lies along the one direction that the later one reads; it says
/// what could pass, not what does. Folded in before: the gains of the norms before and after attention and of norms on
/// single query and key heads; where norms take off the mean, what is written and read is centred. Left out: all biases, the
/// scales of norms, and the MLPs between. A (query) head that shares keys and values is taken with the shared ones.
///
/// Where positions are rotated, W_QK depends on how far apart query and key stand; the scores hold at `distance` alone.
public struct HeadComposition: Codable, Sendable, Equatable {
  /// Which input of the later head reads the earlier head's output.
  public enum Input: String, Codable, Sendable, CaseIterable {
    /// W_Q's.
    case query
    /// W_K's.
    case key
    /// W_V's.
    case value
  }

  /// The score of one pair of heads.
  public struct Score: Codable, Sendable, Equatable {
    /// The head that writes.
    public var earlier: Node
    /// The head of a later layer that reads.
    public var later: Node
    /// How it reads.
    public var input: Input
    /// 0 to 1; nil if one of the two circuits is all 0.
    public var value: Double?
    /// How many standard deviations value² lies above its mean under random rotations (`HeadComposition.baseline`); nil
    /// if it is the same under all of them.
    public var deviations: Double?
  }

  /// Root of the mean of value² if what the earlier head writes were turned by a uniformly random rotation: 1/√dimension,
  /// whatever the two circuits are.
  public var baseline: Double
  /// Dimensions of the residual stream that heads can read: d_model, less one where norms take off the mean.
  public var dimension: Int
  /// Whether what is written and read was centred.
  public var isCentred: Bool
  /// Positions from key to query at which W_QK was taken; nil where positions are not rotated.
  public var distance: Int?
  /// By earlier head, then by later head, then query, key, value.
  public var scores: [Score]

  /// The scores that lie furthest above what random rotations give, the furthest first.
  public func strongest(_ count: Int) -> [Score] {
    Array(scores.filter { $0.deviations != nil }.sorted { ($0.deviations ?? 0) > ($1.deviations ?? 0) }.prefix(count))
  }
}

extension Transformer {
  /// Whether what a head writes reaches later heads as it was written, but for norms before they read it.
  var composesHeads: Bool { layers.allSatisfy { $0.attentionSumNorm == nil && $0.mlpSumNorm == nil } }

  /// The composition scores of all pairs of heads in different layers.
  /// - Parameter distance: positions from key to query; without effect where positions are not rotated.
  /// - Complexity: O((layers·queryWidth)²·width + layers·projectionWidth²·width) time: seconds for GPT-2 small. Memory for
  ///   W_O of all layers.
  func headComposition(distance: Int = 0) -> HeadComposition {
    precondition(distance >= 0, "a key cannot stand after its query")
    precondition(composesHeads, "no composition in this model")
    // The first layer reads what no head wrote.
    let isCentred = layers[layerCount - 1].attentionNorm?.kind == .layer
    let dimension = architecture.width - (isCentred ? 1 : 0)
    var scores: [HeadComposition.Score] = []
    var writers: [FoldedLayer] = []
    for index in layers.indices {
      let folded = FoldedLayer(self, index, distance: distance, isCentred: isCentred)
      for (earlier, writer) in writers.enumerated() {
        scores += compose(writer, earlier, with: folded, index, dimension: dimension)
      }
      writers.append(folded.withoutReaders)
    }
    func order(_ score: HeadComposition.Score) -> (Node, Node) { (score.earlier, score.later) }
    // Stable: query, key and value of a pair stay in that order.
    let sorted = scores.enumerated().sorted {
      let (a, b) = (order($0.element), order($1.element))
      return a == b ? $0.offset < $1.offset : a < b
    }
    return HeadComposition(
      baseline: (1 / Double(dimension)).squareRoot(), dimension: dimension, isCentred: isCentred,
      distance: architecture.rotary == nil ? nil : distance, scores: sorted.map(\.element))
  }

  private func compose(
    _ writer: FoldedLayer, _ earlier: Int, with reader: FoldedLayer, _ later: Int, dimension: Int
  ) -> [HeadComposition.Score] {
    let (heads, headWidth) = (architecture.heads, architecture.headWidth)
    let products = Matrix(rows: heads * headWidth, columns: 3 * heads * headWidth)
    reader.readers?.forward(rows: products.rows, writer.outputs.pointer, into: products.pointer)
    var scores: [HeadComposition.Score] = []
    for a in 0..<heads {
      for b in 0..<heads {
        for (kind, input) in HeadComposition.Input.allCases.enumerated() {
          let square = products.squareOfBlock(
            rows: a * headWidth..<(a + 1) * headWidth,
            columns: (kind * heads + b) * headWidth..<(kind * heads + b + 1) * headWidth)
          let (written, read) = (writer.written[a], reader.read[kind * heads + b])
          let isDefined = written.square > 0 && read.square > 0
          let ratio = isDefined ? square / (written.square * read.square) : 0
          scores.append(
            HeadComposition.Score(
              earlier: .head(layer: earlier, head: a), later: .head(layer: later, head: b), input: input,
              value: isDefined ? ratio.squareRoot() : nil,
              deviations: isDefined ? written.deviations(of: ratio, from: read, dimension: dimension) : nil))
        }
      }
    }
    return scores
  }
}

/// ‖A‖² of a circuit A, and ‖AᵀA‖², which says how many directions it spreads over.
struct CircuitSize {
  let square: Double
  let fourth: Double

  /// Standard deviations from `ratio` to its mean if A, of this size, is turned against B by a random rotation.
  ///
  /// ratio = tr(P·U·S·Uᵀ)/(tr P·tr S) with P = AᵀA and S = BBᵀ. For U uniform on O(d) its mean is 1/d. Its variance follows from
  /// Schur's lemma, as traceless symmetric matrices are an irreducible representation of dimension (d − 1)(d + 2)/2:
  /// 2·(‖P‖²/(tr P)² − 1/d)·(‖S‖²/(tr S)² − 1/d)/((d − 1)(d + 2)).
  func deviations(of ratio: Double, from other: CircuitSize, dimension: Int) -> Double? {
    guard dimension > 1 else { return nil }
    let d = Double(dimension)
    let (p, s) = (fourth / (square * square) - 1 / d, other.fourth / (other.square * other.square) - 1 / d)
    // A circuit that is a multiple of a rotation reads the same from everywhere: nothing is left but rounding.
    guard p > 1e-6, s > 1e-6 else { return nil }
    return (ratio - 1 / d) / (2 * p * s / ((d - 1) * (d + 2))).squareRoot()
  }
}

extension Matrix {
  /// Σ of the squares of a block.
  fileprivate func squareOfBlock(rows: Range<Int>, columns: Range<Int>) -> Double {
    var sum = 0.0
    for r in rows {
      let row = self.row(r)
      for c in columns { sum += Double(row[c]) * Double(row[c]) }
    }
    return sum
  }
}
