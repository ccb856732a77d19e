import Foundation

/// The pinned copies of the law under `Tests/Reference/law`, read without any of the code under test.
enum LawPinnedText {
  /// The folder of the pinned files.
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Reference/law")

  /// A pinned file as it stands.
  static func file(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  /// The lines of the law in a pinned file, without the comment at its head.
  static func lines(_ name: String) throws -> [String] {
    let text = try file(name)
    let body = text.range(of: "-->\n").map { String(text[$0.upperBound...]) } ?? text
    return body.split(separator: "\n").map(String.init)
  }

  /// Annex IV: its heading, its chapeau, the main points and the lettered points, as (id, text) in order.
  static func annexIV() throws -> (heading: String, chapeau: String, points: [(String, String)]) {
    let lines = try lines("annex-04-IV.txt")
    var points: [(String, String)] = []
    var main = ""
    for line in lines.dropFirst(3) {
      if let match = line.wholeMatch(of: #/(\d+)\. (.+)/#) {
        main = String(match.1)
        points.append((main, String(match.2)))
      } else if let match = line.wholeMatch(of: #/    \(([a-z])\) (.+)/#) {
        points.append(("\(main)(\(match.1))", String(match.2)))
      } else {
        throw Unreadable(line: line)
      }
    }
    return (lines[1], lines[2], points)
  }

  struct Unreadable: Error { var line: String }
}
