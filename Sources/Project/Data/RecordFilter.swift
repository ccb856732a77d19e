/// Which records of a data file are meant: those that have one of the given values in each of the given columns.
struct RecordFilter: Equatable {
  /// One column with the values that are let through.
  struct Condition: Equatable {
    var column: String
    var values: [String]
    /// Where the project file has it.
    var line: Int
  }

  /// All must hold; none lets every record through.
  var conditions: [Condition] = []

  /// The records that pass, as indices into `records`, in the order of the file.
  /// - Precondition: every column is in the table.
  func records(of table: DataTable) -> [Int] {
    table.records.indices.filter { record in
      conditions.allSatisfy { condition in
        guard let value = table.value(record, condition.column) else {
          preconditionFailure("no column \(condition.column)")
        }
        return condition.lets(value)
      }
    }
  }

  /// Values that a condition leaves out although they are probably spellings of one that it lets through.
  struct Respelling: Equatable {
    var condition: Condition
    /// What is left out, how often and where first, and what it is a spelling of.
    var values: [(occurrence: LabelRule.Occurrence, wanted: String)]
    /// Whether they differ only in capital letters, blanks or what nobody sees.
    var isSure: Bool

    static func == (left: Respelling, right: Respelling) -> Bool {
      left.condition == right.condition && left.isSure == right.isSure
        && left.values.elementsEqual(right.values) { $0.occurrence == $1.occurrence && $0.wanted == $1.wanted }
    }
  }

  /// The records that are left out only because of how their values are spelt, by condition.
  /// - Precondition: every column is in the table.
  func respellings(in table: DataTable) -> [Respelling] {
    let all = Array(table.records.indices)
    let wanted = conditions.map { condition -> [ExactText: (value: String, isSure: Bool)] in
      let occurrences = LabelRule.occurrences(of: condition.column, in: table, records: all)
      let pairs = occurrences.compactMap { occurrence in
        condition.wanted(occurrence, among: occurrences).map { (ExactText(occurrence.value), $0) }
      }
      return Dictionary(pairs) { first, _ in first }
    }
    guard wanted.contains(where: { !$0.isEmpty }) else { return [] }
    let left = all.filter { record in
      var isLeftOut = false
      for (condition, near) in zip(conditions, wanted) {
        let value = table.value(record, condition.column) ?? ""
        if condition.lets(value) { continue }
        if near[ExactText(value)] == nil { return false }
        isLeftOut = true
      }
      return isLeftOut
    }
    return zip(conditions, wanted).flatMap { condition, near in
      let values = LabelRule.occurrences(of: condition.column, in: table, records: left)
        .compactMap { occurrence in near[ExactText(occurrence.value)].map { (occurrence, $0) } }
      return [true, false].compactMap { isSure in
        let found = values.filter { $0.1.isSure == isSure }.map { (occurrence: $0.0, wanted: $0.1.value) }
        return found.isEmpty ? nil : Respelling(condition: condition, values: found, isSure: isSure)
      }
    }
  }

  /// ` where split = test and sex = male or female`, or nothing without conditions.
  var description: String {
    guard !conditions.isEmpty else { return "" }
    return " where "
      + conditions.map { "\($0.column) = \($0.values.joined(separator: " or "))" }.joined(separator: " and ")
  }
}

extension RecordFilter.Condition {
  /// Whether a value is one of those that are let through, byte by byte.
  func lets(_ value: String) -> Bool { values.contains { $0.utf8.elementsEqual(value.utf8) } }

  /// The value that is let through and that another, which is not, is probably a spelling of; and whether it surely is.
  fileprivate func wanted(
    _ occurrence: LabelRule.Occurrence, among occurrences: [LabelRule.Occurrence]
  ) -> (value: String, isSure: Bool)? {
    let value = occurrence.value
    guard !lets(value) else { return nil }
    // A wanted value that never occurs is told as such.
    let known = values.filter { wanted in occurrences.contains { ExactText($0.value) == ExactText(wanted) } }
    let spelling = VisibleText.spelling(value)
    if let same = known.first(where: { VisibleText.spelling($0) == spelling }) { return (same, true) }
    let (number, part) = (ValueDoubts.number(value), DataPart(value))
    let probable = known.first { wanted in
      number != nil && ValueDoubts.number(wanted) == number
        || part != nil && DataPart(wanted) == part
        || occurrences.contains { ExactText($0.value) == ExactText(wanted) && occurrence.isSlip(of: $0) }
    }
    return probable.map { ($0, false) }
  }
}

extension RecordFilter.Respelling {
  /// What is left out, where, and how often.
  func text(_ table: DataTable) -> String {
    let count = values.reduce(0) { $0 + $1.occurrence.count }
    let shown = values.prefix(6).map { occurrence, wanted in
      "\(VisibleText.quoted(occurrence.value, among: [wanted])) (\(occurrence.count), first in line "
        + "\(table.lines[occurrence.first])) for \(VisibleText.quoted(wanted, among: [occurrence.value]))"
    }
    let rest = values.count > 6 ? " and \(values.count - 6) more" : ""
    let verb = isSure ? "differs only in spelling from" : "may be another writing of"
    return
      "'where' leaves out \(count) \(count == 1 ? "record" : "records") of \(table.path) whose '\(condition.column)' \(verb) a value "
      + "that it names: \(shown.joined(separator: ", "))\(rest)"
  }

  /// What to do.
  var remedy: String {
    let all = condition.values + values.map(\.occurrence.value)
    // Two texts that look alike cannot be told apart in a list either.
    guard Set(all).count == Set(all.map(ExactText.init)).count else {
      return "write them alike in the file (with Python: `unicodedata.normalize('NFC', text)`)"
    }
    guard Set(all.map(VisibleText.latin)).count == all.count else { return "write them alike in the file" }
    return "write them alike in the file, or name every spelling: '\(condition.column): \(VisibleText.yaml(all))'"
  }
}
