import Foundation
import Testing

@testable import Reports

@Suite("Interface text: files and messages")
struct InterfaceTextTests {
  private static func facts(_ rule: String = "one-other", decimal: String = ".", date: String = "{year}-{month}-{day}")
    -> String
  {
    """
    language:
      name: Made up
      plural-rule: \(rule)
      decimal-mark: "\(decimal)"
      group-mark: " "
      percent: "{number} %"
      not-finite: not finite
      date: "\(date)"
      quote-open: "«"
      quote-close: "»"
    claims:
      verdicts: [\(claims("v"))]
      judgements: [\(claims("j"))]
      overstatements: [\(claims("o"))]

    """
  }

  private static func claims(_ letter: String) -> String {
    (0..<ForbiddenClaims.fewest).map { "never\(letter)\($0)" }.joined(separator: ", ")
  }

  private static func reference() throws -> InterfaceText {
    try InterfaceTextReader(reference: nil).read(
      [
        (
          "text/en/a.yaml",
          facts() + "s:\n  pairs: '{n, plural, one {# pair} other {# pairs}} of {what}'\n  plain: Hello\n"
        )
      ],
      language: "en")
  }

  private static func read(_ yaml: String, rule: String = "one-other") throws -> InterfaceText {
    try InterfaceTextReader(reference: reference()).read(
      [("text/xx/a.yaml", facts(rule) + yaml)], language: "xx")
  }

  @Test("word order, plural and marks are the language's matter; inlines keep their kind")
  func order() throws {
    let text = try Self.read(
      """
      s:
        pairs: "{what}: {n, plural, one {# para} few {# pary} many {# par}}"
        plain: Dzień dobry
      """, rule: "polish")
    #expect(
      text.inlines("s.pairs", ["n": .count(22), "what": .code("x")]) == [.code("x"), .text(": 22 pary")])
    #expect(text.words("s.pairs", ["n": .count(5), "what": .code("x")]) == "x: 5 par")
    #expect(text.words("s.pairs", ["n": .count(1), "what": .code("x")]) == "x: 1 para")
  }

  /// What a file may have wrong, with what the error must name.
  static let faults: [(yaml: String, rule: String, code: ReportsError.Code, named: [String])] = [
    ("s:\n  pairs: '{n} of {what}'\n", "one-other", .missingKey, ["text/xx/", "s.plain", "text/en/"]),
    (
      "s:\n  pairs: '{n} of {what}'\n  plain: a\n  palin: b\n", "one-other", .unknownKey, ["text/xx/a.yaml", "s.palin"]
    ),
    ("s:\n  pairs: '{n} of it'\n  plain: a\n", "one-other", .badValue, ["s.pairs", "{what}"]),
    ("s:\n  pairs: '{n} of {what} {more}'\n  plain: a\n", "one-other", .badValue, ["s.pairs", "{more}"]),
    (
      "s:\n  pairs: '{n, plural, one {a} other {b}} {what}'\n  plain: a\n", "polish", .badValue,
      ["s.pairs", "few", "many", "polish"]
    ),
    ("s:\n  pairs: '{n, plural, one {a} two {b} other {c}} {what}'\n  plain: a\n", "one-other", .badValue, ["two"]),
    ("s:\n  pairs: '{n, select, a {b}} {what}'\n  plain: a\n", "one-other", .badValue, ["s.pairs", "plural"]),
    ("s:\n  pairs: '{n} of {what'\n  plain: a\n", "one-other", .badValue, ["s.pairs"]),
    ("s:\n  pairs: '{n} of {what}}'\n  plain: a\n", "one-other", .badValue, ["s.pairs", "closes nothing"]),
    (
      "s:\n  pairs: '{n} {what, plural, one {a} other {b}}'\n  plain: a\n", "one-other", .badValue,
      ["{what}", "no number"]
    ),
    ("s:\n  plain: a\n  plain: b\n", "one-other", .duplicate, ["plain"]),
    ("s:\n  pairs: ''\n  plain: b\n", "one-other", .missingKey, ["pairs"]),
    ("s: text\n", "one-other", .wrongType, ["text/xx/a.yaml"]),
  ]

  @Test("a language file with a fault is refused with file, key and remedy", arguments: faults.indices)
  func refused(_ index: Int) {
    let fault = Self.faults[index]
    #expect {
      try Self.read(fault.yaml, rule: fault.rule)
    } throws: {
      guard let error = $0 as? ReportsError else { return false }
      return error.code == fault.code && fault.named.allSatisfy(error.message.contains)
    }
  }

  @Test("a section in two files, or no facts of the language, are refused")
  func files() {
    let good = Self.facts() + "s:\n  pairs: '{n} {what}'\n  plain: a\n"
    for files in [
      [("text/xx/a.yaml", good), ("text/xx/b.yaml", "s:\n  more: x\n")], [("text/xx/a.yaml", "s:\n  plain: a\n")],
    ] {
      #expect(throws: ReportsError.self) {
        try InterfaceTextReader(reference: Self.reference()).read(files, language: "xx")
      }
    }
  }

  @Test("apostrophes are text, and quote braces")
  func apostrophes() throws {
    let rule = PluralRule.oneOther
    #expect(try Message("the model's '{'x'}' ''y''", rule: rule).parts == [.literal("the model's {x} 'y'")])
    #expect(try Message("# 1", rule: rule).parts == [.literal("# 1")])
    #expect(
      try Message("{n, plural, =0 {none} other {'#'#}}", rule: .none).parts == [
        .plural(
          "n",
          [
            .init(selector: .exactly(0), parts: [.literal("none")]),
            .init(selector: .category(.other), parts: [.literal("#"), .number("n")]),
          ])
      ])
  }

  /// Samples that CLDR gives with each rule (common/supplemental/plurals.xml, `@integer`).
  static let samples: [(PluralRule, PluralRule.Category, [Int])] = [
    (.oneOther, .one, [1]), (.oneOther, .other, [0, 2, 16, 100, 1000, 1_000_000]),
    (.french, .one, [0, 1]), (.french, .many, [1_000_000]), (.french, .other, [2, 17, 100, 1000, 100_000]),
    (.spanish, .one, [1]), (.spanish, .many, [1_000_000]), (.spanish, .other, [0, 2, 16, 100, 1000]),
    (.polish, .one, [1]), (.polish, .few, [2, 3, 4, 22, 23, 24, 32, 102, 1002]),
    (.polish, .many, [0, 5, 6, 19, 100, 1000, 10_000, 12, 14, 112]),
    (.czech, .one, [1]), (.czech, .few, [2, 3, 4]), (.czech, .other, [0, 5, 19, 22, 100, 1000]),
    (.croatian, .one, [1, 21, 31, 101, 1001]), (.croatian, .few, [2, 3, 4, 22, 24, 102]),
    (.croatian, .other, [0, 5, 11, 12, 19, 100, 111]),
    (.slovenian, .one, [1, 101, 201, 1001]), (.slovenian, .two, [2, 102, 1002]), (.slovenian, .few, [3, 4, 103, 104]),
    (.slovenian, .other, [0, 5, 19, 100, 1000]),
    (.lithuanian, .one, [1, 21, 31, 101]), (.lithuanian, .few, [2, 9, 22, 29, 102]),
    (.lithuanian, .other, [0, 10, 11, 12, 20, 30, 100]),
    (.latvian, .zero, [0, 10, 11, 20, 30, 100, 1000]), (.latvian, .one, [1, 21, 31, 101]),
    (.latvian, .other, [2, 9, 22, 29, 102]),
    (.romanian, .one, [1]), (.romanian, .few, [0, 2, 16, 101, 1001]), (.romanian, .other, [20, 35, 100, 1000]),
    (.irish, .one, [1]), (.irish, .two, [2]), (.irish, .few, [3, 6]), (.irish, .many, [7, 10]),
    (.irish, .other, [0, 11, 25, 100]),
    (.maltese, .one, [1]), (.maltese, .two, [2]), (.maltese, .few, [0, 3, 10, 103, 109]),
    (.maltese, .many, [11, 19, 111, 117]), (.maltese, .other, [20, 35, 100, 1000]),
    (.none, .other, [0, 1, 2, 100]),
  ]

  @Test("each rule puts CLDR's samples into CLDR's categories", arguments: samples.indices)
  func plurals(_ index: Int) {
    let (rule, category, numbers) = Self.samples[index]
    #expect(rule.categories.contains(category))
    for number in numbers { #expect(rule.category(number) == category, "\(rule) \(number)") }
  }

  @Test("decimal mark, groups, per cent and day follow the language, digits of exponents stay")
  func marks() throws {
    let files = [
      (
        "text/xx/a.yaml",
        Self.facts(decimal: ",", date: "{day}.{month}.{year}") + "s:\n  pairs: '{n} {what}'\n  plain: a\n"
      )
    ]
    let text = try InterfaceTextReader(reference: Self.reference()).read(files, language: "xx")
    #expect(text.fixed(-0.1684) == "−0,168")
    #expect(text.percent(0.805) == "80,5 %")
    #expect(text.level(0.95) == "95 %")
    #expect(text.count(878_848) == "878 848")
    #expect(text.precise(2.441e-4) == "2,44\u{A0}×\u{A0}10⁻⁴")
    #expect(text.day("2026-03-05T10:00:00Z") == "05.03.2026")
    #expect(text.quoted("ja") == "«ja»")
  }

  @Test(
    "a language code never leaves its folder",
    arguments: ["", "..", "e", "en/../..", "EN", "fr_FR", "fr-", "toolongcode-x"])
  func codes(_ code: String) {
    #expect(!InterfaceText.isLanguageCode(code))
    #expect(throws: ReportsError.self) { try InterfaceText.read(language: code) }
  }

  @Test("codes of BCP 47 are taken", arguments: ["en", "fr", "pt-BR", "sr-Latn-RS", "gsw"])
  func goodCodes(_ code: String) { #expect(InterfaceText.isLanguageCode(code)) }

  @Test("a language without files is refused with what to do")
  func absent() {
    #expect {
      try InterfaceText.read(language: "xx")
    } throws: {
      guard let error = $0 as? ReportsError else { return false }
      return error.code == .badTemplate && error.message.contains("templates/text/xx/")
    }
  }
}
