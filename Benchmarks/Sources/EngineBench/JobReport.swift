import Analysis
import Foundation

/// What `engine-bench job` measured; nil: it was not asked for.
struct JobReport: Encodable {
  var instructionSet = ComputeMachine.instructionSet
  var threads = ComputeMachine.threads
  var load: Double
  var tokens: Int
  /// Prompt to decision value.
  var forward = Timing()
  /// Prompt to all logits at the last token.
  var forwardLogits: Timing?
  /// Prompt to ∂m/∂(input embeddings).
  var forwardBackward: Timing?
  var attributionPatching: Timing?
  var exactPatching: Timing?
  var asymmetricSearch: Timing?
  /// Scores of all edges at the clean run, the two forward passes included.
  var edgeAttribution: Timing?
  /// The same along the input path, 5 points.
  var edgeAttributionPath: Timing?
  /// What `edgeAttributionPath` passes through without scoring edges: 7 forward and 5 backward passes.
  var pathPasses: Timing?
  var edges: Int?
  /// How many heads the search kept.
  var circuit: String?
  /// What the machine's measured bandwidth and speed allow at the best for the forward pass.
  var rooflineForward = 0.0
  /// 10⁹ bytes read per second, measured before the jobs.
  var bandwidth = 0.0
  /// 10⁹ operations per second of a matrix multiply, measured before the jobs.
  var gigaflops = 0.0
  var peakResident = 0.0
  var loadAverage = 0.0

  init(load: Double, tokens: Int) {
    self.load = load
    self.tokens = tokens
  }

  enum CodingKeys: String, CodingKey {
    case instructionSet = "isa"
    case threads
    case load = "load_s"
    case tokens, forward
    case forwardLogits = "forward_logits"
    case forwardBackward = "forward_backward"
    case attributionPatching = "attribution_patching"
    case exactPatching = "exact_patching"
    case asymmetricSearch = "asymmetric_search"
    case edgeAttribution = "edge_attribution"
    case edgeAttributionPath = "edge_attribution_ig5"
    case pathPasses = "passes_ig5"
    case edges, circuit, gigaflops
    case rooflineForward = "roofline_forward_s"
    case bandwidth = "bandwidth_gb_per_s"
    case peakResident = "peak_rss_gb"
    case loadAverage = "load"
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  func table() -> String {
    let rows: [(name: String, time: Timing?)] = [
      ("forward, to the decision value", forward), ("forward, to the last token's logits", forwardLogits),
      ("forward and backward", forwardBackward), ("attribution patching", attributionPatching),
      ("exact patching of every head and MLP", exactPatching),
      ("asymmetric search with exact scores", asymmetricSearch),
      ("edge attribution patching, all \(edges ?? 0) edges", edgeAttribution),
      ("edge attribution along the input path, 5 points", edgeAttributionPath), ("the passes alone", pathPasses),
    ]
    let loading = String(format: "%.2f", load)
    var lines = ["\(instructionSet), \(threads) threads, \(tokens) tokens; loading took \(loading) s"]
    for (name, time) in rows {
      guard let time else { continue }
      lines.append(
        String(format: "%9.2f ms  (%.2f to %.2f)  ", time.median * 1e3, time.least * 1e3, time.most * 1e3) + name)
    }
    if let circuit { lines.append(circuit) }
    lines.append(
      String(
        format: "roofline of the forward pass %.2f ms (%.1f GB/s, %.0f GFLOP/s): %.0f %% reached",
        rooflineForward * 1e3, bandwidth, gigaflops, 100 * rooflineForward / forward.median))
    lines.append(String(format: "peak memory %.3f GB, load average at the start %.2f", peakResident, loadAverage))
    return lines.joined(separator: "\n")
  }
}
