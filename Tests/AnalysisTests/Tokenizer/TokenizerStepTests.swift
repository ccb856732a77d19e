import Foundation
import Testing

@testable import Analysis

@Suite("Steps of a tokenizer")
struct TokenizerStepTests {
  /// One step, what it is in `tokenizer.json`, and the hash of what it makes of all strings.
  struct Step: Sendable, CustomTestStringConvertible {
    let key: String
    let json: ModelJSONObject
    let hash: String
    let testDescription: String
  }

  static func steps(_ key: String) throws -> [Step] {
    let data = try Data(contentsOf: TokenizerReference.folder.appendingPathComponent("steps.json"))
    guard case .array(let rows) = try data.withUnsafeBytes({ try StrictJSONReader.read($0) }) else { return [] }
    return try rows.enumerated().compactMap { number, row in
      guard case .object(let members) = row else { return nil }
      let object = ModelJSONObject(members, place: "steps.json \(number)", code: .badTokenizer)
      guard try object.string("key") == key else { return nil }
      let step = try object.required("step", object.object)
      return Step(
        key: key, json: step, hash: try object.required("hash", object.string),
        testDescription: "\(number) \(try step.string("type") ?? "")")
    }
  }

  @Test("Pre-tokenizers cut every string as Hugging Face does")
  func preTokenizers() throws {
    let strings = try TokenizerReference.strings().map { Array($0.unicodeScalars) }
    let steps = try Self.steps("pre_tokenizer")
    #expect(steps.count > 90)
    for step in steps {
      let preTokenizer = try PreTokenizer(step.json)
      var made: [UInt8] = []
      for text in strings {
        var work = TokenizerWork("", scalars: text.count)
        for piece in try preTokenizer([TextPiece(scalars: text, isFirst: true)], &work) where !piece.scalars.isEmpty {
          made.append(contentsOf: TokenText(scalars: piece.scalars).text.utf8)
          made.append(0xFF)
        }
        made.append(0xFE)
      }
      #expect(TokenizerReference.hash(made) == step.hash, "\(step.json)")
    }
  }

  @Test("Normalizers change every string as Hugging Face does")
  func normalizers() throws {
    let strings = try TokenizerReference.strings().map { Array($0.unicodeScalars) }
    let steps = try Self.steps("normalizer")
    #expect(steps.count > 30)
    for step in steps {
      let normalizer = try TextNormalizer(step.json)
      var made: [UInt8] = []
      for text in strings {
        var work = TokenizerWork("", scalars: text.count)
        made.append(contentsOf: TokenText(scalars: try normalizer(text, &work)).text.utf8)
        made.append(0xFE)
      }
      #expect(TokenizerReference.hash(made) == step.hash, "\(step.json)")
    }
  }
}
