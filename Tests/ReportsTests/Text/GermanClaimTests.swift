import Foundation
import Testing

@testable import Reports

/// The list of German phrasings that no text of ours uses, and the languages that have no list.
@Suite("The claim linter: German, and languages without a list")
struct GermanClaimTests {
  private static let rules = (try? InterfaceText.read(language: "de").claims.all) ?? []
  private let linter = ClaimLinter(ForbiddenClaims(all: rules))

  @Test("each rule refuses a sentence that uses it, in any case", arguments: rules)
  func eachRule(_ rule: String) {
    let phrase = rule.replacing("*", with: "e").replacing("…", with: "hier")
    #expect(linter.violation(in: "Man kann sagen: \(phrase) in diesem Text.") != nil)
  }

  @Test(
    "typical overclaims are refused",
    arguments: [
      "Das System erfüllt Artikel 13.", "Das Modell ist konform mit Artikel 10 Absatz 2.",
      "Das System erfüllt damit auch Artikel 15.", "Die Entscheidungen sind fair.",
      "Das Modell ist frei von Verzerrung.", "Das Modell ist frei von Verzerrungen.",
      "Das garantiert Gleichbehandlung.",
      "Der Test beweist, dass das Geschlecht keine Rolle spielt.",
      "Das Geschlecht hat keinen Einfluss auf die Entscheidung.",
      "Das System ist sicher.", "Das System ist KI-Verordnung-konform: ein gesetzeskonformes System.",
      "Vorurteilsfreie Entscheidungen", "Das Ergebnis ist statistisch signifikant (p = 0).",
      "Ein Modell nach dem Stand der Technik.", "Ergebnis: keine Diskriminierung.",
      "Die Entscheidung ist diskriminierungsfrei.", "Das Modell versteht Kreditrisiken.",
      "Das stellt in jedem Betrieb menschliche Aufsicht sicher.", "Eine wirksame Aufsicht ist gewährleistet.",
      "Das gilt immer.", "Die Konformität ist gegeben.",
      "Damit wird den Anforderungen der Verordnung genügt: Es entspricht den Anforderungen.",
    ])
  func overclaims(_ sentence: String) { #expect(linter.violation(in: sentence) != nil) }

  @Test(
    "plain statements of what was measured pass",
    arguments: [
      "Die Änderung von sex = male zu sex = female verschiebt den Entscheidungswert im Mittel um −0,168 Logits, hin zu „decline“.",
      "Es ist nicht gesichert, dass die Änderung von a zu b den Entscheidungswert im Mittel verschiebt.",
      "Die Entscheidung gleicht dem Label bei 161 von 200 Fällen.", "Die Affäre um das Fairbanks-Haus",
      "Ein Sicherheitsbauteil nach Anhang I",
      "Das Intervall enthält die 0; das ist kein Beleg dafür, dass da nichts ist.",
      "Konformitätsbewertung und notifizierte Stelle", "Die Tests sind unabhängig oder hängen gleichsinnig zusammen.",
      "Kennzahlen zur Messung möglicherweise diskriminierender Auswirkungen",
    ])
  func plain(_ sentence: String) { #expect(linter.violation(in: sentence) == nil) }

  @Test("a gap spans six words and no more, and a value may stand in it")
  func gap() throws {
    #expect(linter.violation(in: "Das stellt a b c d e f sicher") != nil)
    #expect(linter.violation(in: "Das stellt a b c d e f g sicher") == nil)
    let message = try Message("Das stellt {name} sicher.", rule: .oneOther)
    #expect(linter.violation(in: message) == "stellt … sicher")
  }

  private func refusal(_ changes: [(String, String)], language: String = "fr") throws -> String {
    let templates = try DossierFixtures.Folder(try OwnWordsTests.copied(to: language, changes))
    do {
      _ = try DossierBuilder(templates: templates.url, language: language)
      return ""
    } catch let error as ReportsError { return error.message }
  }

  @Test("a language without a list of claims is refused, and one whose list is short")
  func without() throws {
    let missing = try refusal([("\nclaims:\n", "\nclaim:\n")])
    #expect(missing.contains("text/fr/") && missing.contains("'claims'") && missing.contains("verdicts"), "\(missing)")
    let short = try refusal([("  judgements:\n", "  judgements: [juste]\n  verdicts-more:\n")])
    #expect(short.contains("claims.yaml") && short.contains("verdicts-more"), "\(short)")
    var files = try OwnWordsTests.copied(to: "fr")
    files["text/fr/claims.yaml"] = "claims:\n  verdicts: [a]\n  judgements: [b]\n  overstatements: [c]\n"
    let templates = try DossierFixtures.Folder(files)
    #expect {
      try DossierBuilder(templates: templates.url, language: "fr")
    } throws: {
      "\($0)".contains("at least \(ForbiddenClaims.fewest)") && "\($0)".contains("line 2")
    }
  }

  @Test("the words of a project's own language are read with its own list, and with the English one")
  func own() throws {
    let list = ("  judgements:\n", "  judgements:\n    - équitable*\n")
    let french = try refusal([list, ("contents: Contents", "contents: Un texte équitables")])
    #expect(french.contains("page.contents") && french.contains("equitable"), "\(french)")
    #expect(try refusal([list, ("contents: Contents", "contents: Un texte is compliant")]).contains("is compliant"))
    #expect(try refusal([list, ("contents: Contents", "contents: Un texte")]).isEmpty)
  }

  @Test("a project's German cannot drop the installed list")
  func installed() throws {
    var files = try InstalledLanguageTests.copied("de", [("contents: Inhalt", "contents: Dies beweist alles")])
    let many = (0..<ForbiddenClaims.fewest).map { "x\($0)" }
    func list(_ letter: String) -> String { many.map { letter + $0 }.joined(separator: ", ") }
    files["text/de/claims.yaml"] =
      "claims:\n  verdicts: [\(list("a"))]\n  judgements: [\(list("b"))]\n  overstatements: [\(list("c"))]\n"
    let templates = try DossierFixtures.Folder(files)
    #expect {
      try DossierBuilder(templates: templates.url, language: "de")
    } throws: {
      "\($0)".contains("page.contents") && "\($0)".contains("beweist")
    }
  }
}
