import Foundation
import Testing

@testable import Analysis

@Suite("Edge graph")
struct EdgeGraphTests {
  static let shapes = [
    shape(layers: 1, heads: 1), shape(layers: 3, heads: 4), shape(layers: 2, heads: 6, groups: 2),
    shape(layers: 3, heads: 3, groups: 1), shape(layers: 3, heads: 2, isParallel: true),
    shape(layers: 2, heads: 4, groups: 2, isParallel: true),
  ]

  @Test("GPT-2 small has 158 nodes with embedding and logits, and 32,491 edges")
  func gpt2Small() {
    // Conmy et al. 2023, section 2 and Syed et al. 2023 count the same: 144 heads, 12 MLPs, embedding and logits.
    let graph = EdgeGraph(shape(layers: 12, heads: 12))
    #expect(graph.senders.count + 1 == 158)
    #expect(graph.count == 32_491)
  }

  @Test("The number of edges follows from the shape", arguments: shapes)
  func count(shape: Architecture) {
    let (heads, groups) = (shape.heads, shape.keyValueHeads)
    // Before layer l stand 1 + l·(heads + 1) senders; with a parallel MLP the layer's own heads do not reach it.
    let wanted = (0..<shape.layers).reduce(0) { sum, layer in
      let before = 1 + layer * (heads + 1)
      return sum + before * (heads + 2 * groups) + before + (shape.isParallel ? 0 : heads)
    }
    let graph = EdgeGraph(shape)
    #expect(graph.count == wanted + 1 + shape.layers * (heads + 1))
    #expect(graph.receivers.count == shape.layers * (heads + 2 * groups + 1) + 1)
  }

  @Test(
    "Edges are all different, in order of computation, and found again by value and by printed form", arguments: shapes)
  func places(shape: Architecture) throws {
    let graph = EdgeGraph(shape)
    var seen: Set<Edge> = []
    for index in 0..<graph.count {
      let edge = graph.edge(index)
      #expect(seen.insert(edge).inserted)
      #expect(graph.index(of: edge) == index)
      #expect(Edge(edge.description) == edge)
      let (receiver, sender) = graph.ends(index)
      #expect(graph.edges(into: receiver).contains(index))
      #expect(graph.senders[sender] == edge.sender && graph.receivers[receiver] == edge.receiver)
      #expect(layer(edge.sender) < layer(edge.receiver, isParallel: shape.isParallel), "\(edge)")
    }
    #expect(graph.senders == graph.senders.sorted())
    let edges = (0..<graph.count).map { graph.edge($0) }
    #expect(try JSONDecoder().decode([Edge].self, from: JSONEncoder().encode(edges)) == edges)
  }

  /// When a sender writes: heads of layer l at 2l + 1, its MLP at 2l + 2.
  private func layer(_ sender: Sender) -> Int {
    switch sender {
    case .embedding: 0
    case .node(.head(let layer, _)): 2 * layer + 1
    case .node(.mlp(let layer)): 2 * layer + 2
    }
  }

  /// When a receiver reads, on the same clock.
  private func layer(_ receiver: Receiver, isParallel: Bool) -> Int {
    switch receiver {
    case .query(let layer, _), .key(let layer, _), .value(let layer, _): 2 * layer + 1
    case .mlp(let layer): 2 * layer + (isParallel ? 1 : 2)
    case .logits: .max
    }
  }

  @Test("Edges are printed as L0H1>L1H2.q")
  func printed() {
    #expect(Edge(.node(.head(layer: 0, head: 1)), .query(layer: 1, head: 2)).description == "L0H1>L1H2.q")
    #expect(Edge(.embedding, .logits).description == "embed>logits")
    #expect(Edge(.node(.mlp(layer: 3)), .value(layer: 10, head: 11)).description == "MLP3>L10H11.v")
    #expect(Edge(.node(.mlp(layer: 3)), .mlp(layer: 4)).description == "MLP3>MLP4")
  }

  @Test(
    "What is no edge is not read as one",
    arguments: [
      "", ">", "embed", "embed>", ">logits", "logits>embed", "embed>L0H0", "embed>L0H0.", "embed>L0H0.z",
      "embed>MLP0.q",
      "embed>L0H0.q.k", "embed>logits>logits", "L0>logits", "embed>L0H-1.q", "embed>MLP", "embed >logits",
      "embed>MLP0.",
    ])
  func unread(text: String) {
    #expect(Edge(text) == nil)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Edge].self, from: JSONEncoder().encode([text])) }
  }

  @Test("An edge that the graph does not have has no place")
  func absent() {
    let graph = EdgeGraph(shape(layers: 2, heads: 4, groups: 2))
    for text in ["L0H0>L0H1.q", "L1H0>L0H0.v", "MLP1>MLP1", "embed>L0H2.k", "embed>L2H0.q", "L0H4>logits", "MLP0>MLP0"]
    {
      #expect(Edge(text).map { graph.index(of: $0) } == .some(nil), "\(text)")
    }
    let parallel = EdgeGraph(shape(layers: 2, heads: 4, isParallel: true))
    #expect(parallel.index(of: Edge(.node(.head(layer: 1, head: 0)), .mlp(layer: 1))) == nil)
    #expect(parallel.index(of: Edge(.node(.head(layer: 0, head: 0)), .mlp(layer: 1))) != nil)
  }
}
