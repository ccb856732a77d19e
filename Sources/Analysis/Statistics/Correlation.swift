/// Agreement of two lists of numbers.
public enum Correlation {
  /// Pearson's r; nil with fewer than two values or no variance on a side.
  public static func pearson(_ x: [Double], _ y: [Double]) -> Double? {
    precondition(x.count == y.count, "lists of \(x.count) and \(y.count)")
    guard x.count > 1 else { return nil }
    let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    var (xy, xx, yy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xy += (a - meanX) * (b - meanY)
      xx += (a - meanX) * (a - meanX)
      yy += (b - meanY) * (b - meanY)
    }
    guard xx > 0, yy > 0 else { return nil }
    return xy / (xx * yy).squareRoot()
  }

  /// Spearman's rank correlation, ties sharing their mean rank; nil where Pearson's r of the ranks is.
  public static func spearman(_ x: [Double], _ y: [Double]) -> Double? { pearson(ranks(x), ranks(y)) }

  /// Ranks from 1, ties sharing their mean rank.
  public static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var i = 0
    while i < order.count {
      var j = i
      while j + 1 < order.count, values[order[j + 1]] == values[order[i]] { j += 1 }
      for k in i...j { ranks[order[k]] = Double(i + j) / 2 + 1 }
      i = j + 1
    }
    return ranks
  }
}
