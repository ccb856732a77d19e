import Foundation
import Testing

@testable import Analysis
@testable import Project

@Suite("Numbers in a project")
struct NumberProjectTests {
  private static let data = """
    colour,shape,label,split
    red,round,10,train
    red,round,12.5,test
    blue,square,-3,test
    green,round,1e2,test
    blue,round,7,test

    """

  /// The sample as a regression; `label` stands in line 24; `answers` in line 18.
  private func project(
    answers: String = "{unit: points, threshold: 10}", label: String = "{column: label}", data: String = data,
    more: String = "",
    config: String? =
      #"{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "id2label": {"0": "score"}}"#
  ) throws -> TemporaryProject {
    let project = try Sample.project(
      replacing: [18: "  answers: \(answers)", 24: "  label: \(label)" + more], data: data)
    if let config {
      for model in ["a", "b"] { try project.write(Data(config.utf8), to: "models/\(model)/config.json") }
    }
    return project
  }

  @Test("The label is the column's number, the unit and the threshold go into every plan")
  func plans() throws {
    let loaded = try project().load()
    let evaluation = try #require(loaded.evaluationPlan())
    #expect(evaluation.unit == "points" && evaluation.threshold == 10 && evaluation.firstChoice == nil)
    #expect(evaluation.positive.isEmpty && evaluation.negative.isEmpty && evaluation.label == "label")
    #expect(evaluation.examples.map(\.number) == [12.5, -3, 100, 7])
    #expect(evaluation.examples.map(\.positive) == [true, false, true, false])
    let plan = loaded.plan(for: loaded.behaviours[0])
    #expect(plan.unit == "points" && plan.threshold == 10 && plan.decisionThreshold == 10)
    let texts = ProjectCheck.evaluation(loaded).map(\.text)
    #expect(texts.contains("labels: 4 numbers from -3 to 100 points, mean 29.12; decided above 10"), "\(texts)")
    #expect(texts.contains { $0.contains("round 3 (mean label 39.83)") }, "\(texts)")
  }

  @Test("Without a threshold nothing is decided")
  func undecided() throws {
    let loaded = try project(answers: "{unit: points}").load()
    let evaluation = try #require(loaded.evaluationPlan())
    #expect(evaluation.threshold == nil && evaluation.examples.allSatisfy { $0.side == nil })
    #expect(loaded.plan(for: loaded.behaviours[0]).decisionThreshold == nil)
    #expect(ProjectCheck.evaluation(loaded).contains { $0.text.contains("nothing is decided") })
  }

  @Test(
    "What does not fit a number is an error with file, line and remedy",
    arguments: [
      ("{positive: [score], negative: []}", "{column: label}", "", "missing key 'unit'", "line 18"),
      ("{unit: points, positive: [score]}", "{column: label}", "", "'positive' stands beside 'unit'", "line 18"),
      ("{unit: \"a|b\"}", "{column: label}", "", "at most 24 letters", "line 18"),
      ("{unit: points}", "{column: label, positive: 7}", "", "the label of a number is a number", "line 24"),
      ("{unit: points}", "{column: labl}", "", "did you mean 'label'", "line 24"),
      ("{unit: points}", "{column: label}", "\n  threshold: 3", "write it as 'answers › threshold'", "line 25"),
      (
        "{unit: points}", "{column: label}", "\n  answers: {unit: marks}", "the number of a model has one unit",
        "line 25"
      ),
      ("{unit: points}", "{column: colour}", "", "no numbers in 4 of 4 records, first 'red' in line 3", "line 24"),
    ])
  func refused(answers: String, label: String, more: String, part: String, line: String) throws {
    let project = try project(answers: answers, label: label, more: more)
    let message = projectError { _ = try project.load() }?.message ?? "read"
    #expect(message.contains(part) && message.contains("vitrine.yaml \(line)"), "\(message)")
  }

  @Test(
    "A number with a decimal comma, and one that is none, are told with the first line",
    arguments: ["12,5", "nan", "0x10", "", "1.5 "])
  func values(value: String) throws {
    let data = Self.data.replacingOccurrences(of: "12.5", with: "\"\(value)\"")
    let project = try project(data: data)
    let message = projectError { _ = try project.load() }?.message ?? "read"
    #expect(message.contains("no numbers in 1 of 4 records") && message.contains("in line 3"), "\(message)")
    #expect(message.contains("decimal point") == value.contains(","), "\(message)")
    // What stands for "not known" is left out once it is named.
    let named = try self.project(label: "{column: label, ignore: [\"\(value)\"]}", data: data).load()
    #expect(named.evaluation?.examples.count == 3)
    #expect(named.evaluation?.dataset.contains("(1 without a label left out)") == true)
  }

  @Test("A unit where the models have classes, and a threshold without a unit, are errors")
  func classes() throws {
    let classes =
      #"{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "id2label": {"0": "a", "1": "b"}}"#
    let project = try project(config: classes)
    let message = projectError { _ = try project.load() }?.message ?? "read"
    #expect(message.contains("the models give no number (config.json: classifier)"), "\(message)")
    let other = try self.project(answers: "{positive: [a], negative: [b], threshold: 1}", config: classes)
    let second = projectError { _ = try other.load() }?.message ?? "read"
    #expect(second.contains("'evaluation › threshold'"), "\(second)")
  }
}
