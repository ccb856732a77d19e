import Analysis
import ArgumentParser
import Foundation

/// How the cost of exact patching grows with prompts, length, layers and variants.
struct Cost: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how the cost of exact patching grows with prompts, length, layers and variants.",
    discussion: """
      Prints a JSON list of {"vary", "x", "seconds", "cached_rows_share", "peak_rss"}. Prompts are random tokens that differ \
      in the middle one. MODEL is used for prompts, length and variants; for layers, checkpoints of one shape and \
      different depth are written into a temporary folder.
      """)

  @Argument(help: "A model folder in Hugging Face layout.") var model: String
  @Option(help: "Counted runs of each point, after one warm-up.") var runs = 3

  /// One measurement.
  private struct Point: Encodable {
    var vary: String
    var x: Int
    var seconds: Double
    var cachedRowsShare: Double
    /// Bytes, of this point alone where the system can tell, else of the process so far.
    var peakResident: Int

    enum CodingKeys: String, CodingKey {
      case vary, x, seconds
      case cachedRowsShare = "cached_rows_share"
      case peakResident = "peak_rss"
    }
  }

  func run() throws {
    let model = try Self.load(self.model)
    var points: [Point] = []
    func add(_ vary: String, _ x: Int, _ model: Transformer, prompts: Int = 1, length: Int = 16, variants: Int) throws {
      FileHandle.standardError.write(Data("\(vary) \(x)\n".utf8))
      points.append(try measure(vary, x, model, prompts: prompts, length: length, variants: variants))
    }
    for prompts in [1, 2, 4, 8, 16, 32, 64, 128, 256] {
      try add("prompts", prompts, model, prompts: prompts, variants: 12)
    }
    for length in [16, 32, 64, 128, 256, 512, 1024] where length <= model.maximalLength {
      try add("length", length, model, length: length, variants: 12)
    }
    for variants in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] { try add("variants", variants, model, variants: variants) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-cost-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for layers in [2, 4, 8, 12, 16, 24] {
      let shape = try Shape.parse([
        folder.path, "--layers", "\(layers)", "--heads", "6", "--vocabulary", "512", "--quiet",
      ])
      try shape.run()
      try add("layers", layers, try Self.load(folder.path), variants: 64)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    print(String(decoding: try encoder.encode(points), as: UTF8.self))
  }

  private static func load(_ path: String) throws -> Transformer {
    try Transformer.load(Checkpoint(folder: URL(fileURLWithPath: path, isDirectory: true)))
  }

  /// Exact noising of `variants` nodes, one layer after the other, on `prompts` pairs.
  private func measure(
    _ vary: String, _ x: Int, _ model: Transformer, prompts: Int, length: Int, variants: Int
  ) throws -> Point {
    let nodes = model.nodes.filter(\.isHead)
    // Spread over the layers as evenly as their number allows.
    let sets = (0..<variants).map { [nodes[$0 * nodes.count / variants % nodes.count]] }
    let pairs = (0..<prompts).map { Self.pair(length: length, vocabulary: model.vocabularySize, seed: UInt64($0) + 1) }
    var work = SweepWork()
    Process.forgetPeak()
    let timing = try Timing(runs: runs) {
      work = SweepWork()
      for (clean, other) in pairs {
        let run = try PairRun(model: model, clean: clean, counterfactual: other, positive: [1], negative: [2])
        _ = run.decisionValues(sets, noising: true)
        work += run.work(sets, noising: true)
      }
    }
    return Point(
      vary: vary, x: x, seconds: timing.median, cachedRowsShare: work.cachedShare,
      peakResident: Int(Process.peakResidentGigabytes * 1e9))
  }

  private static func pair(length: Int, vocabulary: Int, seed: UInt64) -> ([Int], [Int]) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    let clean = (0..<length).map { _ -> Int in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return 3 + Int(state >> 33) % (vocabulary - 4)
    }
    var other = clean
    other[length / 2] = 3 + (clean[length / 2] - 2) % (vocabulary - 4)
    return (clean, other)
  }
}
