import Foundation
import Testing

@testable import Analysis
@testable import Project

@Suite("Labels")
struct LabelTests {
  /// The sample with a label rule and records of the given labels, every one of them selected.
  private func project(_ rule: String, _ labels: [String], header: String = "colour,shape,label,split") throws
    -> TemporaryProject
  {
    let records = labels.enumerated().map { "red,round\($0.offset),\($0.element),test" }
    return try Sample.project(
      replacing: [24: "  label: \(rule)"],
      data: ([header] + records).joined(separator: "\n") + "\n")
  }

  private func message(_ rule: String, _ labels: [String]) throws -> String {
    let project = try project(rule, labels)
    return projectError { _ = try project.load() }?.message ?? "read"
  }

  @Test("Where exactly two values occur, the undeclared one is negative, and check says so")
  func two() throws {
    let loaded = try project("{column: label, positive: good}", ["good", "bad", "good"]).load()
    let evaluation = try #require(loaded.evaluation)
    #expect(evaluation.examples.map(\.positive) == [true, false, true])
    #expect(evaluation.assumedNegative == "bad")
    let texts = ProjectCheck.evaluation(loaded).map(\.text)
    #expect(texts.contains("labels: 'good' 2 (positive, 66.7 %), 'bad' 1 (negative, 33.3 %)"), "\(texts)")
    #expect(texts.contains("the label 'bad' is taken as negative, since it is the only other value"), "\(texts)")
  }

  @Test(
    "A value that nobody declared is an error with its count, its line and what it is probably meant to be",
    arguments: [
      (["good", "bad", "ugly"], ["'bad' (1 record, first in line 3)", "'ugly' (1 record, first in line 4)"]),
      (["good", "good."], ["'good.' (1 record, first in line 3; did you mean 'good'?)"]),
      (["good", "Good"], ["'Good' (1 record, first in line 3; did you mean 'good'?)"]),
      (["good", " good", "bad"], ["' good' (1 record, first in line 3; did you mean 'good'?)", "'bad' (1 record"]),
      (["good", "", ""], ["'' (2 records, first in line 3)", "ignore: [\"\"]"]),
      (["good", "NA"], ["'NA' (1 record", "ignore: [\"NA\"]"]), (["good", "?"], ["'?' (1 record", "ignore: [\"?\"]"]),
      (["good", "nan"], ["'nan' (1 record"]), (["good", "<NA>"], ["'<NA>' (1 record"]),
      (["good", "N/A", "bad"], ["'N/A' (1 record", "'bad' (1 record"]),
      (["good", "go\u{6F}\u{301}d"], ["first in line 3; did you mean 'good'?"]),
    ])
  func undeclared(labels: [String], parts: [String]) throws {
    let found = try message("{column: label, positive: good}", labels)
    for part in parts { #expect(found.contains(part), "'\(part)' is not in: \(found)") }
    #expect(found.contains("vitrine.yaml line 24"), "\(found)")
  }

  @Test("A code of one character is not taken for a misspelling of another")
  func codes() throws {
    #expect(try project("{column: label, positive: 1}", ["1", "0"]).load().evaluation?.assumedNegative == "0")
    #expect(try project("{column: label, positive: yes}", ["yes", "no"]).load().evaluation?.assumedNegative == "no")
    #expect(
      try project("{column: label, positive: '>50K'}", [">50K", "<=50K"]).load().evaluation?.assumedNegative == "<=50K")
    #expect(try project("{column: label, positive: 1.0}", ["1.0", "10"]).load().evaluation?.assumedNegative == "10")
    #expect(try project("{column: label, positive: 1}", ["1", "-1"]).load().evaluation?.assumedNegative == "-1")
    #expect(try message("{column: label, positive: '>50K'}", [">50K", ">50K."]).contains("did you mean '>50K'?"))
  }

  @Test("Declared values are taken as declared; ignored records are left out and counted")
  func declared() throws {
    let rule = "{column: label, positive: [good, Good], negative: [bad], ignore: ['', NA]}"
    let loaded = try project(rule, ["good", "", "bad", "Good", "NA", ""]).load()
    let evaluation = try #require(loaded.evaluation)
    #expect(evaluation.examples.map(\.name) == ["record 1", "record 3", "record 4"])
    #expect(evaluation.examples.map(\.positive) == [true, false, true])
    #expect(evaluation.assumedNegative == nil)
    #expect(evaluation.dataset == "data.csv where split = test (3 without a label left out: 2 '', 1 'NA')")
    #expect(
      try message("{column: label, positive: good, negative: bad}", ["good", "bad", "bad."]).contains(
        "'bad.' (1 record, first in line 4; did you mean 'bad'?)"))
  }

  @Test(
    "A declaration that cannot be meant is an error",
    arguments: [
      ("{column: label, positive: good, negative: good}", "'good' is declared twice"),
      ("{column: label, positive: good, negative: bed}", "'bad' (1 record, first in line 3)"),
      ("{column: label, positive: good, negative: []}", "'negative'"),
      ("{column: label, positive: good, ignore: [good]}", "declared twice"),
      ("{column: label, positive: good, ignored: ['']}", "did you mean 'ignore'?"),
    ])
  func declarations(rule: String, part: String) throws {
    let found = try message(rule, ["good", "bad"])
    #expect(found.contains(part), "\(found)")
  }

  @Test("A declared negative value that never occurs is told")
  func absent() throws {
    let loaded = try project("{column: label, positive: good, negative: [bad, rejected]}", ["good", "bad"]).load()
    #expect(
      loaded.warnings.contains { $0.contains("line 24: the label 'rejected' never occurs") }, "\(loaded.warnings)")
  }

  @Test("Only labels of selected records count")
  func selected() throws {
    let text = "colour,shape,label,split\nred,a,good,test\nred,b,bad,test\nred,c,???,train\n"
    let evaluation = try #require(try Sample.project(data: text).load().evaluation)
    #expect(evaluation.examples.count == 2)
    #expect(evaluation.assumedNegative == "bad")
  }

  @Test("A group without a value has a name")
  func emptyGroup() throws {
    let text = "colour,shape,label,split\nred,,good,test\nblue,round,bad,test\n"
    let loaded = try Sample.project(data: text).load()
    let evaluation = try #require(loaded.evaluation)
    #expect(evaluation.examples.map { $0.groups["shape"] } == ["(empty)", "round"])
    let texts = ProjectCheck.evaluation(loaded).map(\.text)
    #expect(
      texts.contains("groups of 'shape': (empty) 1 (100.0 % positive labels), round 1 (0.0 % positive labels)"),
      "\(texts)")
  }

  @Test(
    "What is probably a slip in the records is told with column and lines",
    arguments: [
      (
        "colour,shape,label,split\nred,a,good,train\nblue,b,bad,test\n", "",
        "1 of the 2 records in use is marked as training data (column 'split'"
      ),
      (
        "colour,shape,label,id\nred,a,good,7\nblue,b,bad,7\n", "",
        "1 record has the 'id' of another record in use"
      ),
      (
        "colour,shape,label\nred,a,good\nblue,b,bad\nred,a,good\n", "", "1 record equals an earlier one in every column"
      ),
      ("colour,shape,label\nred,a,good\nred,a,bad\n", "", "same prompt as an earlier one and another label"),
      ("colour,shape,label\n1.0,a,good\n2.0,b,bad\n", "", "'colour' in use is a whole number written as '1.0'"),
    ])
  func doubts(data: String, unused: String, part: String) throws {
    let project = try Sample.project(
      replacing: [17: "", 22: "    substitute: {field: colour, clean: red, counterfactual: blue}"], data: data)
    let warnings = try project.load().warnings
    #expect(warnings.contains { $0.contains(part) && $0.hasPrefix("vitrine.yaml line 23: ") }, "\(warnings)")
  }

  @Test("Records of which nothing is odd are told nothing")
  func noDoubts() throws {
    #expect(try Sample.project().load().warnings.isEmpty)
  }
}
