import Analysis
import Foundation

/// A data file: a header and records of as many fields.
struct DataTable {
  /// The file's path as the project file has it.
  let path: String
  /// The column names in order.
  let columns: [String]
  /// The records in the order of the file; record *n* (from 1) is `records[n - 1]`.
  let records: [[String]]

  /// The line that each record begins in, from 1.
  let lines: [Int]

  /// Whether the file ends without a line end, as one that was cut off does.
  private let isOpen: Bool

  private let index: [String: Int]

  /// The file's name without its folder.
  var name: String { (path as NSString).lastPathComponent }

  /// Reads a data file.
  /// - Parameters:
  ///   - path: as the project file has it.
  ///   - url: where it is.
  ///   - place: where the project file names it, e.g. `vitrine.yaml line 12`.
  ///   - key: the key that names it there.
  /// - Throws: `ProjectError` `.dataNotFound`, `.unreadable`, `.emptyData` or `.badData`.
  init(path: String, url: URL, namedIn place: String, by key: String = "data") throws {
    try self.init(path: path, try Self.content(path: path, url: url, namedIn: place, by: key), namedIn: place)
  }

  /// Reads the content of a data file.
  /// - Throws: `ProjectError` `.emptyData` or `.badData`.
  init(path: String, _ bytes: Data, namedIn place: String) throws {
    let rows = try Self.rows(path: path, bytes, namedIn: place)
    guard let header = rows.first else {
      throw ProjectError(
        .emptyData, "the data file '\(path)' (\(place)) is empty; give it a header line and at least one record")
    }
    if let fault = HeaderFault.error(rows, path: path) { throw ProjectError(.badData, fault) }
    guard rows.count > 1 else {
      throw ProjectError(
        .emptyData, "the data file '\(path)' (\(place)) has a header but no records; add at least one record")
    }
    try Self.checkBlank(rows.dropFirst(), path: path)
    for row in rows.dropFirst() where row.fields.count != header.fields.count {
      let isLast = row == rows.last && !Self.endsWithLine(bytes)
      throw ProjectError(
        .badData, "\(path) line \(row.line) \(HeaderFault.fields(row, header: header.fields, isLast: isLast))")
    }
    if let fault = HeaderFault.repetition(rows, path: path) { throw ProjectError(.badData, fault) }
    self.path = path
    columns = header.fields
    records = rows.dropFirst().map(\.fields)
    lines = rows.dropFirst().map(\.line)
    isOpen = !Self.endsWithLine(bytes)
    index = Dictionary(uniqueKeysWithValues: header.fields.enumerated().map { ($1, $0) })
  }

  /// The field of a record; nil if there is no such column.
  func value(_ record: Int, _ column: String) -> String? {
    index[column].map { records[record][$0] }
  }

  /// What to do about a name that is none of the columns.
  func hint(_ name: String) -> String {
    // `{age:.0f}` and `{ age }` are of other templates.
    let bare = name.prefix { $0 != ":" && $0 != "!" }.filter { !$0.isWhitespace }
    if bare != name, has(bare) {
      return "write '\(bare)' alone: fields stand in the prompt as they stand in the file, without formats and blanks"
    }
    let hint = NearestName.hint(name, among: columns, kind: "columns")
    return HeaderFault.isRecord(columns, records: records)
      ? hint + "; line 1 seems to be a record: write the names of the columns above it" : hint
  }

  /// Whether there is such a column.
  func has(_ column: String) -> Bool { index[column] != nil }

  /// The distinct values of a column, in order of first appearance; empty if there is no such column.
  func values(of column: String) -> [String] { values(of: column, atMost: records.count) ?? [] }

  /// The distinct values of a column, in order of first appearance; nil if there are more than some.
  func values(of column: String, atMost most: Int) -> [String]? {
    guard let position = index[column] else { return [] }
    var seen: Set<ExactText> = []
    var values: [String] = []
    for record in records where seen.insert(ExactText(record[position])).inserted {
      guard values.count < most else { return nil }
      values.append(record[position])
    }
    return values
  }

  /// That the file was cut off in its last field, if that is the beginning of a value that the column has and occurs nowhere else.
  var cutOff: String? {
    guard isOpen, let column = columns.last, let line = lines.last, let end = records.last?.last else { return nil }
    let others = records.dropLast().compactMap(\.last)
    guard let whole = others.first(where: { $0.hasPrefix(end) }),
      !others.contains(where: { ExactText($0) == ExactText(end) }), Set(others).count * 3 <= others.count
    else { return nil }
    return
      "\(path) ends in the middle of a line: the last '\(column)' is \(VisibleText.quoted(end)) (line \(line)), which "
      + "seems to be the beginning of a value such as \(VisibleText.quoted(whole)); fetch the file again, or complete the line"
  }

  private static func endsWithLine(_ bytes: Data) -> Bool {
    bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r")
  }

  /// The bytes of a data file, read once.
  /// - Throws: `ProjectError` `.dataNotFound`, `.unreadable` or `.badData`.
  static func content(path: String, url: URL, namedIn place: String, by key: String = "data") throws -> Data {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue else {
      let problem = isFolder.boolValue ? "that is a folder" : "there is no such file"
      let remedy =
        PathAdvice.remedy(path, at: url).map { "correct '\(key)': \($0)" }
        ?? "put the file at \(url.path) or correct '\(key)'"
      throw ProjectError(.dataNotFound, "\(place) names the data file '\(path)', but \(problem); \(remedy)")
    }
    do {
      return try PlainFile.read(url, as: "the data file '\(path)' (\(place))", limit: ProjectLimits.dataBytes)
    } catch let problem as PlainFile.Problem {
      throw ProjectError(problem.exitStatus == .inputOutput ? .unreadable : .badData, problem.description)
    }
  }

  private static func rows(path: String, _ bytes: Data, namedIn place: String) throws -> [DelimitedText.Row] {
    if let fault = DataFormat.fault(bytes, path: path) {
      throw ProjectError(.badData, "the data file '\(path)' (\(place)) \(fault)")
    }
    do {
      return try DelimitedText(bytes).rows
    } catch {
      throw ProjectError(
        .badData,
        "\(path) line \(error.line) is not comma-separated text: \(error.problem); "
          + "quote whole fields and double the quotation marks in them")
    }
  }

  /// Spreadsheets leave rows of nothing but commas after the last record; a record without a value is none.
  private static func checkBlank(_ rows: ArraySlice<DelimitedText.Row>, path: String) throws {
    let blank = rows.filter { $0.fields.count > 1 && $0.fields.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
    guard let first = blank.first, let last = blank.last else { return }
    let place =
      blank.count == 1 ? "line \(first.line) holds" : "\(blank.count) lines, from \(first.line) to \(last.line), hold"
    throw ProjectError(
      .badData,
      "\(path): \(place) nothing but commas, as spreadsheets leave them; delete them, since they are no records")
  }
}
