/// Finds what a person probably meant by a misspelt name.
enum Nearest {
  /// The candidate with the smallest edit distance, if that is at most a third of the longer word's length (and at least 2 is allowed).
  static func match(_ word: String, among candidates: [String]) -> String? {
    candidates
      .map { (candidate: $0, distance: distance(word.lowercased(), $0.lowercased())) }
      .filter { $0.distance <= max(2, max(word.count, $0.candidate.count) / 3) }
      .min { $0.distance < $1.distance }?.candidate
  }

  /// A sentence part that names the nearest candidate, or nothing: `; did you mean 'date'?`.
  static func hint(_ word: String, among candidates: [String]) -> String {
    match(word, among: candidates).map { "; did you mean '\($0)'?" } ?? "."
  }

  /// Levenshtein distance in characters. Words are cut at 200 characters, so hostile input costs little.
  static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left.prefix(200))
    let right = Array(right.prefix(200))
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let substituted = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
