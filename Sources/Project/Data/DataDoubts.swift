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
  /// - Parameter isPositive: by record, what its label is taken for, however it is written.
  func evaluation(label: String, isPositive: (Int) -> Bool) -> [String] {
    PartDoubts(table: table, records: records, template: template, filter: filter).doubts
      + [repeatedIdentifiers, repeatedRecords, contradictions(isPositive), answer(label)].compactMap { $0 } + floats
  }

  /// Values that occur twice in a column that tells records apart.
  private var repeatedIdentifiers: String? {
    for column in table.columns {
      let isNamed = Identifier.isNamed(column, records.lazy.map { table.value($0, column) ?? "" })
      guard isNamed || !template.fields.contains(column) else { continue }
      let found = repeats { table.value($0, column).map(ExactText.init) }
      guard found.count > 0, let first = found.first else { continue }
      let distinct = records.count - found.count
      // A column of few values names something else, as a branch.
      let isSingle =
        DataPart.words(column).count == 1 && Identifier.isSurelyNamed(column)
        || isNamed && distinct * 2 >= records.count
        || distinct * 10 >= records.count * 9
          && records.allSatisfy { Identifier.isCode(table.value($0, column) ?? "") }
      guard isSingle else { continue }
      return
        "\(found.count) \(found.count == 1 ? "record has" : "records have") the '\(column)' of another record in use, first "
        + "\(VisibleText.quoted(table.value(first.again, column) ?? "")) in lines \(table.lines[first.before]) and "
        + "\(table.lines[first.again]) of \(table.path); each counts as a record of its own"
    }
    return nil
  }

  /// Records that equal another in every column but those that number them.
  private var repeatedRecords: String? {
    let skipped = table.bookkeeping(but: template.fields)
    let compared = table.columns.filter { !skipped.contains($0) }
    let found = repeats { table.key($0, compared) }
    guard found.count > 0, let first = found.first else { return nil }
    let but = table.list(skipped)
    return
      "\(found.count) \(found.count == 1 ? "record equals" : "records equal") an earlier one in every column\(but.isEmpty ? "" : " but \(but)"), first those in lines "
      + "\(table.lines[first.before]) and \(table.lines[first.again]) of \(table.path); each counts as a record of its own"
  }

  /// The same prompt with different labels: no model can be right about both.
  private func contradictions(_ isPositive: (Int) -> Bool) -> String? {
    var labels: [ExactText: (label: Bool, record: Int)] = [:]
    var found: (count: Int, before: Int, again: Int)?
    for record in records {
      let value = isPositive(record)
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
      "\($0.count) \($0.count == 1 ? "record has" : "records have") the same prompt as an earlier one and another label, first those in lines "
        + "\(table.lines[$0.before]) and \(table.lines[$0.again]) of \(table.path); no model can be right about both"
    }
  }

  /// A column of the prompt that says what the label says.
  private func answer(_ label: String) -> String? {
    for field in template.fields where field != label {
      func says(_ record: Int) -> Bool {
        VisibleText.spelling(table.value(record, field) ?? "") == VisibleText.spelling(table.value(record, label) ?? "")
      }
      guard records.prefix(20).count(where: says) * 2 >= min(20, records.count) else { continue }
      let same = records.count(where: says)
      guard same * 10 >= records.count * 9 else { continue }
      return
        "'\(field)' equals the label column '\(label)' in \(same) of the \(records.count) records in use (\(table.path)): the prompt tells "
        + "the model the right answer; take '{\(field)}' out of the template"
    }
    return nil
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
