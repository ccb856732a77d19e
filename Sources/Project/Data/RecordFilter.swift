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
        return condition.values.contains(value)
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
