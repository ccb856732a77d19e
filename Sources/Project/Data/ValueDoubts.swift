/// What is possible but probably a slip in the values that fill a template: each a sentence with the column, how many records, the
/// line of the first, and what to do. The model reads these values letter by letter.
struct ValueDoubts {
  let table: DataTable
  /// The records in use.
  let records: [Int]

  /// All of them, for the columns that the template names.
  func doubts(_ columns: [String]) -> [String] {
    let known = columns.filter(table.has)
    return known.flatMap { name in
      let column = column(name)
      return [missing(column), hidden(column), damaged(column), mixedNumbers(column)].compactMap { $0 }
        + [wrapped(column), dates(column), cut(column), slips(column)].compactMap { $0 } + misread(column)
        + spellings(column)
    } + exchanged(known) + [almostEmpty, commented].compactMap { $0 }
  }

  /// A column's values among the records, each once: questions are asked of values, of which there are fewer than records.
  struct Column {
    let name: String
    var values: [LabelRule.Occurrence]
  }

  /// A column of the table.
  func column(_ name: String) -> Column {
    Column(name: name, values: LabelRule.occurrences(of: name, in: table, records: records))
  }

  private func value(_ record: Int, _ column: String) -> String { table.value(record, column) ?? "" }

  /// How many records have something, and what the first of them has.
  private func found(_ column: Column, _ holds: (String) -> Bool) -> LabelRule.Occurrence? {
    let found = column.values.filter { holds($0.value) }
    guard var first = found.first else { return nil }
    first.count = found.reduce(0) { $0 + $1.count }
    return first
  }

  private func place(_ record: Int) -> String { "line \(table.lines[record]) of \(table.path)" }

  private func countText(_ count: Int) -> String {
    "\(count) of the \(records.count) records in use \(count == 1 ? "has" : "have")"
  }

  // MARK: No value

  /// What programs and people write where nothing is known. Words such as `none` and `unknown` may be answers of a form.
  static func isMissing(_ value: String) -> Bool {
    let text = value.lowercased().unicodeScalars.filter {
      !$0.properties.isWhitespace && !"<>()[]".unicodeScalars.contains($0)
    }
    // Words and names of some languages.
    guard !["Na", "Nan", "Nil", "Nat"].contains(value) else { return false }
    return ["None", "(empty)", "(blank)"].contains(value)
      || missingTexts.contains(String(String.UnicodeScalarView(text)))
      || text.count > 1 && text.allSatisfy { $0 == "#" }
  }

  /// Without capital letters, blanks and brackets.
  private static let missingTexts: Set<String> = [
    "", "na", "n/a", "n.a.", "#n/a", "#na", "nan", "-nan", "null", "nil", "nat", "\\n", "?", "??", "???", "-", "--",
    "---", "\u{2013}", "\u{2014}", ".", "..", "missing", "n/d", "n.d.", "k.a.", "n.v.", "notavailable",
    "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "1.#ind", "-1.#ind", "1.#inf", "-1.#inf",
    "1.#qnan", "-1.#qnan", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#field!",
  ]

  private func missing(_ column: Column) -> String? {
    guard let found = found(column, Self.isMissing) else { return nil }
    return "\(countText(found.count)) no '\(column.name)' but \(VisibleText.quoted(found.value)), first in "
      + "\(place(found.first)); the model reads that as it stands: write what it was trained on, or leave the records out with "
      + "'where'"
  }

  // MARK: What nobody sees

  private func hidden(_ column: Column) -> String? {
    func isPadded(_ value: String) -> Bool {
      value.first?.isWhitespace == true || value.last?.isWhitespace == true
    }
    guard
      let found = found(column, { !Self.isMissing($0) && (isPadded($0) || VisibleText.firstHidden(in: $0) != nil) })
    else { return nil }
    let what = VisibleText.firstHidden(in: found.value) ?? "a space at an end"
    return
      "\(countText(found.count)) \(what) in '\(column.name)', first \(VisibleText.quoted(found.value)) in \(place(found.first)); the "
      + "model reads it as a token: take it out, unless it was trained with it"
  }

  /// Letters read in another encoding, letters lost, and codes of web pages.
  func misread(_ column: Column) -> [String] {
    let damages = column.values.compactMap { occurrence in TextDamage(occurrence.value).map { (occurrence, $0) } }
    return Dictionary(grouping: damages) { $0.1.remedy }.values.sorted { $0[0].0.first < $1[0].0.first }.map { found in
      let (first, damage) = found[0]
      return "\(countText(found.reduce(0) { $0 + $1.0.count })) \(damage.what) in '\(column.name)' (\(damage.cause)), "
        + "first \(VisibleText.quoted(first.value)) in \(place(first.first)); \(damage.remedy)"
    }
  }

  // MARK: What spreadsheets do

  private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

  /// `10-May` and `May-10`, which spreadsheets make of `5-10`.
  static func isDateOfRange(_ value: String) -> Bool {
    let parts = value.lowercased().split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    func isNumber(_ part: Substring) -> Bool { (1...2).contains(part.utf8.count) && part.allSatisfy(\.isNumber) }
    func isMonth(_ part: Substring) -> Bool { months.contains(String(part)) }
    return isNumber(parts[0]) && isMonth(parts[1]) || isMonth(parts[0]) && isNumber(parts[1])
  }

  func damaged(_ column: Column) -> String? {
    guard let found = found(column, Self.isDateOfRange), found.count < records.count else { return nil }
    return
      "\(countText(found.count)) '\(found.value)' as '\(column.name)', first in \(place(found.first)), beside values "
      + "that are no dates: spreadsheets make that of ranges such as 5-10; restore the range and import the column as text"
  }

  // MARK: Numbers in several ways of writing

  private enum Writing: Int {
    case plain, wholeWithPoint, thousands, percent, exponent, decimalComma

    var name: String {
      switch self {
      case .plain: "a plain number"
      case .wholeWithPoint: "a whole number with '.0'"
      case .thousands: "a number with separated thousands"
      case .percent: "a percentage"
      case .exponent: "a number with an exponent"
      case .decimalComma: "a number with a decimal comma"
      }
    }
  }

  private static func writing(_ value: String) -> Writing? {
    var body = Substring(value)
    if let sign = body.first, sign == "-" || sign == "+" || sign == "−" { body = body.dropFirst() }
    let isPercent = body.last == "%"
    if isPercent { body = body.dropLast() }
    if isPercent, body.last == " " { body = body.dropLast() }
    guard let first = body.first, first.isASCII, first.isNumber else { return nil }
    let digits = body.filter { $0.isASCII && $0.isNumber }.count
    let others = body.filter { !($0.isASCII && $0.isNumber) }
    if isPercent { return others.isEmpty || others == "." || others == "," ? .percent : nil }
    switch others {
    case "": return .plain
    case ".": return body.hasSuffix(".0") && digits > 1 ? .wholeWithPoint : .plain
    case ",":
      let last = body.split(separator: ",").last ?? ""
      return last.utf8.count == 3 ? .thousands : .decimalComma
    default: break
    }
    if Set(others).isSubset(of: [",", "."]) || Set(others).isSubset(of: ["'", "."])
      || Set(others).isSubset(of: [" ", "."])
    {
      let parts: [Substring] = body.split { character in character == "," || character == "'" || character == " " }
      return parts.dropFirst().allSatisfy { part in part.prefix { $0 != "." }.count == 3 }
        ? .thousands : nil
    }
    return Double(body) != nil && body.contains(where: { $0 == "e" || $0 == "E" }) ? .exponent : nil
  }

  /// A number without separated thousands, zeros before it and a decimal comma: `1`, `1.0` and `01` are one, and so are `1000` and
  /// `1,000`; nil if the text is no number.
  static func number(_ value: String) -> Double? {
    let value = value.trimmingWhitespace
    guard let writing = writing(value) else { return nil }
    switch writing {
    case .percent: return nil
    case .thousands: return Double(value.filter { $0 != "," && $0 != "'" && $0 != " " })
    case .decimalComma: return Double(value.replacing(",", with: "."))
    case .plain, .wholeWithPoint, .exponent: return Double(value)
    }
  }

  /// Numbers of one column that are written in two ways: the model reads other tokens.
  private func mixedNumbers(_ column: Column) -> String? {
    var firsts: [Writing: LabelRule.Occurrence] = [:]
    var counts: [Writing: Int] = [:]
    var (numbers, filled, hasFraction) = (0, 0, false)
    for occurrence in column.values where !Self.isMissing(occurrence.value) {
      filled += occurrence.count
      guard let writing = Self.writing(occurrence.value) else { continue }
      numbers += occurrence.count
      if firsts[writing] == nil { firsts[writing] = occurrence }
      counts[writing, default: 0] += occurrence.count
      if writing == .plain, occurrence.value.contains(".") { hasFraction = true }
    }
    // 4.0 beside 3.5 is a number like the others.
    if hasFraction { firsts[.wholeWithPoint] = nil }
    guard numbers * 10 >= filled * 9, firsts.count > 1 else { return nil }
    let order = firsts.keys.sorted { (counts[$1] ?? 0, $0.rawValue) < (counts[$0] ?? 0, $1.rawValue) }
    guard let (rare, usual) = order.last.flatMap({ rare in order.first.map { (rare, $0) } }),
      let odd = firsts[rare], let even = firsts[usual]
    else { return nil }
    return "the numbers of '\(column.name)' are written in \(firsts.count) ways: '\(odd.value)' (\(rare.name)) in "
      + "\(place(odd.first)), '\(even.value)' (\(usual.name)) in line \(table.lines[even.first]); the model reads other tokens: write "
      + "them all as in training"
  }

  // MARK: One value in two spellings

  /// Columns with more values are no categories.
  private static let mostCategories = 200

  /// Values that differ only in capital letters, blanks, dashes, quotation marks or what nobody sees.
  /// - Parameter key: what is alike in two spellings of one value.
  func spellings(_ column: Column, alikeIn key: (String) -> String = VisibleText.spelling) -> [String] {
    guard column.values.count > 1, column.values.count <= Self.mostCategories else { return [] }
    return Dictionary(grouping: column.values) { key($0.value) }.values
      .filter { $0.count > 1 }.sorted { $0[0].first < $1[0].first }.prefix(3).map { twins in
        let list = twins.sorted { $1.count < $0.count }.map {
          "\(VisibleText.quoted($0.value, among: twins.map(\.value))) (\($0.count), first in line \(table.lines[$0.first]))"
        }
        return
          "'\(column.name)' has one value in \(twins.count) spellings: \(list.joined(separator: ", ")) of \(table.path); each "
          + "counts as a value of its own: write them alike"
      }
  }

  /// Values of few categories that occur rarely and are a frequent one with one letter wrong.
  func slips(_ column: Column) -> String? {
    guard column.values.count <= Self.mostCategories / 4 else { return nil }
    for rare in column.values {
      guard let usual = column.values.first(where: { rare.isSlip(of: $0) }) else { continue }
      return
        "\(countText(rare.count)) \(VisibleText.quoted(rare.value)) as '\(column.name)', first in \(place(rare.first)), where "
        + "\(usual.count) have \(VisibleText.quoted(usual.value)): correct the cells if that is meant"
    }
    return nil
  }

  // MARK: Values that a program wrapped, cut or wrote as dates

  private static let wrappings = [
    ("b'", "'"), ("['", "']"), ("[\"", "\"]"), ("('", "',)"), ("=\"", "\""), ("'", "'"), ("\"", "\""),
  ]

  /// Values in quotation marks of a program: `'skilled'`, `b'skilled'`, `['skilled']`.
  private func wrapped(_ column: Column) -> String? {
    let values = column.values.filter { !Self.isMissing($0.value) }
    for (begin, end) in Self.wrappings {
      let found = values.filter {
        $0.value.utf8.count > begin.utf8.count + end.utf8.count && $0.value.hasPrefix(begin) && $0.value.hasSuffix(end)
      }
      guard let first = found.first, found.count * 10 >= values.count * 9 else { continue }
      return
        "\(countText(found.reduce(0) { $0 + $1.count })) a '\(column.name)' between \(begin) and \(end), first \(first.value) in "
        + "\(place(first.first)), as programs write texts and lists; the model reads the marks: take them out, unless it was trained with them"
    }
    return nil
  }

  /// How a date is written: `0000-00-00` with any digits and one separator; nil if the value is no date.
  private static func dateForm(_ value: String) -> String? {
    guard let separator = value.first(where: { "-./".contains($0) }) else { return nil }
    let parts = value.prefix { $0 != " " && $0 != "T" }.split(separator: separator, omittingEmptySubsequences: false)
    let lengths = parts.map(\.utf8.count)
    guard parts.count == 3, parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
      lengths.allSatisfy({ $0 == 1 || $0 == 2 || $0 == 4 }), lengths[1] <= 2
    else { return nil }
    return lengths[0] == 4 ? "year\(separator)…" : "…\(separator)\(lengths[2] == 4 ? "year" : "short year")"
  }

  /// Dates of one column that are written in several ways.
  func dates(_ column: Column) -> String? {
    var firsts: [String: LabelRule.Occurrence] = [:]
    var count = 0
    for occurrence in column.values {
      guard let form = Self.dateForm(occurrence.value) else { continue }
      count += occurrence.count
      if firsts[form] == nil { firsts[form] = occurrence }
    }
    guard firsts.count > 1, count * 10 >= records.count * 9 else { return nil }
    let shown = firsts.values.sorted { $0.first < $1.first }.map { "'\($0.value)' (line \(table.lines[$0.first]))" }
    return
      "the dates of '\(column.name)' are written in \(firsts.count) ways: \(shown.joined(separator: ", ")) of \(table.path); write "
      + "them alike"
  }

  /// Lengths at which programs and databases cut texts.
  private static let limits: Set<Int> = [
    100, 128, 200, 250, 254, 255, 256, 500, 512, 1000, 1023, 1024, 2000, 2048, 4000, 4096, 8000, 8192, 32767, 65535,
  ]

  /// Long texts that end at one length.
  private func cut(_ column: Column) -> String? {
    let lengths = column.values.map(\.value.unicodeScalars.count)
    guard let most = lengths.max(), Self.limits.contains(most), Set(lengths).count > 1 || most >= 250 else {
      return nil
    }
    let found = zip(column.values, lengths).filter { $0.1 == most }.map(\.0)
    guard found.count > 1, let first = found.first else { return nil }
    return
      "\(countText(found.reduce(0) { $0 + $1.count })) a '\(column.name)' of exactly \(most) characters and none has more, first in "
      + "\(place(first.first)): a program may have cut them; export the whole texts"
  }

  // MARK: Cells of one record exchanged

  /// Records with a value of one column that belongs into another, and the reverse.
  private func exchanged(_ columns: [String]) -> [String] {
    let counts = columns.map { column in
      Dictionary(
        LabelRule.occurrences(of: column, in: table, records: Array(table.records.indices)).map { ($0.value, $0.count) }
      ) { $0 + $1 }
    }
    // Where nearly every value is its own, nothing can be said.
    let usable = columns.indices.filter { counts[$0].count * 3 <= table.records.count }
    for a in usable {
      // Only a value that is rare in its own column can belong into another.
      let rare = records.filter { (counts[a][value($0, columns[a])] ?? 0) <= 2 }
      for b in usable where b > a {
        let strays = rare.filter { record in
          let (left, right) = (value(record, columns[a]), value(record, columns[b]))
          return left != right && (counts[b][right] ?? 0) <= 2 && (counts[b][left] ?? 0) >= 3
            && (counts[a][right] ?? 0) >= 3
        }
        guard let first = strays.first else { continue }
        return [
          "\(countText(strays.count)) '\(columns[a])' and '\(columns[b])' exchanged, as it seems, first "
            + "'\(value(first, columns[a]))' and '\(value(first, columns[b]))' in \(place(first)); correct the cells"
        ]
      }
    }
    return []
  }

  // MARK: Rows that are no records

  /// Lines that somebody commented out, and that are records to a reader of tables.
  private var commented: String? {
    let found = records.filter { table.records[$0].first?.hasPrefix("#") == true }
    guard let first = found.first, found.count * 4 <= records.count else { return nil }
    return
      "\(countText(found.count)) a '#' at the beginning of the line, first in \(place(first)): tables have no comments, and the line is a "
      + "record; delete it if it is not meant"
  }

  /// Sums and notes below a table.
  private var almostEmpty: String? {
    guard table.columns.count > 2 else { return nil }
    let strays = records.filter { record in table.records[record].count { !$0.allSatisfy(\.isWhitespace) } == 1 }
    guard let first = strays.first, strays.count * 4 <= records.count,
      let value = table.records[first].first(where: { !$0.allSatisfy(\.isWhitespace) })
    else { return nil }
    return
      "\(countText(strays.count)) a value in one column only, first \(VisibleText.quoted(value)) in \(place(first)), as the "
      + "sums and notes that stand below tables of spreadsheets; delete the line if it is no record"
  }
}
