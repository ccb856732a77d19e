import Foundation
import SchemaSupport
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports
@testable import Templates

@Suite("What stands for and against a circuit, in the dossier")
struct MechanismSectionTests {
  private typealias Fixtures = MechanismFixtures

  private func build(_ make: (Project) -> StoredRun) throws -> DossierBuilder.Output {
    let folder = try DossierFixtures.folder()
    let run = make(try DossierFixtures.project(folder))
    return try DossierBuilder().build(DossierFixtures.inputs(folder, runs: [run]))
  }

  private func claim(_ finding: String, _ output: DossierBuilder.Output) throws -> Dossier.Claim {
    try #require(output.dossier.behaviours[0].claims.first { $0.finding == finding }, "\(finding)")
  }

  private func plain(_ text: String) -> String {
    text.replacing("\u{A0}", with: " ").replacing("\u{202F}", with: " ")
  }

  @Test("a circuit that few random ones reach is measured, with its p-value, the smallest possible one and the count")
  func rareCircuit() throws {
    let output = try build { Fixtures.run($0) }
    let claim = try claim("circuit.null.matched", output)
    #expect(claim.standing == .measured && claim.run == DossierFixtures.id("1"))
    // (1 + 3)/(1 + 199) and 1/(1 + 199).
    #expect(
      plain(claim.text)
        == "The circuit L0H1 keeps more of the effect alone than random ones: of 199 randomly drawn other circuits with as "
        + "many heads in each layer, 3 do at least as well (p-value 0.0200; the smallest this comparison can give is 0.00500; "
        + "500 such circuits exist, this one included; run 00000001).")
  }

  @Test(
    "a p-value above the level establishes nothing, and where no result could have, that is said",
    arguments: [(30, 199, false), (0, 3, true), (0, 0, true)])
  func commonCircuit(exceedances: Int, draws: Int, isHopeless: Bool) throws {
    let output = try build {
      Fixtures.run($0, matched: Fixtures.null(exceedances: exceedances, draws: draws, exact: isHopeless))
    }
    let claim = try claim("circuit.null.matched", output)
    #expect(claim.standing == .notEstablished)
    if draws == 0 {
      #expect(claim.text.hasPrefix("There are no other circuits with as many heads in each layer to compare L0H1 with"))
    } else {
      #expect(claim.text.hasPrefix("It is not established that the circuit L0H1 keeps more"))
      #expect(claim.text.hasSuffix("no result of this comparison could have established it.") == isHopeless)
    }
  }

  @Test("a rival is named as one circuit of several; where none was found, one may exist")
  func rivals() throws {
    let rival = try claim("circuit.rival", try build { Fixtures.run($0) })
    #expect(rival.standing == .measured)
    #expect(
      plain(rival.text)
        == "Another set of heads, L0H0, is at least as faithful as L0H1 and has none of its heads (mean distance from the whole "
        + "model’s decision value 0.021 logits against 0.030; run 00000001): the circuit is one of several.")
    let none = try claim("circuit.rival", try build { Fixtures.run($0, isRival: false) })
    #expect(none.standing == .notEstablished && none.text.hasSuffix("One may exist."))
  }

  @Test("the page has each part with its numbers, its run, and a figure with words and data")
  func page() throws {
    let output = try build { Fixtures.run($0) }
    let page = plain(output.pages("html"))
    let reader = try #require(MarkupReader(output.pages("html")))
    let text = plain(reader.text)
    for words in [
      "Of 3 heads and MLPs, 1 have an effect whose adjusted p-value is at most 0.0500",
      "L0H1 (in the circuit and in the stronger search’s circuit): replaced alone, it moves the decision value by −0.200 logits",
      "looks back from the last token at the answers counted for and writes towards the answers counted for (0.91 of its "
        + "attention, even attention 0.07; in the literature: name mover, it copies what it looks at)",
      "it looks at earlier copies of the same token (0.64 of its attention, even attention 0.11; in the literature: "
        + "duplicate-token head)",
      "looks at earlier copies of the same token (duplicate-token head)L0H0 (attention 0.64, effect −0.100)",
      "looks at what followed earlier copies of the same token (induction head)none",
      "looks back at an answer, raises it and copies (name mover)L0H1 (attention 0.91, effect −0.200)",
      "selects L0H1 in 93.0 %; of the other heads most often L0H0 in 12.0 %",
      "differ most with L0H1 taken out of both: by 25.0 % of the heads’ joint effect",
      "these heads’ effects grow, as of backups: L0H0 (−0.010 alone, −0.060 then) logits",
      "A stronger search, exact at every step, ends at L0H1, L0H0: alone they keep 0.990",
      "The smallest circuit of edges measured that keeps 0.85 of the effect has 10 edges and keeps 0.880",
      "Exact pruning, edge by edge, leaves 1 of 24 edges", "L0H1>logits", "embed>L0H1.q",
      "Submodularity ratio over the circuits visited: at most 0.714",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(
      page.contains("One point with its interval per layer, from the input on: input −0.500, after L0 +1.250 logits."))
    #expect(page.contains("id=\"behaviour-colour-lens-curve\""))
    #expect(text.contains("the pairs whose decision value changes most"))
    // Quantiles of 0.1, 0.2, 0.3: the median is 0.2.
    #expect(text.contains("50.0 %0.200"))
  }

  @Test("screened scores of edges stand beside exact ones, whose standing follows from their interval")
  func edges() throws {
    let output = try build { Fixtures.run($0) }
    let section = try #require(
      output.pages.pages.flatMap(\.document.sections).flatMap(\.sections).flatMap(\.sections).flatMap(\.sections)
        .first { $0.id == "behaviour-colour-edges" })
    let tables = section.blocks.compactMap { block -> Table? in if case .table(let table) = block { table } else { nil }
    }
    let table = try #require(tables.first)
    #expect(table.header.count { $0.contains("(screened)") } == 2)
    #expect(table.rows.map { $0[4].plainText } == ["measured", "not established"])
  }

  @Test("a run without these methods gives none of these parts")
  func absent() throws {
    let output = try build { DossierFixtures.analysis($0, id: DossierFixtures.id("1")) }
    for part in ["heads", "checks", "lens", "edges"] {
      #expect(!output.pages("html").contains("behaviour-colour-\(part)\""), "\(part)")
    }
  }

  @Test("what is not defined for a model is reported as refused, for the behaviour and not for a pair")
  func notDefined() throws {
    let output = try build { project in
      var run = Fixtures.run(project)
      run.record.refusals.append(
        Refusal(pair: nil, reason: .notDefined, scope: "edges", detail: "layers run side by side"))
      return run
    }
    #expect(
      output.pages("html").contains(
        "Refused for this behaviour: edges (not defined here): layers run side by side."))
  }

  @Test("dossier.json holds all of it and follows the published schema")
  func schema() throws {
    let output = try build { Fixtures.run($0) }
    let numbers = try #require(output.dossier.behaviours[0].numbers)
    #expect(numbers.edges == Fixtures.edges && numbers.lenses == Fixtures.lenses)
    #expect(numbers.forwardBackward == Fixtures.stronger && numbers.circuitEvidence?.rival?.nodes == [Fixtures.first])
    var checker = try SchemaChecker("dossier")
    checker.check(try CanonicalJSON.parse(Data(output.text("dossier.json").utf8)))
    #expect(checker.errors == [])
    #expect(
      try CanonicalJSON.decode(Dossier.self, from: Data(output.text("dossier.json").utf8)) == output.dossier)
  }
}

@Suite("Naming what a head does")
struct HeadReadingTests {
  private func head(_ change: (inout HeadRoles) -> Void) -> HeadRoles {
    var head = HeadRoles(head: .head(layer: 1, head: 2))
    change(&head)
    return head
  }

  private func score(_ value: Double, _ baseline: Double) -> RoleScore {
    RoleScore(value: value, baseline: baseline, prompts: 4, positions: 9)
  }

  private func copying(_ share: Double) -> CopyScore {
    CopyScore(attended: 1, baseline: 0, raisedShare: share, prompts: 4, tokens: 20)
  }

  private func estimate(_ low: Double, _ high: Double) -> Estimate {
    DossierFixtures.estimate((low + high) / 2, low, high)
  }

  @Test(
    "a role is named only at 0.3 of the attention and twice even attention",
    arguments: [
      (0.3, 0.15, true), (0.31, 0.1, true), (0.29, 0.01, false), (0.5, 0.26, false), (0.9, 0.45, true),
      (1, 0.51, false),
    ])
  func limits(value: Double, baseline: Double, isNamed: Bool) {
    let roles: [(WritableKeyPath<HeadRoles, RoleScore?>, HeadReading.Title?)] = [
      (\.previousToken, .previousToken), (\.duplicateToken, .duplicateToken), (\.induction, .induction),
      (\.firstToken, nil),
    ]
    for (path, title) in roles {
      let reading = HeadReading(head { $0[keyPath: path] = score(value, baseline) }, direct: nil)
      #expect(reading.roles.count == (isNamed ? 1 : 0))
      #expect(reading.roles.first?.title == (isNamed ? title : nil))
    }
  }

  @Test(
    "a name mover looks at an answer, raises it, and copies; all three are asked for",
    arguments: [
      // positive answer?, direct interval, raised share, name
      (true, 1.0, 2.0, 0.9, .nameMover), (true, 1, 2, 0.5, nil), (true, -0.1, 2, 0.9, nil), (true, -2, -1, 0.9, nil),
      (true, -2, -1, 0.1, .copySuppression), (false, 1, 2, 0.1, .copySuppression), (false, 1, 2, 0.9, nil),
      (false, -2, -1, 0.9, .nameMover), (false, -2, -1, 0.1, nil),
    ] as [(Bool, Double, Double, Double, HeadReading.Title?)])
  func answers(_ isPositive: Bool, _ low: Double, _ high: Double, _ share: Double, _ title: HeadReading.Title?) throws {
    let head = head {
      if isPositive { $0.positiveAnswer = score(0.8, 0.1) } else { $0.negativeAnswer = score(0.8, 0.1) }
      $0.copying = copying(share)
    }
    let reading = HeadReading(head, direct: estimate(low, high))
    #expect(reading.roles.first?.title == title)
    let words = try reading.words(.english())
    let direction = low > 0 ? "writes towards" : high < 0 ? "writes away from" : nil
    #expect(words.contains("writes") == (direction != nil))
    if let direction { #expect(words.contains(direction)) }
  }

  @Test("without direct attribution or copying no answer role has a name")
  func unnamed() {
    let looks = head { $0.positiveAnswer = score(0.8, 0.1) }
    #expect(HeadReading(looks, direct: nil).roles.map(\.title) == [nil])
    #expect(HeadReading(looks, direct: estimate(1, 2)).roles.map(\.title) == [nil])
  }

  @Test("a head that looks at both answers alike is said to look at neither", arguments: [(0.54, 0.46), (0.66, 0.34)])
  func undecided(positive: Double, negative: Double) {
    let reading = HeadReading(
      head {
        ($0.positiveAnswer, $0.negativeAnswer) = (score(positive, 0.06), score(negative, 0.06))
        $0.copying = copying(0.9)
      }, direct: estimate(1, 2))
    #expect(reading.roles.isEmpty)
  }

  @Test("what was not measured, and what passes no limit, are told apart")
  func nothing() throws {
    #expect(try HeadReading(head { _ in }, direct: nil).words(.english()) == "where it looks was not measured")
    let idle = head { $0.previousToken = score(0.1, 0.1) }
    #expect(
      try HeadReading(idle, direct: nil).words(.english())
        == "it looks at none of the places asked about often enough to be given a role")
  }

  @Test("the rule and every name pass the claim linter")
  func linted() throws {
    let text = try InterfaceText.english()
    let linter = ClaimLinter(text.claims)
    let all = head {
      ($0.previousToken, $0.duplicateToken, $0.induction) = (score(0.5, 0.1), score(0.5, 0.1), score(0.5, 0.1))
      ($0.firstToken, $0.positiveAnswer) = (score(0.5, 0.1), score(0.5, 0.1))
      $0.copying = copying(0.9)
    }
    #expect(linter.violation(in: HeadReading.rule(text)) == nil)
    for title in HeadReading.Title.allCases {
      #expect(linter.violation(in: title.words(text) + " " + title.name(text)) == nil)
    }
    #expect(linter.violation(in: HeadReading(all, direct: estimate(1, 2)).words(text)) == nil)
    #expect(HeadReading(all, direct: estimate(1, 2)).roles.count == 5)
  }
}
