/// The tokens of a model and their ids.
struct Vocabulary: Sendable {
  private let ids: [TokenText: Int]
  /// Ids of the tokens that are one scalar, the symbols that byte-pair encoding begins with.
  private let scalarIDs: [Unicode.Scalar: Int]

  /// How many tokens there are.
  let count: Int

  func id(_ text: String) -> Int? { ids[TokenText(text)] }

  func id<Scalars: Sequence<Unicode.Scalar>>(_ scalars: Scalars) -> Int? { ids[TokenText(scalars: scalars)] }

  func id(_ scalar: Unicode.Scalar) -> Int? { scalarIDs[scalar] }

  /// The text of each id.
  var texts: [Int: String] {
    Dictionary(
      ids.map { ($1, $0.text) },
      uniquingKeysWith: { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) ? $0 : $1 })
  }

  /// Reads `vocab` of a model.
  /// - Throws: `AnalysisError.badTokenizer`.
  /// - Complexity: O(tokens).
  init(of model: ModelJSONObject) throws {
    guard let members = try model.members("vocab"), !members.isEmpty else {
      throw model.failure("vocab", "is missing or empty")
    }
    self.init(
      try members.map { member in
        guard case .integer(let id) = member.value, (0...0x7FFF_FFFF).contains(id) else {
          throw model.failure("vocab", "has an entry that is not a token id")
        }
        return (member.key, id)
      })
  }

  /// The tokens of a list, the place of each being its id; of a token that is there twice the last counts.
  init(listed tokens: [String]) { self.init(tokens.enumerated().map { ($1, $0) }) }

  private init(_ tokens: [(text: String, id: Int)]) {
    var ids: [TokenText: Int] = [:]
    var scalarIDs: [Unicode.Scalar: Int] = [:]
    ids.reserveCapacity(tokens.count)
    for (text, id) in tokens {
      ids[TokenText(text)] = id
      let scalars = text.unicodeScalars
      if let first = scalars.first, scalars.index(after: scalars.startIndex) == scalars.endIndex {
        scalarIDs[first] = id
      }
    }
    (self.ids, self.scalarIDs, count) = (ids, scalarIDs, tokens.count)
  }
}
