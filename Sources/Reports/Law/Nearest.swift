import Project

/// The part of a message that says what a person probably meant by a misspelt name.
enum Nearest {
  /// `; did you mean 'date'?` if a known name is near, otherwise a full stop. Long names are cut, so hostile input costs little.
  static func hint(_ word: String, among known: [String]) -> String {
    NearestName.find(String(word.prefix(200)), among: known).map { "; did you mean '\($0)'?" } ?? "."
  }
}
