import Testing

@testable import Reports

@Suite("Claims of the provider")
struct ProviderClaimTests {
  @Test(
    "of conformity or freedom from bias are found",
    arguments: [
      "The system complies with the AI Act.", "The system fully complies with Regulation (EU) 2024/1689.",
      "It is compliant with all applicable law.", "The product is CE conform.", "Our model is fully compliant.",
      "The system meets all requirements of Chapter III.", "It satisfies Article 15.",
      "The system conforms to the requirements set out in Section 2.",
      "The system is in conformity with the Regulation.",
      "The system was built in compliance with the GDPR.", "The model is free of bias.",
      "The model is free from any gender bias.", "The decisions are unbiased.", "There is no bias in the model.",
      "The model does not discriminate.", "It never discriminates against women.", "The system is non-discriminatory.",
      "Bias has been eliminated by re-training.", "All applicants are treated equally.", "The decisions are fair.",
      "The training removes every bias from the data.", "It is not biased.", "The model has been shown to be unbiased.",
      "No group is discriminated against.",
      "Not only is it fast, it is also free of bias.",
      "There is no doubt that the system is unbiased.", "It is not slow, and it is unbiased.",
      "GDPR-compliant and robust.",
      "Das System entspricht den Anforderungen der KI-Verordnung.", "Das System ist frei von Verzerrungen.",
      "Das Produkt ist CE-konform.", "Das Modell erfüllt alle Anforderungen.", "Das Modell diskriminiert niemanden.",
      "Die Entscheidungen sind diskriminierungsfrei.", "Das System ist rechtskonform.",
      "Es gibt keine Diskriminierung.",
    ])
  func found(_ sentence: String) {
    #expect(ProviderClaims.isClaim(sentence))
  }

  @Test(
    "are not seen where a sentence denies, asks, demands, quotes, or speaks of something else",
    arguments: [
      "We do not claim that it is free of bias.", "Nobody should infer that the decisions are unbiased.",
      "It is not known whether the system is free from bias.", "Is the model unbiased?",
      "The system must comply with the AI Act.", "The system should be free of bias.",
      "The measures adopted to comply with the requirements are listed below.",
      "The vendor calls its data “unbiased” and „frei von Verzerrung“.", "The advertisement said \"fully compliant\".",
      "The linear layers have no bias.", "Linear projections without bias terms are used.",
      "We report the unbiased estimate of the variance.",
      "The records comply with the file format of the data sheet.", "Employees meet every Monday.",
      "The model is biased against young applicants.", "The system is not compliant.",
      "It is non-compliant with Article 10.",
      "If the model were unbiased, the difference would vanish.",
      "We cannot say that the system complies with the Regulation.",
      "Neither version is free of bias.", "That it suits credit screening is not claimed.",
      "The difference between groups was measured and is 30 points.", "A fair coin decides ties.",
      "The Act requires that the system complies with Article 15.", "We aim to comply with the AI Act.",
      "Ob das System frei von Verzerrungen ist, wissen wir nicht.",
      "Wir behaupten nicht, dass das Modell diskriminierungsfrei ist.",
      "Das System muss den Anforderungen der Verordnung entsprechen.", "Das System entspricht der Verordnung nicht.",
      "Eine unverzerrte Schätzung der Varianz wird berichtet.", "Es ist nicht fair.",
      "The test set is a fair sample of the records.",
      "The system does not meet the requirements of Article 15 yet.", "No claim is made that it is lawful.",
    ])
  func passedOver(_ sentence: String) {
    #expect(!ProviderClaims.isClaim(sentence))
  }

  @Test("are found sentence by sentence in Markdown, each once, and not in quotations, code or HTML")
  func markdown() {
    let text = """
      The model has 4 layers. **It is free of bias.** It was trained on Art. 5 data.

      > The model is unbiased.

      - It complies with the Regulation.
      - It is free of bias.

      | version | remark |
      |---|---|
      | 1.0 | fully compliant |

      `the model is unbiased` <!-- is unbiased -->
      """
    #expect(
      ProviderClaims.sentences(in: text) == [
        "It is free of bias.", "It complies with the Regulation.", "fully compliant",
      ])
  }
}
