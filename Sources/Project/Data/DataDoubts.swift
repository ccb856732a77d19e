/// What is possible but probably a slip in the records that an evaluation or a behaviour uses: each a sentence with the file, the
/// column and the lines.
struct DataDoubts {
  let table: DataTable
  /// The records in use.
  let records: [Int]
  /// What selected them.
  let filter: RecordFilter
  let template: PromptTemplate

  /// All of them, for labelled records.
  func evaluation(label: String) -> [String] {
    [trainingRecords, repeatedIdentifiers, repeatedRecords, contradictions(label)].compactMap { $0 } + floats
  }

  /// Columns that say what a record is for.
  private static let partitions = ["split", "set", "subset", "partition", "fold", "usage", "phase"]
  private static let trainingNames = ["train", "training", "tr", "fit", "dev-train"]

  /// Records that the model was trained on, if a column says so and no condition leaves them out.
  private var trainingRecords: String? {
    for column in table.columns where Self.partitions.contains(column.lowercased()) {
      let count = records.count { Self.trainingNames.contains((table.value($0, column) ?? "").lowercased()) }
      guard count > 0 else { continue }
      return
        "\(count) of the \(records.count) records in use are marked as training data (column '\(column)' of \(table.path)); a "
        + "model is evaluated on records that it has not seen: add e.g. 'where: {\(column): test}'"
    }
    return nil
  }

  /// Values that occur twice in a column that is named as an identifier.
  private var repeatedIdentifiers: String? {
    for column in table.columns where Self.isIdentifier(column) {
      let found = repeats { table.value($0, column).map(ExactText.init) }
      guard found.count > 0, let first = found.first else { continue }
      return
        "\(found.count) records have an '\(column)' that another record in use has already, first "
        + "'\(table.value(first.again, column) ?? "")' in lines \(table.lines[first.before]) and "
        + "\(table.lines[first.again]) of \(table.path); each counts as a record of its own"
    }
    return nil
  }

  private static func isIdentifier(_ column: String) -> Bool {
    let name = column.lowercased()
    return ["id", "uuid", "guid", "identifier", "record"].contains(name) || name.hasSuffix("_id")
      || name.hasSuffix(" id")
      || name.hasSuffix("-id") || (column.hasSuffix("Id") || column.hasSuffix("ID"))
  }

  /// Records that equal another in every column.
  private var repeatedRecords: String? {
    let found = repeats { ExactText(table.records[$0].joined(separator: "\u{0}")) }
    guard found.count > 0, let first = found.first else { return nil }
    return
      "\(found.count) records equal an earlier one in every column, first those in lines \(table.lines[first.before]) and "
      + "\(table.lines[first.again]) of \(table.path); each counts as a record of its own"
  }

  /// The same prompt with different labels: no model can be right about both.
  private func contradictions(_ label: String) -> String? {
    var labels: [ExactText: (label: ExactText, record: Int)] = [:]
    var found: (count: Int, before: Int, again: Int)?
    for record in records {
      let value = ExactText(table.value(record, label) ?? "")
      let prompt = ExactText(template.prompt(table, record: record))
      guard let before = labels[prompt] else {
        labels[prompt] = (value, record)
        continue
      }
      if before.label != value {
        found = ((found?.count ?? 0) + 1, found?.before ?? before.record, found?.again ?? record)
      }
    }
    return found.map {
      "\($0.count) records have the same prompt as an earlier one and another label, first those in lines "
        + "\(table.lines[$0.before]) and \(table.lines[$0.again]) of \(table.path); no model can be right about both"
    }
  }

  /// Whole numbers written with `.0`, which pandas makes of a column with empty cells: the model reads other tokens.
  private var floats: [String] {
    template.fields.compactMap { column in
      var example: String?
      for record in records {
        guard let value = table.value(record, column) else { return nil }
        if value.isEmpty { continue }
        guard Self.isWholeWithPoint(value) else { return nil }
        example = example ?? value
      }
      return example.map {
        "every '\(column)' in use is a whole number written as '\($0)' (column of \(table.path)), as pandas writes columns with "
          + "empty cells; if the model was trained on '\($0.dropLast(2))', write the column as whole numbers "
          + "(`.astype('Int64')`)"
      }
    }
  }

  private static func isWholeWithPoint(_ value: String) -> Bool {
    guard value.hasSuffix(".0"), value.utf8.count > 2 else { return false }
    let digits = value.utf8.dropLast(2)
    let body = digits.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
    return !body.isEmpty && body.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Records whose key another had before, and the first such pair.
  private func repeats(_ key: (Int) -> ExactText?) -> (count: Int, first: (before: Int, again: Int)?) {
    var places: [ExactText: Int] = [:]
    var count = 0
    var first: (before: Int, again: Int)?
    for record in records {
      guard let value = key(record) else { continue }
      if let before = places[value] {
        count += 1
        if first == nil { first = (before, record) }
      } else {
        places[value] = record
      }
    }
    return (count, first)
  }
}
