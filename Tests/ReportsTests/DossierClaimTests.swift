import Foundation
import Testing

@testable import Reports

@Suite("The claim linter")
struct DossierClaimTests {
  private let linter = ClaimLinter()

  @Test("there are at least forty rules and none is written twice")
  func rules() {
    #expect(ForbiddenClaims.all.count >= 40)
    #expect(Set(ForbiddenClaims.all).count == ForbiddenClaims.all.count)
  }

  @Test("each rule refuses a sentence that uses it, in any case", arguments: ForbiddenClaims.all)
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

  private func document(_ block: Block) -> Document {
    Document(title: "T", subtitle: "", sections: [Section(id: "s", heading: "H", blocks: [block])])
  }

  @Test("a claim is found wherever our text can stand")
  func places() {
    let claim = "the system is compliant"
    let table = Table(caption: "c", header: ["h"], alignment: [.left], rows: [[[.strong(claim)]]])
    let captioned = Table(caption: claim, header: ["h"], alignment: [.left], rows: [])
    let plain = Table(caption: "c", header: ["h"], alignment: [.left], rows: [])
    let figure = Figure(
      id: "f", caption: "c", alternative: claim, drawing: .tokens(tokens: [], values: [], unit: ""), data: plain)
    let blocks: [Block] = [
      .paragraph([.text("the system is "), .text("compliant")]), .list([[.text(claim)]]),
      .definitions([Definition(claim, [])]), .table(table), .table(captioned), .figure(figure),
      .notice(kind: .note, [.text(claim)]), .details(summary: claim, []),
      .details(summary: "d", [.paragraph([.text(claim)])]),
    ]
    for block in blocks {
      #expect { try linter.check(document(block)) } throws: { ($0 as? ReportsError)?.code == .forbiddenClaim }
    }
    let titled = Document(title: claim, subtitle: "", sections: [])
    #expect(throws: ReportsError.self) { try linter.check(titled) }
  }

  @Test("the law's, the provider's and a record's words are passed over")
  func attributed() throws {
    let claim = "this complies with the law and is fair"
    let blocks: [Block] = [
      .quotation(text: claim, citation: "Article 1"), .markdown(claim), .paragraph([.attributed(claim), .code(claim)]),
    ]
    for block in blocks { try linter.check(document(block)) }
  }

  @Test("a provider's question may be a heading, but our words around it are still checked")
  func maskedQuestion() throws {
    let question = "Is the decision fair to young applicants?"
    let linter = ClaimLinter(attributed: [question, "no"])
    #expect(linter.violation(in: question) == nil)
    #expect(linter.violation(in: question + " Yes, it is fair.") != nil)
    // 'no' alone is not refused, so it is not masked, and rules that hold it still work.
    #expect(linter.violation(in: "there is no discrimination") != nil)
    let folder = try DossierFixtures.folder(DossierFixtures.yaml(question: question))
    let output = try DossierBuilder().build(DossierFixtures.inputs(folder, runs: []))
    #expect(output.text("dossier.html").contains("Is the decision fair to young applicants?"))
  }
}
