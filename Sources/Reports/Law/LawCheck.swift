public import Evidence
public import Foundation

/// Holds every quotation of the catalogue against its digest and, if a folder of law text is given, against that text.
public struct LawCheck: Sendable, Equatable, Codable {
  /// How a passage stands to the folder's text.
  public enum Finding: String, Sendable, Codable {
    /// It stands there, line by line.
    case found
    /// Its file is there, but does not hold it.
    case different
    /// The folder has no such file.
    case noFile = "no-file"
    /// No folder was given.
    case notCompared = "not-compared"
  }

  /// One passage.
  public struct Entry: Sendable, Equatable, Codable {
    /// Its id in the catalogue.
    public var id: String
    /// Where it stands.
    public var citation: String
    /// SHA-256 of the quotation as the catalogue names it, hex.
    public var sha256: String
    /// Whether the quotation has this digest.
    public var digestHolds: Bool
    /// The pinned file.
    public var file: String
    /// How it stands to that file.
    public var text: Finding
    /// `byte-verified` or `not-byte-verified`.
    public var verification: String
  }

  /// The day of the last change to the law that is taken in.
  public var lawAsOf: String
  /// The day of the last check by a person.
  public var checkedOn: String
  /// Whole days since then.
  public var daysSinceCheck: Int
  /// The greatest age that is asked for.
  public var maximumAge: Int
  /// Every passage.
  public var entries: [Entry]

  /// Whether every quotation holds and the last check is young enough.
  public var holds: Bool { isRecent && entries.allSatisfy(Self.holds) }

  /// Whether the last check is at most `maximumAge` days old and does not lie in the future.
  public var isRecent: Bool { (0...max(0, maximumAge)).contains(daysSinceCheck) }

  /// Whether nothing is wrong with a passage.
  public static func holds(_ entry: Entry) -> Bool {
    entry.digestHolds && (entry.text == .found || entry.text == .notCompared)
  }

  /// Checks a catalogue.
  /// - Parameters:
  ///   - catalogue: the law.
  ///   - folder: files of law text, named as the catalogue names them; nil leaves the comparison out.
  ///   - today: the day to count the age of the last check to.
  ///   - maximumAge: the greatest age that is accepted, in days.
  /// - Throws: `ReportsError` if a file is there and cannot be read.
  /// - Complexity: O(passages × lines of their files).
  public static func run(
    _ catalogue: LawCatalogue, folder: URL?, today: CalendarDate, maximumAge: Int = 90
  ) throws -> LawCheck {
    var files: [String: [String]?] = [:]
    var entries: [Entry] = []
    for passage in catalogue.entries {
      var finding = Finding.notCompared
      if let folder {
        let lines = try files[passage.file] ?? lines(of: passage.file, in: folder)
        files[passage.file] = lines
        let isSentence = passage.citation.contains("sentence")
        finding = lines.map { contains($0, passage.text, isSentence: isSentence) ? .found : .different } ?? .noFile
      }
      entries.append(
        Entry(
          id: passage.id, citation: passage.citation, sha256: passage.sha256,
          digestHolds: try SHA256.digest(of: Data(passage.text.utf8)).hex == passage.sha256, file: passage.file,
          text: finding, verification: passage.verification))
    }
    return LawCheck(
      lawAsOf: catalogue.lawAsOf.description, checkedOn: catalogue.checkedOn.description,
      daysSinceCheck: catalogue.daysSinceCheck(on: today), maximumAge: maximumAge, entries: entries)
  }

  /// The lines of a file of law text, without the comment at its head; nil if there is no such file.
  private static func lines(of name: String, in folder: URL) throws -> [String]? {
    let file = folder.appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let text = try TextFile.read(file, as: name)
    let body = text.range(of: "-->\n").map { text[$0.upperBound...] } ?? text[...]
    return body.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// Whether the passage's lines stand there one after the other; the first may stand behind its own number. What a file gives run
  /// together on one line is looked for from one number to the next (`isSentence`: from one sentence on).
  private static func contains(_ lines: [String], _ passage: String, isSentence: Bool) -> Bool {
    let wanted = passage.split(separator: "\n").map(String.init)
    guard let first = wanted.first else { return false }
    if wanted.count == 1, lines.contains(where: { isPart(first, of: $0, isSentence: isSentence) }) { return true }
    return lines.indices.contains { start in
      guard lines[start] == first || unnumbered(lines[start]) == first else { return false }
      return lines[(start + 1)...].starts(with: wanted.dropFirst())
    }
  }

  /// Whether a passage is what stands in a line behind one number and before the next one or the end.
  private static func isPart(_ passage: String, of line: String, isSentence: Bool) -> Bool {
    line.ranges(of: passage).contains { range in
      let before = line[..<range.lowerBound]
      let after = line[range.upperBound...]
      guard before.last == " ", after.isEmpty || after.first == " " else { return false }
      let starts =
        before.dropLast().split(separator: " ").last.map(isMark) ?? false
        || isSentence && before.dropLast().last == "."
      return starts && (after.isEmpty || after.split(separator: " ").first.map(isMark) ?? false)
    }
  }

  /// A line without `3. `, `(b) ` or `(14a) ` at its beginning.
  private static func unnumbered(_ line: String) -> String? {
    guard let end = line.firstIndex(of: " "), isMark(line[..<end]) else { return nil }
    return String(line[line.index(after: end)...])
  }

  /// Whether a word numbers what follows: `3.`, `1a.`, `(b)`, `(14a)`.
  private static func isMark(_ word: Substring) -> Bool {
    let isInner: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber) }
    if word.last == "." {
      let digits = word.prefix { $0.isASCII && $0.isNumber }
      return (1...3).contains(digits.count) && word.count <= digits.count + 2 && word.dropLast().allSatisfy(isInner)
    }
    return word.first == "(" && word.last == ")" && word.dropFirst().dropLast().allSatisfy(isInner)
  }
}
