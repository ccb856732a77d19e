/// What is added to attention scores by how far apart the two positions stand, for each head: the same in every layer.
struct AttentionBias: Sendable {
  /// Scores by distance (of the seen position from the seeing one), −(positions − 1) to positions − 1: `[heads, 2·positions − 1]`.
  private let scores: FloatBuffer
  private let positions: Int

  /// - Parameter score: of a head, at a distance.
  init(heads: Int, positions: Int, score: (_ head: Int, _ distance: Int) -> Float) {
    self.positions = positions
    let width = 2 * positions - 1
    scores = FloatBuffer(heads * width)
    for head in 0..<heads {
      for place in 0..<width { scores.pointer[head * width + place] = score(head, place - positions + 1) }
    }
  }

  /// The score of distance 0; those of other distances stand around it.
  func centre(head: Int) -> UnsafePointer<Float> {
    UnsafePointer(scores.pointer + head * (2 * positions - 1) + positions - 1)
  }

  /// Bytes that the scores take.
  var bytes: Int { scores.count * MemoryLayout<Float>.stride }
}
