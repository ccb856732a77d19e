import Foundation
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports

@Suite("The claim linter")
struct DossierClaimTests {
  private static let phrases = (try? InterfaceText.english().claims.all) ?? []
  private let linter = ClaimLinter(ForbiddenClaims(all: phrases))

  @Test("there are at least forty rules and none is written twice")
  func rules() {
    #expect(Self.phrases.count >= 40)
    #expect(Set(Self.phrases).count == Self.phrases.count)
  }

  @Test("each rule refuses a sentence that uses it, in any case", arguments: phrases)
  func eachRule(_ rule: String) {
    let phrase = rule.replacing("*", with: "s")
    #expect(linter.violation(in: "It can be said that this system \(phrase) here.") != nil)
    #expect(linter.violation(in: phrase.uppercased()) != nil)
  }

  @Test(
    "typical overclaims are refused",
    arguments: [
      "The system meets Article 13.", "This complies with Article 10(2).", "The model is compliant.",
      "Decisions are fair.",
      "The model is unbiased.", "This guarantees equal treatment.", "The test proves that sex plays no role.",
      "Sex has no effect on the decision.", "The system is safe.", "It is AI-Act-compliant.", "Bias-free decisions",
      "The result is statistically significant (p = 0).", "A state-of-the-art model.", "Verdict: no discrimination.",
      "The decision is non‑discriminatory.", "The model understands credit risk.", "This ensures human oversight.",
    ])
  func overclaims(_ sentence: String) { #expect(linter.violation(in: sentence) != nil) }

  @Test(
    "plain statements of what was measured pass",
    arguments: [
      "Changing sex = male to sex = female moves the decision value by −0.168 logits on average, towards “decline”.",
      "It is not established that changing a to b moves the decision value on average.",
      "The decision equals the label in 161 of 200 records.", "This affair is unfairly short-listed under affairs.",
      "Improvements and approvals", "A safety component under Annex I",
    ])
  func plain(_ sentence: String) { #expect(linter.violation(in: sentence) == nil) }

  @Test("every message of the English files passes, whatever stands in its placeholders")
  func ourWords() throws {
    func literals(_ parts: [Message.Part]) -> String {
      parts.map { part in
        switch part {
        case .literal(let text): text
        case .argument, .number: " · "
        case .plural(_, let branches): branches.map { literals($0.parts) }.joined(separator: " · ")
        }
      }.joined()
    }
    for (key, message) in try InterfaceText.english().messages {
      #expect(linter.violation(in: literals(message.parts)) == nil, "\(key)")
    }
  }

  @Test("a message is read with the words of each form of its plurals, and a value is a break")
  func messages() throws {
    let message = try Message("The system {n, plural, one {is compliant} other {has # parts}}.", rule: .oneOther)
    #expect(linter.violation(in: message) == "is compliant")
    let values = [
      try Message("p {value} of {name}", rule: .oneOther), try Message("meets {provision}", rule: .oneOther),
    ]
    for message in values { #expect(linter.violation(in: message) == nil) }
  }

  @Test("marks on letters and what is not seen do not make another word of a claim")
  func hiddenWords() {
    for claim in [
      "the system is com\u{AD}pliant", "the system is compl\u{301}iant", "it is fa\u{200B}ir", "it is ｆair",
    ] {
      let isWide = claim.unicodeScalars.contains { $0.value == 0xFF46 }
      #expect((linter.violation(in: claim) == nil) == isWide, "\(claim)")
    }
  }

  /// Words of a provider or a model that are forbidden as claims of ours, and what stands beside numbers in lists of ours.
  @Test(
    "what others say is printed as theirs and stops nothing, wherever it stands",
    arguments: [
      "p", "compliant", "is compliant", "meets Article 13", "0", "<", "null", "always", "no effect",
      "Is it fair to all?",
    ])
  func wordsOfOthers(_ word: String) throws {
    let yaml = DossierFixtures.yaml(system: word, question: word)
    let folder = try DossierFixtures.folder(yaml)
    let project = try DossierFixtures.project(folder)
    var analysis = DossierFixtures.analysis(project, id: DossierFixtures.id("1"))
    let count = analysis.record.analysis?.tokenAttributions[0].tokens.count ?? 0
    analysis.record.analysis?.tokenAttributions[0].tokens = Array(repeating: word, count: count)
    var evaluation = DossierFixtures.evaluation(project, id: DossierFixtures.id("2"))
    evaluation.record.evaluationPlan?.dataset = word
    evaluation.record.evaluation?.groups[1].name = word
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: [analysis, evaluation]))
    let reader = try #require(MarkupReader(output.text("dossier.html")))
    #expect(reader.text.contains(word))
  }

  @Test("a p-value that underflows is printed as what it is, and never as 0")
  func tinyP() throws {
    let text = try InterfaceText.english()
    #expect(text.pValue(0) == "< 10⁻³⁰⁰" && text.pValue(1e-310) == "< 10⁻³⁰⁰")
    #expect(text.pValue(0.0132) == "0.0132" && text.pValue(2.44e-4) == "2.44\u{A0}×\u{A0}10⁻⁴")
  }
}
