/// What becomes of the matches when a text is cut by a pattern (`behavior` in `tokenizer.json`).
enum TextCut: String, Sendable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// The ranges that stay, in order, from ranges that match and ranges that do not.
  func callAsFunction(_ pieces: [(range: Range<Int>, matches: Bool)]) -> [Range<Int>] {
    switch self {
    case .removed: return pieces.filter { !$0.matches }.map(\.range)
    case .isolated: return pieces.map(\.range)
    case .contiguous: return Self.joined(pieces) { matches, previous in matches == previous }
    case .mergedWithPrevious: return Self.joined(pieces) { matches, previous in matches && !previous }
    case .mergedWithNext:
      return Self.joined(pieces.reversed()) { matches, previous in matches && !previous }.reversed()
    }
  }

  /// Joins a piece to the one before it where the rule, given both pieces' matching, says so.
  private static func joined(
    _ pieces: [(range: Range<Int>, matches: Bool)], _ joins: (Bool, Bool) -> Bool
  ) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var previous = false
    for piece in pieces {
      if joins(piece.matches, previous), let last = ranges.popLast() {
        ranges.append(
          min(last.lowerBound, piece.range.lowerBound)..<max(last.upperBound, piece.range.upperBound))
      } else {
        ranges.append(piece.range)
      }
      previous = piece.matches
    }
    return ranges
  }

  /// Cuts at single scalars.
  static func pieces(
    of text: [Unicode.Scalar], where matches: (Unicode.Scalar) -> Bool
  ) -> [(range: Range<Int>, matches: Bool)] {
    var pieces: [(range: Range<Int>, matches: Bool)] = []
    var start = 0
    for (i, scalar) in text.enumerated() where matches(scalar) {
      if start < i { pieces.append((start..<i, false)) }
      pieces.append((i..<i + 1, true))
      start = i + 1
    }
    if start < text.count { pieces.append((start..<text.count, false)) }
    return pieces
  }
}
