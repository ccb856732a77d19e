/// What is wrong with a table's first line, in words that name the cause: a header is most often broken by what stands above or
/// beside it.
enum HeaderFault {
  /// What stops the reading; nil if every column has its own name and as many fields as the records.
  static func error(_ rows: [DelimitedText.Row], path: String) -> String? {
    let header = rows[0].fields
    let records = rows.dropFirst()
    if let separator = spreadsheetNote(header) {
      return separator == ","
        ? "\(path) line 1: 'sep=,' is a note for spreadsheets and no header; delete the line"
        : "\(path): line 1 says that the file is separated by '\(separator)', and it is no header; save the file with commas, "
          + "without that line"
    }
    if isTitle(header, records) {
      return
        "\(path) line 1: '\(VisibleText.shown(header[0]))' stands alone, as a title or a note does, where the other lines have "
        + "\(records.first?.fields.count ?? 0) fields; delete what stands above the column names"
    }
    if let fault = trailingCommas(header, records) { return "\(path) line \(fault)" }
    return names(header, records, path: path)
  }

  /// What is wrong with a row that has not as many fields as the header, and what to do.
  /// - Parameter isLast: whether the file ends in it, without a line end.
  static func fields(_ row: DelimitedText.Row, header: [String], isLast: Bool) -> String {
    if row.fields == ["\u{1A}"] { return "holds nothing but the end mark of old programs (U+1A); delete it" }
    let problem =
      row.fields == [""]
      ? "is blank" : "has \(row.fields.count) fields where the header has \(header.count)"
    return isLast && row.fields.count < header.count
      ? "\(problem); the file ends there, in the middle of a line, as a download that broke off does: fetch it again"
      : "\(problem); give each record one field per column and quote fields that hold commas"
  }

  /// A record that repeats the names of the columns, as files have it that were joined end to end.
  static func repetition(_ rows: [DelimitedText.Row], path: String) -> String? {
    let header = rows[0].fields
    func repeats(_ row: DelimitedText.Row) -> Bool {
      let same = zip(row.fields, header).count { $0 == $1 }
      return same >= 2 && same + max(1, header.count / 8) >= header.count
    }
    let found = rows.dropFirst().filter(repeats)
    // Without a header, the first line is a record that others may equal.
    guard let first = found.first,
      !isRecord(header, records: rows.dropFirst().filter { !repeats($0) }.map(\.fields))
    else { return nil }
    return found.count == 1
      ? "\(path) line \(first.line) repeats the header, as files that were joined end to end do; delete the line, which is no record"
      : "\(path): \(found.count) lines repeat the header, first line \(first.line), as files that were joined end to end do; delete "
        + "them, which are no records"
  }

  /// `sep=;`, with which spreadsheets are told the separator.
  private static func spreadsheetNote(_ header: [String]) -> String? {
    guard let first = header.first, first.lowercased().hasPrefix("sep=") else { return nil }
    return header.allSatisfy { $0.isEmpty || $0 == first }
      ? first.utf8.count > 4 ? String(first.dropFirst(4)) : "," : nil
  }

  /// Whether the first line has one value only, and the others have more.
  private static func isTitle(_ header: [String], _ records: ArraySlice<DelimitedText.Row>) -> Bool {
    guard let second = records.first, second.fields.count > 1, !header[0].isEmpty else { return false }
    return header.count { !$0.isEmpty } == 1 && second.fields.count { !$0.isEmpty } > 1
      && records.allSatisfy { $0.fields.count == second.fields.count }
  }

  private static func trailingCommas(_ header: [String], _ records: ArraySlice<DelimitedText.Row>) -> String? {
    guard let first = records.first else { return nil }
    if header.count > 1, header.last == "",
      records.allSatisfy({ $0.fields.count == header.count && $0.fields.last == "" })
    {
      return "1: every line ends in a comma, so that the last column has neither name nor values; delete those commas"
    }
    guard first.fields.count == header.count + 1,
      records.allSatisfy({ $0.fields.count == header.count + 1 && $0.fields.last == "" })
    else { return nil }
    return "\(first.line): every record ends in a comma that the header has not; delete those commas"
  }

  private static func names(_ header: [String], _ records: ArraySlice<DelimitedText.Row>, path: String) -> String? {
    var seen: [String: Int] = [:]
    for (position, column) in header.enumerated() {
      guard !column.isEmpty else {
        let isIndex =
          position == 0 && !records.isEmpty && records.enumerated().allSatisfy { $1.fields.first == "\($0)" }
        return isIndex
          ? "\(path) line 1: column 1 has no name and counts the records, as pandas writes its index; write the file with "
            + "`to_csv(…, index=False)`, or give the column a name"
          : "\(path) line 1: column \(position + 1) has no name; name it in the header"
      }
      if let first = seen.updateValue(position + 1, forKey: column) {
        return
          "\(path) line 1: two columns are called '\(VisibleText.shown(column))', \(first) and \(position + 1); rename one of them"
      }
    }
    return nil
  }

  /// What is possible, but probably a slip in the names of columns.
  static func doubts(_ columns: [String], path: String) -> [String] {
    var doubts: [String] = []
    var seen: [String: String] = [:]
    for (position, column) in columns.enumerated() {
      if let hidden = VisibleText.firstHidden(in: column) {
        doubts.append(
          "the name of column \(position + 1) of \(path), \(VisibleText.quoted(column)), holds \(hidden), which nobody sees; "
            + "take it out of line 1")
      }
      if let damage = TextDamage(column) {
        doubts.append(
          "the name of column \(position + 1) of \(path), \(VisibleText.quoted(column)), holds \(damage.description); "
            + damage.remedy)
      }
      if let twin = seen.updateValue(column, forKey: VisibleText.spelling(column)) {
        doubts.append(
          "the columns \(VisibleText.quoted(twin)) and \(VisibleText.quoted(column)) of \(path) are one name in two spellings; "
            + "be sure that the project file names the right one, or rename one in line 1")
      }
    }
    return doubts
  }

  /// Whether the first line is probably a record: half of its fields or more occur below it in their own columns.
  static func isRecord(_ columns: [String], records: [[String]]) -> Bool {
    let known = columns.indices.count { column in
      !columns[column].isEmpty && records.contains { $0[column] == columns[column] }
    }
    return known > 0 && known * 2 >= columns.count
  }
}
