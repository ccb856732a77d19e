import Analysis
import Evidence

/// What the model itself would say to the prompts of a run, beside the declared answers that its decision value compares.
struct OwnChoiceSentence {
  let choices: OwnChoices
  let run: String
  let link: Inline
  let text: InterfaceText

  /// The choices of every prompt of an analysis, both of each pair, or of every record of an evaluation.
  init(_ record: RunRecord, link: Inline, text: InterfaceText) {
    choices = OwnChoices(record.ownChoices)
    run = record.id
    self.link = link
    self.text = text
  }

  /// The sentence; nil if the record does not know (made before version 0.2).
  var sentence: Sentence? {
    guard choices.prompts > 0 else { return nil }
    return Sentence(inlines: inlines, standing: .measured, run: run, finding: nil)
  }

  private var inlines: [Inline] {
    let mean = TextValue.text(text.percent(choices.meanAnswers))
    guard choices.isDoubtful else {
      return text.inlines(
        "own-choice.declared", ["n": .count(choices.prompts), "mean": mean, "run": .inline(link)])
    }
    guard let commonest = choices.commonest else {
      return text.inlines(
        "own-choice.unlikely",
        ["below": .count(choices.belowHalf), "mean": mean, "n": .count(choices.prompts), "run": .inline(link)])
    }
    return text.inlines(
      "own-choice.others",
      [
        "others": .text(String(choices.others)), "n": .count(choices.prompts), "commonest": .code(commonest.text),
        "count": .text(String(commonest.count)), "mean": mean, "below": .count(choices.belowHalf),
        "run": .inline(link),
      ])
  }
}
