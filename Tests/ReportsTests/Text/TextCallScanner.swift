import Foundation

/// Finds the messages that code asks for: calls of `words`, `inlines` and `columns` with a literal key.
struct TextCallScanner {
  /// One call.
  struct Call {
    var key: String
    /// Names of the placeholders, and whether the value is a number (`.count`).
    var values: [String: Bool]
    /// Whether the values are written down in the call itself, so that their names are known.
    var isLiteral: Bool
    var place: String
  }

  private let characters: [Character]
  private let file: String

  init(_ source: String, file: String) {
    characters = Array(source)
    self.file = file
  }

  /// Every call of all Swift files below a folder.
  static func calls(below folder: URL) throws -> [Call] {
    guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
    var calls: [Call] = []
    for case let file as URL in files where file.pathExtension == "swift" {
      calls += TextCallScanner(try String(contentsOf: file, encoding: .utf8), file: file.lastPathComponent).calls
    }
    return calls
  }

  var calls: [Call] {
    var found: [Call] = []
    var index = 0
    while index < characters.count {
      if let start = call(at: index) {
        found.append(self.call(from: start))
        index = start
      }
      index += 1
    }
    return found
  }

  /// Where the key's opening quote stands, if `words("`, `inlines("` or `columns("` begins here.
  private func call(at index: Int) -> Int? {
    for name in ["words(", "inlines(", "columns("] where characters[index...].starts(with: name) {
      if index > 0, characters[index - 1].isLetter || characters[index - 1].isNumber { continue }
      let quote = skipSpace(index + name.count)
      if quote < characters.count, characters[quote] == "\"" { return quote }
    }
    return nil
  }

  private func call(from quote: Int) -> Call {
    let line = characters[..<quote].count { $0.isNewline } + 1
    let end = afterString(quote)
    var call = Call(
      key: String(characters[(quote + 1)..<(end - 1)]), values: [:], isLiteral: true, place: "\(file):\(line)")
    var index = skipSpace(end)
    guard index < characters.count, characters[index] == "," else { return call }
    index = skipSpace(index + 1)
    guard index < characters.count, characters[index] == "[" else {
      call.isLiteral = false
      return call
    }
    readValues(from: index + 1, into: &call)
    return call
  }

  private func readValues(from start: Int, into call: inout Call) {
    var index = start
    var depth = 1
    while index < characters.count, depth > 0 {
      switch characters[index] {
      case "[", "(", "{": depth += 1
      case "]", ")", "}": depth -= 1
      case "\"":
        let end = afterString(index)
        let colon = skipSpace(end)
        if depth == 1, colon < characters.count, characters[colon] == ":" {
          let value = skipSpace(colon + 1)
          call.values[String(characters[(index + 1)..<(end - 1)])] = characters[value...].starts(with: ".count(")
        }
        index = end
        continue
      default: break
      }
      index += 1
    }
  }

  private func skipSpace(_ start: Int) -> Int {
    var index = start
    while index < characters.count, characters[index].isWhitespace { index += 1 }
    return index
  }

  /// The index after a string literal's closing quote; what is interpolated may hold literals of its own.
  private func afterString(_ quote: Int) -> Int {
    var index = quote + 1
    while index < characters.count, characters[index] != "\"" {
      if characters[index] == "\\", index + 1 < characters.count, characters[index + 1] == "(" {
        var depth = 1
        index += 2
        while index < characters.count, depth > 0 {
          if characters[index] == "\"" {
            index = afterString(index)
            continue
          }
          if characters[index] == "(" { depth += 1 }
          if characters[index] == ")" { depth -= 1 }
          index += 1
        }
      } else {
        index += characters[index] == "\\" ? 2 : 1
      }
    }
    return index + 1
  }
}
