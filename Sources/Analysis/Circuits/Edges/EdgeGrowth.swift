extension EdgeGraph {
  /// Grows a circuit backwards from the logits: each step takes the best edge into what is in the circuit already, whose sender
  /// brings its own inputs in (the greedy search of Hanna, Pezzelle, Belinkov 2024). What it returns is connected, which the
  /// best edges by score alone need not be.
  /// - Parameters:
  ///   - scores: by edge; larger is taken first. |EAP score|, or its share of the decision's change.
  ///   - size: edges to take at the most.
  /// - Returns: places of the edges in the order in which they were taken; scores of 0 or less are never taken.
  /// - Complexity: O(edges·log edges).
  public func grow(_ scores: [Double], to size: Int) -> [Int] {
    precondition(scores.count == count, "scores of another graph")
    var taken: [Int] = []
    var heap = EdgeHeap()
    // By receiver: heads that share a key or value bring the same one in.
    var isReached = [Bool](repeating: false, count: receivers.count)
    let readers = readersBySender
    func reach(_ receiver: Int) {
      guard !isReached[receiver] else { return }
      isReached[receiver] = true
      for edge in edges(into: receiver) where scores[edge] > 0 { heap.push(edge, scores[edge]) }
    }
    reach(receivers.count - 1)
    while taken.count < size, let edge = heap.pop() {
      taken.append(edge)
      readers[ends(edge).sender].forEach(reach)
    }
    return taken
  }

  /// By sender, the receivers that make up its own input: a head's query, key and value, an MLP's input.
  private var readersBySender: [[Int]] {
    var result = [[Int]](repeating: [], count: senders.count)
    for (number, sender) in senders.enumerated() {
      guard case .node(let node) = sender else { continue }
      result[number] = receivers.indices.filter { belongs(receivers[$0], to: node) }
    }
    return result
  }

  /// Whether a receiver feeds a node; keys and values feed all heads that share them.
  func belongs(_ receiver: Receiver, to node: Node) -> Bool {
    switch (receiver, node) {
    case (.query(let a, let h), .head(let b, let i)): a == b && h == i
    case (.key(let a, let g), .head(let b, let i)), (.value(let a, let g), .head(let b, let i)):
      a == b && g == i / headsPerGroup
    case (.mlp(let a), .mlp(let b)): a == b
    default: false
    }
  }

  /// The edges of a set that lie on a path from the embedding to the logits within the set.
  /// - Parameter isIn: by edge.
  public func connected(_ isIn: [Bool]) -> [Bool] {
    precondition(isIn.count == count, "a set of another graph")
    let readers = readersBySender
    // Forwards: senders that the embedding reaches.
    var isFed = [Bool](repeating: false, count: senders.count)
    isFed[0] = true
    for sender in 1..<senders.count {
      isFed[sender] = readers[sender].contains { receiver in
        edges(into: receiver).enumerated().contains { isIn[$0.element] && isFed[$0.offset] }
      }
    }
    // Backwards: receivers that reach the logits.
    var isRead = [Bool](repeating: false, count: receivers.count)
    isRead[receivers.count - 1] = true
    for sender in (1..<senders.count).reversed() {
      let isUsed = receivers.indices.contains { receiver in
        isRead[receiver] && sender < reads[receiver] && isIn[edges(into: receiver).lowerBound + sender]
      }
      if isUsed { for receiver in readers[sender] { isRead[receiver] = true } }
    }
    return isIn.indices.map { edge in
      guard isIn[edge] else { return false }
      let (receiver, sender) = ends(edge)
      return isRead[receiver] && isFed[sender]
    }
  }
}

/// The best edge first; of equal scores the one that is computed later.
private struct EdgeHeap {
  private var items: [(edge: Int, score: Double)] = []

  private func isBetter(_ a: Int, _ b: Int) -> Bool {
    (items[a].score, items[a].edge) > (items[b].score, items[b].edge)
  }

  mutating func push(_ edge: Int, _ score: Double) {
    items.append((edge, score))
    var child = items.count - 1
    while child > 0, isBetter(child, (child - 1) / 2) {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Int? {
    guard let best = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return best.edge }
    items[0] = last
    var parent = 0
    while true {
      var next = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && isBetter(child, next) { next = child }
      guard next != parent else { return best.edge }
      items.swapAt(parent, next)
      parent = next
    }
  }
}
