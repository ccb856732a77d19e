import Foundation
import Testing

@testable import Analysis

@Suite("Measuring cases from a file")
struct MeasureReportTests {
  private func report(_ cases: String, on model: ReferenceModel = .ioi) throws -> MeasureReport {
    let scratch = try Scratch()
    try scratch.write(cases, to: "cases.json")
    return try MeasureReport(checkpoint: try model.checkpoint(), casesFile: scratch.file("cases.json"))
  }

  private func messages(_ report: MeasureReport) -> [String?] {
    report.cases.map { if case .failed(let message) = $0 { message } else { nil } }
  }

  private static let good = "{\"clean\": [1, 2, 3], \"corrupted\": [1, 4, 3], \"positive\": [5], \"negative\": [6]}"

  @Test("Cases of text and of ids give the same numbers, under the reference's field names")
  func textAndIDs() throws {
    let reference = try ReferenceModel.ioi.cases()[0]
    let text = "<|endoftext|>When Mary and John went to the store, "
    let report = try report(
      """
      [{"clean": "\(text)Mary gave a drink to", "corrupted": "\(text)John gave a drink to", "positive": [" John"],
        "negative": [" Mary"], "circuits": [[[0, 1]], []]},
       {"clean": \(reference.cleanIDs), "corrupted": \(reference.corruptedIDs), "positive": [418], "negative": [419]}]
      """)
    #expect(!report.hasFailures && report.modelType == "gpt2" && report.layers == 4 && report.heads == 4)
    let object = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(report)) as? [String: Any]
    var cases = try #require(object?["cases"] as? [[String: Any]])
    #expect((cases[0]["circuits"] as? [Any])?.count == 2)
    #expect((cases[1]["circuits"] as? [Any])?.isEmpty == true)
    cases[0]["circuits"] = [Any]()
    #expect(NSDictionary(dictionary: cases[0]) == NSDictionary(dictionary: cases[1]))
    let fields = Set(ReferenceCase.CodingKeys.fields)
    #expect(Set(cases[1].keys) == fields)
  }

  @Test("A circuit of every head is the whole model, and a circuit of none the empty one")
  func extremeCircuits() throws {
    let all = (0..<4).flatMap { l in (0..<4).map { "[\(l), \($0)]" } }.joined(separator: ", ")
    let report = try report(
      "[{\"clean\": [0, 2, 3], \"corrupted\": [0, 4, 3], \"positive\": [5], \"negative\": [6], \"circuits\": [[\(all)], []]}]"
    )
    guard case .measured(let measurement) = report.cases[0] else {
      Issue.record("not measured")
      return
    }
    let (whole, none) = (measurement.circuits[0], measurement.circuits[1])
    #expect(whole.mCircuit == measurement.mClean && whole.mWithout == whole.mEmpty)
    #expect(none.mCircuit == none.mEmpty && none.mWithout == measurement.mClean)
  }

  static let bad: [(String, String)] = [
    ("{\"clean\": [1], \"corrupted\": [1], \"positive\": [5]}", "case 1: key 'negative' is missing"),
    ("7", "case 1: "),
    (
      "{\"clean\": 3, \"corrupted\": [1], \"positive\": [5], \"negative\": [6]}",
      "case 1: key 'clean': is neither a text, nor two texts, nor a list"
    ),
    (
      "{\"clean\": [1], \"corrupted\": [1], \"positive\": [true], \"negative\": [6]}",
      "is neither a text nor a token id"
    ),
    (
      "{\"clean\": [1, 2], \"corrupted\": [1], \"positive\": [5], \"negative\": [6]}",
      "has 2 tokens and its counterfactual 1"
    ),
    ("{\"clean\": [], \"corrupted\": [], \"positive\": [5], \"negative\": [6]}", "the prompt has no tokens"),
    (
      "{\"clean\": [509], \"corrupted\": [1], \"positive\": [5], \"negative\": [6]}",
      "token 509 is outside the model's vocabulary of 509"
    ),
    ("{\"clean\": [-1], \"corrupted\": [1], \"positive\": [5], \"negative\": [6]}", "token -1 is outside"),
    ("{\"clean\": [1], \"corrupted\": [2], \"positive\": [5], \"negative\": [509]}", "answer token 509 is outside"),
    ("{\"clean\": [1], \"corrupted\": [2], \"positive\": [\"John\"], \"negative\": [6]}", "did you mean ' John'"),
    (
      "{\"clean\": [1], \"corrupted\": [2], \"positive\": [5], \"negative\": [6], \"circuits\": [[[9, 9]]]}",
      "circuit head [9, 9] does not exist"
    ),
  ]

  @Test("A bad case is reported in its place, and the rest is measured", arguments: bad.indices)
  func badCase(number: Int) throws {
    let report = try report("[\(Self.good), \(Self.bad[number].0), \(Self.good)]")
    #expect(report.hasFailures)
    let messages = messages(report)
    #expect(messages.count == 3 && messages[0] == nil && messages[2] == nil)
    let message = try #require(messages[1])
    #expect(message.hasPrefix("case 1: ") && message.contains(Self.bad[number].1), "\(message)")
  }

  @Test("A file that is no list of cases is refused", arguments: ["", "{}", "[", "7"])
  func noList(text: String) {
    expectError(.badCases, ["cases.json: not a JSON array of cases"]) { _ = try report(text) }
  }

  @Test("Text on a model without a tokenizer is a bad case, ids are not")
  func noTokenizer() throws {
    let text = Self.good.replacingOccurrences(of: "[1, 2, 3]", with: "\"a b c\"")
    let messages = messages(try report("[\(text), \(Self.good)]", on: .tiny))
    #expect(messages[0]?.contains("has no tokenizer.json") == true && messages[1] == nil)
  }
}

extension ReferenceCase.CodingKeys {
  /// The fields that every reference file has.
  fileprivate static let fields = [
    cleanIDs, corruptedIDs, positiveAnswers, negativeAnswers, mClean, mCorrupted, lastLogits, noisingHead,
    denoisingHead, noisingMLP,
    denoisingMLP, attributionHead, attributionMLP, igToken, igInputsHead, gradientTimesInput, circuits,
  ].map(\.rawValue)
}
