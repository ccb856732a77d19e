import Foundation
import Testing

@testable import Analysis

/// The trained encoder of `examples/encoder-screening` against float64 PyTorch, from the text on.
@Suite("The trained encoder of the examples")
struct EncoderExampleTests {
  private struct Texts: Decodable {
    struct Case: Decodable {
      var cleanText: String
      var corruptedText: String

      enum CodingKeys: String, CodingKey {
        case cleanText = "clean_text"
        case corruptedText = "corrupted_text"
      }
    }
    var cases: [Case]
  }

  @Test("Texts become transformers' ids, and every value on them is PyTorch's", arguments: ["v1.0", "v1.1"])
  func parity(version: String) throws {
    let folder = Reference.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("examples/encoder-screening/models/\(version)")
    let checkpoint = try Checkpoint(folder: folder)
    let model = try Transformer.load(checkpoint)
    let encoder = try PromptEncoder(
      tokenizer: try checkpoint.tokenizer(), model: model, folder: version, prepend: [], specialTokens: .auto)
    let name = "encoders/screening-\(version).json"
    let texts = try Reference.read(Texts.self, name).cases
    let cases = try Reference.read(ReferenceFile.self, name).cases
    #expect(cases.count == 7)
    for (text, reference) in zip(texts, cases) {
      #expect(try encoder.prompt(text.cleanText) == reference.cleanIDs)
      #expect(try encoder.prompt(text.corruptedText) == reference.corruptedIDs)
      #expect(try encoder.encoding(of: .text(text.cleanText)).ids == reference.cleanIDs)
      #expect(ParityTests.deviating(try reference.measured(on: model), reference) == [])
    }
  }
}
