extension Array where Element == Double {
  /// The arithmetic mean; NaN of nothing.
  var mean: Double { reduce(0, +) / Double(count) }
}
