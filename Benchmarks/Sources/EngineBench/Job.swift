import Analysis
import ArgumentParser
import Foundation

/// Whole jobs on one prompt pair, timed after loading.
struct Job: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time forward, backward, attribution patching, exact patching and the circuit search of one prompt pair.")

  @Argument(help: "A model folder in Hugging Face layout.") var model: String
  @Option(help: "Token ids of the clean prompt, separated by commas.") var clean: String
  @Option(help: "Token ids of the counterfactual prompt.") var counterfactual: String
  @Option(help: "Token id of the answer that counts for the decision value.") var positive: Int
  @Option(help: "Token id of the answer that counts against it.") var negative: Int
  @Option(help: "Counted runs of each job, after one warm-up.") var runs = 5
  @Flag(help: "Time the forward pass alone, for profiles.") var forwardOnly = false
  @Flag(help: "Time passes and patching alone, without searches and edges.") var patchingOnly = false
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let transformer = try Transformer.load(Checkpoint(folder: URL(fileURLWithPath: model, isDirectory: true)))
    let load = seconds(clock.now - start)
    let (clean, other) = (try Self.ids(self.clean), try Self.ids(counterfactual))
    let (positive, negative) = ([self.positive], [self.negative])
    func pair() throws -> PairRun {
      try PairRun(model: transformer, clean: clean, counterfactual: other, positive: positive, negative: negative)
    }
    var report = JobReport(load: load, tokens: clean.count)
    let loadAverage = Process.loadAverage
    report.bandwidth = ComputeMachine.measureBandwidth()
    report.gigaflops = ComputeMachine.measureGigaflops()
    let work = transformer.forwardWork(tokens: clean.count)
    report.rooflineForward =
      max(
        Double(work.weightBytes) / report.bandwidth, Double(work.operations) / report.gigaflops) / 1e9
    report.forward = try Timing(runs: runs) {
      _ = try transformer.decisionValue(of: clean, positive: positive, negative: negative)
    }
    guard !forwardOnly else { return print(report.table()) }
    report.forwardLogits = try Timing(runs: runs) { _ = try transformer.logits(of: clean) }
    report.forwardBackward = try Timing(runs: runs) {
      _ = try transformer.embeddingGradient(of: clean, positive: positive, negative: negative)
    }
    report.attributionPatching = try Timing(runs: runs) { _ = try pair().attributions() }
    report.exactPatching = try Timing(runs: runs) { _ = try pair().effects(noising: true) }
    if !patchingOnly {
      report.asymmetricSearch = try Timing(runs: runs) {
        let circuit = try pair().asymmetricCircuit()
        report.circuit = circuit.map { "\($0.heads.count) of \($0.selected.count) selected heads" } ?? "no circuit"
      }
      report.edges = transformer.edgeGraph.count
      report.edgeAttribution = try Timing(runs: runs) { _ = try pair().edgeAttributions() }
      report.edgeAttributionPath = try Timing(runs: runs) { _ = try pair().edgeAttributions(steps: 5) }
      report.pathPasses = try Timing(runs: runs) { _ = try pair().inputPathGradients(steps: 5) }
    }
    report.peakResident = Process.peakResidentGigabytes
    report.loadAverage = loadAverage
    print(json ? try report.json() : report.table())
  }

  static func ids(_ text: String) throws -> [Int] {
    try text.split(separator: ",").map { part in
      guard let id = Int(part) else { throw ValidationError("'\(part)' is not a token id") }
      return id
    }
  }
}
