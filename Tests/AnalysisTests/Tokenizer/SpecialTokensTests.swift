import Foundation
import Testing

@testable import Analysis

/// `Tests/Reference/tokenizers/special_tokens.py` asked transformers 4.57.6 and 5.24.0.
@Suite("Special tokens of the model's own tokenizer")
struct SpecialTokensTests {
  private struct Row {
    let tokenizer: Tokenizer
    let ids: [Int]
    let pair: [Int]
    let note: String
  }

  private func rows(_ name: String) throws -> [Row?] {
    guard case .object(let members) = try RandomTokenizerTests.json(name) else { return [] }
    let file = ModelJSONObject(members, place: name, code: .badTokenizer)
    let tokenizers = try file.required("tokenizers", file.object)
    return try file.required("rows", file.objects).map { row in
      guard let ids = RandomTokenizerTests.ids(row["ids"]), let pair = RandomTokenizerTests.ids(row["pair"]) else {
        return nil
      }
      let post = try row.required("post", row.string)
      let tokenizer = try RandomTokenizerTests.tokenizer(
        tokenizers.members.first { $0.key == post }?.value, configuration: row["config"],
        modelType: try row.string("model_type"))
      return Row(
        tokenizer: tokenizer, ids: ids, pair: pair,
        note: "\(post) \(row["config"].map(RandomTokenizerTests.text) ?? "no configuration")")
    }
  }

  @Test(
    "Of every combination of post-processor, class, switches and tokens, texts and pairs get what transformers 4 gives them"
  )
  func asTransformers4() throws {
    let rows = try rows("special-tokens-4.json").compactMap { $0 }
    #expect(rows.count > 600)
    for row in rows {
      #expect(try row.tokenizer.encodeWithSpecialTokens("ab").ids == row.ids, "\(row.note)")
      if row.tokenizer.specialTokensClass == "CodeLlamaTokenizerFast" {
        // There a pair is a gap to be filled in.
        expectError(.badTokenizer, ["CodeLlama", "pair"]) {
          _ = try row.tokenizer.encodeWithSpecialTokens("ab", pair: "b")
        }
      } else {
        #expect(try row.tokenizer.encodeWithSpecialTokens("ab", pair: "b").ids == row.pair, "\(row.note)")
      }
      let own = row.tokenizer.ownSpecialTokens
      #expect(own.before + (try row.tokenizer.encode("ab")) + own.after == row.ids, "\(row.note)")
    }
  }

  @Test("Where no class decides for itself, transformers 5 gives the same")
  func asTransformers5() throws {
    let rows = try rows("special-tokens-5.json").compactMap { $0 }.filter { $0.tokenizer.specialTokensClass == nil }
    #expect(rows.count > 300)
    for row in rows { #expect(try row.tokenizer.encodeWithSpecialTokens("ab").ids == row.ids, "\(row.note)") }
  }

  private let file = """
    {"added_tokens": [], "pre_tokenizer": {"type": "WhitespaceSplit"},
    "model": {"type": "WordLevel", "vocab": {"a": 0, "<s>": 1, "b": 2}, "unk_token": "<unk>"}}
    """

  private func tokenizer(_ configuration: String) throws -> Tokenizer {
    let beside = TokenizerFiles(folder: "folder") { name in
      guard name == "tokenizer_config.json" else { return nil }
      return try Array(configuration.utf8).withUnsafeBytes { try ModelJSONObject($0, file: name, code: .badTokenizer) }
    }
    return try Array(file.utf8).withUnsafeBytes {
      try Tokenizer($0, name: "tokenizer.json", configuration: TokenizerConfiguration(beside))
    }
  }

  @Test("A token that is to be added, but that no file has or names, is an error with its key")
  func errors() throws {
    #expect(try tokenizer(#"{"tokenizer_class": "LlamaTokenizer"}"#).ownSpecialTokens.before == [1])
    expectError(.badTokenizer, ["tokenizer_config.json", "'<x>'", "no such token"]) {
      _ = try tokenizer(#"{"tokenizer_class": "LlamaTokenizer", "bos_token": "<x>"}"#)
    }
    expectError(.badTokenizer, ["tokenizer_config.json: key 'bos_token' is null", "'add_bos_token'"]) {
      _ = try tokenizer(#"{"tokenizer_class": "LlamaTokenizer", "bos_token": null}"#)
    }
    expectError(.badTokenizer, ["key 'add_bos_token' is a text"]) {
      _ = try tokenizer(#"{"tokenizer_class": "LlamaTokenizer", "add_bos_token": "yes"}"#)
    }
  }

  @Test("Prompts get them under auto, not under false; a plan that was carried out keeps its own")
  func prompts() throws {
    let tokenizer = try tokenizer(#"{"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": true}"#)
    func prompt(_ special: SpecialTokens, _ ids: SpecialTokenIDs? = nil) throws -> [Int] {
      try PromptEncoder(
        tokenizer: tokenizer, vocabulary: 3, isClassifier: false, folder: "folder", prepend: [], specialTokens: special,
        ids: ids, contexts: []
      ).prompt("a b")
    }
    #expect(try prompt(.never) == [0, 2])
    #expect(try prompt(.file) == [0, 2])
    #expect(try prompt(.auto) == [1, 0, 2])
    #expect(try prompt(.auto, SpecialTokenIDs(before: [2], after: [])) == [2, 0, 2])
  }

  @Test("Plans of version 0.1.0 are read, and auto is written with what it came to")
  func plans() throws {
    for (text, value) in [("true", SpecialTokens.file), ("false", .never), ("\"auto\"", .auto)] {
      #expect(try JSONDecoder().decode(SpecialTokens.self, from: Data(text.utf8)) == value)
      #expect(String(decoding: try JSONEncoder().encode(value), as: UTF8.self) == text)
    }
    var plan = AnalysisPlan(behaviour: "b", question: "q", positive: ["a"], negative: ["b"], pairs: [])
    #expect(plan.settled(with: nil) == plan && plan.specialTokensUsed == .never)
    plan.specialTokens = .auto
    let settled = plan.settled(with: try tokenizer(#"{"tokenizer_class": "LlamaTokenizerFast"}"#))
    #expect(settled.specialIds == SpecialTokenIDs(before: [1], after: []) && settled.specialTokensUsed == .auto)
    #expect(settled.asDeclared == plan && settled != plan)
    #expect(plan.settled(with: try tokenizer("{}")).specialTokensUsed == .never)
  }
}
