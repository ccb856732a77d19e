/// What is possible but probably a slip in the groups that an evaluation is divided by.
struct GroupDoubts {
  let table: DataTable
  /// The labelled records.
  let records: [Int]
  /// The label column.
  let label: String

  /// Fewer records than groups times this are too few to say anything about most groups.
  private static let usualSize = 2
  /// More groups than anybody compares.
  private static let mostGroups = 50

  /// All of them.
  func doubts(_ groupings: [String]) -> [String] {
    let values = ValueDoubts(table: table, records: records)
    return groupings.flatMap { name in
      let column = values.column(name)
      return [count(column), unknown(column), values.damaged(column)].compactMap { $0 } + values.spellings(column)
    }
  }

  private func count(_ column: ValueDoubts.Column) -> String? {
    guard column.name != label else {
      return
        "'groups' names the label column '\(column.name)': every group then has one label, and nothing is compared between "
        + "persons; name columns that describe persons"
    }
    let count = column.values.count
    guard count > 1 else {
      return
        "all \(records.count) records have the same '\(column.name)', \(VisibleText.quoted(column.values.first?.value ?? "")): there "
        + "are no groups to compare; correct 'groups', or 'where'"
    }
    guard count > Self.mostGroups || records.count >= 10 && count * Self.usualSize >= records.count else { return nil }
    return
      "'\(column.name)' has \(count) values among \(records.count) records, so that hardly a group has two: it is an "
      + "identifier or a number; name a column with a few values, e.g. age bands for ages"
  }

  /// Records without a value, and in how many ways that is written.
  private func unknown(_ column: ValueDoubts.Column) -> String? {
    let missing = column.values.filter { ValueDoubts.isMissing($0.value) }
    guard let first = missing.first else { return nil }
    let total = missing.reduce(0) { $0 + $1.count }
    let list = missing.map { "\($0.count) '\(ProjectReading.groupName($0.value))'" }.joined(separator: ", ")
    let advice =
      missing.count > 1
      ? "each way of writing it is a group of its own: write them alike"
      : "they are a group of their own; leave them out with 'where', or fill the column"
    return
      "\(total) of \(records.count) records have no '\(column.name)': \(list), first in line \(table.lines[first.first]) of "
      + "\(table.path); \(advice)"
  }
}
