/// A part of a regular expression.
indirect enum RegexNode: Sendable {
  enum Greed: Sendable { case greedy, lazy, possessive }
  enum Anchor: Sendable { case lineStart, lineEnd, textStart, textEnd, textEndOrNewline, boundary, noBoundary }

  case set(RegexSet)
  case sequence([RegexNode])
  case alternatives([RegexNode])
  /// `most` nil: without end.
  case repeated(RegexNode, least: Int, most: Int?, Greed)
  case look(RegexNode, ahead: Bool, negative: Bool)
  case atomic(RegexNode)
  case anchor(Anchor)

  /// The fewest and the most scalars that it can match; the most is nil if there is no bound.
  var length: (least: Int, most: Int?) {
    switch self {
    case .set: return (1, 1)
    case .look, .anchor: return (0, 0)
    case .atomic(let node): return node.length
    case .sequence(let nodes):
      return nodes.reduce((0, 0)) { sum, node in
        let length = node.length
        return (Self.capped(sum.0 + length.least), Self.sum(sum.1, length.most))
      }
    case .alternatives(let nodes):
      let lengths = nodes.map(\.length)
      let most = lengths.allSatisfy { $0.most != nil } ? lengths.compactMap(\.most).max() : nil
      return (lengths.map(\.least).min() ?? 0, most)
    case .repeated(let node, let least, let most, _):
      let length = node.length
      let longest: Int? =
        if let most, let one = length.most { Self.capped(one * most) } else { length.most == 0 ? 0 : nil }
      return (Self.capped(length.least * least), longest)
    }
  }

  /// At least the instructions that the node becomes, and the parts of their sets. (What is empty counts for each repeat of it.)
  var cost: Int {
    switch self {
    case .set(let set): return 1 + set.parts
    case .anchor: return 1
    case .look(let node, _, _), .atomic(let node): return Self.capped(2 + node.cost)
    case .sequence(let nodes): return nodes.reduce(0) { Self.capped($0 + $1.cost) }
    case .alternatives(let nodes): return nodes.reduce(0) { Self.capped($0 + $1.cost + 2) }
    case .repeated(let node, let least, let most, let greed):
      if case .set(let set) = node, greed != .lazy { return 1 + set.parts }
      return Self.capped(4 + max(least + 1, most ?? 0) * (2 + node.cost))
    }
  }

  private static func capped(_ value: Int) -> Int { min(value, 1 << 20) }

  private static func sum(_ left: Int?, _ right: Int?) -> Int? {
    guard let left, let right else { return nil }
    return capped(left + right)
  }
}

/// Why a regular expression is not read.
struct RegexError: Error {
  let reason: String
}
