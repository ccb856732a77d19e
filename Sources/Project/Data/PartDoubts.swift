/// Records of an evaluation that the model was probably trained on: marked so by a column, or equal to one that is.
struct PartDoubts {
  let table: DataTable
  /// The records in use.
  let records: [Int]
  let template: PromptTemplate
  /// What selected the records.
  let filter: RecordFilter

  /// All of them.
  var doubts: [String] {
    let columns = table.columns.compactMap { PartColumn($0, in: table) }
    return (columns.lazy.compactMap(marked).first.map { [$0] } ?? []) + [folds].compactMap { $0 }
      + (columns.lazy.compactMap(leaked).first.map { [$0] } ?? [])
  }

  /// Records in use that a column marks as those of training or validation.
  private func marked(_ column: PartColumn) -> String? {
    for (part, what, why) in [
      (DataPart.training, "training data", "a model is evaluated on records that it has not seen"),
      (.validation, "validation data", "a model that was chosen with them is not evaluated on them"),
    ] {
      let found = records.filter { column.part($0, in: table) == part }
      guard let first = found.first else { continue }
      let test = table.records.indices.first { column.part($0, in: table) == .test }
      let value = VisibleText.quoted(table.value(first, column.name) ?? "")
      let remedy =
        test.flatMap { table.value($0, column.name) }.map {
          "add e.g. 'where: {\(column.name): \(VisibleText.yaml([$0]).dropFirst().dropLast())}'"
        } ?? "take records that are marked as test data, or leave the column out if it says something else"
      return
        "\(found.count) of the \(records.count) records in use \(found.count == 1 ? "is" : "are") marked as \(what) (column '\(column.name)' of \(table.path) says "
        + "\(value), first in line \(table.lines[first])); \(why): \(remedy)"
    }
    return nil
  }

  /// A column that numbers parts, of which nobody but the user knows which the model has seen.
  private var folds: String? {
    for column in table.columns where !Set(["fold", "folds"]).isDisjoint(with: DataPart.words(column)) {
      let values = Set(records.compactMap { table.value($0, column).map(ExactText.init) })
      guard (2...20).contains(values.count), values.allSatisfy({ Int($0.text) != nil }),
        !filter.conditions.contains(where: { $0.column == column })
      else { continue }
      return
        "the \(records.count) records in use are of \(values.count) parts (column '\(column)' of \(table.path)); if the model was "
        + "trained on some of them, name the others with 'where: {\(column): …}'"
    }
    return nil
  }

  /// Records in use that equal one of training in all but the column that says so.
  private func leaked(_ column: PartColumn) -> String? {
    let training = table.records.indices.filter { column.part($0, in: table) == .training }
    guard !training.isEmpty else { return nil }
    let skipped = table.bookkeeping(but: template.fields).union([column.name])
    let compared = table.columns.filter { !skipped.contains($0) }
    guard template.fields.contains(where: compared.contains) else { return nil }
    var places: [ExactText: Int] = [:]
    for record in training.reversed() { places[table.key(record, compared)] = record }
    // Where records of few columns are equal anyway, nothing can be said.
    guard places.count * 2 >= training.count else { return nil }
    let found = records.filter { column.part($0, in: table) != .training && places[table.key($0, compared)] != nil }
    // As many as chance makes, judged by how often records of training equal one another.
    let repeats = training.count - places.count
    guard found.count > 2, repeats == 0 || found.count * 50 >= records.count,
      found.count * training.count > 6 * repeats * records.count
    else { return nil }
    guard let first = found.first, let twin = places[table.key(first, compared)] else { return nil }
    let but = table.list(skipped)
    return
      "\(found.count) of the \(records.count) records in use equal one that is marked as training data in every column but \(but), "
      + "first those in lines \(table.lines[first]) and \(table.lines[twin]) of \(table.path): the model has seen the answer; take them "
      + "out of the records in use"
  }
}

extension DataTable {
  /// Columns that number or name records and say nothing about them: where records are compared, they would hide that two are equal.
  /// - Parameter fields: columns that the model reads, which are none of these.
  func bookkeeping(but fields: [String]) -> Set<String> {
    Set(
      columns.filter { column in
        guard !fields.contains(column) else { return false }
        let values = records.indices.lazy.map { value($0, column) ?? "" }
        if Identifier.isNamed(column, values) { return Set(values).count * 2 >= values.count }
        guard let first = values.first.flatMap({ Int($0) }), first <= 1, values.count > 1 else { return false }
        return values.enumerated().allSatisfy { Int($1) == first + $0 }
      })
  }

  /// Some columns by name, in the table's order: `'id' and 'split'`.
  func list(_ some: Set<String>) -> String {
    columns.filter(some.contains).map { "'\($0)'" }.joined(separator: " and ")
  }

  /// What some columns of a record hold, as one text.
  func key(_ record: Int, _ columns: [String]) -> ExactText {
    ExactText(columns.map { value(record, $0) ?? "" }.joined(separator: "\u{0}"))
  }
}
