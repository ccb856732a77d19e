import Foundation
import Testing

@testable import Analysis
@testable import Project

/// Files of predictions as careless engineers write them: every one is refused with file, line and remedy, or told.
@Suite("Files of predictions")
struct PredictionFileTests {
  private func project(_ lines: [String], _ change: @escaping (String) -> String = { $0 }) -> PredictionProject {
    var project = PredictionProject(model: "gpt2", predictions: lines)
    project.change = change
    return project
  }

  private func message(_ project: PredictionProject) -> String {
    projectError { _ = try project.load() }?.message ?? "read"
  }

  /// One cell of the file otherwise; line 1 is the header.
  private static func cell(_ line: Int, _ column: String, _ value: String) -> (String) -> String {
    { text in
      var lines = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      let place = lines[0].firstIndex(of: column) ?? 0
      lines[line - 1][place] = value
      return lines.map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
    }
  }

  @Test(
    "A cell that cannot be read names its line and what to do",
    arguments: [
      (5, "right", "", ["line 5", "leave the rows of records without an answer out"]),
      (5, "right", "nan", ["line 5", "'nan'", "counted as missing"]), (7, "right", "inf", ["line 7", "overflow"]),
      (7, "right", "\"0,93\"", ["line 7", "a point and no comma"]), (7, "right", "93%", ["line 7", "from 0 to 1"]),
      (7, "right", "approve", ["line 7", "under 'label'"]), (7, "right", "1e999", ["line 7", "not a number"]),
      (7, "right", "0x1p-1", ["line 7", "not a number"]), (7, "right", "2.5", ["2.5 in line 7", "unit: logit"]),
      (7, "right", "-0.01", ["-0.01 in line 7", "unit: logit"]), (9, "id", "", ["line 9", "has no 'id'"]),
      (9, "id", "A100", ["'A100' twice, in lines 2 and 9", "one row for each record"]),
      (9, "id", "A149.0", ["'A149.0' in line 9 (the data have 'A149')", "dtype=str"]),
      (9, "id", "a149", ["'a149' in line 9 (the data have 'A149')"]),
      (9, "id", " A149", ["' A149' in line 9 (the data have 'A149')"]),
      (9, "id", "B1", ["1 of the 40 rows", "'B1' in line 9"]),
    ])
  func cells(line: Int, column: String, value: String, parts: [String]) {
    let found = message(project(["id: id", "score: right"], Self.cell(line, column, value)))
    for part in parts + ["said.csv", "vitrine.yaml line"] {
      #expect(found.contains(part), "'\(part)' is not in: \(found)")
    }
  }

  @Test("A label that nobody declared names its line, its count and the nearest one")
  func labels() {
    let found = message(project(["id: id", "label: label_right"], Self.cell(4, "label_right", "Approve")))
    for part in ["'Approve' (1×, first in line 4; did you mean 'approve'?)", "said.csv"] {
      #expect(found.contains(part), "\(found)")
    }
    #expect(throws: Never.self) { try project(["id: id", "label: label_top"]).load() }
    let other = message(project(["id: id", "label: {column: label_right, positive: yes, negative: no}"]))
    #expect(other.contains("'approve'") && other.contains("'decline'"), "\(other)")
  }

  @Test(
    "Keys are checked like all others",
    arguments: [
      (["id: id"], "missing key 'score'"), (["score: right"], "missing key 'id'"),
      (["id: id", "score: rihgt"], "'rihgt', which is not a column of said.csv"),
      (["id: key", "score: right"], "'key', which is not a column of said.csv"),
      (["id: right", "score: right"], "not a column of the data"),
      (["id: id", "score: {column: right, unit: percent}"], "one of probability, full-probability, logit"),
      (["id: id", "score: right", "tolerance: -1"], "from 0 to 1"),
      (["id: id", "score: right", "tolerence: 1"], "tolerence"),
      (["id: id", "score: right", "version: \"2.0\""], "'2.0', which is no version"),
      (["id: id", "score: logit"], "unit: logit"),
    ])
  func keys(lines: [String], part: String) {
    let found = message(project(lines))
    #expect(found.contains(part), "\(found)")
  }

  @Test("An empty file, a header alone, a file that is none and one of another format are refused")
  func files() {
    #expect(message(project(["id: id", "score: right"]) { _ in "" }).contains("is empty"))
    #expect(message(project(["id: id", "score: right"]) { _ in "id,right\n" }).contains("no records"))
    #expect(
      message(project(["id: id", "score: right"]) { _ in "{\"id\": \"A100\", \"right\": 0.5}\n" }).contains(
        "JSON Lines"))
    #expect(message(project(["id: id", "score: right"]) { $0.replacing(",", with: ";") }).contains("semicolons"))
    #expect(message(project(["id: id", "score: right", "file: other.csv"])).contains("written twice"))
  }

  @Test("Identifiers of the data that do not tell records apart are refused")
  func data() {
    var project = project(["id: id", "score: right"])
    project.changeData = { $0.replacing("A107,", with: "A100,") }
    #expect(message(project).contains("records.csv has 'id' 'A100' twice, in lines 2 and 3"))
    project.changeData = { $0.replacing("A107,", with: ",") }
    #expect(message(project).contains("records.csv line 3 has no 'id'"))
  }

  @Test("Rows about records that the evaluation leaves out are told")
  func unused() throws {
    var project = project(["id: id", "score: right"])
    project.evaluation = ["where: {sex: female}"]
    let loaded = try project.load()
    let predictions = try #require(loaded.evaluation?.predictions)
    #expect(predictions.values.unused + predictions.values.values.count == 40 && predictions.values.unused > 0)
    let texts = ProjectCheck.evaluation(loaded).map(\.text)
    #expect(texts.contains { $0.contains("\(predictions.values.unused) rows are about records") }, "\(texts)")
  }

  @Test("The plan holds the file's digest, and other bytes are another plan")
  func digest() throws {
    // printf 'id,right\nA100,0.5\n' | sha256sum
    let small = try project(["id: id", "score: right"]) { _ in "id,right\nA100,0.5\n" }.load()
    let plan = try #require(small.evaluationPlan()?.predictions)
    #expect(plan.sha256 == "7357d7f7777bc3600c5ded5bcd022074376b376c46edb27bd99566bc568a7208")
    #expect(plan.values == [.init(record: "record 1", id: "A100", score: 0.5)])
    #expect(plan.template.literals == ["Applicant ", ", age ", ": ", ".\nAmount ", ", decision"])
    #expect(plan.template.fields == ["sex", "age", "purpose", "amount"])
    #expect(small.evaluationPlan(version: "1.0")?.predictions == plan)
  }

  @Test("Predictions are of one version: the one that is named, or the one that no other replaces")
  func versions() throws {
    var project = project(["id: id", "score: right"])
    project.others = ["0.9": "gpt2-earlier"]
    #expect(message(project).contains("missing key 'version'"))
    project.predictions.append("version: \"1.0\"")
    let loaded = try project.load()
    #expect(loaded.evaluationPlan(version: "0.9")?.predictions == nil)
    #expect(loaded.evaluationPlan(version: "1.0")?.predictions != nil)
  }
}
