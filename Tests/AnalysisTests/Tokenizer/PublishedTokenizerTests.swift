import Foundation
import Testing

@testable import Analysis

@Suite("Tokenizers of the published kinds")
struct PublishedTokenizerTests {
  @Test("Every string has the ids that Hugging Face gives it", arguments: TokenizerReference.kinds)
  func strings(kind: String) throws {
    let tokenizer = try TokenizerReference.tokenizer(kind)
    let strings = try TokenizerReference.strings()
    let golden = try #require(try TokenizerReference.golden(kind).ids)
    #expect(strings.count > 1_200)
    #expect(golden.count == strings.count)
    var wrong = 0
    for (text, ids) in zip(strings, golden) {
      let ours = try tokenizer.encode(text)
      guard ours != ids else { continue }
      wrong += 1
      if wrong < 5 {
        Issue.record("\(kind): \(scalars(text)): \(tokenizer.texts(of: ours)), not \(tokenizer.texts(of: ids))")
      }
    }
    #expect(wrong == 0)
  }

  @Test("Strings of 10,000 characters have the ids that Hugging Face gives them", arguments: TokenizerReference.kinds)
  func longStrings(kind: String) throws {
    let tokenizer = try TokenizerReference.tokenizer(kind)
    let golden = try TokenizerReference.golden(kind).long
    let strings = try TokenizerReference.longStrings()
    #expect(strings.count == golden.count)
    for (number, (text, expected)) in zip(strings, golden).enumerated() {
      let ids = try tokenizer.encode(text)
      #expect(ids.count == expected.count, "long string \(number)")
      #expect(TokenizerReference.hash(ids: ids) == expected.hash, "long string \(number)")
    }
  }

  @Test(
    "The special tokens around a text, and the size, are those of Hugging Face", arguments: TokenizerReference.kinds)
  func specialTokens(kind: String) throws {
    let tokenizer = try TokenizerReference.tokenizer(kind)
    let golden = try TokenizerReference.golden(kind)
    #expect(tokenizer.specialTokensBefore == golden.before)
    #expect(tokenizer.specialTokensAfter == golden.after)
    #expect(tokenizer.vocabularySize == golden.size)
  }

  @Test("Pairs of strings have the ids, types and special tokens that Hugging Face gives them")
  func pairs() throws {
    let (strings, pairs) = (try TokenizerReference.strings(), try TokenizerReference.pairs())
    #expect(pairs.keys.sorted() == TokenizerReference.kinds.sorted())
    for (kind, rows) in pairs {
      let tokenizer = try TokenizerReference.tokenizer(kind)
      #expect(rows.count > 20)
      for row in rows {
        let (one, other) = (strings[row.strings.0], strings[row.strings.1])
        let made = try tokenizer.encoding(of: .pair(one, other))
        #expect([made.ids, made.typeIDs, made.isSpecial.map { $0 ? 1 : 0 }] == row.encoding, "\(kind) \(row.strings)")
      }
    }
  }

  @Test("The expected special tokens are there at all")
  func specialTokensExist() throws {
    #expect(try TokenizerReference.tokenizer("llama2").specialTokensBefore == [1])
    #expect(try TokenizerReference.tokenizer("bert-cased").specialTokensBefore == [2])
    #expect(try TokenizerReference.tokenizer("bert-cased").specialTokensAfter == [3])
    #expect(try TokenizerReference.tokenizer("roberta").specialTokensAfter == [2])
    #expect(try TokenizerReference.tokenizer("gpt2").specialTokensBefore == [])
    #expect(try TokenizerReference.tokenizer("xlm-roberta").specialTokensBefore == [0])
    #expect(try TokenizerReference.tokenizer("camembert").specialTokensAfter == [6])
    let albert = try TokenizerReference.tokenizer("albert").encoding(of: .pair("a", "b"))
    #expect(albert.typeIDs.first == 0 && albert.typeIDs.last == 1 && albert.isSpecial.count { $0 } == 3)
    let llama3 = try TokenizerReference.tokenizer("llama3")
    #expect(llama3.texts(of: llama3.specialTokensBefore) == ["<|begin_of_text|>"])
  }

  static let stories = Reference.tests.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/models/stories260K")

  @Test(
    "The TinyStories tokenizer gives every string the ids that Hugging Face gives it",
    .enabled(if: FileManager.default.fileExists(atPath: stories.path), "the model is not part of the project"))
  func tinyStories() throws {
    let tokenizer = try #require(try Checkpoint(folder: Self.stories).tokenizer())
    let file = TokenizerReference.folder.appendingPathComponent("stories260K.json")
    let golden = try JSONDecoder().decode(TokenizerReference.Golden.self, from: Data(contentsOf: file))
    let hashes = try #require(golden.hashes)
    for (text, hash) in zip(try TokenizerReference.strings(), hashes) {
      #expect(TokenizerReference.hash(ids: try tokenizer.encode(text)) == hash, "\(scalars(text))")
    }
    for (text, expected) in zip(try TokenizerReference.longStrings(), golden.long) {
      #expect(TokenizerReference.hash(ids: try tokenizer.encode(text)) == expected.hash)
    }
    #expect(tokenizer.specialTokensBefore == golden.before)
    #expect(tokenizer.vocabularySize == golden.size)
  }

  @Test("A token's text keeps its leading space, shows bytes that are no character, and tells continuations")
  func texts() throws {
    func texts(_ kind: String, _ tokens: [String]) throws -> [String] {
      let tokenizer = try TokenizerReference.tokenizer(kind)
      return tokenizer.texts(of: try tokens.map { try #require(tokenizer.id(ofToken: $0), "\($0)") })
    }
    #expect(try texts("llama3", ["Ġ", "Ċ", "Ã", "<|begin_of_text|>"]) == [" ", "\n", "\u{FFFD}", "<|begin_of_text|>"])
    #expect(try texts("llama2", ["▁", "<0x0A>", "<0xC3>", "<s>", "a"]) == [" ", "\n", "\u{FFFD}", "<s>", "a"])
    #expect(try texts("gemma", ["▁t", "<0x41>"]) == [" t", "A"])
    #expect(try texts("bert-uncased", ["##e", "[CLS]", "the"]) == ["##e", "[CLS]", "the"])
    #expect(try texts("xlm-roberta", ["▁t", "<mask>"]) == [" t", "<mask>"])
    #expect(try texts("clip", ["a", "a</w>"]) == ["a", "a "])
  }
}
