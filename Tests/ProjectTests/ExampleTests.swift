import Foundation
import Testing

@testable import Analysis
@testable import Project

/// Counts and texts here were found with Python (PyYAML, csv, tokenizers), not with this code.
@Suite("The examples")
struct ExampleTests {
  private func example(_ name: String) throws -> Project {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try ProjectLoader.load(folder: root.appendingPathComponent("examples").appendingPathComponent(name))
  }

  @Test("Credit screening: two versions, six behaviours over the 200 test records, no warnings")
  func creditScreening() throws {
    let project = try example("credit-screening")
    #expect(project.warnings == [])
    #expect(project.models.map(\.version) == ["1.0", "1.1"])
    #expect(project.models[1].supersedes == "1.0")
    #expect(project.system.annexIIIPoint == "5(b)")
    #expect(project.system.placedOnMarket == nil)
    #expect(
      project.behaviours.map(\.id) == ["checking-account", "savings", "credit-history", "sex", "foreign-worker", "age"])
    #expect(project.behaviours.allSatisfy { $0.pairs.count == 200 })
    #expect(project.behaviours.allSatisfy { $0.positive == [" approve"] && $0.negative == [" decline"] })
    #expect(project.behaviours[0].asRecorded == .init(clean: 79, counterfactual: 58, neither: 63))
    #expect(project.behaviours[1].asRecorded == .init(clean: 14, counterfactual: 117, neither: 69))
    #expect(project.behaviours[2].asRecorded == .init(clean: 99, counterfactual: 64, neither: 37))
    #expect(project.behaviours[3].asRecorded == .init(clean: 147, counterfactual: 53, neither: 0))
    #expect(project.behaviours[4].asRecorded == .init(clean: 191, counterfactual: 9, neither: 0))
    #expect(project.behaviours[5].asRecorded == .init(clean: 66, counterfactual: 24, neither: 110))
    #expect(project.behaviours[3].pairs.prefix(3).map(\.name) == ["record 10", "record 14", "record 25"])
    #expect(project.behaviours[3].pairs.last?.name == "record 1000")
  }

  @Test("Credit screening: the pair of record 14 is the text that the reference values were computed on")
  func creditScreeningPrompt() throws {
    let sex = try example("credit-screening").behaviour(id: "sex")
    let pair = try #require(sex.pairs.first { $0.name == "record 14" })
    // `clean_ids` and `corrupted_ids` of the second case of reference/credit-v1.0.json, decoded with Hugging Face tokenizers.
    let text = { (sex: String) in
      "Loan application: checking account overdrawn, term years, history critical, purpose car, amount little, "
        + "savings small, employment long, rate 4, applicant \(sex), guarantor none, property car, age senior, plans none, "
        + "housing own, credits 2, job manual, foreign yes. Decision:"
    }
    #expect(pair.clean == text("male"))
    #expect(pair.counterfactual == text("female"))
  }

  @Test("Credit screening: 200 labelled test records by sex, age and foreign")
  func creditScreeningEvaluation() throws {
    let evaluation = try #require(try example("credit-screening").evaluation)
    #expect(evaluation.examples.count == 200)
    #expect(evaluation.examples.count(where: \.positive) == 149)
    #expect(evaluation.groupings == ["sex", "age", "foreign"])
    #expect(evaluation.examples.count { $0.groups["sex"] == "female" } == 53)
    #expect(evaluation.examples.count { $0.groups["age"] == "young" } == 24)
    #expect(evaluation.examples.count { $0.groups["foreign"] == "no" } == 9)
    #expect(evaluation.dataset == "german-credit.csv where split = test")
  }

  @Test("IOI: 100 sentences from data and ten pairs written out, with the beginning-of-text token")
  func ioi() throws {
    let project = try example("ioi")
    #expect(project.warnings == [])
    #expect(project.behaviours.map(\.pairs.count) == [100, 10])
    #expect(project.behaviours.allSatisfy { $0.prepend == ["<|endoftext|>"] })
    // The first case of reference/ioi.json without its first token.
    #expect(project.behaviours[0].pairs[0].clean == "When Mary and John went to the store, Mary gave a drink to")
    #expect(
      project.behaviours[0].pairs[0].counterfactual == "When Mary and John went to the store, John gave a drink to")
    #expect(project.behaviours[0].positive == [" John"])
    #expect(project.behaviours[0].asRecorded == .init(clean: 50, counterfactual: 50, neither: 0))
    #expect(project.evaluation?.examples.count(where: \.positive) == 50)
  }

  @Test("Encoder screening: the same records as sentences, decided by class names")
  func encoderScreening() throws {
    let project = try example("encoder-screening")
    #expect(project.warnings == [])
    #expect(project.models.map(\.version) == ["1.0", "1.1"] && project.models[1].supersedes == "1.0")
    #expect(
      project.behaviours.map(\.id) == ["checking-account", "savings", "credit-history", "sex", "foreign-worker", "age"])
    #expect(
      project.behaviours.allSatisfy { $0.pairs.count == 200 && $0.positive == ["good"] && $0.negative == ["bad"] })
    #expect(project.evaluation?.examples.count == 200 && project.evaluation?.examples.count(where: \.positive) == 149)
    // The texts that the reference values of the trained model were computed on.
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Reference/encoders/screening-v1.0.json")
    let file = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    let cases = try #require(file["cases"] as? [[String: Any]])
    let pairs = project.behaviours.flatMap { $0.pairs.map { [$0.clean, $0.counterfactual] } }
    for reference in cases {
      let wanted = try ["clean_text", "corrupted_text"].map { try #require(reference[$0] as? String) }
      #expect(pairs.contains(wanted), "\(wanted)")
    }
    #expect(cases.count == 7)
  }

  @Test("All examples have all that an analysis needs", arguments: ["credit-screening", "encoder-screening", "ioi"])
  func ready(name: String) throws {
    let messages = ProjectCheck.findings(try example(name), directory: "examples/\(name)")
    #expect(messages.filter { $0.severity == .error || $0.severity == .todo } == [])
    #expect(messages.last?.remedy == "run `vitrine analyze examples/\(name)`")
  }
}
