import Foundation

/// What the model itself would say at the decision position: its most probable token (or class), and how much of its probability
/// the declared answers hold together. A decision value compares the declared answers with each other only; where the model
/// would say something else, that comparison is between things it does not say.
public struct OwnChoice: Codable, Sendable, Equatable {
  /// Where the most probable token stands among the declared answers.
  public enum Side: String, Codable, Sendable {
    /// A positive answer, or the first token of one.
    case positive
    /// A negative answer, or the first token of one.
    case negative
    /// The first token of answers on both sides.
    case both
    /// No answer begins with it.
    case none
  }

  /// The most probable token (or class); of several equally probable ones the first.
  public var id: Int
  /// Its text, or the class's name.
  public var text: String
  /// Its probability.
  public var probability: Double
  /// Where it stands among the declared answers.
  public var side: Side
  /// The probability that the declared answers hold together. No answer is the beginning of another, so each counts once.
  public var answersProbability: Double
}

/// The own choices of several prompts, counted.
public struct OwnChoices: Sendable, Equatable {
  /// Prompts whose own choice is known.
  public var prompts = 0
  /// Of them, those whose own choice is no declared answer.
  public var others = 0
  /// Of them, those whose declared answers hold less than half of the probability.
  public var belowHalf = 0
  /// Mean probability that the declared answers hold together; 0 without prompts.
  public var meanAnswers = 0.0
  /// The most frequent choice that is no declared answer, and how often it occurs; ties go to the first in order of text.
  public var commonest: (text: String, count: Int)?

  /// Counts choices; what is nil was not asked (records of before version 0.2) or could not be read.
  public init(_ choices: [OwnChoice?]) {
    let known = choices.compactMap { $0 }
    prompts = known.count
    guard prompts > 0 else { return }
    let other = known.filter { $0.side == .none }
    others = other.count
    belowHalf = known.count { $0.answersProbability < 0.5 }
    meanAnswers = known.reduce(0) { $0 + $1.answersProbability } / Double(prompts)
    let counts = Dictionary(grouping: other, by: \.text).mapValues(\.count)
    commonest = counts.min { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// Whether a reader must be warned: some choice is no declared answer, or the answers hold less than half of the probability.
  public var isDoubtful: Bool { others > 0 || belowHalf > 0 }

  /// Whether both count the same.
  public static func == (left: OwnChoices, right: OwnChoices) -> Bool {
    left.prompts == right.prompts && left.others == right.others && left.belowHalf == right.belowHalf
      && left.meanAnswers == right.meanAnswers && left.commonest?.text == right.commonest?.text
      && left.commonest?.count == right.commonest?.count
  }
}

extension Transformer {
  /// What the model itself would say in one run of a trace.
  /// - Precondition: its answers are alternatives (not `asksOneSided`).
  /// - Throws: `AnalysisError.notFinite` if a logit is NaN or infinite, so that there are no probabilities.
  /// - Complexity: O(decisionCount·width), and the same for each place at which a token of an answer is decided.
  func ownChoice(of decision: Decision, _ trace: Trace, texts: ([Int]) -> [String]) throws -> OwnChoice {
    let rows = trace.decisionRows(of: decision, run: 0)
    let logits = logits(at: rows[0], rows: trace.rowsRead)
    var (best, most) = (0, -Float.infinity)
    logits.withUnsafeBufferPointer { values in
      for id in values.indices where values[id] > most { (best, most) = (id, values[id]) }
    }
    var total = 0.0
    logits.withUnsafeBufferPointer { values in
      for value in values { total += exp(Double(value) - Double(most)) }
    }
    guard total.isFinite else {
      throw AnalysisError(
        .notFinite, "a logit of the model is NaN or infinite, so that its choices have no probabilities")
    }
    let answers =
      decision.isSingleToken
      ? (decision.positive + decision.negative).reduce(0) { $0 + exp(Double(logits[$1]) - Double(most)) } / total
      : answerScores(of: decision, at: rows).reduce(0) { $0 + exp($1) }
    let isPositive = decision.positiveAnswers.contains { $0.first == best }
    let isNegative = decision.negativeAnswers.contains { $0.first == best }
    let side: OwnChoice.Side =
      switch (isPositive, isNegative) {
      case (true, true): .both
      case (true, false): .positive
      case (false, true): .negative
      case (false, false): .none
      }
    return OwnChoice(
      id: best, text: classifier.map { $0.labels[best] } ?? texts([best])[0], probability: 1 / total, side: side,
      answersProbability: answers)
  }
}
