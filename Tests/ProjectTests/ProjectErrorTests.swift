import Foundation
import Testing

@testable import Analysis
@testable import Project

/// One way to spoil the sample project, and what the error has to say.
struct Spoilt: Sendable, CustomTestStringConvertible {
  var what: String
  var lines: [Int: String]
  var code: ProjectError.Code
  /// Every part has to occur in the message: place, key and remedy.
  var parts: [String]

  var testDescription: String { what }

  init(_ what: String, _ line: Int, _ text: String, _ code: ProjectError.Code, _ parts: String...) {
    self.what = what
    lines = [line: text]
    self.code = code
    self.parts = parts
  }
}

@Suite("Errors of the project file name file, line, key and remedy")
struct ProjectErrorTests {
  @Test("The sample itself is valid")
  func sampleIsValid() throws {
    #expect(try Sample.project().load().warnings == [])
  }

  @Test("An unknown key at the top is named with the nearest known key")
  func unknownKey() throws {
    let error = projectError { _ = try Sample.project(replacing: [19: "behaviour:"]).load() }
    #expect(error?.code == .unknownKey)
    #expect(error?.message == "unknown key 'behaviour' in vitrine.yaml line 19; did you mean 'behaviours'?")
  }

  @Test(
    "Keys and types",
    arguments: [
      Spoilt(
        "unknown key in a group", 22, "    substitute: {field: colour, clene: red, counterfactual: blue}", .unknownKey,
        "unknown key 'clene' under 'substitute'", "line 22", "did you mean 'clean'?"),
      Spoilt(
        "unknown key like no other", 27, "  wavelength: 3", .unknownKey, "'wavelength' under 'analysis'", "line 27",
        "the keys there are: methods, samples, seed"),
      Spoilt(
        "missing name of the system", 2, "  risk_class: high-risk", .missingKey, "missing key 'name' under 'system'",
        "line 1", "add e.g. 'name:"),
      Spoilt("a key without a value counts as missing", 2, "  name:", .missingKey, "'name' under 'system'", "line 2"),
      Spoilt(
        "missing function of a person", 6, "    email: a@b.org", .missingKey, "'function' under 'people'", "line 5"),
      Spoilt(
        "missing folder of a model", 10, "    changes: none", .missingKey, "'folder' under '1.0'", "line 9",
        "add e.g. 'folder: models/1.0'"),
      Spoilt(
        "missing question", 21, "", .missingKey, "'question' under 'behaviours'", "line 20", "add e.g. 'question:"),
      Spoilt("missing answers", 18, "", .missingKey, "'answers' for behaviour 'colour'", "line 20", "under 'prompts'"),
      Spoilt(
        "one-sided answers", 18, "  answers: {positive: [\" yes\"]}", .missingKey, "'negative' under 'answers'",
        "line 18", "[\" decline\"]"),
      Spoilt("missing template", 15, "", .missingKey, "'template' for behaviour 'colour'", "line 20", "add 'template:"),
      Spoilt("missing data", 16, "", .missingKey, "'data' for behaviour 'colour'", "line 20", "add 'data:"),
      Spoilt("missing label", 24, "", .missingKey, "'label' under 'evaluation'", "line 23", "positive: approve"),
      Spoilt(
        "neither substitution nor pairs", 22, "", .missingKey, "'colour' has neither 'substitute' nor 'pairs'",
        "line 20", "add e.g. 'substitute:"),
      Spoilt(
        "a text where a group belongs", 22, "    substitute: colour", .wrongType,
        "'substitute' must be a group of keys",
        "not 'colour'", "line 22", "indented"),
      Spoilt(
        "a list where a text belongs", 2, "  name: [a, b]", .wrongType, "'name' under 'system' must be a text",
        "not a list", "line 2", "write e.g."),
      Spoilt(
        "a group where a list belongs", 5, "    name: Ada", .wrongType, "'people' must be a list",
        "not a group of keys",
        "line", "write e.g. '- {name:"),
      Spoilt(
        "a word where a number belongs", 27, "  samples: many", .wrongType,
        "'samples' under 'analysis' must be a whole number", "not 'many'", "line 27", "'samples: 100'"),
      Spoilt(
        "a fraction where a whole number belongs", 27, "  seed: 1.5", .wrongType, "'seed'", "a whole number", "line 27"),
      Spoilt("a negative seed", 27, "  seed: -1", .wrongType, "'seed'", "not '-1'", "line 27"),
      Spoilt(
        "a word where a flag belongs", 3, "  annex_i: yes", .wrongType,
        "'annex_i' under 'system' must be true or false",
        "not 'yes'", "line 3", "'annex_i: false'"),
      Spoilt("an empty text", 2, "  name: \"  \"", .badValue, "'name' under 'system' is an empty text", "line 2"),
    ])
  func keysAndTypes(spoilt: Spoilt) throws {
    try check(spoilt)
  }

  @Test(
    "Values",
    arguments: [
      Spoilt("no samples", 27, "  samples: 0", .badValue, "'samples' under 'analysis' is 0", "at least 1", "line 27"),
      Spoilt(
        "confidence in per cent", 29, "  confidence: 95", .badValue, "'confidence' under 'analysis' is 95",
        "lie between 0 and 1", "line 29", "'confidence: 0.95'"),
      Spoilt(
        "a target above 1", 29, "  sufficiency_target: 1.5", .badValue, "'sufficiency_target'", "at most 1", "line 29"),
      Spoilt("a negative floor", 29, "  floor: -0.1", .badValue, "'floor'", "be 0 or more", "line 29", "'floor: 0.05'"),
      Spoilt(
        "an unknown method", 28, "  methods: [circus]", .unknownValue, "unknown method 'circus'", "line 28",
        "did you mean 'circuit'?", "exact-patching, attribution-patching, token-attribution, circuit"),
      Spoilt("a method twice", 28, "  methods: [circuit, circuit]", .duplicate, "'circuit' is listed twice", "line 28"),
      Spoilt("no method", 28, "  methods: []", .badValue, "'methods' is an empty list", "line 28", "token-attribution"),
      Spoilt(
        "an unknown role", 7, "    roles: [prepaired]", .unknownValue, "unknown role 'prepaired' of Ada", "line 7",
        "did you mean 'prepared'?"),
      Spoilt("a person twice", 7, "  - name: Ada\n    function: Chief", .duplicate, "'Ada' is listed twice", "line 7"),
      Spoilt(
        "no point of Annex III", 3, "  annex_iii_point: 5b", .badValue, "'annex_iii_point' is '5b'", "line 3", "5(b)"),
      Spoilt(
        "an unknown kind of enterprise", 3, "  enterprise: large", .badValue, "'enterprise' is 'large'", "line 3", "smc"
      ),
      Spoilt(
        "a date that does not exist", 3, "  placed_on_market: 2027-02-29", .badValue, "2027-02-29", "line 3",
        "YYYY-MM-DD"),
      Spoilt(
        "a version superseding an unknown one", 13, "    supersedes: 0.9", .unknownValue,
        "model '1.1' supersedes '0.9'", "line 11", "the versions are: 1.0, 1.1"),
      Spoilt(
        "a version superseding itself", 13, "    supersedes: 1.1", .badValue, "'1.1' supersedes itself", "line 11"),
      Spoilt(
        "a version that cannot be a file name", 11, "  ../1.1:", .badValue, "model version '../1.1'", "line 11",
        "use only letters"),
      Spoilt("two models of one version", 11, "  1.0:", .duplicate, "'1.0'", "twice", "line 9", "two versions"),
      Spoilt("the same version quoted and not", 11, "  \"1.0\":", .duplicate, "'1.0'", "lines 9 and 11", "keep one"),
      Spoilt("a key twice", 3, "  name: Again", .duplicate, "'name'", "twice", "line 2", "keep one"),
      Spoilt(
        "two behaviours with one id", 23,
        "  - id: colour\n    question: Again?\n    pairs: [{clean: a, counterfactual: b}]\nevaluation:", .duplicate,
        "two behaviours have the id 'colour'", "in line 20", "line 23", "its own id"),
      Spoilt(
        "an id that cannot be a file name", 20, "  - id: my colour", .badValue, "behaviour id 'my colour'", "line 20"),
      Spoilt(
        "an answer on both sides", 18, "  answers: {positive: [\" yes\"], negative: [\" yes\"]}", .duplicate,
        "\" yes\" is given twice", "line 18", "one side"),
      Spoilt(
        "one value for both prompts", 22, "    substitute: {field: colour, clean: red, counterfactual: red}", .badValue,
        "both 'red'", "line 22", "two different values"),
      Spoilt(
        "an unknown choice of records", 22,
        "    substitute: {field: colour, clean: red, counterfactual: blue}\n    records: eithr", .unknownValue,
        "'records' is 'eithr'", "line 23", "did you mean 'either'?"),
      Spoilt(
        "substitution and pairs", 22,
        "    substitute: {field: colour, clean: red, counterfactual: blue}\n    pairs: []\n", .badValue,
        "both 'substitute' and 'pairs'", "'colour'"),
      Spoilt(
        "records beside pairs", 22, "    records: all\n    pairs: [{clean: a, counterfactual: b}]", .badValue,
        "'records' has no meaning beside 'pairs'", "line 22", "remove it"),
      Spoilt(
        "a pair of equal prompts", 22, "    pairs: [{clean: a, counterfactual: a}]", .badValue,
        "prompt of 'pair 1' are the same", "line 22", "differ"),
      Spoilt(
        "two pairs of one name", 22,
        "    pairs:\n      - {name: x, clean: a, counterfactual: b}\n      - {name: x, clean: c, counterfactual: d}",
        .duplicate, "called 'x'", "line 24", "its own name"),
    ])
  func values(spoilt: Spoilt) throws {
    // An empty list counts as given: 'pairs: []' beside 'substitute' is a contradiction all the same.
    try check(spoilt)
  }

  @Test(
    "Prompts and data",
    arguments: [
      Spoilt(
        "a template field that is no column", 15, "  template: \"Colour {colours}, shape {shape}.\"", .templateField,
        "field '{colours}' is not a column of data.csv", "line 15", "did you mean 'colour'?"),
      Spoilt("an open brace", 15, "  template: \"Colour {colour\"", .templateField, "never closed", "line 15", "{{"),
      Spoilt("a lonely closing brace", 15, "  template: \"Colour }\"", .templateField, "no opening one", "line 15"),
      Spoilt("an empty field", 15, "  template: \"Colour {}\"", .templateField, "names no field", "line 15"),
      Spoilt(
        "a substituted field that the template lacks", 22,
        "    substitute: {field: label, clean: good, counterfactual: bad}", .templateField,
        "'label' that behaviour 'colour' substitutes is not in its template", "line 22", "colour, shape"),
      Spoilt(
        "a filter on no column", 17, "  where: {splitt: test}", .unknownValue, "'where' names 'splitt'", "data.csv",
        "line 17", "did you mean 'split'?"),
      Spoilt(
        "a filter that lets nothing through", 17, "  where: {split: tset}", .badData,
        "no record of data.csv", "'where split = tset'", "line 17", "the values of 'split' are: train, test"),
      Spoilt(
        "filters that exclude each other", 17, "  where: {split: train, colour: blue}", .badData, "no record",
        "line 17",
        "no record meets all"),
      Spoilt("an empty filter", 17, "  where: {split: []}", .badValue, "empty list of values", "line 17"),
      Spoilt(
        "a missing data file", 16, "  data: dta.csv", .dataNotFound, "vitrine.yaml line 16", "'dta.csv'",
        "no such file", "correct 'data'"),
      Spoilt(
        "a folder as data file", 16, "  data: .", .dataNotFound, "vitrine.yaml line 16", "'.'", "that is a folder"),
      Spoilt(
        "a label in no column", 24, "  label: {column: lable, positive: good}", .unknownValue, "'lable'", "line 24",
        "did you mean 'label'?"),
      Spoilt(
        "a label that never occurs", 24, "  label: {column: label, positive: goood}", .badValue,
        "label 'goood' never occurs in column 'label' of data.csv", "line 24", "did you mean 'good'?"),
      Spoilt(
        "a label without its positive value", 24, "  label: {column: label}", .missingKey, "'positive' under 'label'",
        "line 24"),
      Spoilt(
        "a group that is no column", 25, "  groups: [shap]", .unknownValue, "'groups' names 'shap'", "line 25",
        "did you mean 'shape'?"),
      Spoilt("a group twice", 25, "  groups: [shape, shape]", .duplicate, "'shape' twice", "line 25"),
    ])
  func promptsAndData(spoilt: Spoilt) throws {
    try check(spoilt)
  }

  private func check(_ spoilt: Spoilt, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let project = try Sample.project(replacing: spoilt.lines)
    let error = projectError({ _ = try project.load() }, sourceLocation: sourceLocation)
    #expect(error?.code == spoilt.code, "\(error?.message ?? "no error")", sourceLocation: sourceLocation)
    for part in spoilt.parts + ["vitrine.yaml"] {
      #expect(
        error?.message.contains(part) == true, "'\(part)' is not in: \(error?.message ?? "no error")",
        sourceLocation: sourceLocation)
    }
    #expect(error?.exitStatus == .badInput, sourceLocation: sourceLocation)
  }
}
