import Foundation

/// The character map of SentencePiece as Hugging Face's `tokenizers` applies it (the normalizer `Precompiled`): what a character, or a
/// short grapheme cluster, is replaced by.
///
/// The bytes are a little-endian 32-bit length, a double-array trie of that many bytes (Darts-clone: units of 32 bits), and the
/// replacements, each UTF-8 that ends with a zero byte. The trie gives the replacement's place by the bytes of what is replaced.
/// Source: SentencePiece, `normalizer.cc`, and the crate `spm_precompiled`, in whose way the map is used: of all keys that begin a cluster
/// the shortest counts, and its replacement takes the place of the whole cluster.
struct CharacterMap: Sendable {
  /// Clusters of more bytes are replaced character by character.
  private static let mostClusterBytes = 5

  private let units: [UInt32]
  private let replacements: [UInt8]
  /// The key of the file, for messages.
  private let place: String

  /// A part of the result.
  private struct Output {
    let scalar: Unicode.Scalar
    /// 0: it stands for one scalar of the text; 1: for none; -n: for one and the n that follow.
    var change = 0
  }

  /// The text with its replacements.
  /// - Throws: `AnalysisError.badTokenizer` if the map leads outside itself.
  /// - Complexity: O(scalars + replacements).
  func callAsFunction(_ text: [Unicode.Scalar], _ work: inout TokenizerWork) throws -> [Unicode.Scalar] {
    try outputs(of: text, &work).map(\.scalar)
  }

  /// The piece with its replacements.
  ///
  /// What is removed before anything is kept is not counted in the original: there the next scalar stands for it.
  /// - Throws: as for a text.
  func callAsFunction(_ piece: TextPiece, _ work: inout TokenizerWork) throws -> TextPiece {
    let outputs = try outputs(of: piece.scalars, &work)
    var (position, leading) = (0, 0)
    for output in outputs {
      // One that is put in belongs to the scalar before it.
      guard (output.change > 0 ? max(0, position - 1) : position) < piece.leading else { break }
      leading += 1
      if output.change <= 0 { position += 1 - output.change }
    }
    return TextPiece(scalars: outputs.map(\.scalar), leading: leading)
  }

  private func outputs(of text: [Unicode.Scalar], _ work: inout TokenizerWork) throws -> [Output] {
    var outputs: [Output] = []
    outputs.reserveCapacity(text.count)
    for cluster in TokenText(scalars: text).text {
      let (scalars, before) = (cluster.unicodeScalars, outputs.count)
      if cluster.utf8.count <= Self.mostClusterBytes, let found = try replacement(of: cluster.utf8) {
        Self.append(found, for: scalars.count, to: &outputs)
      } else {
        for scalar in scalars {
          if let found = try replacement(of: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter) {
            Self.append(found, for: 1, to: &outputs)
          } else {
            outputs.append(Output(scalar: scalar))
          }
        }
      }
      // Long replacements are told before they take the machine.
      try work.spend(1 + outputs.count - before)
    }
    try work.has(outputs.count)
    return outputs
  }

  /// Appends what takes the place of a number of scalars.
  private static func append(_ new: [Unicode.Scalar], for count: Int, to outputs: inout [Output]) {
    outputs += new.map { Output(scalar: $0) }
    if new.count > count {
      for i in (outputs.count - (new.count - count))..<outputs.count { outputs[i].change = 1 }
    } else if let last = outputs.indices.last {
      outputs[last].change += new.count - count
    }
  }

  // MARK: The trie

  /// What the shortest key that begins the bytes is replaced by, nil if none does.
  private func replacement(of key: some Sequence<UInt8>) throws -> [Unicode.Scalar]? {
    var node = Self.offset(try unit(0))
    for byte in key {
      // A zero byte is the end of every key.
      guard byte != 0 else { return nil }
      node ^= Int(byte)
      let unit = try unit(node)
      guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
      node ^= Self.offset(unit)
      if unit >> 8 & 1 == 1 { return try replacement(at: Int(try self.unit(node) & 0x7FFF_FFFF)) }
    }
    return nil
  }

  private func unit(_ node: Int) throws -> UInt32 {
    guard node < units.count else { throw leadsOutside("the trie has \(units.count) units and leads to unit \(node)") }
    return units[node]
  }

  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }

  private func replacement(at start: Int) throws -> [Unicode.Scalar] {
    guard start <= replacements.count,
      let text = String(validating: replacements[start...].prefix { $0 != 0 }, as: UTF8.self)
    else {
      throw leadsOutside("the replacements have \(replacements.count) bytes and none begins at \(start)")
    }
    return Array(text.unicodeScalars)
  }

  private func leadsOutside(_ what: String) -> AnalysisError {
    AnalysisError(
      .badTokenizer,
      "\(place) is damaged: \(what); use the tokenizer.json that was published with the model")
  }

  /// Reads the key `precompiled_charsmap`, in base 64.
  /// - Throws: `AnalysisError.badTokenizer` if it is no character map.
  init(of object: ModelJSONObject) throws {
    let key = "precompiled_charsmap"
    let text = try object.required(key, object.string)
    place = "\(object.place): key '\(key)'"
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: text + padding) else { throw object.failure(key, "is not in base 64") }
    let bytes = Array(data)
    func word(_ start: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
    }
    guard bytes.count >= 4 else {
      throw object.failure(key, "has \(bytes.count) bytes; a character map begins with the length of its trie")
    }
    let count = Int(word(0)) / 4
    guard count > 0, count <= (bytes.count - 4) / 4 else {
      throw object.failure(
        key, "has \(bytes.count) bytes and says that its trie has \(word(0)); the file is cut off or of another kind")
    }
    units = (0..<count).map { word(4 + 4 * $0) }
    replacements = Array(bytes[(4 + 4 * count)...])
    guard String(validating: replacements, as: UTF8.self) != nil else {
      throw object.failure(key, "has replacements that are not UTF-8")
    }
  }
}
