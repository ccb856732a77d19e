import Foundation
import Testing

@testable import Project

/// Mistakes of careless engineers: each is stopped or told, with the file, key or row, and the remedy.
@Suite("Mistakes are stopped or told")
struct MistakeTests {
  @Test("Without a mistake nothing is told but that model and statements are not there yet")
  func none() throws {
    let texts = try Mistake("none", .told).messages().texts
    #expect(texts.allSatisfy { ["models", "documentation", "next"].contains($0.prefix { $0 != ":" }) }, "\(texts)")
  }

  @Test("In labels", arguments: labels)
  func label(mistake: Mistake) throws { try check(mistake) }

  @Test("In the file's form", arguments: files)
  func file(mistake: Mistake) throws { try check(mistake) }

  @Test("In values", arguments: values)
  func value(mistake: Mistake) throws { try check(mistake) }

  @Test("In templates and answers", arguments: prompts)
  func prompt(mistake: Mistake) throws { try check(mistake) }

  @Test("In groups, filters and thresholds", arguments: evaluations)
  func evaluation(mistake: Mistake) throws { try check(mistake) }

  @Test("In behaviours, versions and paths", arguments: projects)
  func project(mistake: Mistake) throws { try check(mistake) }

  @Test("In filters", arguments: filters)
  func filter(mistake: Mistake) throws { try check(mistake) }

  @Test("In ways of writing a label", arguments: labelWritings)
  func labelWriting(mistake: Mistake) throws { try check(mistake) }

  @Test("In what records are for, and records twice", arguments: marked + parts)
  func part(mistake: Mistake) throws { try check(mistake) }

  @Test("In ways of writing a group", arguments: groupWritings)
  func groupWriting(mistake: Mistake) throws { try check(mistake) }

  @Test("In texts on their way", arguments: damages + missing + beginnings)
  func damage(mistake: Mistake) throws { try check(mistake) }

  @Test("In haste", arguments: careless)
  func carelessness(mistake: Mistake) throws { try check(mistake) }

  private func check(_ mistake: Mistake) throws {
    let (isStopped, texts) = try mistake.messages()
    #expect(isStopped == (mistake.outcome == .stopped), "\(texts)")
    #expect(
      texts.contains { text in mistake.parts.allSatisfy(text.contains) },
      "none of these says \(mistake.parts): \(texts)")
  }

  static let labels = [
    Mistake(
      "pandas wrote 1.0 and 0.0 for 1 and 0", .stopped,
      yaml: [(Mistake.labels, "{column: label, positive: 1, negative: 0}")],
      data: Mistake.table("label") { $1 == "approve" ? "1.0" : "0.0" }, says: "the label '1' never occurs", "line 17",
      "did you mean '1.0'?"),
    Mistake(
      "TRUE for true", .stopped, yaml: [(Mistake.labels, "{column: label, positive: true, negative: false}")],
      data: Mistake.table("label") { $1 == "approve" ? "TRUE" : "FALSE" }, says: "'true' never occurs",
      "did you mean 'TRUE'?"),
    Mistake(
      "a blank after every label", .stopped, data: Mistake.table("label") { $1 + " " }, says: "'approve' never occurs",
      "did you mean 'approve '?"),
    Mistake(
      "a no-break space in one label", .stopped, data: Mistake.table("label") { $0 == 5 ? "approve\u{A0}" : $1 },
      says: "'approve\\u{A0}' (1 record, first in line 6; did you mean 'approve'?)"),
    Mistake(
      "a character without width in one label", .stopped,
      data: Mistake.table("label") { $0 == 5 ? "approve\u{200B}" : $1 },
      says: "'approve\\u{200B}' (1 record, first in line 6; did you mean 'approve'?)"),
    Mistake(
      "a column of scores", .stopped, yaml: [(Mistake.labels, "{column: label, positive: 1}")],
      data: Mistake.table("label") { record, _ in record == 1 ? "1" : "0.\(record + 10)" },
      says: "neither positive nor negative", "the column holds numbers, as scores are", "line 17"),
    Mistake(
      "a cell that a spreadsheet could not compute", .stopped, data: Mistake.table("label") { $0 == 2 ? "#REF!" : $1 },
      says: "'#REF!' (1 record, first in line 3)", "ignore"),
    Mistake(
      "labels exchanged", .told, yaml: [(Mistake.labels, "{column: label, positive: decline, negative: approve}")],
      says: "line 16", "the positive answer \" approve\" is the negative label 'approve' of column 'label'", "exchange"),
    Mistake(
      "dates in another order", .stopped,
      yaml: [(Mistake.labels, "{column: label, positive: 2024-01-02, negative: 2024-01-03}")],
      data: Mistake.table("label") { $1 == "approve" ? "02/01/2024" : "03/01/2024" },
      says: "'2024-01-02' never occurs", "the labels are: 02/01/2024, 03/01/2024"),
    Mistake(
      "YAML's yes for True", .stopped, yaml: [(Mistake.labels, "{column: label, positive: yes, negative: no}")],
      data: Mistake.table("label") { $1 == "approve" ? "True" : "False" }, says: "'yes' never occurs",
      "the labels are: True, False"),
    Mistake(
      "only one label left", .told, data: Mistake.table("label") { _, _ in "approve" },
      says: "'decline' never occurs in column 'label' of data/loans.csv", "line 17"),
  ]

  static let files = [
    Mistake(
      "a second byte-order mark in the header", .told, data: "\u{FEFF}\u{FEFF}" + Mistake.table(),
      says: "column 1 of data/loans.csv", "'\\u{FEFF}id'", "a byte-order mark", "line 1"),
    Mistake(
      "a blank before a column's name", .stopped,
      data: Mistake.table().replacingOccurrences(of: ",label,", with: ", label,"),
      says: "the label column 'label' is not a column", "did you mean ' label'?"),
    Mistake(
      "two columns that differ in a capital letter", .told, data: Mistake.table(adding: "Sex") { _ in "m" },
      says: "the columns 'sex' and 'Sex' of data/loans.csv", "line 1"),
    Mistake(
      "two columns of one name", .stopped, data: Mistake.table().replacingOccurrences(of: "age", with: "job"),
      says: "data/loans.csv line 1", "two columns are called 'job'", "rename"),
    Mistake(
      "the index of pandas", .stopped,
      data: Mistake.write(Mistake.rows.enumerated().map { [$0 == 0 ? "" : "\($0 - 1)"] + $1 }),
      says: "line 1: column 1 has no name", "pandas", "index=False"),
    Mistake(
      "no header", .stopped, data: Mistake.write(Array(Mistake.rows.dropFirst())), says: "'{sex}' is not a column",
      "line 1 seems to be a record", "above it"),
    Mistake(
      "a note for spreadsheets", .stopped, data: "sep=,\n" + Mistake.table(), says: "data/loans.csv line 1: 'sep=,'",
      "delete the line"),
    Mistake(
      "a title above the header", .stopped, data: "Loans of 2024,,,,,\n" + Mistake.table(),
      says: "line 1: 'Loans of 2024' stands alone", "delete what stands above"),
    Mistake(
      "a comment above the header", .stopped, data: "# exported\n" + Mistake.table(),
      says: "line 1: '# exported' stands alone", "6 fields"),
    Mistake(
      "a comma at every line's end", .stopped,
      data: Mistake.table().replacingOccurrences(of: "\n", with: ",\n"), says: "line 1: every line ends in a comma",
      "delete"),
    Mistake(
      "a comma at every record's end", .stopped,
      data: Mistake.write(Mistake.rows.enumerated().map { $0 == 0 ? $1 : $1 + [""] }),
      says: "line 2: every record ends in a comma"),
    Mistake(
      "a blank before quotation marks", .stopped,
      data: Mistake.rows.map { $0.map { "\"\($0)\"" }.joined(separator: ", ") }.joined(separator: "\n"),
      says: "data/loans.csv line 1", "a blank stands between a comma and a quotation mark", "skipinitialspace"),
    Mistake(
      "a sum below the table", .told,
      yaml: [("  where: {split: test}\n", ""), (", negative: decline}", ", negative: decline, ignore: [\"\"]}")],
      data: Mistake.table() + "Total,,,,,\n", says: "a value in one column only", "'Total' in line 26", "delete"),
    Mistake(
      "a JSON file over several lines", .stopped, data: "{\n  \"sex\": [\"male\"]\n}\n", says: "is JSON", "read_json"),
    Mistake(
      "a record with a cell too few", .stopped,
      data: Mistake.write(Mistake.rows.enumerated().map { $0 == 4 ? Array($1.dropLast()) : $1 }),
      says: "data/loans.csv line 5 has 5 fields where the header has 6"),
  ]

  static let values = [
    Mistake(
      "the cells of one record exchanged", .told,
      data: Mistake.table { record, column, value in
        record == 3 ? column == "sex" ? "manager" : column == "job" ? "male" : value : value
      }, says: "'sex' and 'job' exchanged", "line 4 of data/loans.csv", "correct"),
    Mistake(
      "a line break in a cell", .told, data: Mistake.table("job") { $0 == 2 ? "\"un\nskilled\"" : $1 },
      says: "a line break (U+A) in 'job'", "line 3", "take it out"),
    Mistake(
      "no-break spaces from a web page", .told, data: Mistake.table("job") { $0 == 2 ? "team\u{A0}lead" : $1 },
      says: "a no-break space (U+A0) in 'job'", "'team\\u{A0}lead'", "line 3"),
    Mistake(
      "nothing in a cell that the prompt needs", .told, data: Mistake.table("age") { $0 % 4 == 0 ? "" : $1 },
      says: "6 of the 24 records in use have no 'age' but ''", "line 5", "'where'"),
    Mistake(
      "nan from pandas", .told, data: Mistake.table("job") { $0 == 7 ? "nan" : $1 }, says: "no 'job' but 'nan'",
      "line 8"),
    Mistake(
      "#N/A from a spreadsheet", .told, data: Mistake.table("job") { $0 == 7 ? "#N/A" : $1 },
      says: "no 'job' but '#N/A'", "line 8"),
    Mistake(
      "thousands separated in some numbers", .told,
      data: Mistake.table("age") { $0 == 3 ? "\"1,200\"" : $1 }, says: "the numbers of 'age' are written in 2 ways",
      "'1,200' (a number with separated thousands) in line 4"),
    Mistake(
      "per cent in some numbers", .told, data: Mistake.table("age") { $0 == 3 ? "7 %" : $1 },
      says: "'7 %' (a percentage) in line 4"),
    Mistake(
      "an exponent from a spreadsheet", .told, data: Mistake.table("age") { $0 == 3 ? "1E+05" : $1 },
      says: "'1E+05' (a number with an exponent) in line 4"),
    Mistake(
      "a decimal comma", .told, data: Mistake.table("age") { $0 == 3 ? "\"24,5\"" : $1 },
      says: "'24,5' (a number with a decimal comma) in line 4"),
    Mistake(
      "32.0 beside 32", .told, data: Mistake.table("age") { $0 == 3 ? $1 + ".0" : $1 },
      says: "'24.0' (a whole number with '.0') in line 4"),
    Mistake(
      "ranges that became dates", .told,
      data: Mistake.table("age") { record, _ in record % 3 == 0 ? "10-May" : "11-20" },
      says: "'10-May' as 'age'", "line 4", "5-10"),
    Mistake(
      "one value in two spellings", .told, data: Mistake.table("job") { $0 == 1 ? "Skilled" : $1 },
      says: "'job' has one value in 2 spellings", "'Skilled' (1, first in line 2)", "write them alike"),
    Mistake(
      "one identifier twice", .told, data: Mistake.table("id") { $0 == 9 ? "3" : $1 },
      says: "1 record has the 'id' of another record", "'3' in lines 4 and 10 of data/loans.csv"),
  ]
}
