import Foundation
import Testing

@testable import Analysis

@Suite("Nodes and errors")
struct NodeTests {
  @Test(
    "A node is read back from its printed form",
    arguments: [Node.head(layer: 2, head: 11), .mlp(layer: 0), .mlp(layer: 12)])
  func roundTrip(node: Node) throws {
    #expect(Node(node.description) == node)
    #expect(try JSONDecoder().decode([Node].self, from: try JSONEncoder().encode([node])) == [node])
  }

  @Test(
    "What is no node is refused",
    arguments: ["", "L", "H1", "L1", "L1H", "LH1", "L1H2H3", "L-1H0", "L1H-1", "MLP", "MLP-1", "MLPx", "l1h1", "X1H2"])
  func malformed(text: String) {
    #expect(Node(text) == nil)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Node].self, from: try JSONEncoder().encode([text]))
    }
  }

  @Test("Nodes are ordered by layer, the heads before the MLP")
  func order() throws {
    let nodes = try ReferenceModel.tiny.model().nodes
    #expect(
      nodes.map(\.description) == [
        "L0H0", "L0H1", "L0H2", "MLP0", "L1H0", "L1H1", "L1H2", "MLP1", "L2H0", "L2H1", "L2H2", "MLP2",
      ])
    #expect(nodes.reversed().sorted() == nodes)
  }

  @Test("Errors end the command as the contract says")
  func exitStatus() {
    #expect(AnalysisError(.interrupted, "").exitStatus == .interrupted)
    #expect(AnalysisError(.unreadable, "").exitStatus == .inputOutput)
    #expect(AnalysisError(.badPlan, "").exitStatus == .badInput)
    #expect(
      ExitStatus.interrupted.rawValue == 130 && ExitStatus.inputOutput.rawValue == 74
        && ExitStatus.badInput.rawValue == 65)
    #expect("\(AnalysisError(.badPlan, "what is wrong"))" == "what is wrong")
  }

  @Test("The decision value is a difference of logsumexps, and its gradient their softmaxes")
  func decision() throws {
    let (positive, negative) = ([1.0, 3.0], [0.5, -2.0, 700.0])
    func direct(_ values: [Double]) -> Double { log(values.reduce(0) { $0 + exp($1) }) }
    #expect(abs(Decision.value(positive: positive, negative: negative) - (direct(positive) - direct(negative))) < 1e-12)
    #expect(Decision.logSumExp([5000, 5000]) == 5000 + log(2), "without overflow")
    #expect(Decision.logSumExp([.nan, 1]).isNaN && Decision.logSumExp([1, .nan]).isNaN)
    #expect(Decision.logSumExp([1, .infinity]) == .infinity && Decision.logSumExp([-.infinity]) == -.infinity)
    let decision = try Decision(positive: [4, 2], negative: [7, 0, 1], vocabulary: 8)
    let slopes = KernelMath.slopes(at: [1, 3, 0.5, -2, 2]) {
      Decision.value(positive: Array($0[0..<2]), negative: Array($0[2...]))
    }
    let ours = decision.logitGradients(positive: [1, 3], negative: [0.5, -2, 2])
    #expect(ours.map(\.id) == [4, 2, 7, 0, 1])
    #expect(largestDifference(ours.map { Double($0.gradient) }, slopes) < 1e-7)
  }
}
