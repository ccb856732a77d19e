import Analysis
import ArgumentParser
import Foundation

/// Exact pruning of every edge of the graph, timed.
struct Prune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time exact edge pruning (ACDC) over the whole graph of one prompt pair.")

  @Argument(help: "A model folder in Hugging Face layout.") var model: String
  @Option(help: "Token ids of the clean prompt, separated by commas.") var clean: String
  @Option(help: "Token ids of the counterfactual prompt.") var counterfactual: String
  @Option(help: "Token id of the answer that counts for the decision value.") var positive: Int
  @Option(help: "Token id of the answer that counts against it.") var negative: Int
  @Option(help: "An edge goes if patching it raises |m(N) − m(C)| by less than this.") var threshold = 0.01

  func run() throws {
    let transformer = try Transformer.load(Checkpoint(folder: URL(fileURLWithPath: model, isDirectory: true)))
    let pair = try PairRun(
      model: transformer, clean: try Job.ids(clean), counterfactual: try Job.ids(counterfactual), positive: [positive],
      negative: [negative])
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try pair.prunedEdges(threshold: threshold) { done in
      if done % 1024 < 64 { FileHandle.standardError.write(Data("\(done)\n".utf8)) }
    }
    let time = seconds(clock.now - start)
    let kept = outcome.isKept.reduce(0) { $0 + ($1 ? 1 : 0) }
    print(
      String(
        format:
          "%d edges, %d kept, %d exact runs in %.2f s: %.3f ms per edge; |m(N) - m(C)| = %.4f of |m_clean - m_cf| = %.4f; peak memory %.3f GB",
        outcome.tried, kept, outcome.runs, time, 1e3 * time / Double(outcome.tried), outcome.loss,
        abs(pair.mClean - pair.mCounterfactual), Process.peakResidentGigabytes))
  }
}
