/// Where a site's values stand in a row-major matrix of activations.
struct SitePlace {
  /// First float of the site at the first row of a sequence.
  let start: UnsafeMutablePointer<Float>
  /// Floats from one position to the next.
  let stride: Int
  /// Floats of the site at one position.
  let width: Int

  func position(_ index: Int) -> UnsafeMutablePointer<Float> { start + index * stride }

  func values(_ positions: Range<Int>) -> [Float] {
    positions.flatMap { Array(UnsafeBufferPointer(start: position($0), count: width)) }
  }

  /// Whether one position has the same bits here and there.
  func sameBits(at position: Int, as other: SitePlace, otherPosition: Int) -> Bool {
    let (a, b) = (self.position(position), other.position(otherPosition))
    return (0..<width).allSatisfy { a[$0].bitPattern == b[$0].bitPattern }
  }
}

extension Trace {
  /// Where a site's values stand in this run.
  func place(of site: Site, sequence: Int, headWidth: Int) -> SitePlace {
    let first = sequence * length
    switch site {
    case .residualPre(let layer):
      return SitePlace(
        start: residual[layer].row(first), stride: residual[layer].columns, width: residual[layer].columns)
    case .z(let layer, let head):
      return SitePlace(start: z[layer].row(first) + head * headWidth, stride: z[layer].columns, width: headWidth)
    case .mlpOut(let layer):
      return SitePlace(start: mlpOut[layer].row(first), stride: mlpOut[layer].columns, width: mlpOut[layer].columns)
    }
  }
}
