import Foundation
import Testing

@testable import Analysis
@testable import Project

@Suite("Behaviours and evaluation")
struct BehaviourTests {
  @Test("A substitution makes a pair of each selected record, called by its number in the file")
  func substitution() throws {
    let behaviour = try Sample.project().load().behaviours[0]
    #expect(
      behaviour.pairs == [
        .init(name: "record 2", clean: "Colour red, shape round.", counterfactual: "Colour blue, shape round."),
        .init(name: "record 3", clean: "Colour red, shape square.", counterfactual: "Colour blue, shape square."),
        .init(name: "record 4", clean: "Colour red, shape round.", counterfactual: "Colour blue, shape round."),
        .init(name: "record 5", clean: "Colour red, shape round.", counterfactual: "Colour blue, shape round."),
      ])
    #expect(behaviour.asRecorded == .init(clean: 1, counterfactual: 2, neither: 1))
    #expect(behaviour.field == "colour")
    #expect(behaviour.cleanLabel == "colour = red")
    #expect(behaviour.counterfactualLabel == "colour = blue")
    #expect(
      behaviour.construction
        == "each of the 4 records of data.csv where split = test, once with colour = red (clean) and once with "
        + "colour = blue (counterfactual), everything else as recorded")
  }

  @Test(
    "The records that give a pair can be narrowed by what they hold",
    arguments: [
      ("all", ["record 2", "record 3", "record 4", "record 5"]), ("clean", ["record 2"]),
      ("either", ["record 2", "record 3", "record 5"]),
    ])
  func records(choice: String, names: [String]) throws {
    let line = "    substitute: {field: colour, clean: red, counterfactual: blue}\n    records: \(choice)"
    let behaviour = try Sample.project(replacing: [22: line]).load().behaviours[0]
    #expect(behaviour.pairs.map(\.name) == names)
  }

  @Test("Samples are drawn with the seed and stay in the order of the file")
  func samples() throws {
    let records = (1...20).map { "c\($0),round,good,test" }.joined(separator: "\n")
    let behaviour = try Sample.project(
      replacing: [24: "  label: {column: label, positive: good}", 27: "  seed: 1\n  samples: 5"],
      data: "colour,shape,label,split\n" + records + "\n"
    ).load().behaviours[0]
    // The Python transcription draws 5, 9, 13, 14, 15 (from 0).
    #expect(behaviour.pairs.map(\.name) == ["record 6", "record 10", "record 14", "record 15", "record 16"])
    #expect(behaviour.construction.hasPrefix("5 (drawn with seed 1) of the 20 records of data.csv where split = test"))
  }

  @Test("Pairs written out keep their texts and get numbers where they have no name")
  func explicitPairs() throws {
    let lines = """
          answers: {positive: [" A", " B"], negative: [" C"]}
          prepend: ["<|x|>"]
          labels: {clean: left, counterfactual: right}
          pairs:
            - {clean: "One {brace}", counterfactual: "Two {brace}"}
            - {name: second, clean: three, counterfactual: four}
      """
    let behaviour = try Sample.project(replacing: [22: lines]).load().behaviours[0]
    #expect(
      behaviour.pairs == [
        .init(name: "pair 1", clean: "One {brace}", counterfactual: "Two {brace}"),
        .init(name: "second", clean: "three", counterfactual: "four"),
      ])
    #expect(behaviour.positive == [" A", " B"])
    #expect(behaviour.negative == [" C"])
    #expect(behaviour.prepend == ["<|x|>"])
    #expect(behaviour.cleanLabel == "left")
    #expect(behaviour.counterfactualLabel == "right")
    #expect(behaviour.asRecorded == nil)
    #expect(behaviour.construction == "2 prompt pairs written out in vitrine.yaml")
  }

  @Test(
    "The tokenizer's special tokens are asked for in the prompts or by one behaviour, and not beside tokens of one's own"
  )
  func specialTokens() throws {
    let pairs = "    pairs: [{clean: one, counterfactual: two}]"
    let on = try Sample.project(replacing: [22: "    special_tokens: true\n" + pairs]).load()
    #expect(on.behaviours[0].specialTokens == .file && on.plan(for: on.behaviours[0]).specialTokens == .file)
    let auto = try Sample.project(replacing: [22: pairs]).load()
    #expect(auto.behaviours[0].specialTokens == .auto && auto.plan(for: auto.behaviours[0]).specialTokens == .auto)
    for line in ["    special_tokens: false\n", "    prepend: [\"<s>\"]\n"] {
      let off = try Sample.project(replacing: [22: line + pairs]).load()
      #expect(off.behaviours[0].specialTokens == .never && off.plan(for: off.behaviours[0]).specialTokens == nil)
    }
    let wrong = projectError {
      _ = try Sample.project(replacing: [22: "    special_tokens: yes\n" + pairs]).load()
    }
    #expect(wrong?.message.contains("auto, true or false") == true, "\(wrong?.message ?? "")")
    let error = projectError {
      _ = try Sample.project(replacing: [22: "    prepend: [\"<s>\"]\n    special_tokens: true\n" + pairs]).load()
    }
    #expect(error?.code == .badValue)
    #expect(
      error?.message.contains("both 'prepend' and 'special_tokens: true' hold here in vitrine.yaml line 23") == true)
  }

  @Test("A behaviour's own template, data, filter and answers replace the inherited ones")
  func overriding() throws {
    let lines = """
          template: "{shape}?"
          where: {split: [train, test], shape: round}
          answers: {positive: [" 1"], negative: [" 0"]}
          substitute: {field: shape, clean: round, counterfactual: square}
      """
    let project = try Sample.project(replacing: [22: lines]).load()
    #expect(project.behaviours[0].pairs.map(\.name) == ["record 1", "record 2", "record 4", "record 5"])
    #expect(project.behaviours[0].pairs[0].clean == "round?")
    #expect(project.behaviours[0].positive == [" 1"])
    #expect(project.evaluation?.examples[0].prompt == "Colour red, shape round.")
    #expect(project.evaluation?.positive == [" yes"])
  }

  @Test("An empty 'where' lifts the inherited filter")
  func emptyFilter() throws {
    let lines = "    where: {}\n    substitute: {field: colour, clean: red, counterfactual: blue}"
    let behaviour = try Sample.project(replacing: [22: lines]).load().behaviours[0]
    #expect(behaviour.pairs.map(\.name) == ["record 1", "record 2", "record 3", "record 4", "record 5"])
    #expect(behaviour.construction.hasPrefix("each of the 5 records of data.csv, once with"))
  }

  @Test("The evaluation takes the records as they are, with label and groups")
  func evaluation() throws {
    let evaluation = try #require(try Sample.project().load().evaluation)
    #expect(evaluation.dataset == "data.csv where split = test")
    #expect(evaluation.label == "label = good")
    #expect(evaluation.threshold == nil)
    #expect(try Sample.project().load().evaluationPlan()?.firstChoice == true)
    let declared = try Sample.project(replacing: [25: "  groups: [shape]\n  threshold: 0"]).load()
    #expect(declared.evaluation?.threshold == 0)
    #expect(declared.evaluationPlan()?.firstChoice == nil)
    #expect(evaluation.groupings == ["shape"])
    #expect(
      evaluation.examples == [
        .init(name: "record 2", prompt: "Colour red, shape round.", positive: true, groups: ["shape": "round"]),
        .init(name: "record 3", prompt: "Colour blue, shape square.", positive: false, groups: ["shape": "square"]),
        .init(name: "record 4", prompt: "Colour green, shape round.", positive: true, groups: ["shape": "round"]),
        .init(name: "record 5", prompt: "Colour blue, shape round.", positive: false, groups: ["shape": "round"]),
      ])
  }

  @Test("Plans carry the analysis settings")
  func plans() throws {
    let project = try Sample.project(replacing: [27: "  seed: 18446744073709551615\n  floor: 0.25"]).load()
    let plan = project.plan(for: project.behaviours[0])
    #expect(plan.seed == .max)
    #expect(plan.floor == 0.25)
    #expect(plan.methods == [.circuit])
    #expect(plan.confidence == 0.9)
    #expect(plan.pairs == project.behaviours[0].pairs)
    #expect(plan.construction == project.behaviours[0].construction)
    let evaluation = try #require(project.evaluationPlan())
    #expect(evaluation.seed == .max)
    #expect(evaluation.confidence == 0.9)
    #expect(evaluation.examples.count == 4)
    #expect(try Sample.project(replacing: [23: "", 24: "", 25: ""]).load().evaluationPlan() == nil)
  }

  @Test(
    "What is suspicious but possible is a warning with its line",
    arguments: [
      (
        22, "    substitute: {field: colour, clean: red, counterfactual: mauve}", "line 22",
        "'mauve', a value that never occurs"
      ),
      (18, "  answers: {positive: [\"yes\"], negative: [\" no\"]}", "line 20", "\"yes\" has no leading space"),
      (15, "  template: \"Colour {colour}, shape {shape}. \"", "line 15", "ends in white space"),
      (12, "    folder: models/a", "line 11", "have the same folder"),
      (24, "  label: {column: label, positive: [good, bad]}", "line 23", "have the same label"),
    ])
  func warnings(line: Int, text: String, place: String, part: String) throws {
    let project = try Sample.project(replacing: [line: text]).load()
    #expect(project.warnings.count == 1, "\(project.warnings)")
    #expect(project.warnings.first?.hasPrefix("vitrine.yaml \(place): ") == true)
    #expect(project.warnings.first?.contains(part) == true)
  }
}
