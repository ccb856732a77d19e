import Foundation
import Testing

@testable import Project

/// Slips in data files that read well: values spelt in two ways, records of training, damaged texts.
extension MistakeTests {
  private static let all = ("  where: {split: test}\n", "")
  private static let numbers = (Mistake.labels, "{column: label, positive: 1, negative: 0}")
  private static let open = (Mistake.labels, "{column: label, positive: 1}")

  private static func labels(_ positive: [String], _ negative: String) -> String {
    Mistake.table("label") { record, value in value == "approve" ? positive[record % positive.count] : negative }
  }

  static let filters = [
    Mistake(
      "a capital letter in the filter's column", .stopped, data: Mistake.table("split") { $0 % 2 == 0 ? "Test" : $1 },
      says: "'where' leaves out 12 records of data/loans.csv whose 'split' differs only in spelling",
      "'Test' (12, first in line 3) for 'test'", "vitrine.yaml line 10", "split: [\"test\", \"Test\"]"),
    Mistake(
      "a blank in the filter's column", .stopped, data: Mistake.table("split") { $0 == 5 ? "test " : $1 },
      says: "leaves out 1 record", "'test ' (1, first in line 6) for 'test'"),
    Mistake(
      "a no-break space in the filter's column", .stopped, data: Mistake.table("split") { $0 == 5 ? "test\u{A0}" : $1 },
      says: "'test\\u{A0}' (1, first in line 6)", "[\"test\", \"test\\u00A0\"]"),
    Mistake(
      "letters composed in another way in the filter's column", .stopped, yaml: [("{split: test}", "{split: geprüft}")],
      data: Mistake.table("split") { record, _ in record == 5 ? "gepru\u{308}ft" : "geprüft" },
      says: "'gepru\\u{308}ft' (1, first in line 6) for 'gepr\\u{FC}ft'", "normalize('NFC', text)"),
    Mistake(
      "a number in another writing in the filter's column", .told, yaml: [("{split: test}", "{year: 2024}")],
      data: Mistake.table(adding: "year") { $0 == 5 ? "2024.0" : "2024" },
      says: "may be another writing of a value that it names", "'2024.0' (1, first in line 6) for '2024'", "line 10"),
    Mistake(
      "another word for the same part", .told, data: Mistake.table("split") { $0 == 5 ? "test_set" : $1 },
      says: "'test_set' (1, first in line 6) for 'test'"),
    Mistake(
      "a letter wrong in the filter's column", .told, yaml: [("{split: test}", "{bank: north}")],
      data: Mistake.table(adding: "bank") { $0 == 5 ? "nroth" : "north" },
      says: "'nroth' (1, first in line 6) for 'north'"),
    Mistake(
      "a file that was cut off in its last field", .told,
      data: String(Mistake.table().dropLast(3)), says: "data/loans.csv ends in the middle of a line",
      "the last 'split' is 'te' (line 25)", "such as 'test'"),
    Mistake(
      "a file that was cut off in a record", .stopped, data: String(Mistake.table().dropLast(10)),
      says: "data/loans.csv line 25 has 5 fields where the header has 6", "download that broke off"),
  ]

  static let labelWritings = [
    Mistake(
      "1 and 1.0 in one column", .stopped, yaml: [numbers], data: labels(["1", "1.0"], "0"),
      says: "'1.0' (6 records, first in line 2; did you mean '1'?)", "write in the file '1.0' as '1'",
      "positive: [\"1\", \"1.0\"], negative: [\"0\"]}"),
    Mistake(
      "1 and 1.0 without a declared negative value", .stopped, yaml: [open], data: labels(["1", "1.0"], "0"),
      says: "positive: [\"1\", \"1.0\"], negative: [\"0\"]}"),
    Mistake(
      "nothing but 1 and 1.0", .stopped, yaml: [open], data: labels(["1", "1.0"], "1"),
      says: "did you mean '1'?", "positive: [\"1\", \"1.0\"]}"),
    Mistake(
      "nothing but 1 and 01", .stopped, yaml: [open], data: labels(["1", "01"], "1"),
      says: "positive: [\"1\", \"01\"]}"),
    Mistake(
      "yes and y in one column", .stopped, yaml: [(Mistake.labels, "{column: label, positive: yes}")],
      data: labels(["yes", "y"], "no"), says: "did you mean 'yes'?", "positive: [\"yes\", \"y\"], negative: [\"no\"]}"),
    Mistake(
      "nothing but yes and y", .stopped, yaml: [(Mistake.labels, "{column: label, positive: yes}")],
      data: labels(["yes", "y"], "yes"), says: "positive: [\"yes\", \"y\"]}"),
    Mistake(
      "TRUE and 1 in one column", .stopped, yaml: [(Mistake.labels, "{column: label, positive: 'TRUE'}")],
      data: labels(["TRUE", "1"], "FALSE"), says: "positive: [\"TRUE\", \"1\"], negative: [\"FALSE\"]}"),
    Mistake(
      "a value of which nobody said anything", .stopped,
      data: Mistake.table("label") { $0 == 4 ? "pending" : $1 }, says: "'pending' (1 record, first in line 5)",
      "negative: [\"decline\"], ignore: [\"pending\"]}", "'ignore' leaves records out"),
    Mistake(
      "an abbreviated label", .stopped, data: Mistake.table("label") { $0 == 1 ? "A" : $1 },
      says: "'A' (1 record, first in line 2; did you mean 'approve'?)", "positive: [\"approve\", \"A\"]"),
    Mistake(
      "a header line inside the file", .stopped, data: Mistake.table() + Mistake.table(),
      says: "data/loans.csv line 26 repeats the header", "joined end to end", "delete the line"),
    Mistake(
      "header lines inside the file, with the filter's value in one", .stopped,
      data: Mistake.table() + "id,sex,job,age,label,test\n" + Mistake.table(),
      says: "data/loans.csv: 2 lines repeat the header, first line 26"),
  ]

  private static let partColumns = [
    ("is_train", "True", "False"), ("data_split", "train", "test"), ("partition", "training", "holdout"),
    ("dataset", "Train", "Test"), ("group", "train_set", "test_set"), ("in_training", "1", "0"),
    ("isTest", "no", "yes"), ("fold", "dev", "test"),
  ]

  static let marked = partColumns.map { name, training, test in
    Mistake(
      "records of training by '\(name)', '\(training)'", .told, yaml: [all],
      data: Mistake.table(adding: name) { $0 % 3 == 0 ? training : test },
      says: "8 of the 24 records in use are marked as \(training == "dev" ? "validation" : "training") data",
      "(column '\(name)'", "says '\(training)', first in line 4", "'where: {\(name): \"\(test)\"}'")
  }

  static let parts = [
    Mistake(
      "records of all folds", .told, yaml: [all], data: Mistake.table(adding: "cv_fold") { "\($0 % 5)" },
      says: "are of 5 parts (column 'cv_fold' of data/loans.csv)"),
    Mistake(
      "test records that are training records, too", .told,
      data: Mistake.table()
        + Mistake.rows.dropFirst().prefix(5).enumerated().map {
          (["\(100 + $0)"] + $1[1...4] + ["train"]).joined(separator: ",") + "\n"
        }.joined(),
      says: "5 of the 24 records in use equal one that is marked as training data",
      "in every column but 'id' and 'split'",
      "lines 2 and 26 of data/loans.csv"),
    Mistake(
      "records twice under numbers of their own", .told,
      data: Mistake.table()
        + Mistake.rows.dropFirst().prefix(5).enumerated().map {
          (["\(25 + $0)"] + $1[1...]).joined(separator: ",") + "\n"
        }.joined(),
      says: "5 records equal an earlier one in every column but 'id'", "lines 2 and 26"),
    Mistake(
      "a customer's number twice", .told, data: Mistake.table(adding: "customer_no") { "\(1000 + $0 / 2)" },
      says: "11 records have the 'customer_no' of another record", "'1001' in lines 3 and 4"),
    Mistake(
      "a code twice in a column of codes", .told, data: Mistake.table(adding: "dossier") { "K-\($0 == 9 ? 3 : $0)" },
      says: "1 record has the 'dossier' of another record in use", "'K-3' in lines 4 and 10"),
  ]

  static let groupWritings = [
    Mistake(
      "(empty) as text beside nothing", .told, yaml: [("groups: [sex]", "groups: [region]")],
      data: Mistake.table(adding: "region") { ["", "(empty)", "  ", "north"][$0 % 4] },
      says: "18 of 24 records have no 'region': 18 '(empty)' (written '(empty)', '  ', '')",
      "they are a group of their own"),
    Mistake(
      "letters composed in two ways", .stopped, yaml: [("groups: [sex]", "groups: [town]")],
      data: Mistake.table(adding: "town") { $0 % 2 == 0 ? "K\u{F6}ln" : "Ko\u{308}ln" },
      says: "'Ko\\u{308}ln' (12, first in line 2), 'K\\u{F6}ln' (12, first in line 3)", "look the same", "line 18",
      "normalize('NFC', text)"),
    Mistake(
      "one number in four writings", .told, yaml: [("groups: [sex]", "groups: [band]")],
      data: Mistake.table(adding: "band") { ["1", "1.0", "01", "2"][$0 % 4] },
      says: "'band' has one value in 3 spellings", "'1.0' (6, first in line 2)", "'01' (6, first in line 3)", "line 18"),
    Mistake(
      "thousands with and without a separator", .told, yaml: [("groups: [sex]", "groups: [band]")],
      data: Mistake.table(adding: "band") { ["1000", "\"1,000\"", "2000"][$0 % 3] },
      says: "'band' has one value in 2 spellings", "'1,000' (8, first in line 2)"),
    Mistake(
      "m beside male", .told, data: Mistake.table("sex") { $0 % 4 == 0 ? "f" : $1 },
      says: "'sex' has both 'f' (6, first in line 5) and 'female' (6, first in line 3)", "line 18"),
    Mistake(
      "ages as groups", .told, yaml: [("groups: [sex]", "groups: [years]")],
      data: Mistake.table() + (1...60).map { "\(100 + $0),male,skilled,\(20 + $0 % 14),approve,test\n" }.joined(),
      says: "numbers as values", "age bands"
    ).reading("groups: [years]", "groups: [age]"),
  ]

  private static let groups = ("groups: [sex]", "groups: [g]")

  /// What an engineer in haste did.
  static let careless = [
    Mistake(
      "a Cyrillic letter in the filter's column", .stopped,
      data: Mistake.table("split") { $0 == 5 ? "t\u{435}st" : $1 },
      says: "'t\\u{435}st' (1, first in line 6) for 'test'", "write them alike"),
    Mistake(
      "a Cyrillic letter in a group", .told, yaml: [groups],
      data: Mistake.table(adding: "g") { $0 % 2 == 0 ? "n\u{43E}rth" : "north" },
      says: "'g' has one value in 2 spellings", "'n\\u{43E}rth' (12, first in line 3)"),
    Mistake(
      "a long dash in the filter's column", .stopped, yaml: [("{split: test}", "{band: 18-25}")],
      data: Mistake.table(adding: "band") { $0 == 5 ? "18\u{2013}25" : "18-25" },
      says: "'18–25' (1, first in line 6) for '18-25'"),
    Mistake(
      "dashes of a word processor in groups", .told, yaml: [groups],
      data: Mistake.table(adding: "g") { ["18-25", "18 \u{2013} 25", "26-30"][$0 % 3] },
      says: "'g' has one value in 2 spellings", "'18 – 25' (8, first in line 2)"),
    Mistake(
      "a typographic apostrophe in a label", .stopped,
      yaml: [(Mistake.labels, "{column: label, positive: \"can't say\", negative: decline}")],
      data: Mistake.table("label") { $0 == 1 ? "can’t say" : $1 == "approve" ? "can't say" : $1 },
      says: "'can’t say' (1 record, first in line 2; did you mean 'can't say'?)"),
    Mistake(
      "wide letters in the filter's column", .stopped, data: Mistake.table("split") { $0 == 5 ? "ｔｅｓｔ" : $1 },
      says: "'ｔｅｓｔ' (1, first in line 6) for 'test'"),
    Mistake(
      "values that a spreadsheet kept as text", .told, data: Mistake.table("job") { "\"=\"\"\($1)\"\"\"" },
      says: "a 'job' between =\" and \""),
    Mistake(
      "yes, true and 1 as groups", .told, yaml: [groups],
      data: Mistake.table(adding: "g") { ["yes", "no", "true", "0"][$0 % 4] }, says: "'g' has one value in 2 spellings",
      "'true' (6, first in line 3), 'yes' (6, first in line 5)"),
    Mistake(
      "a code for nothing as label", .told,
      yaml: [(Mistake.labels, "{column: label, positive: approve, negative: '-999'}")],
      data: Mistake.table("label") { $1 == "approve" ? $1 : "-999" }, says: "line 17",
      "the label '-999' is declared as negative", "under 'ignore'"),
    Mistake(
      "a code for nothing as the only other label", .stopped,
      yaml: [(Mistake.labels, "{column: label, positive: approve}")],
      data: Mistake.table("label") { $1 == "approve" ? $1 : "99" }, says: "'99' (12 records", "ignore: [\"99\"]"),
    Mistake(
      "the end mark of old programs", .stopped, data: Mistake.table() + "\u{1A}",
      says: "data/loans.csv line 26 holds nothing but the end mark of old programs (U+1A)", "delete it"),
    Mistake(
      "a code for what is not known as a group", .told, yaml: [groups],
      data: Mistake.table(adding: "g") { ["north", "south", "-999"][$0 % 3] },
      says: "'g' has '-999' (8) beside words, first in line 3"),
    Mistake(
      "dates in two orders as groups", .told, yaml: [groups],
      data: Mistake.table(adding: "g") { ["2024-01-02", "02.01.2024"][$0 % 2] },
      says: "the dates of 'g' are written in 2 ways", "'02.01.2024' (line 2)"),
    Mistake(
      "values in quotation marks of Python", .told, data: Mistake.table("job") { "['\($1)']" },
      says: "24 of the 24 records in use have a 'job' between [' and ']", "line 2"),
    Mistake(
      "values as bytes of Python", .told, data: Mistake.table("job") { "b'\($1)'" }, says: "between b' and '"),
    Mistake(
      "a letter as a code of JSON", .told, data: Mistake.table("job") { $0 == 7 ? "m\\u00e4nager" : $1 },
      says: "'\\u00e4' in 'job' (a code of JSON", "line 8"),
    Mistake(
      "a line end as two characters", .told, data: Mistake.table("job") { "\($1)\\n" },
      says: "24 of the 24 records in use have '\\n' in 'job'"),
    Mistake(
      "a blank as a code of addresses", .told, data: Mistake.table("job") { $0 == 7 ? "team%20lead" : $1 },
      says: "'%20' in 'job' (a code of web addresses)", "line 8"),
    Mistake(
      "texts that a database cut", .told,
      data: Mistake.table("job") { $0 % 2 == 0 ? String(String(repeating: "long \($0) ", count: 99).prefix(255)) : $1 },
      says: "12 of the 24 records in use have a 'job' of exactly 255 characters", "line 3"),
    Mistake(
      "a record commented out", .told, data: Mistake.table("id") { $0 == 3 ? "#3" : $1 },
      says: "1 of the 24 records in use has a '#' at the beginning of the line", "line 4"),
    Mistake(
      "the label under another name in the prompt", .told,
      data: Mistake.table("job") { record, _ in ((record - 1) / 2) % 2 == 0 ? "Approve" : "Decline" },
      says: "'job' equals the label column 'label' in 24 of the 24 records", "take '{job}' out"),
    Mistake(
      "a letter wrong in a category", .told,
      data: Mistake.table("job") { record, _ in record == 9 ? "skiled" : "skilled" },
      says: "1 of the 24 records in use has 'skiled' as 'job', first in line 10", "where 23 have 'skilled'"),
  ]

  private static let damagedTexts = [
    ("UTF-8 read as Windows-1252", "m\u{C3}\u{A4}nager", "'Ã¤' in 'job' ('ä' in UTF-8"),
    ("an apostrophe read as Windows-1252", "driver\u{E2}\u{20AC}\u{2122}s mate", "'â€™' in 'job' ('’' in UTF-8"),
    ("a capital letter read as Windows-1252", "\u{C3}\u{2013}konom", "'Ã–' in 'job' ('Ö' in UTF-8"),
    ("Greek read as Windows-1252", "Î±Î²Î³", "'Î±' in 'job' ('α' in UTF-8"),
    ("a letter lost", "b\u{FFFD}ro", "U+FFFD in 'job' (programs write it"),
    ("a code of web pages", "R&amp;D", "'&amp;' in 'job' (a code of web pages)"),
    ("an apostrophe of web pages", "driver&#39;s mate", "'&#39;' in 'job'"),
  ]

  static let damages = damagedTexts.map { what, value, part in
    Mistake(
      what, .told, data: Mistake.table("job") { $0 == 7 ? value : $1 },
      says: "1 of the 24 records in use has \(part)", "line 8 of data/loans.csv")
  }

  private static let nothings = [
    "na", "-", "missing", "Infinity", "-inf", "1.#IND", "#N/A", "#DIV/0!", "#REF!", "########", "NULL", "\\N", "n.a.",
    "(blank)",
  ]

  static let missing = nothings.map { value in
    Mistake(
      "'\(value)' for nothing", .told, data: Mistake.table("job") { $0 == 7 ? value : $1 },
      says: "1 of the 24 records in use has no 'job' but '\(value)'", "line 8 of data/loans.csv")
  }

  static let beginnings = [
    Mistake(
      "damage in the template", .told, yaml: [("Decision:\"", "Entscheidung f\u{C3}\u{BC}r ihn:\"")], says: "line 8",
      "the template holds 'Ã¼' ('ü' in UTF-8"),
    Mistake(
      "tokens before the evaluation's prompts only", .told,
      yaml: [("evaluation:\n", "evaluation:\n  prepend: [\"<s>\"]\n")], says: "line 16",
      "the evaluation has 'prepend: [\"<s>\"]', and 'sex' has 'special_tokens: auto'", "under 'prompts'"),
    Mistake(
      "tokens before the behaviours' prompts only", .told,
      yaml: [("  - id: sex\n", "  - id: sex\n    special_tokens: false\n")],
      says: "the evaluation has 'special_tokens: auto', and 'sex' has 'special_tokens: false'"),
  ]
}
