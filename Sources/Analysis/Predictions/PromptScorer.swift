/// Scores one prompt after another with one model, however it is read.
struct PromptScorer {
  /// What the model reads.
  struct Input: Equatable {
    var ids: [Int]
    /// By how many places learned positions are moved.
    var offset = 0
  }

  let model: Transformer
  let encoder: PromptEncoder
  let decision: Decision
  let tokenizer: Tokenizer?
  /// The special tokens around each prompt.
  let around: SpecialTokenIDs

  /// Whether the model is a classifier.
  var isClassifier: Bool { model.classifier != nil }
  /// Whether positions are learned, so that moving them changes anything.
  var hasPositions: Bool { model.positionEmbedding != nil }
  /// The longest prompt in tokens.
  var longest: Int { model.maximalLength }

  /// What is read of a text.
  func input(prompt: String) -> Input? { (try? encoder.prompt(prompt)).map { Input(ids: $0) } }

  /// What is read of a text's own tokens.
  func input(_ plain: [Int]) -> Input { Input(ids: around.before + plain + around.after) }

  /// Multiplications of one reading, about.
  func cost(_ input: Input) -> Double {
    let architecture = model.architecture
    let layer = Double(architecture.width) * Double(4 * architecture.width + 3 * architecture.hidden)
    return Double(input.ids.count * decision.continuations.count) * layer * Double(architecture.layers)
      + Double(architecture.width * model.decisionCount)
  }

  /// The score, nil if the model cannot read that.
  func score(_ input: Input) -> EngineScore? {
    guard let trace = try? trace(input) else { return nil }
    let m = model.value(of: decision, trace)
    guard m.isFinite else { return nil }
    // One of several outputs that stand each for itself is no choice.
    if model.asksOneSided { return EngineScore(m: m, choice: nil) }
    guard let choice = try? model.ownChoice(of: decision, trace, texts: encoder.texts) else { return nil }
    var score = EngineScore(m: m, choice: choice)
    if decision.isSingleToken {
      let (row, rows) = (trace.decisionRows(of: decision, run: 0)[0], trace.rowsRead)
      score.outputs = (
        Decision.logSumExp(model.logits(of: decision.positive, at: row, rows: rows)),
        Decision.logSumExp(model.logits(of: decision.negative, at: row, rows: rows))
      )
    }
    return score
  }

  private func trace(_ input: Input) throws -> Trace {
    guard input.offset > 0, let positions = model.positionEmbedding else {
      return try model.forward(input.ids, for: decision)
    }
    let width = model.architecture.inputWidth
    let length = input.ids.count + decision.tail - 1
    guard length + input.offset <= model.architecture.positions else {
      throw AnalysisError(.promptTooLong, "positions beyond the model's")
    }
    try model.check(prompt: input.ids, for: decision)
    let sequences = decision.sequences(after: input.ids)
    let embedded = try model.embed(sequences)
    for row in 0..<embedded.rows {
      let place = row % length
      let (old, new) = (
        positions.pointer + place * width, positions.pointer + (place + input.offset) * width
      )
      let values = embedded.row(row)
      for i in 0..<width { values[i] += new[i] - old[i] }
    }
    return model.forward(embedded, length: length, decided: try model.decided(in: sequences[0], for: decision))
  }

  /// Other special tokens that a serving system may put around prompts: none, those of the tokenizer's file, those of the model's
  /// own tokenizer, and the tokens that usually begin and end texts, once and twice.
  var otherSpecialTokens: [SpecialTokenIDs] {
    guard let tokenizer else { return around.isEmpty ? [] : [SpecialTokenIDs(before: [], after: [])] }
    let names = ["<s>", "<|endoftext|>", "<bos>", "<|begin_of_text|>", "[CLS]", "<|startoftext|>"]
    let ends = ["</s>", "<|endoftext|>", "<eos>", "<|end_of_text|>", "[SEP]", "<|im_end|>"]
    let firsts = names.compactMap { tokenizer.id(ofToken: $0) }
    let lasts = ends.compactMap { tokenizer.id(ofToken: $0) }
    var candidates = [SpecialTokenIDs(before: [], after: []), tokenizer.ownSpecialTokens, tokenizer.fileSpecialTokens]
    candidates.append(SpecialTokenIDs(before: around.before, after: []))
    candidates.append(SpecialTokenIDs(before: [], after: around.after))
    candidates.append(SpecialTokenIDs(before: around.before + around.before, after: around.after))
    candidates += firsts.map { SpecialTokenIDs(before: [$0], after: around.after) }
    candidates += lasts.map { SpecialTokenIDs(before: around.before, after: around.after + [$0]) }
    for first in firsts {
      candidates.append(SpecialTokenIDs(before: [first], after: []))
      candidates += lasts.map { SpecialTokenIDs(before: [first], after: [$0]) }
    }
    candidates += lasts.map { SpecialTokenIDs(before: [], after: [$0]) }
    var seen = [around]
    return candidates.filter { candidate in
      guard !seen.contains(candidate) else { return false }
      seen.append(candidate)
      return true
    }
  }

  /// Special tokens in words.
  func shown(_ ids: SpecialTokenIDs) -> String {
    func list(_ ids: [Int]) -> String { encoder.texts(of: ids).map { "'\($0)'" }.joined(separator: " ") }
    if ids.isEmpty { return "none" }
    if ids.after.isEmpty { return "\(list(ids.before)) before" }
    if ids.before.isEmpty { return "\(list(ids.after)) after" }
    return "\(list(ids.before)) before and \(list(ids.after)) after"
  }

  /// Tokens that padding may be made of.
  var padding: [Int] {
    let names = ["<pad>", "[PAD]", "<|endoftext|>", "</s>", "<|pad|>", "<unk>", "<s>", "<eos>", "<|end_of_text|>"]
    var ids = [model.classifier?.padding].compactMap { $0 } + names.compactMap { tokenizer?.id(ofToken: $0) } + [0]
    var seen: Set<Int> = []
    ids.removeAll { !seen.insert($0).inserted }
    return Array(ids.prefix(4))
  }
}
