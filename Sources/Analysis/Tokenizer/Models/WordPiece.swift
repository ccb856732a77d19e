/// WordPiece (Schuster, Nakajima 2012; as in BERT): the longest token that begins the word, then the longest that goes on.
struct WordPiece: Sendable {
  let vocabulary: Vocabulary
  private let unknown: Int?
  private let prefix: [Unicode.Scalar]
  private let mostScalars: Int

  /// The ids of a word; the unknown token if it is too long or no tokens cover it, nil if there is none.
  /// - Complexity: O(n²) in the word's scalars, n limited by `max_input_chars_per_word`.
  /// - Throws: `AnalysisError.badTokenizer` if that takes too much.
  func encode(_ word: [Unicode.Scalar], _ work: inout TokenizerWork) throws -> [Int]? {
    let unknown = unknown.map { [$0] }
    guard word.count <= mostScalars else { return unknown }
    var ids: [Int] = []
    var start = 0
    while start < word.count {
      var found: (id: Int, end: Int)?
      for end in stride(from: word.count, to: start, by: -1) {
        try work.spend(1 + (end - start) / 8)
        if let id = vocabulary.id((start > 0 ? prefix : []) + word[start..<end]) {
          found = (id, end)
          break
        }
      }
      guard let found else { return unknown }
      ids.append(found.id)
      start = found.end
    }
    return ids
  }

  /// Reads a model of type WordPiece.
  /// - Throws: `AnalysisError.badTokenizer`.
  init(of model: ModelJSONObject) throws {
    vocabulary = try Vocabulary(of: model)
    unknown = vocabulary.id(try model.string("unk_token") ?? "[UNK]")
    prefix = try model.scalars("continuing_subword_prefix") ?? Array("##".unicodeScalars)
    mostScalars = try model.integer("max_input_chars_per_word", in: 0...TokenizerLimits.word) ?? 100
  }
}
