import Foundation
import Testing

@testable import Analysis

/// karpathy/llama2.c's stories260K, a trained Llama-architecture model with grouped-query attention, read from `shared/`
/// beside the repository where it is; it is not committed.
@Suite("stories260K")
struct StoriesTests {
  private static let shared: URL = Reference.tests.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared")
  private static let folder = shared.appendingPathComponent("models/stories260K")
  static let isThere = FileManager.default.fileExists(atPath: folder.appendingPathComponent("config.json").path)
  private static let why: Comment = "skipped: ../shared/models/stories260K is not there"

  @Test("Every value agrees with the reference", .enabled(if: isThere, why))
  func measurements() throws {
    let model = try Transformer.load(Checkpoint(folder: Self.folder))
    let file = try JSONDecoder().decode(
      ReferenceFile.self, from: Data(contentsOf: Self.shared.appendingPathComponent("reference/stories260K.json")))
    #expect(!file.cases.isEmpty)
    for (number, reference) in file.cases.enumerated() {
      #expect(ParityTests.deviating(try model.measure(reference), reference) == [], "case \(number)")
    }
  }

  /// What llama2.c's own test expects of this model at temperature 0, and its ids by SentencePiece.
  private struct Story: Decodable {
    let source: String
    let text: String
    let ids: [Int]
  }

  @Test("The text that llama2.c publishes is generated token for token", .enabled(if: isThere, why))
  func publishedText() throws {
    let story = try Reference.read(Story.self, "stories260K.json")
    let checkpoint = try Checkpoint(folder: Self.folder)
    let model = try Transformer.load(checkpoint)
    var ids = [1]  // <s>
    for _ in story.ids {
      let trace = try model.forward(ids)
      let logits = withExtendedLifetime(trace) { model.logits(at: trace.decisionRow(sequence: 0)) }
      let most = try #require(logits.max())
      ids.append(try #require(logits.firstIndex(of: most)))
    }
    #expect(Array(ids.dropFirst()) == story.ids)
    // The tokenizer puts a space before a text, which decoding takes away again.
    let tokenizer = try #require(try checkpoint.tokenizer())
    #expect(tokenizer.texts(of: Array(ids.dropFirst())).joined() == " " + story.text)
    #expect(tokenizer.specialTokensBefore + (try tokenizer.encode(story.text)) == ids)
  }

  @Test("Logits and residual stream agree with Hugging Face's tensors", .enabled(if: isThere, why))
  func tensors() throws {
    let model = try Transformer.load(Checkpoint(folder: Self.folder))
    let file = try ModelFile(url: Self.folder.appendingPathComponent("reference_hf.safetensors"), path: "reference")
    let tensors = Dictionary(uniqueKeysWithValues: try Safetensors.tensors(of: file).map { ($0.name, $0) })
    let ids = try #require(tensors["input_ids"])
    let idBytes = try ids.bytes()
    let prompt = (0..<ids.count).map { Int(idBytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
    let trace = try model.forward(prompt)
    let logits = try #require(try tensors["logits"]?.floats())
    let last = try #require(trace.residual.last)
    for position in prompt.indices {
      let wanted = logits.array(position * 512..<(position + 1) * 512).map(Double.init)
      #expect(largestDifference(model.logits(at: last.row(position)).map(Double.init), wanted) <= 5e-5)
    }
    // hidden_5 is after the final norm.
    for layer in 0..<5 {
      let wanted = try #require(try tensors["hidden_\(layer)"]?.floats())
      let count = prompt.count * 64
      let ours = trace.residual[layer].buffer.array(0..<count).map(Double.init)
      #expect(largestDifference(ours, wanted.array(0..<count).map(Double.init)) <= 5e-5, "hidden_\(layer)")
    }
  }
}
