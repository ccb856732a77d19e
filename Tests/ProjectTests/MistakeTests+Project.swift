import Foundation

@testable import Project

extension MistakeTests {
  private static let template = "\"Applicant {sex}, job {job}, age {age}. Decision:\""

  static let prompts = [
    Mistake(
      "a capital letter in a field", .stopped, yaml: [("{age}", "{Age}")], says: "'{Age}' is not a column", "line 8",
      "did you mean 'age'?"),
    Mistake(
      "a format in a field", .stopped, yaml: [("{age}", "{age:.0f}")], says: "'{age:.0f}' is not a column",
      "write 'age' alone"),
    Mistake(
      "blanks in a field", .stopped, yaml: [("{age}", "{ age }")], says: "'{ age }' is not a column",
      "write 'age' alone"),
    Mistake(
      "braces of Jinja", .told, yaml: [("{age}", "{{age}}")], says: "line 8", "the text '{age}'", "write '{age}'"),
    Mistake(
      "a field of the shell", .told, yaml: [("{age}", "$age")], says: "line 8", "the text '$age'", "write '{age}'"),
    Mistake(
      "a line end in single quotation marks", .told,
      yaml: [(template, "'Applicant {sex}, job {job}, age {age}.\\nDecision:'")], says: "line 8",
      "holds '\\n' as two characters", "double quotation marks"),
    Mistake(
      "a template that ends in a line end", .told,
      yaml: [(template, "|\n    Applicant {sex}, job {job}, age {age}.\n    Decision:")], says: "line 8",
      "ends in white space", "'>-'"),
    Mistake(
      "the answer in the template", .told, yaml: [("Decision:\"", "Decision: approve\"")], says: "line 8",
      "ends with the answer \" approve\""),
    Mistake(
      "the label in the template", .told, yaml: [("job {job}", "job {label}")], says: "line 8",
      "holds the label column '{label}'", "take the field out"),
    Mistake(
      "a no-break space in the template", .told, yaml: [("Decision:", "Decision\u{A0}:")], says: "line 8",
      "a no-break space (U+A0)"),
    Mistake(
      "typographic quotation marks", .told,
      yaml: [(template, "“Applicant {sex}, job {job}, age {age}. Decision”")], says: "begins with '“'", "YAML's"),
    Mistake(
      "typographic quotation marks that YAML cannot read", .stopped,
      yaml: [(template, "“Applicant: {sex}, job {job}, age {age}. Decision:”")], says: "vitrine.yaml line 8",
      "'“' is a quotation mark of word processors",
      "write \" instead:   template: \"Applicant: {sex}, job {job}, age {age}. Decision:\""),
    Mistake(
      "an answer with a line end", .told, yaml: [("[\" approve\"]", "[\" approve\\n\"]")], says: "line 11",
      "the answer \" approve\\n\" ends in white space", "take it out"),
    Mistake(
      "an answer with a blank at its end", .told, yaml: [("[\" approve\"]", "[\" approve \"]")], says: "line 11",
      "ends in white space"),
    Mistake(
      "an answer with two blanks", .told, yaml: [("[\" approve\"]", "[\"  approve\"]")], says: "line 11",
      "begins with two spaces"),
    Mistake(
      "an answer in other letters than the label", .told, yaml: [("[\" approve\"]", "[\" Approve\"]")], says: "line 16",
      "\" Approve\" and the label 'approve' differ in spelling"),
    Mistake(
      "one answer on both sides", .stopped, yaml: [("[\" decline\"]", "[\" approve\"]")], says: "line 11",
      "\" approve\" is given twice"),
  ]

  static let evaluations = [
    Mistake(
      "a group of one value", .told, yaml: [("groups: [sex]", "groups: [sex, split]")], says: "line 18",
      "have the same 'split', 'test'", "no groups to compare"),
    Mistake(
      "an identifier as group", .told, yaml: [("groups: [sex]", "groups: [sex, id]")], says: "line 18",
      "'id' has 24 values among 24 records", "bands"),
    Mistake(
      "a number as group", .told, yaml: [("groups: [sex]", "groups: [age]")], says: "'age' has 24 values",
      "age bands"),
    Mistake(
      "the label as group", .told, yaml: [("groups: [sex]", "groups: [label]")], says: "line 18",
      "'groups' names the label column 'label'"),
    Mistake(
      "groups without a value in three spellings", .told,
      yaml: [("groups: [sex]", "groups: [region]")],
      data: Mistake.table(adding: "region") { ["", "NA", "n/a", "north"][$0 % 4] }, says: "line 18",
      "18 of 24 records have no 'region'", "6 '(empty)'", "6 'NA'", "6 'n/a'", "write them alike"),
    Mistake(
      "age bands that became dates", .told, yaml: [("groups: [sex]", "groups: [band]")],
      data: Mistake.table(adding: "band") { ["10-May", "11-20"][$0 % 2] }, says: "line 18", "'10-May' as 'band'"),
    Mistake(
      "a filter of one value that never occurs", .told, yaml: [("{split: test}", "{split: [test, tset]}")],
      says: "line 10", "'where' names 'tset'", "did you mean 'test'?"),
    Mistake(
      "a filter that lets nothing through", .stopped, yaml: [("{split: test}", "{split: Test}")], says: "line 10",
      "no record of data/loans.csv is left", "the values of 'split' are: test"),
    Mistake(
      "leading zeros lost in the file", .stopped, yaml: [("{split: test}", "{zip: 01067}")],
      data: Mistake.table(adding: "zip") { _ in "1067" }, says: "'where zip = 01067'", "line 10", "1067"),
    Mistake(
      "training records", .told, data: Mistake.table("split") { $0 % 3 == 0 ? "train" : $1 },
      says: "are marked as training data (column 'split'"
    ).reading("  where: {split: test}\n", ""),
    Mistake(
      "a threshold in per cent", .told, yaml: [("  groups: [sex]", "  groups: [sex]\n  threshold: 50")],
      says: "line 19",
      "'threshold' is '50'", "logits", "a probability of 50 % is 0"),
    Mistake(
      "a threshold as probability", .told, yaml: [("  groups: [sex]", "  groups: [sex]\n  threshold: 0.5")],
      says: "line 19", "'threshold' is '0.5'", "62.2 %", "for a probability of 50 % write 0"),
    // ln(0.6 / 0.4) = 0.4055, ln(0.7 / 0.3) = 0.8473; 1 / (1 + exp(-0.6)) = 0.6457, 1 / (1 + exp(-0.7)) = 0.6682.
    Mistake(
      "a threshold as another probability", .told, yaml: [("  groups: [sex]", "  groups: [sex]\n  threshold: 0.6")],
      says: "line 19", "'threshold' is '0.6'", "64.6 %", "for a probability of 60 % write 0.405"),
    Mistake(
      "a threshold of 70 per cent", .told, yaml: [("  groups: [sex]", "  groups: [sex]\n  threshold: 0.70")],
      says: "66.8 %", "for a probability of 70 % write 0.847"),
    Mistake(
      "a threshold in per cent that is not 50", .told, yaml: [("  groups: [sex]", "  groups: [sex]\n  threshold: 60")],
      says: "'threshold' is '60'", "for a probability of 60 % write 0.405"),
    // 1 / (1 + exp(5)) = 0.00669.
    Mistake(
      "a threshold below every decision value", .told,
      yaml: [("  groups: [sex]", "  groups: [sex]\n  threshold: -5")],
      says: "'threshold' is '-5', a probability of 0.669 %", "below it"),
    Mistake(
      "a threshold with a decimal comma", .stopped, yaml: [("  groups: [sex]", "  groups: [sex]\n  threshold: 0,5")],
      says: "line 19", "must be a number, not '0,5'"),
    Mistake(
      "a key in the singular", .stopped, yaml: [("  groups: [sex]", "  group: [sex]")], says: "line 18",
      "unknown key 'group'", "did you mean 'groups'?"),
  ]

  static let projects = [
    Mistake(
      "a value in other letters", .told, yaml: [("counterfactual: female", "counterfactual: Female")], says: "line 15",
      "sets 'sex' to 'Female', a value that never occurs", "did you mean 'female'?"),
    Mistake(
      "1.0 where the file has 1", .told,
      yaml: [("field: sex, clean: male, counterfactual: female", "field: job, clean: 1.0, counterfactual: 2.0")],
      data: Mistake.table("job") { record, _ in "\(1 + record % 2)" },
      says: "sets 'job' to '1.0'", "did you mean '1'?"),
    Mistake(
      "a title that goes with the sex", .told, yaml: [("job {job}", "job {job}, title {title}")],
      data: Mistake.table(adding: "title") { ["Mr", "Ms"][($0 - 1) % 2] }, says: "line 15",
      "'title' always goes along with 'sex'", "take '{title}' out"),
    Mistake(
      "the value in the template's own words", .told, yaml: [("Applicant {sex}", "The male applicant is {sex}")],
      says: "line 15", "the template itself says 'male'"),
    Mistake(
      "one question twice", .told,
      yaml: [
        (
          "evaluation:\n",
          "  - id: gender\n    question: Q\n    substitute: {field: sex, clean: male, counterfactual: female}\nevaluation:\n"
        )
      ], says: "line 16", "'sex' and 'gender' have the same pairs and answers"),
    Mistake(
      "clean and counterfactual alike", .stopped, yaml: [("counterfactual: female", "counterfactual: male")],
      says: "line 15", "are both 'male'"),
    Mistake(
      "two versions in one folder", .told,
      yaml: [("folder: models/v1}", "folder: models/v1}\n  1.1: {folder: ./models/v1/, supersedes: 1.0}")],
      says: "line 7", "'1.0' and '1.1' have the same folder", "written 'models/v1' before"),
    Mistake(
      "a number for a version", .stopped,
      yaml: [("folder: models/v1}", "folder: models/v1}\n  1.1: {folder: models/v2, supersedes: 1}")], says: "line 7",
      "supersedes '1'", "did you mean '1.0'?"),
    Mistake(
      "a path of Windows", .stopped, yaml: [("data/loans.csv", "data\\loans.csv")], says: "line 9",
      "'data/loans.csv'", "write '/'"),
    Mistake(
      "a drive of Windows", .stopped, yaml: [("data: data/loans.csv", "data: 'C:\\data\\loans.csv'")], says: "line 9",
      "drive letters"),
    Mistake(
      "the home folder", .stopped, yaml: [("data/loans.csv", "~/loans.csv")], says: "line 9", "'~' is not expanded"),
    Mistake(
      "a variable", .stopped, yaml: [("data/loans.csv", "$HOME/loans.csv")], says: "line 9",
      "variables are not expanded"),
    Mistake(
      "an address", .stopped, yaml: [("data/loans.csv", "https://example.org/loans.csv")], says: "line 9",
      "nothing is fetched", "download"),
    Mistake(
      "a path in other letters", .stopped, yaml: [("data/loans.csv", "Data/Loans.csv")], says: "line 9",
      "did you mean 'data/loans.csv'?"),
    Mistake(
      "a model's path with the home folder", .told, yaml: [("models/v1}", "~/models/v1}")],
      says: "model 1.0: there is no folder '~/models/v1'", "'~' is not expanded"),
    Mistake(
      "a file for a model's folder", .told, yaml: [("models/v1}", "data/loans.csv}")],
      says: "model 1.0: 'data/loans.csv' is a file, not a folder", "'models › 1.0 › folder'"),
    Mistake(
      "a tab", .stopped, yaml: [("  data: data/loans.csv", "\tdata: data/loans.csv")], says: "vitrine.yaml line 9",
      "write spaces instead of tabs:   data: data/loans.csv"),
    Mistake(
      "yes for true", .stopped, yaml: [("  data: data", "  special_tokens: yes\n  data: data")], says: "line 9",
      "must be auto, true or false, not 'yes'"),
  ]
}
