/// What is possible but probably a slip in the answers of a language model, or in how they and the labels belong together.
struct AnswerDoubts {
  let positive: [String]
  let negative: [String]

  /// What is odd about the answers themselves.
  var doubts: [String] {
    (positive + negative).compactMap { answer in
      let shown = "the answer \"\(VisibleText.shown(answer))\""
      if answer.last?.isWhitespace == true {
        return "\(shown) ends in white space, so that the model would have to say that, too; take it out"
      }
      if answer.hasPrefix("  ") { return "\(shown) begins with two spaces; one belongs to the word" }
      if let hidden = VisibleText.firstHidden(in: answer) { return "\(shown) holds \(hidden); take it out" }
      if let damage = TextDamage(answer) { return "\(shown) holds \(damage.description); \(damage.remedy)" }
      return nil
    }
  }

  /// An answer that is the label of the other side, or a label in another spelling.
  /// - Parameter areClasses: whether they are names of classes, which the model does not read.
  func against(_ rule: LabelRule, sides: [ExactText: LabelRule.Side], areClasses: Bool) -> [String] {
    let labels = sides.compactMap { value, side -> (String, LabelRule.Side)? in
      side == .ignored ? nil : (value.text, side)
    }.sorted { $0.0 < $1.0 }
    return [(positive, LabelRule.Side.positive), (negative, .negative)].flatMap { answers, side in
      answers.compactMap { answer -> String? in
        let word = answer.trimmingWhitespace
        guard let label = labels.first(where: { VisibleText.spelling($0.0) == VisibleText.spelling(word) }) else {
          return nil
        }
        if label.1 != side {
          return "the \(side.rawValue) answer \"\(answer)\" is the \(label.1.rawValue) label '\(label.0)' of column "
            + "'\(rule.column)': who says it counts as wrong where it is right; exchange 'positive' and 'negative' in 'answers' or "
            + "in 'label', unless they mean different things"
        }
        guard label.0 != word, !areClasses else { return nil }
        return
          "the answer \"\(answer)\" and the label '\(label.0)' differ in spelling; the model reads them as other tokens: write "
          + "the answer as it was trained"
      }
    }
  }
}

extension String {
  /// Without white space at its ends.
  var trimmingWhitespace: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
