import Foundation
import Testing

@testable import Project

@Suite("Files that are no comma-separated text")
struct DataFormatTests {
  /// The message about a data file of these bytes.
  private func message(_ bytes: Data) throws -> String {
    let temporary = try Sample.project()
    try temporary.write(bytes, to: "data.csv")
    return projectError { _ = try temporary.load() }?.message ?? "read"
  }

  private static let table = "colour,shape,label,split\nred,round,good,test\nblue,round,bad,test\n"

  @Test(
    "Another separator is named, with the remedy",
    arguments: [
      ("\"age\";\"job\";\"label\"\n58;\"a\";\"no\"\n", "semicolons"), ("a\tb\tc\n1\t2\t3\n", "tabs"),
      ("a|b|c\n1|2|3\n", "vertical bars"), ("\u{FEFF}a;b\n\"1,5\";2\n", "semicolons"),
      ("'a,b';c\n", "read"),
    ])
  func separators(text: String, name: String) throws {
    let found = try message(Data(text.utf8))
    if name == "read" {
      #expect(!found.contains("is separated by"))
    } else {
      #expect(found.contains("is separated by \(name), not by commas") && found.contains("save the file with commas"))
    }
    #expect(!found.contains("double the quotation marks"))
  }

  @Test("Text in another encoding is told to be saved as UTF-8")
  func encodings() throws {
    let latin = try #require(Self.table.replacingOccurrences(of: "good", with: "gr\u{FC}n").data(using: .isoLatin1))
    #expect(try message(latin).contains("is not UTF-8 text: line 2"))
    for (encoding, name) in [
      (String.Encoding.utf16, "UTF-16"), (.utf16LittleEndian, "UTF-16LE"), (.utf16BigEndian, "UTF-16BE"),
      (.utf32, "UTF-32"),
    ] {
      let text = try #require(Self.table.data(using: encoding))
      let found = try message(text)
      #expect(found.contains("is \(name) text, not UTF-8; save it as UTF-8"), "\(name): \(found)")
    }
  }

  @Test(
    "Files of other programs are called what they are",
    arguments: [
      (Array("PAR1rest".utf8), "Parquet file", "read_parquet"), (Array("PK\u{3}\u{4}xl".utf8), "spreadsheet", "export"),
      ([0xD0, 0xCF, 0x11, 0xE0, 0xA1], "spreadsheet", "export"), ([0x1F, 0x8B, 8, 0], "gzip", "gunzip"),
      (Array("SQLite format 3\u{0}".utf8), "SQLite database", "export"),
      (Array("{\"colour\": \"red\"}\n{\"colour\": \"blue\"}\n".utf8), "JSON Lines", "read_json"),
      (Array("[\n  {\"colour\": \"red\"}\n]\n".utf8), "is JSON", "read_json"),
      (Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n".utf8), "git-LFS", "git lfs pull"),
      (Array("<!DOCTYPE html><html></html>".utf8), "web page", "export"), (Array("%PDF-1.7".utf8), "PDF", "export"),
    ])
  func others(bytes: [UInt8], what: String, remedy: String) throws {
    let found = try message(Data(bytes))
    #expect(found.contains(what) && found.contains(remedy), "\(found)")
    #expect(!found.contains("double the quotation marks"))
  }

  @Test("Rows of nothing but commas are no records")
  func blankRows() throws {
    #expect(try message(Data((Self.table + ",,,\n").utf8)).contains("data.csv: line 4 holds nothing but commas"))
    #expect(
      try message(Data((Self.table + ",,,\n , ,,\n").utf8)).contains("2 lines, from 4 to 5, hold nothing but commas"))
  }

  @Test("A table is still read: quoted commas, a byte-order mark, one column")
  func tables() throws {
    let temporary = try Sample.project(data: "\u{FEFF}" + Self.table.replacingOccurrences(of: "red", with: "\"r;e,d\""))
    let table = try DataTable(
      path: "data.csv", url: temporary.folder.appendingPathComponent("data.csv"), namedIn: "test")
    #expect(table.value(0, "colour") == "r;e,d")
    #expect(table.lines == [2, 3])
  }
}
