import Foundation

/// Recognises files that are no comma-separated text in UTF-8, so that the message names what they are and what to do.
enum DataFormat {
  /// What a file is instead, and the remedy; nil if nothing speaks against comma-separated text.
  /// - Parameter path: as the project file has it, for the commands in the remedy.
  /// - Complexity: O(bytes): the text's encoding is checked to the end.
  static func fault(_ bytes: Data, path: String) -> String? {
    let head = [UInt8](bytes.prefix(4096))
    for (magic, what) in magics where head.starts(with: magic) { return "\(what.is); \(remedy(what.remedy, path))" }
    if let encoding = wideEncoding(head) {
      return "is \(encoding) text, not UTF-8; save it as UTF-8 (in a spreadsheet: 'CSV UTF-8'), or run "
        + "`iconv -f \(encoding) -t UTF-8 '\(path)' > utf8.csv`"
    }
    if let name = textFormat(head) { return "\(name.is); \(remedy(name.remedy, path))" }
    if let line = firstLineNotUTF8(bytes) {
      return
        "is not UTF-8 text: line \(line) holds bytes of another encoding (often Windows-1252 or Latin-1, as spreadsheets "
        + "write it); save it as UTF-8, or run `iconv -f WINDOWS-1252 -t UTF-8 '\(path)' > utf8.csv`"
    }
    return separator(head).map {
      "is separated by \($0), not by commas; save the file with commas (in a spreadsheet: choose the comma as field "
        + "separator; with Python: `pandas.read_csv('\(path)', sep=\($1)).to_csv('commas.csv', index=False)`)"
    }
  }

  private enum Remedy {
    case pandas(String), unpack(String), fetch, export
  }

  private static func remedy(_ remedy: Remedy, _ path: String) -> String {
    switch remedy {
    case .pandas(let reader): "write it as CSV, e.g. `pandas.\(reader)('\(path)').to_csv('data.csv', index=False)`"
    case .unpack(let program): "unpack it first: `\(program) '\(path)'`"
    case .fetch: "fetch the file itself: `git lfs pull`"
    case .export: "export the table as CSV in UTF-8 and name that file"
    }
  }

  private static let magics: [(magic: [UInt8], what: (is: String, remedy: Remedy))] = [
    (Array("PAR1".utf8), ("is a Parquet file, not comma-separated text", .pandas("read_parquet"))),
    (Array("ARROW1".utf8), ("is an Arrow (Feather) file, not comma-separated text", .pandas("read_feather"))),
    (Array("FEA1".utf8), ("is a Feather file, not comma-separated text", .pandas("read_feather"))),
    (Array("ORC".utf8), ("is an ORC file, not comma-separated text", .pandas("read_orc"))),
    ([0x89] + Array("HDF".utf8), ("is an HDF5 file, not comma-separated text", .pandas("read_hdf"))),
    (
      Array("PK\u{3}\u{4}".utf8), ("is a ZIP archive or a spreadsheet (.xlsx, .ods), not comma-separated text", .export)
    ),
    ([0xD0, 0xCF, 0x11, 0xE0], ("is an old spreadsheet (.xls), not comma-separated text", .export)),
    ([0x1F, 0x8B], ("is packed with gzip", .unpack("gunzip"))),
    (Array("BZh".utf8), ("is packed with bzip2", .unpack("bunzip2"))),
    ([0xFD] + Array("7zXZ".utf8), ("is packed with xz", .unpack("unxz"))),
    ([0x28, 0xB5, 0x2F, 0xFD], ("is packed with zstd", .unpack("unzstd"))),
    (Array("SQLite format 3".utf8), ("is an SQLite database, not comma-separated text", .export)),
    (Array("%PDF".utf8), ("is a PDF, not comma-separated text", .export)),
    ([0x93] + Array("NUMPY".utf8), ("is a NumPy file, not comma-separated text", .export)),
    ([0x80, 0x02], ("is a Python pickle, not comma-separated text", .pandas("read_pickle"))),
    ([0x80, 0x03], ("is a Python pickle, not comma-separated text", .pandas("read_pickle"))),
    ([0x80, 0x04], ("is a Python pickle, not comma-separated text", .pandas("read_pickle"))),
    ([0x80, 0x05], ("is a Python pickle, not comma-separated text", .pandas("read_pickle"))),
    (Array("version https://git-lfs".utf8), ("is a pointer of git-LFS, not the data themselves", .fetch)),
  ]

  /// UTF-16 or UTF-32 by its byte-order mark, or UTF-16 by the zeros of its letters.
  private static func wideEncoding(_ head: [UInt8]) -> String? {
    if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    let zeros = head.indices.filter { head[$0] == 0 }
    guard zeros.count > head.count / 4 else { return nil }
    return zeros.allSatisfy { $0 % 2 == 1 } ? "UTF-16LE" : zeros.allSatisfy { $0 % 2 == 0 } ? "UTF-16BE" : nil
  }

  /// Text of another kind, by how it begins.
  private static func textFormat(_ head: [UInt8]) -> (is: String, remedy: Remedy)? {
    let text = String(decoding: head, as: UTF8.self)
    let begin = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let line = begin.prefix { !$0.isNewline }
    let isObject = begin.first == "{" && begin.dropFirst().first { !$0.isWhitespace } == "\""
    if begin.hasPrefix("{") && line.contains("\":") || isObject {
      return line.hasSuffix("}")
        ? ("is JSON Lines, not comma-separated text", .pandas("read_json"))
        : ("is JSON, not comma-separated text", .pandas("read_json"))
    }
    if begin.hasPrefix("[{") || begin.hasPrefix("[") && begin.dropFirst().drop(while: \.isWhitespace).hasPrefix("{") {
      return ("is JSON, not comma-separated text", .pandas("read_json"))
    }
    let lower = begin.prefix(64).lowercased()
    if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html") {
      return ("is a web page, not comma-separated text (a download that asked for a login?)", .export)
    }
    if lower.hasPrefix("<?xml") { return ("is XML, not comma-separated text", .pandas("read_xml")) }
    return nil
  }

  /// The first line, from 1, that is not UTF-8.
  private static func firstLineNotUTF8(_ bytes: Data) -> Int? {
    guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { return line }
      line += 1
    }
    return line
  }

  /// Another separator than the comma, by the header: one that stands there outside of quotation marks where no comma does.
  /// - Returns: its name and how Python writes it.
  private static func separator(_ head: [UInt8]) -> (String, String)? {
    var counts: [UInt8: Int] = [:]
    var isQuoted = false
    for byte in head {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
      counts[byte, default: 0] += 1
    }
    guard counts[UInt8(ascii: ","), default: 0] == 0 else { return nil }
    let candidates = [(";", "semicolons", "';'"), ("\t", "tabs", "'\\t'"), ("|", "vertical bars", "'|'")]
    return candidates.first { counts[$0.0.utf8.first ?? 0, default: 0] > 0 }.map { ($0.1, $0.2) }
  }
}
