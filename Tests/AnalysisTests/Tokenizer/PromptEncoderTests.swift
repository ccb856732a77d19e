import Foundation
import Testing

@testable import Analysis

/// Prompts with a tokenizer's special tokens and answers as continuations, against Hugging Face `transformers`.
@Suite("Prompts and answers")
struct PromptEncoderTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      let text: String
      let prompt: [Int]
      /// What each answer adds, nil if prompt and answer together do not begin with the prompt's ids.
      let answers: [[Int]?]
    }

    let answers: [String]
    let kinds: [String: [Case]]
  }

  private static let kinds = [
    "llama2", "llama2-metaspace", "gemma", "llama3", "gpt2", "qwen2", "neox", "roberta", "characters",
  ]

  private static func golden(_ kind: String) throws -> (answers: [String], cases: [Golden.Case]) {
    let golden = try Reference.read(Golden.self, "tokenizers/prompts.json")
    return (golden.answers, try #require(golden.kinds[kind]))
  }

  private static func encoder(
    _ kind: String, prepend: [String] = [], specialTokens: SpecialTokens = .never, contexts: [String] = [],
    isClassifier: Bool = false
  ) throws -> PromptEncoder {
    let tokenizer = try TokenizerReference.tokenizer(kind)
    return try PromptEncoder(
      tokenizer: tokenizer, vocabulary: tokenizer.vocabularySize, isClassifier: isClassifier, folder: "folder",
      prepend: prepend, specialTokens: specialTokens, contexts: contexts)
  }

  @Test("A prompt with special tokens has the ids that transformers gives it", arguments: kinds)
  func prompts(kind: String) throws {
    // Only a classifier's prompt may have a token after it.
    let with = try Self.encoder(kind, specialTokens: true, isClassifier: true)
    let without = try Self.encoder(kind)
    let tokenizer = try TokenizerReference.tokenizer(kind)
    for golden in try Self.golden(kind).cases {
      #expect(try with.prompt(golden.text) == golden.prompt, "\(golden.text)")
      let bare = golden.prompt.dropFirst(tokenizer.specialTokensBefore.count)
        .dropLast(tokenizer.specialTokensAfter.count)
      #expect(try without.prompt(golden.text) == Array(bare), "\(golden.text)")
    }
  }

  @Test("An answer is the token that it adds to the prompt", arguments: kinds)
  func answers(kind: String) throws {
    let (answers, cases) = try Self.golden(kind)
    let putsSpaces = try TokenizerReference.tokenizer(kind).putsSpacesBefore
    var (single, several, refused) = (0, 0, 0)
    for golden in cases {
      let encoder = try Self.encoder(kind, contexts: [golden.text])
      for (answer, ids) in zip(answers, golden.answers) {
        if let ids, ids.count == 1 {
          #expect(try encoder.answer(answer) == ids, "'\(golden.text)' and '\(answer)'")
          single += 1
        } else if putsSpaces, let ids, let found = try? encoder.answer(answer) {
          #expect(found == ids, "'\(golden.text)' and '\(answer)'")
          several += 1
        } else if putsSpaces {
          let what = ids == nil ? "become one token" : ids == [] ? "has no tokens" : "tokens ("
          expectError(.badAnswer, ["answer '\(answer)'", what]) { _ = try encoder.answer(answer) }
          refused += 1
        }
      }
    }
    #expect(single > 10 && (several + refused > 5 || !putsSpaces))
  }

  @Test("Without a prompt to continue, or where no space is put before texts, an answer is read by itself")
  func alone() throws {
    let llama2 = try TokenizerReference.tokenizer("llama2")
    #expect(llama2.putsSpacesBefore)
    #expect(try Self.encoder("llama2").answer("the") == [llama2.encode("the")[0]])
    let (after, byItself) = (try Self.encoder("llama2", contexts: ["a"]), try Self.encoder("llama2"))
    #expect(try after.answer(" the") == byItself.answer("the"))
    #expect(try after.answer(" the") != byItself.answer(" the"), "by itself it is two spaces and the word")
    let gpt2 = try Self.encoder("gpt2", contexts: ["Report due:\n"])
    #expect(try gpt2.answer("\n") == TokenizerReference.tokenizer("gpt2").encode("\n"))
  }

  @Test("An answer that is another token after another prompt is refused")
  func unlike() throws {
    let (answers, cases) = try Self.golden("llama2")
    let encoder = try Self.encoder("llama2", contexts: cases.map(\.text))
    var alike = 0
    for (number, answer) in answers.enumerated() {
      let ids = cases.map { $0.answers[number] }
      if Set(ids).count == 1, let only = ids[0], only.count == 1 {
        #expect(try encoder.answer(answer) == only)
        alike += 1
      } else if Set(ids).count > 1 {
        expectError(.badAnswer, ["answer '\(answer)'"]) { _ = try encoder.answer(answer) }
      }
    }
    #expect(alike > 0)
    let other = try Self.encoder("roberta", contexts: ["a", "a\n"])
    expectError(.badAnswer, ["answer '\n'"]) { _ = try other.answer("\n") }
  }

  @Test("Special tokens go with nothing else that would stand twice or stand between prompt and answer")
  func conflicts() throws {
    expectError(.badPlan, ["prompts.prepend and prompts.special_tokens"]) {
      _ = try Self.encoder("llama2", prepend: ["<s>"], specialTokens: true)
    }
    expectError(.badTokenizer, ["folder: the model's tokenizer puts </s> after every text", "prompts.prepend"]) {
      _ = try Self.encoder("roberta", specialTokens: true)
    }
    expectError(.badTokenizer, ["folder: has no tokenizer.json"]) {
      _ = try PromptEncoder(
        tokenizer: nil, vocabulary: 5, isClassifier: false, folder: "folder", prepend: [], specialTokens: true,
        contexts: [])
    }
  }
}

/// Types and special tokens are those of `tokenizers/pairs.json`; here stands what the engine makes of them.
@Suite("Prompts of one text or two")
struct PromptPairTests {
  private func encoder(
    _ kind: String, prepend: [String] = [], _ specialTokens: SpecialTokens = .auto, ids: SpecialTokenIDs? = nil
  ) throws -> PromptEncoder {
    let tokenizer = try TokenizerReference.tokenizer(kind)
    return try PromptEncoder(
      tokenizer: tokenizer, vocabulary: tokenizer.vocabularySize, isClassifier: true, folder: "folder",
      prepend: prepend, specialTokens: specialTokens, ids: ids, contexts: [])
  }

  @Test("A prompt of one text has the ids of the text, whatever special tokens it gets")
  func single() throws {
    for kind in ["gpt2", "bert-uncased", "albert", "xlm-roberta", "llama3"] {
      for special in [SpecialTokens.never, .file, .auto] {
        let encoder = try encoder(kind, special)
        let made = try encoder.encoding(of: .text("the report"))
        #expect(made.ids == (try encoder.prompt("the report")), "\(kind) \(special)")
        #expect(made.typeIDs == made.ids.map { _ in 0 })
        let around = encoder.specialIDs
        #expect(made.isSpecial.count { $0 } == around.before.count + around.after.count)
        #expect(made.isSpecial.prefix(around.before.count).allSatisfy { $0 })
      }
    }
  }

  @Test(
    "A pair is what the tokenizer makes of it; tokens to prepend come first, and without special tokens two texts stand together"
  )
  func pairs() throws {
    let pair = PromptText.pair("the report", "is due")
    let bert = try TokenizerReference.tokenizer("bert-uncased")
    let (one, other) = (try bert.encode("the report"), try bert.encode("is due"))
    let made = try encoder("bert-uncased").encoding(of: pair)
    #expect(made.ids == [2] + one + [3] + other + [3])
    #expect(made.typeIDs == Array(repeating: 0, count: one.count + 2) + Array(repeating: 1, count: other.count + 1))
    let plain = try encoder("bert-uncased", prepend: ["[MASK]"], .never).encoding(of: pair)
    #expect(plain.ids == [4] + one + other && plain.isSpecial == plain.ids.indices.map { $0 == 0 })
    #expect(plain.typeIDs == Array(repeating: 0, count: one.count + 1) + other.map { _ in 1 })
    #expect(try encoder("roberta").encoding(of: pair).typeIDs.allSatisfy { $0 == 0 })
  }

  @Test(
    "Special tokens of a plan that was carried out before are kept for a text; a pair is refused if they were others")
  func carriedOut() throws {
    let old = SpecialTokenIDs(before: [4], after: [])
    let encoder = try encoder("bert-uncased", ids: old)
    let made = try encoder.encoding(of: .text("a"))
    #expect(made.ids == (try encoder.prompt("a")) && made.ids.first == 4 && made.isSpecial.first == true)
    expectError(.badTokenizer, ["folder: the plan was carried out with other special tokens", "take the files"]) {
      _ = try encoder.encoding(of: .pair("a", "b"))
    }
  }

  @Test("A prompt is written as a string or a list of two")
  func coding() throws {
    let prompts = [PromptText.text("a"), .pair("a", "b")]
    let data = try JSONEncoder().encode(prompts)
    #expect(String(decoding: data, as: UTF8.self) == #"["a",["a","b"]]"#)
    #expect(try JSONDecoder().decode([PromptText].self, from: data) == prompts)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([PromptText].self, from: Data(#"[["a"]]"#.utf8))
    }
  }
}
