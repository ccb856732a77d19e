/// What a head with a certain role would look at: for each position that can show it, the positions looked at.
struct AttentionTargets {
  /// A position, and others that the role looks at from there (at least one).
  struct Query {
    let position: Int
    let keys: [Int]
  }

  let queries: [Query]

  /// From each position but the first, the one before it.
  static func previousToken(_ ids: [Int]) -> AttentionTargets {
    AttentionTargets(queries: ids.indices.dropFirst().map { Query(position: $0, keys: [$0 - 1]) })
  }

  /// From each position but the first, the first.
  static func firstToken(_ ids: [Int]) -> AttentionTargets {
    AttentionTargets(queries: ids.indices.dropFirst().map { Query(position: $0, keys: [0]) })
  }

  /// From each position but the last, the one after it.
  static func nextToken(_ ids: [Int]) -> AttentionTargets {
    AttentionTargets(queries: ids.indices.dropLast().map { Query(position: $0, keys: [$0 + 1]) })
  }

  /// From each token that stands elsewhere too, its other occurrences.
  static func sameToken(_ ids: [Int]) -> AttentionTargets {
    keep(ids.indices.map { i in Query(position: i, keys: ids.indices.filter { $0 != i && ids[$0] == ids[i] }) })
  }

  /// From each position, the delimiters that stand elsewhere.
  static func delimiters(_ delimiters: Set<Int>, in ids: [Int]) -> AttentionTargets {
    keep(
      ids.indices.map { i in
        Query(position: i, keys: ids.indices.filter { $0 != i && delimiters.contains(ids[$0]) })
      })
  }

  /// From each token that occurred before, its earlier occurrences.
  static func duplicateToken(_ ids: [Int]) -> AttentionTargets {
    keep(ids.indices.map { i in Query(position: i, keys: (0..<i).filter { ids[$0] == ids[i] }) })
  }

  /// From each token that occurred before, what followed its earlier occurrences (itself excepted).
  static func induction(_ ids: [Int]) -> AttentionTargets {
    keep(ids.indices.map { i in Query(position: i, keys: (0..<i).filter { $0 > 0 && ids[$0 - 1] == ids[i] }) })
  }

  /// From the decision position, the answers' tokens elsewhere in the prompt.
  static func answers(_ answers: [Int], in ids: [Int], from position: Int) -> AttentionTargets {
    keep([Query(position: position, keys: ids.indices.filter { $0 != position && answers.contains(ids[$0]) })])
  }

  private static func keep(_ queries: [Query]) -> AttentionTargets {
    AttentionTargets(queries: queries.filter { !$0.keys.isEmpty })
  }

  /// The mean over the queries of the attention on their keys; nil without queries.
  func mean(_ weight: (_ position: Int, _ key: Int) -> Double) -> Double? {
    guard !queries.isEmpty else { return nil }
    return queries.reduce(0) { sum, query in
      query.keys.reduce(sum) { $0 + weight(query.position, $1) }
    } / Double(queries.count)
  }
}
