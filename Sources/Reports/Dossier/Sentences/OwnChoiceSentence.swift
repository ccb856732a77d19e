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
    var values: [String: TextValue] = [
      "n": .count(choices.prompts), "mean": .text(text.percent(choices.meanAnswers)), "run": .inline(link),
    ]
    guard choices.isDoubtful else {
      return Sentence(
        inlines: text.inlines("own-choice.declared", values), standing: .measured, run: run, finding: nil)
    }
    values["below"] = .count(choices.belowHalf)
    values["others"] = .text(String(choices.others))
    guard let commonest = choices.commonest else {
      return Sentence(
        inlines: text.inlines("own-choice.unlikely", values), standing: .measured, run: run, finding: nil)
    }
    values["commonest"] = .code(commonest.text)
    values["count"] = .text(String(commonest.count))
    return Sentence(inlines: text.inlines("own-choice.others", values), standing: .measured, run: run, finding: nil)
  }
}
