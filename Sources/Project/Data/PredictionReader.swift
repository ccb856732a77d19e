import Analysis
import Foundation
import Yams

/// Reads a file of predictions against the records that they are of: every identifier, score and label is understood, or the file
/// is refused with line and remedy.
struct PredictionReader {
  /// A row of the file that is about a record in use.
  struct Row {
    let id: String
    /// The record, as an index into the data.
    let record: Int
    /// The row, as an index into the file's records.
    let row: Int
  }

  let group: FileSection
  let table: DataTable
  let id: String
  let known: PredictedRecords

  private func fault(_ what: String, key: String, remedy: String) -> ProjectError {
    ProjectError(
      .badData, "\(what) ('evaluation › predictions' in \(group.file) line \(group.line(of: key))); \(remedy)")
  }

  func checkColumn(_ column: String, key: String) throws {
    guard !table.has(column) else { return }
    throw group.error(
      .unknownValue, "'\(key)'\(group.under) names '\(column)', which is not a column of \(table.path),",
      line: group.line(of: key), remedy: NearestName.hint(column, among: table.columns, kind: "columns"))
  }

  // MARK: Columns

  /// `score: column` or `score: {column, unit}`.
  func scoreColumn() throws -> (column: String, unit: ProviderPredictions.Unit)? {
    guard let entry = group.entry("score") else { return nil }
    guard case .mapping = entry.node else {
      let column = try group.requiredText("score", example: "'score: probability'")
      try checkColumn(column, key: "score")
      return (column, .probability)
    }
    let example = "'score: {column: score, unit: logit}'"
    guard let section = try group.section("score", allowed: ["column", "unit"]) else { return nil }
    let column = try section.requiredText("column", example: example)
    try checkColumn(column, key: "score")
    let names = ProviderPredictions.Unit.allCases.map(\.rawValue).joined(separator: ", ")
    let unit = try section.choice(
      "unit", { ProviderPredictions.Unit(rawValue: $0) }, expected: "one of \(names)", example: "probability")
    return (column, unit ?? .probability)
  }

  /// `label: column`, with what the evaluation's labels mean, or `label: {column, positive, negative, ignore}`.
  func labelColumn() throws -> LabelRule? {
    guard let entry = group.entry("label") else { return nil }
    let example = "'label: {column: decision, positive: \"1\", negative: \"0\"}'"
    guard case .mapping = entry.node else {
      var rule = known.rule
      rule.column = try group.requiredText("label", example: "'label: decision'")
      try checkColumn(rule.column, key: "label")
      return rule
    }
    guard let section = try group.section("label", allowed: ["column", "positive", "negative", "ignore"]) else {
      return nil
    }
    let column = try section.requiredText("column", example: example)
    try checkColumn(column, key: "label")
    let rule = LabelRule(
      column: column, positive: try section.texts("positive", example: example) ?? known.rule.positive,
      negative: try section.texts("negative", example: example) ?? known.rule.negative,
      ignored: try section.texts("ignore", example: example, allowingEmpty: true) ?? known.rule.ignored)
    var seen: Set<ExactText> = []
    for value in rule.positive + (rule.negative ?? []) + rule.ignored where !seen.insert(ExactText(value)).inserted {
      throw group.error(
        .duplicate, "the label '\(value)' of the predictions has two meanings", line: group.line(of: "label"),
        remedy: "let each value stand once, under 'positive', 'negative' or 'ignore'")
    }
    return rule
  }

  // MARK: Identifiers

  /// The rows about records in use, in the order of the file, and how many are about others.
  func rows() throws -> (used: [Row], unused: Int) {
    guard known.table.has(id) else {
      throw group.error(
        .unknownValue,
        "'id'\(group.under) names '\(id)', which is not a column of the data (\(known.table.path)),",
        line: group.line(of: "id"),
        remedy: "the column that tells records apart must stand under one name in both files; "
          + NearestName.hint(id, among: known.table.columns, kind: "columns of the data"))
    }
    let used = try usedRecords()
    let all = Set(known.table.records.indices.map { ExactText(known.table.value($0, id) ?? "") })
    var first: [ExactText: Int] = [:]
    var rows: [Row] = []
    var unused = 0
    var strange: [Int] = []
    for row in table.records.indices {
      let text = table.value(row, id) ?? ""
      guard !text.allSatisfy(\.isWhitespace) else {
        throw fault(
          "\(table.path) line \(table.lines[row]) has no '\(id)'", key: "id",
          remedy: "give every row the identifier of its record")
      }
      if let before = first.updateValue(row, forKey: ExactText(text)) {
        throw fault(
          "\(table.path) has '\(id)' '\(text)' twice, in lines \(table.lines[before]) and \(table.lines[row])",
          key: "id",
          remedy: "keep one row for each record")
      }
      if let record = used[ExactText(text)] {
        rows.append(Row(id: text, record: record, row: row))
      } else if all.contains(ExactText(text)) {
        unused += 1
      } else {
        strange.append(row)
      }
    }
    guard strange.isEmpty else { throw unknownRecords(strange, all) }
    guard !rows.isEmpty else {
      throw fault(
        "none of the \(unused) rows of \(table.path) is about a record that the evaluation uses", key: "file",
        remedy: "correct the file, or 'where'")
    }
    return (rows, unused)
  }

  /// The records in use by identifier.
  private func usedRecords() throws -> [ExactText: Int] {
    var used: [ExactText: Int] = [:]
    for record in known.records {
      let text = known.table.value(record, id) ?? ""
      guard !text.allSatisfy(\.isWhitespace) else {
        throw fault(
          "\(known.table.path) line \(known.table.lines[record]) has no '\(id)', so no prediction can be of that record",
          key: "id", remedy: "give every record in use an identifier")
      }
      if let before = used.updateValue(record, forKey: ExactText(text)) {
        throw fault(
          "\(known.table.path) has '\(id)' '\(text)' twice, in lines \(known.table.lines[before]) and \(known.table.lines[record])",
          key: "id", remedy: "name a column that tells the records in use apart")
      }
    }
    return used
  }

  private func unknownRecords(_ rows: [Int], _ all: Set<ExactText>) -> ProjectError {
    let shown = rows.prefix(5).map { row in
      let text = table.value(row, id) ?? ""
      let near = Self.respelt(text).first { all.contains(ExactText($0)) }
      return "'\(ProjectReading.shown(text))' in line \(table.lines[row])"
        + (near.map { " (the data have '\($0)')" } ?? "")
    }
    let rest = rows.count > 5 ? " and \(rows.count - 5) more" : ""
    let isFloat = rows.contains { (table.value($0, id) ?? "").hasSuffix(".0") }
    return fault(
      "\(rows.count) of the \(table.records.count) rows of \(table.path) have an '\(id)' that no record of \(known.table.path) has: "
        + shown.joined(separator: ", ") + rest, key: "id",
      remedy: isFloat
        ? "write identifiers as they stand in the data: pandas makes 12.0 of 12 where a cell is empty (`read_csv(…, dtype=str)` keeps them)"
        : "write identifiers as they stand in the data, and leave rows of other records out")
  }

  /// How an identifier is often misspelt.
  private static func respelt(_ text: String) -> [String] {
    var candidates = [text.trimmingCharacters(in: .whitespaces)]
    if text.hasSuffix(".0") { candidates.append(String(text.dropLast(2))) }
    candidates.append(text + ".0")
    candidates.append(String(text.drop { $0 == "0" }))
    candidates += (1...6).map { String(repeating: "0", count: $0) + text }
    candidates += [text.lowercased(), text.uppercased()]
    return candidates.filter { $0 != text && !$0.isEmpty }
  }

  // MARK: Scores and decisions

  /// The scores of some rows.
  func scores(_ column: String, unit: ProviderPredictions.Unit, rows: [Row]) throws -> [Double] {
    let scores = try rows.map { try number($0, column) }
    guard unit != .logit else { return scores }
    let outside = scores.indices.filter { !(0...1).contains(scores[$0]) }
    guard let first = outside.first else { return scores }
    let isPercent = scores.allSatisfy { (0...100).contains($0) }
    let isLog = scores.allSatisfy { $0 <= 0 }
    let remedy =
      isPercent
      ? "if they are per cent, divide them by 100; if they are logits, write 'score: {column: \(column), unit: logit}'"
      : isLog
        ? "if they are logarithms of probabilities, write the probabilities; if they are logits, write 'score: {column: \(column), unit: logit}'"
        : "if they are logits (of the positive answers, less that of the negative ones), write 'score: {column: \(column), unit: logit}'"
    throw fault(
      "\(outside.count) of the \(scores.count) scores in column '\(column)' of \(table.path) are no probabilities from 0 to 1, first "
        + "\(table.value(rows[first].row, column) ?? "") in line \(table.lines[rows[first].row])", key: "score",
      remedy: remedy)
  }

  private func number(_ row: Row, _ column: String) throws -> Double {
    let text = (table.value(row.row, column) ?? "").trimmingCharacters(in: .whitespaces)
    let isPlain = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    if isPlain, let value = Double(text), value.isFinite { return value }
    let remedy: String
    if isPlain && !text.isEmpty && Double(text) != nil
      || ["inf", "-inf", "+inf", "infinity", "-infinity"].contains(text.lowercased())
    {
      remedy = "no model gives an infinite score: look for an overflow in the serving system"
    } else if text.isEmpty || LabelRule.isMissing(text) {
      remedy = "leave the rows of records without an answer out: they are counted as missing"
    } else if text.hasSuffix("%") {
      remedy = "write shares from 0 to 1"
    } else if text.contains(","), Double(text.replacing(",", with: ".")) != nil {
      remedy = "write a point and no comma before the decimals"
    } else {
      remedy = "name a column of numbers; the column of decisions stands under 'label'"
    }
    throw fault(
      "\(table.path) line \(table.lines[row.row]): the score '\(ProjectReading.shown(text))' in column '\(column)' is not a number",
      key: "score", remedy: remedy)
  }

  /// Whether each row's decision is positive; nil where its label is one that is left out.
  func decisions(_ rule: LabelRule, rows: [Row]) throws -> [Bool?] {
    let occurrences = LabelRule.occurrences(of: rule.column, in: table, records: rows.map(\.row))
    switch rule.read(occurrences) {
    case .undeclared(let values):
      let shown = values.prefix(12).map { value in
        let near = value.near.map { "; did you mean \(VisibleText.quoted($0.value))?" } ?? ""
        return
          "'\(ProjectReading.shown(value.occurrence.value))' (\(value.occurrence.count)×, first in line \(table.lines[value.occurrence.first])\(near))"
      }
      let rest = values.count > 12 ? " and \(values.count - 12) more" : ""
      throw fault(
        "the decisions in column '\(rule.column)' of \(table.path) have values that are neither positive nor negative: "
          + shown.joined(separator: ", ") + rest, key: "label",
        remedy: rule.remedy(values, among: occurrences))
    case .settled(let sides, _):
      return rows.map { row in
        switch sides[ExactText(table.value(row.row, rule.column) ?? "")] {
        case .positive: true
        case .negative: false
        default: nil
        }
      }
    }
  }
}
