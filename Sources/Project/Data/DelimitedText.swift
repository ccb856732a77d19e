import Foundation

/// Comma-separated values as RFC 4180 has them, with the line of each row: quoted fields may hold commas, line ends and
/// doubled quotes; spaces belong to the field; lines end in LF, CRLF or CR; a byte-order mark is skipped.
struct DelimitedText {
  /// One row and the line it begins in, from 1.
  struct Row: Equatable {
    var line: Int
    var fields: [String]
  }

  /// What is wrong with the text, and where.
  struct Malformed: Error, Equatable {
    var line: Int
    var problem: String
  }

  /// The rows in order; blank lines at the end are left out.
  private(set) var rows: [Row] = []

  private var field: [UInt8] = []
  private var fields: [String] = []
  private var line = 1
  private var rowLine = 1

  /// Reads the rows.
  /// - Throws: `Malformed`.
  /// - Complexity: O(bytes).
  init(_ data: Data) throws(Malformed) {
    var bytes = [UInt8](data)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var index = 0
    var fieldBegins = true
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\"") where fieldBegins:
        try readQuoted(bytes, &index)
        fieldBegins = false
      case UInt8(ascii: "\""):
        throw Malformed(
          line: line,
          problem: field.allSatisfy { $0 == UInt8(ascii: " ") }
            ? "a blank stands between a comma and a quotation mark; take it out (with Python: read with `skipinitialspace=True` and "
              + "write again)" : "a quotation mark stands inside a field that is not quoted")
      case UInt8(ascii: ","):
        try endField()
        fieldBegins = true
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if byte == UInt8(ascii: "\r"), index < bytes.count, bytes[index] == UInt8(ascii: "\n") { index += 1 }
        try endRow()
        fieldBegins = true
      default:
        field.append(byte)
        fieldBegins = false
      }
    }
    if !fieldBegins || !fields.isEmpty { try endRow() }
    while rows.last?.fields == [""] { rows.removeLast() }
  }

  /// Reads from after the opening quote to after the closing one.
  private mutating func readQuoted(_ bytes: [UInt8], _ index: inout Int) throws(Malformed) {
    let opened = line
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\"") else {
        if byte == UInt8(ascii: "\n") { line += 1 }
        field.append(byte)
        continue
      }
      if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
        field.append(byte)
        index += 1
        continue
      }
      if index < bytes.count, ![UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(bytes[index]) {
        throw Malformed(line: line, problem: "text follows a closing quotation mark")
      }
      return
    }
    throw Malformed(line: opened, problem: "a quotation mark is opened and never closed")
  }

  private mutating func endField() throws(Malformed) {
    guard let text = String(validating: field, as: UTF8.self) else {
      throw Malformed(line: line, problem: "the text is not UTF-8")
    }
    fields.append(text)
    field.removeAll(keepingCapacity: true)
  }

  private mutating func endRow() throws(Malformed) {
    try endField()
    rows.append(Row(line: rowLine, fields: fields))
    fields.removeAll(keepingCapacity: true)
    line += 1
    rowLine = line
  }
}
