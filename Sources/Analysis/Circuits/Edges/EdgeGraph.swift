/// The graph of a model's senders and receivers. Every receiver reads a prefix of the senders in order of computation, so an
/// edge is a place in one list: receivers in order, the senders of each in order.
public struct EdgeGraph: Sendable, Equatable {
  /// In order of computation: the embedding, then layer by layer the heads and the MLP.
  public let senders: [Sender]
  /// In order of computation: layer by layer the queries, keys, values and the MLP; then the logits.
  public let receivers: [Receiver]
  /// How many of the senders each receiver reads.
  public let reads: [Int]
  /// Place of each receiver's first edge, and behind them the number of edges.
  let first: [Int]
  /// Query heads that share a key/value head.
  let headsPerGroup: Int

  /// Number of edges; 32,491 for GPT-2 small.
  public var count: Int { first[receivers.count] }

  init(_ architecture: Architecture) {
    var (senders, receivers, reads) = ([Sender.embedding], [Receiver](), [Int]())
    for layer in 0..<architecture.layers {
      let groups = 0..<architecture.keyValueHeads
      let attention =
        (0..<architecture.heads).map { Receiver.query(layer: layer, head: $0) }
        + groups.map { .key(layer: layer, head: $0) } + groups.map { .value(layer: layer, head: $0) }
      receivers += attention
      reads += attention.map { _ in senders.count }
      let before = senders.count
      senders += (0..<architecture.heads).map { .node(.head(layer: layer, head: $0)) }
      receivers.append(.mlp(layer: layer))
      // A parallel MLP reads what attention reads.
      reads.append(architecture.isParallel ? before : senders.count)
      senders.append(.node(.mlp(layer: layer)))
    }
    receivers.append(.logits)
    reads.append(senders.count)
    self.senders = senders
    self.receivers = receivers
    self.reads = reads
    headsPerGroup = architecture.heads / architecture.keyValueHeads
    first = reads.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }

  /// The edge at a place of the list.
  /// - Complexity: O(log receivers).
  public func edge(_ index: Int) -> Edge {
    let (receiver, sender) = ends(index)
    return Edge(senders[sender], receivers[receiver])
  }

  /// The place of an edge; nil if the graph has no such edge.
  public func index(of edge: Edge) -> Int? {
    guard let receiver = receivers.firstIndex(of: edge.receiver),
      let sender = senders[..<reads[receiver]].firstIndex(of: edge.sender)
    else { return nil }
    return first[receiver] + sender
  }

  /// Numbers of the receiver and the sender of the edge at a place.
  func ends(_ index: Int) -> (receiver: Int, sender: Int) {
    precondition(index >= 0 && index < count, "edge \(index) of \(count)")
    var (low, high) = (0, receivers.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if first[middle] <= index { low = middle } else { high = middle }
    }
    return (low, index - first[low])
  }

  /// Places of a receiver's edges.
  func edges(into receiver: Int) -> Range<Int> { first[receiver]..<first[receiver + 1] }
}

extension Transformer {
  /// The graph of heads, MLPs and their inputs.
  public var edgeGraph: EdgeGraph { EdgeGraph(architecture) }

  /// - Throws: `AnalysisError.unsupportedArchitecture` if what a head adds to the residual stream depends on the other heads.
  func checkEdges() throws {
    guard layers.allSatisfy({ $0.attentionPostNorm == nil && $0.mlpPostNorm == nil }) else {
      throw AnalysisError(
        .unsupportedArchitecture,
        "this model (\(modelType)) norms the sum of its heads before adding it to the residual stream, so no edge carries one head's share; use methods for heads and MLPs"
      )
    }
  }
}
