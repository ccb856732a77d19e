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

  @Test("`measure` puts the model's own special tokens around texts, and between those of a pair")
  func measure() throws {
    let checkpoint = try Checkpoint(
      folder: Reference.folder.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("examples/encoder-screening/models/v1.0"))
    let reference = try #require(try Reference.read(ReferenceFile.self, "encoders/screening-v1.0.json").cases.first)
    let text = try #require(try Reference.read(Texts.self, "encoders/screening-v1.0.json").cases.first)
    let scratch = try Scratch()
    let cases: [[String: Any]] = [
      ["clean": text.cleanText, "corrupted": text.corruptedText, "positive": ["good"], "negative": ["bad"]],
      ["clean": ["car", "own"], "corrupted": ["car", "rent"], "positive": ["good"], "negative": ["bad"]],
      ["clean": ["car"], "corrupted": ["car", "rent"], "positive": ["good"], "negative": ["bad"]],
    ]
    try scratch.write(try JSONSerialization.data(withJSONObject: cases), to: "cases.json")
    let report = try MeasureReport(checkpoint: checkpoint, casesFile: scratch.file("cases.json"))
    guard case .measured(let single) = report.cases[0], case .measured(let pair) = report.cases[1],
      case .failed(let message) = report.cases[2]
    else {
      Issue.record("\(report.cases)")
      return
    }
    #expect(single.cleanIDs == reference.cleanIDs && abs(single.mClean - reference.mClean) <= 5e-5)
    let tokenizer = try #require(try checkpoint.tokenizer())
    #expect(tokenizer.texts(of: pair.cleanIDs) == ["[CLS]", "car", "[SEP]", "own", "[SEP]"])
    #expect(message.contains("two texts"))
  }
}
