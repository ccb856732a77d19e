@testable import Analysis

/// A transformer compiled by hand, whose circuit is known because it was put there.
struct Planted {
  let model: Transformer
  /// The weights, for checks that do not trust the engine.
  let file: GPT2File
  let pairs: [PlantedPair]
  /// Nodes whose counterfactual value changes the decision in every pair.
  let nodes: Set<Node>
  /// Edges likewise: what carries the difference between the prompts to the logits.
  let edges: Set<Edge>
  /// Heads that look where a planted head looks and write nothing that anyone reads.
  let decoys: Set<Node>
  /// Heads that write the same in every prompt, on which the decision relies: counterfactual values do not move it, zeros do.
  let constants: Set<Node>

  func run(_ pair: PlantedPair) throws -> PairRun {
    try PairRun(
      model: model,
      decision: Decision(positive: [pair.positive], negative: [pair.negative], vocabulary: model.decisionCount),
      clean: pair.clean, counterfactual: pair.counterfactual)
  }
}

/// A prompt, its counterfactual, and what each should be answered with.
struct PlantedPair {
  let clean: [Int]
  let counterfactual: [Int]
  let positive: Int
  let negative: Int
}

/// The programs that the compiler knows.
enum PlantedProgram: String, CaseIterable, Sendable {
  /// A previous-token head, and a later head that finds the token after an earlier occurrence of the last one and copies it.
  case induction
  /// A previous-token head, and an MLP that looks up the answer to what it moved.
  case lookup
  /// Three heads that each copy one position to the answer, with weights 0.42, 0.33 and 0.25.
  case votes
  /// A duplicate-token head that writes where the last token stood before, and an MLP that looks up the answer to that place.
  case duplicate
  /// A head that always writes the same, and an MLP that answers to the last token only if that is there.
  case constant

  /// - Parameters:
  ///   - seed: places heads, turns bases, fills the other heads, draws prompts.
  ///   - sharpness: attention score of a match; 30 leaves nothing to the rest.
  func compile(seed: UInt64, pairs: Int = 3, sharpness: Double = 30) throws -> Planted {
    var compiler = PlantedCompiler(seed: seed, sharpness: sharpness)
    switch self {
    case .induction: compiler.plantInduction()
    case .lookup: compiler.plantLookup()
    case .votes: compiler.plantVotes()
    case .duplicate: compiler.plantDuplicate()
    case .constant: compiler.plantConstant()
    }
    return try compiler.finish(pairs: pairs, of: self)
  }
}

extension Planted {
  /// A token as text.
  static func word(_ id: Int) -> String { "t\(id)" }

  static func text(_ ids: [Int]) -> String { ids.map(word).joined(separator: " ") }

  /// Writes a tokenizer whose words are `t0`, `t1`, ….
  static func writeTokenizer(vocabulary: Int, to scratch: Scratch) throws {
    let words = (0..<vocabulary).map { "\"\(word($0))\":\($0)" }.joined(separator: ",")
    try scratch.write(
      """
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
       "pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,
       "model":{"type":"WordLevel","vocab":{\(words)},"unk_token":"t0"}}
      """, to: "tokenizer.json")
  }

  /// The model with a tokenizer whose words are `t0`, `t1`, …, as a user would open it.
  func analyzer() throws -> Analyzer {
    let scratch = try Scratch()
    try file.write(to: scratch)
    try Self.writeTokenizer(vocabulary: file.vocabulary, to: scratch)
    return try withExtendedLifetime(scratch) {
      let checkpoint = try Checkpoint(folder: scratch.folder)
      return Analyzer(model: try Transformer.load(checkpoint), tokenizer: try checkpoint.tokenizer(), folder: "planted")
    }
  }

  /// A plan over pairs that share their answers.
  static func plan(
    _ pairs: [(clean: [Int], counterfactual: [Int])], positive: Int, negative: Int,
    methods: [AnalysisPlan.Method] = [.exactPatching, .circuit]
  ) -> AnalysisPlan {
    AnalysisPlan(
      behaviour: "planted", question: "What was planted?", positive: [word(positive)], negative: [word(negative)],
      pairs: pairs.enumerated().map { number, pair in
        .init(name: "pair \(number + 1)", clean: text(pair.clean), counterfactual: text(pair.counterfactual))
      }, methods: methods, bootstrapResamples: 100)
  }

  /// A plan over those of the planted pairs that ask for the same answers as the first.
  func plan(methods: [AnalysisPlan.Method] = [.exactPatching, .circuit]) -> AnalysisPlan {
    let (positive, negative) = (pairs[0].positive, pairs[0].negative)
    return Self.plan(
      pairs.filter { ($0.positive, $0.negative) == (positive, negative) }.map { ($0.clean, $0.counterfactual) },
      positive: positive, negative: negative, methods: methods)
  }
}
