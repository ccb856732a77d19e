/// Finds the name that a mistyped one most likely stands for, for the errors that name an unknown key, column or method.
package enum NearestName {
  /// The known name closest to `name`, or nil if none is close enough to be a likely slip of the pen.
  ///
  /// Close enough: at most two in five of the longer name's characters differ (one always may). Ties go to the first known name.
  /// - Complexity: O(known · length²).
  package static func find(_ name: String, among known: [String]) -> String? {
    var best: (name: String, distance: Int)?
    // Nobody mistypes a text; comparing long ones takes the product of their lengths.
    let length = name.count
    guard length <= 200 else { return nil }
    // 1 and 1.0 are one number.
    if let number = Double(name), let same = known.first(where: { Double($0) == number }) { return same }
    for candidate in known where abs(candidate.utf8.count - name.utf8.count) <= 200 {
      let distance = editDistance(name.lowercased(), candidate.lowercased())
      let limit = max(1, max(name.count, candidate.count) * 2 / 5)
      guard distance <= limit else { continue }
      if let current = best, current.distance <= distance { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  /// The end of an error message: `did you mean 'x'?`, or the list of known names if none is near.
  static func hint(_ name: String, among known: [String], kind: String) -> String {
    if let near = find(name, among: known) { return "did you mean \(VisibleText.quoted(near))?" }
    if known.isEmpty { return "there are no \(kind)" }
    let shown = known.prefix(30).map(VisibleText.shown).joined(separator: ", ")
    return "the \(kind) are: \(shown)\(known.count > 30 ? " and \(known.count - 30) more" : "")"
  }

  /// How many single-character insertions, deletions, substitutions and swaps of neighbours turn one text into the other
  /// (optimal string alignment: no character is edited twice).
  /// - Complexity: O(|left| · |right|).
  static func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left)
    let b = Array(right)
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var current = [i + 1]
      for j in 0..<b.count {
        var cost = previous[j] + (a[i] == b[j] ? 0 : 1)
        cost = min(cost, previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforePrevious[j - 1] + 1) }
        current.append(cost)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[b.count]
  }
}
