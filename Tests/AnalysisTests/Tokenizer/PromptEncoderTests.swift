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
