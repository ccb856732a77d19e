import Project

/// The part of a message that says what a person probably meant by a misspelt name.
enum Nearest {
  /// `; did you mean 'date'?` if a known name is near, otherwise a full stop. Long names are cut, so hostile input costs little.
  static func hint(_ word: String, among known: [String]) -> String {
    let word = String(word.prefix(200))
    let near = known.first { !bare(word).isEmpty && bare($0) == bare(word) } ?? NearestName.find(word, among: known)
    return near.map { "; did you mean '\($0)'?" } ?? "."
  }

  /// The letters and digits of a name: `2b`, `2.b` and `2 (B)` stand for `2(b)`.
  private static func bare(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
