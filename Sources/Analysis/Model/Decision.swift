import Foundation
import Kernels

/// The question put to the model: m, where its head reads. Ids are tokens, or classes where the model is a classifier.
///
/// If every answer has one token, `m = logsumexp(logits[positive]) − logsumexp(logits[negative])`; without negative answers the second
/// term is left out, so that one class's m is its logit. If any has several, an answer's
/// score is the sum of its tokens' log-probabilities, each token given those before it (teacher forcing), and m is the difference
/// of the logsumexp of the scores. (For answers of one token that is the same number: the softmax's total cancels.)
///
/// The model then runs on several sequences: the prompt, followed by all but the last token of an answer. Answers that begin alike
/// share a sequence; shorter ones are filled up to a common length by tokens that nobody reads (causality).
struct Decision: Sendable, Equatable {
  /// Where a token is decided: a sequence, and how many tokens after the prompt's last one.
  struct Place: Sendable, Hashable {
    let sequence: Int
    let offset: Int
  }

  /// A token of an answer.
  struct Term: Sendable, Equatable {
    /// Index in `places`.
    let place: Int
    let id: Int
  }

  /// Tokens of the answers that count for m.
  let positiveAnswers: [[Int]]
  /// Tokens of the answers that count against m.
  let negativeAnswers: [[Int]]
  /// What follows the prompt in each sequence, all of one length; one of nothing if every answer has one token.
  let continuations: [[Int]]
  /// Every place at which a token of an answer is decided.
  let places: [Place]
  /// The tokens of each answer, the positive answers first.
  let terms: [[Term]]
  /// The token at which a masked language model decides; nil for other models, or where no tokenizer says.
  var maskToken: Int?
  /// The position at which the decision is read, if it is given; nil: where the model's head reads.
  var position: Int?

  /// Whether every answer has one token.
  var isSingleToken: Bool { continuations == [[]] }
  /// Rows from the prompt's last token to a sequence's end.
  var tail: Int { 1 + (continuations.first?.count ?? 0) }
  /// Tokens of the longest answer.
  var longestAnswer: Int { (positiveAnswers + negativeAnswers).map(\.count).max() ?? 1 }

  /// Ids that count for m, of answers of one token.
  /// - Precondition: `isSingleToken`.
  var positive: [Int] { single(positiveAnswers) }
  /// Ids that count against m, of answers of one token.
  /// - Precondition: `isSingleToken`.
  var negative: [Int] { single(negativeAnswers) }

  private func single(_ answers: [[Int]]) -> [Int] {
    precondition(isSingleToken, "answers of several tokens have no single ids")
    return answers.map { $0[0] }
  }

  /// - Throws: `AnalysisError.badAnswer` if an answer has several tokens.
  func checkSingleToken(for what: String) throws {
    guard !isSingleToken else { return }
    throw AnalysisError(
      .badAnswer,
      "\(what) are measured at one position, and an answer here has \(longestAnswer) tokens, decided at as many; give answers of one token each"
    )
  }

  /// Answers of one token each.
  /// - Throws: as the other.
  init(positive: [Int], negative: [Int], vocabulary: Int) throws {
    try self.init(positive: positive.map { [$0] }, negative: negative.map { [$0] }, vocabulary: vocabulary)
  }

  /// - Throws: as the other, and `AnalysisError.badAnswer` if the model's head has no such question.
  init(positive: [[Int]], negative: [[Int]], model: Transformer) throws {
    try self.init(
      positive: positive, negative: negative, vocabulary: model.decisionCount, isOneSided: model.asksOneSided)
    if model.readout.place != .last {
      try checkSingleToken(for: "decisions of \(model.modelType) models, which see a whole text at once,")
    }
  }

  /// - Parameters:
  ///   - vocabulary: what the model decides between (`Transformer.decisionCount`).
  ///   - isOneSided: whether there may be no negative answers, since each class stands for itself.
  /// - Throws: `AnalysisError.badAnswer` if a set or an answer is empty, an id is unknown to the model, or an answer is repeated,
  ///   in both sets, or the beginning of another.
  init(positive: [[Int]], negative: [[Int]], vocabulary: Int, isOneSided: Bool = false) throws {
    for (name, answers) in [("positive", positive), ("negative", negative)] {
      guard !answers.isEmpty || isOneSided && name == "negative" else {
        throw AnalysisError(.badAnswer, "the \(name) answers are empty; name at least one")
      }
      guard answers.allSatisfy({ !$0.isEmpty }) else {
        throw AnalysisError(.badAnswer, "one of the \(name) answers has no tokens; every answer needs at least one")
      }
      guard let wrong = answers.joined().first(where: { $0 < 0 || $0 >= vocabulary }) else { continue }
      throw AnalysisError(.badAnswer, "answer token \(wrong) is outside the model's vocabulary of \(vocabulary) tokens")
    }
    guard !negative.isEmpty || positive.count == 1 else {
      throw AnalysisError(
        .badAnswer,
        "\(positive.count) labels stand on the positive side and none on the negative; each label holds or not by itself: ask for one at a time"
      )
    }
    let all = positive + negative
    guard Set(all).count == all.count else {
      throw AnalysisError(.badAnswer, "an answer's token is named twice; each answer belongs to one side, once")
    }
    for short in all {
      guard let long = all.first(where: { $0.count > short.count && $0.starts(with: short) }) else { continue }
      throw AnalysisError(
        .badAnswer,
        "the answer of tokens \(short) is the beginning of the answer \(long), so that its probability holds the other's; leave one of them out"
      )
    }
    positiveAnswers = positive
    negativeAnswers = negative
    (continuations, places, terms) = Self.sequences(of: all)
  }

  private static func sequences(of answers: [[Int]]) -> ([[Int]], [Place], [[Term]]) {
    var continuations: [[Int]] = []
    // The longest first, so that what another begins with finds it.
    for index in answers.indices.sorted(by: { (answers[$1].count, $0) < (answers[$0].count, $1) }) {
      let given = answers[index].dropLast()
      if !continuations.contains(where: { $0.starts(with: given) }) { continuations.append(Array(given)) }
    }
    var places: [Place] = []
    let terms = answers.map { answer in
      let given = answer.dropLast()
      let sequence = continuations.firstIndex { $0.starts(with: given) } ?? 0
      return answer.enumerated().map { offset, id in
        let place = Place(sequence: sequence, offset: offset)
        let known = places.firstIndex(of: place)
        if known == nil { places.append(place) }
        return Term(place: known ?? places.count - 1, id: id)
      }
    }
    let longest = continuations.map(\.count).max() ?? 0
    let filled = continuations.map { continuation in
      continuation + (continuation.last.map { Array(repeating: $0, count: longest - continuation.count) } ?? [])
    }
    return (filled, places, terms)
  }

  /// A decision from answers as text: their tokens, or a class by its name or number where the model is a classifier; of a regression
  /// its number.
  /// - Parameter unit: the number's unit; nil: the model gives no number.
  /// - Throws: `AnalysisError.badAnswer`, or what is wrong with the tokenizer.
  init(
    positive: [String], negative: [String], unit: String? = nil, model: Transformer, encoder: PromptEncoder
  ) throws {
    guard (unit == nil) == (model.head != .regression) else {
      throw AnalysisError(
        .badAnswer,
        unit == nil
          ? "the model in '\(encoder.folder)' gives a number, not an answer (config.json: regression); name its unit in place of answers, 'answers: {unit: …}'"
          : "'answers' names a unit, and the model in '\(encoder.folder)' gives no number (config.json: \(model.head.rawValue)); name 'positive' and 'negative' answers instead"
      )
    }
    guard unit == nil else {
      guard positive.isEmpty, negative.isEmpty else {
        throw AnalysisError(.badAnswer, "a number has a unit and no answers; leave 'positive' and 'negative' out")
      }
      try self.init(positive: [[0]], negative: [], model: model)
      return
    }
    try self.init(
      positive: try positive.map { try model.answer($0, encoder) },
      negative: try negative.map { try model.answer($0, encoder) }, model: model)
    maskToken = encoder.maskToken
  }

  /// The sequences that the model runs on for a prompt, all of one length.
  func sequences(after prompt: [Int]) -> [[Int]] { continuations.map { prompt + $0 } }

  /// m from the logits of the two sets; the second may be empty.
  static func value(positive: [Double], negative: [Double]) -> Double {
    negative.isEmpty ? logSumExp(positive) : logSumExp(positive) - logSumExp(negative)
  }

  static func logSumExp(_ values: [Double]) -> Double {
    guard let most = values.max() else { return -.infinity }
    guard most.isFinite else { return values.reduce(0, +) }
    return most + log(values.reduce(0) { $0 + exp($1 - most) })
  }

  /// ∂m/∂logit of each id: softmax within its own set, negated for the negative set.
  func logitGradients(positive: [Double], negative: [Double]) -> [(id: Int, gradient: Float)] {
    zip(self.positive, Self.softmax(positive)).map { ($0, Float($1)) }
      + zip(self.negative, Self.softmax(negative)).map { ($0, Float(-$1)) }
  }

  private static func softmax(_ values: [Double]) -> [Double] {
    let total = logSumExp(values)
    return values.map { exp($0 - total) }
  }

  /// Each answer's summed log-probability, the positive answers first.
  /// - Parameter logs: ln p of a token at a place.
  func scores(_ logs: (_ place: Int, _ id: Int) -> Double) -> [Double] {
    terms.map { $0.reduce(0) { $0 + logs($1.place, $1.id) } }
  }

  /// m from each answer's score, the positive answers first.
  func value(scores: [Double]) -> Double {
    let count = positiveAnswers.count
    return Self.value(positive: Array(scores[..<count]), negative: Array(scores[count...]))
  }

  /// ∂m/∂score of each answer, the positive answers first.
  func weights(scores: [Double]) -> [Double] {
    let count = positiveAnswers.count
    return Self.softmax(Array(scores[..<count])) + Self.softmax(Array(scores[count...])).map { -$0 }
  }
}
