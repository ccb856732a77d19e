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
  /// More numbers are ages or amounts.
  private static let mostNumbers = 12

  /// All of them.
  func doubts(_ groupings: [String]) -> [String] {
    let values = ValueDoubts(table: table, records: records)
    return groupings.flatMap { name in
      let column = values.column(name)
      var known = column
      known.values.removeAll { ValueDoubts.isMissing($0.value) }
      let doubts = [
        count(column) ?? numbers(known), unknown(column), values.damaged(column), abbreviations(known), codes(known),
        values.dates(known), values.slips(known),
      ]
      return doubts.compactMap { $0 } + values.misread(column) + values.spellings(known, alikeIn: key(known))
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

  /// Ages and amounts, which nobody compares one by one.
  private func numbers(_ column: ValueDoubts.Column) -> String? {
    let count = column.values.count { ValueDoubts.number($0.value) != nil }
    guard count > Self.mostNumbers, count * 10 >= column.values.count * 9 else { return nil }
    return
      "'\(column.name)' has \(count) numbers as values, each a group of its own; name a column of bands, e.g. age bands for ages"
  }

  /// What is alike in two spellings of one group: the number, the answer where all are yes or no, or the letters.
  private func key(_ column: ValueDoubts.Column) -> (String) -> String {
    let areTruths = column.values.allSatisfy { TruthWord($0.value) != nil }
    return { value in
      if areTruths { return TruthWord(value) == .yes ? "yes" : "no" }
      return ValueDoubts.number(value).map { "\($0)" } ?? VisibleText.spelling(value)
    }
  }

  /// `-999` beside words.
  private func codes(_ column: ValueDoubts.Column) -> String? {
    let numbers = column.values.filter { ValueDoubts.number($0.value) != nil }
    guard let first = numbers.first, numbers.count <= 3, column.values.count >= numbers.count + 2,
      numbers.allSatisfy({ LabelRule.isCode($0.value) || ["-1", "-9", "9", "88"].contains($0.value) })
    else { return nil }
    let shown = numbers.map { "\(VisibleText.quoted($0.value)) (\($0.count))" }.joined(separator: ", ")
    return
      "'\(column.name)' has \(shown) beside words, first in line \(table.lines[first.first]) of \(table.path), as forms code what is not "
      + "known; leave the records out with 'where', or write what the code means"
  }

  /// `m` beside `male`.
  private func abbreviations(_ column: ValueDoubts.Column) -> String? {
    for short in column.values {
      let letters = short.value.hasSuffix(".") ? String(short.value.dropLast()) : short.value
      guard letters.count == 1, letters.allSatisfy(\.isLetter) else { continue }
      let words = column.values.filter {
        $0.value.count >= 3 && $0.value.lowercased().hasPrefix(letters.lowercased())
          && $0.value.allSatisfy { $0.isLetter || $0 == " " || $0 == "-" }
      }
      guard words.count == 1, let word = words.first else { continue }
      return
        "'\(column.name)' has both \(VisibleText.quoted(short.value)) (\(short.count), first in line \(table.lines[short.first])) and "
        + "\(VisibleText.quoted(word.value)) (\(word.count), first in line \(table.lines[word.first])) of \(table.path), which may be one "
        + "group: write them alike if they are"
    }
    return nil
  }

  /// Records without a value, in how many ways that is written, and how many groups these are.
  private func unknown(_ column: ValueDoubts.Column) -> String? {
    let missing = column.values.filter { ValueDoubts.isMissing($0.value) }
    guard let first = missing.first else { return nil }
    let total = missing.reduce(0) { $0 + $1.count }
    var names: [String] = []
    for value in missing where !names.contains(ProjectReading.groupName(value.value)) {
      names.append(ProjectReading.groupName(value.value))
    }
    let list = names.map { name -> String in
      let own = missing.filter { ProjectReading.groupName($0.value) == name }
      let ways = own.count > 1 ? " (written \(own.map { VisibleText.quoted($0.value) }.joined(separator: ", ")))" : ""
      return "\(own.reduce(0) { $0 + $1.count }) '\(name)'\(ways)"
    }
    let advice =
      names.count > 1
      ? "each of these is a group of its own: write them alike"
      : "they are a group of their own; leave them out with 'where', or fill the column"
    return
      "\(total) of \(records.count) records have no '\(column.name)': \(list.joined(separator: ", ")), first in line "
      + "\(table.lines[first.first]) of \(table.path); \(advice)"
  }

  /// What stops the reading: two values of a column that Unicode holds equal and the file writes in different bytes. No reader could
  /// tell the groups apart.
  func error(_ groupings: [String]) -> String? {
    for grouping in groupings {
      let values = LabelRule.occurrences(of: grouping, in: table, records: records)
      guard Set(values.map(\.value)).count < values.count,
        let twins = Dictionary(grouping: values, by: \.value).values.filter({ $0.count > 1 })
          .min(by: { $0[0].first < $1[0].first })
      else { continue }
      let list = twins.map {
        "\(VisibleText.quoted($0.value, among: twins.map(\.value))) (\($0.count), first in line \(table.lines[$0.first]))"
      }
      return "the groups of '\(grouping)' hold one value in \(twins.count) ways of writing that look the same: "
        + "\(list.joined(separator: ", ")) of \(table.path)"
    }
    return nil
  }
}
