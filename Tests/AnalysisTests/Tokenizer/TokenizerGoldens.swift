import Foundation
import Testing

@testable import Analysis

/// What `Tests/Reference/tokenizers/generate.py` wrote; its README says how.
enum TokenizerReference {
  static let folder = Reference.folder.appendingPathComponent("tokenizers")

  /// Small tokenizers with the pipelines of published families.
  static let kinds = [
    "gpt2", "roberta", "neox", "llama3", "qwen2", "gpt4", "o200k", "deepseek", "clip", "llama2", "llama2-metaspace",
    "gemma", "characters", "bert-uncased", "bert-cased", "words", "prefixed", "xlm-roberta", "camembert", "albert",
    "deberta-v2", "mpnet", "distilbert", "modernbert",
  ]

  /// Ids and facts of one tokenizer, from Hugging Face's `tokenizers`.
  struct Golden: Decodable {
    /// Of each string of `strings.json`.
    let ids: [[Int]]?
    /// The same as hashes.
    let hashes: [String]?
    /// Of each long string: how many ids, and their hash.
    let long: [Long]
    let before: [Int]
    let after: [Int]
    let size: Int

    struct Long: Decodable {
      let count: Int
      let hash: String

      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        count = try container.decode(Int.self)
        hash = try container.decode(String.self)
      }
    }
  }

  private struct Strings: Decodable {
    let strings: [String]
    /// The atoms of each long string.
    let long: [[String]]
  }

  private static func decoded<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(name)))
  }

  static func strings() throws -> [String] { try decoded(Strings.self, "strings.json").strings }

  /// Atoms drawn by SplitMix64, `next()` modulo their number, until there are 10,000 scalars.
  static func longStrings() throws -> [String] {
    try decoded(Strings.self, "strings.json").long.enumerated().map { seed, atoms in
      var generator = SplitMix64(seed: UInt64(seed))
      var (text, length) = (String.UnicodeScalarView(), 0)
      while length < 10_000 {
        let atom = atoms[Int(generator.next() % UInt64(atoms.count))].unicodeScalars
        text.append(contentsOf: atom)
        length += atom.count
      }
      return String(text)
    }
  }

  /// Of pairs of strings, by their numbers.
  struct Pair: Decodable {
    let strings: (Int, Int)
    let encoding: [[Int]]

    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      strings = (try container.decode(Int.self), try container.decode(Int.self))
      encoding = [
        try container.decode([Int].self), try container.decode([Int].self), try container.decode([Int].self),
      ]
    }
  }

  /// By kind.
  static func pairs() throws -> [String: [Pair]] { try decoded([String: [Pair]].self, "pairs.json") }

  static func golden(_ kind: String) throws -> Golden { try decoded(Golden.self, "\(kind)/golden.json") }

  static func tokenizer(_ kind: String) throws -> Tokenizer {
    try Tokenizer(
      file: try ModelFile(url: folder.appendingPathComponent("\(kind)/tokenizer.json"), path: "tokenizer.json"))
  }

  /// FNV-1a, 64 bits, in hexadecimal.
  static func hash<Bytes: Sequence<UInt8>>(_ bytes: Bytes) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// The hash of ids as little-endian 32-bit numbers.
  static func hash(ids: [Int]) -> String {
    hash(ids.flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } })
  }
}

/// A text as its scalars, for a message that shows what cannot be seen.
func scalars(_ text: String) -> String {
  text.unicodeScalars.prefix(60).map { String($0.value, radix: 16) }.joined(separator: " ")
}

/// A tokenizer from the text of its file.
func tokenizer(json: String) throws -> Tokenizer {
  try Array(json.utf8).withUnsafeBytes { try Tokenizer($0, name: "tokenizer.json") }
}
