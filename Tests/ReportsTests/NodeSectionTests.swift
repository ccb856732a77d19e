import Foundation
import SchemaSupport
import Testing

@testable import Analysis
@testable import Evidence
@testable import Project
@testable import Reports
@testable import Templates

@Suite("Other ablation values, single paths and answers of several tokens, in the dossier")
struct NodeSectionTests {
  private func output(
    _ approximations: [Approximation] = [], _ change: (inout AnalysisResult) -> Void
  ) throws -> DossierBuilder.Output {
    let folder = try DossierFixtures.folder()
    var run = DossierFixtures.analysis(try DossierFixtures.project(folder), id: DossierFixtures.id("1"))
    if var result = run.record.analysis {
      change(&result)
      run.record.approximations += approximations
      run.record.analysis = result
    }
    return try DossierBuilder().build(DossierFixtures.inputs(folder, runs: [run]))
  }

  private func page(
    _ approximations: [Approximation] = [], _ change: (inout AnalysisResult) -> Void
  ) throws -> String {
    try output(approximations, change).pages("md").replacing("\u{A0}", with: " ").replacing(
      "\u{202F}", with: " ")
  }

  private static let nodes: [Node] = [.head(layer: 0, head: 0), .head(layer: 0, head: 1), .mlp(layer: 0)]

  private static func estimate(_ value: Double, n: Int = 2) -> Estimate {
    DossierFixtures.estimate(value, value - 0.01, value + 0.01, n: n)
  }

  private static func ablation(artefacts: [Node]) -> AblationEvidence {
    AblationEvidence(
      value: .zero,
      effects: nodes.map { .init(node: $0, effect: estimate(-2.5), isArtefact: artefacts.contains($0)) }, circuit: nil)
  }

  @Test(
    "What zeros move and the counterfactual does not is named and established as nothing; the state is called what it is"
  )
  func artefact() throws {
    let page = try page {
      $0.ablation = Self.ablation(artefacts: [Self.nodes[0]])
      let circuit = $0.circuit
      $0.ablation?.circuit = circuit
      $0.ablation?.circuit?.terms.ablation = "zero (outside the distribution the model was trained on)"
    }
    #expect(page.contains("What zeros in their place do"))
    #expect(page.contains("outside the distribution the model was trained on"))
    #expect(page.contains("not established"))
    #expect(page.contains("Moved by zero ablation, not by the counterfactual: `L0H0`"))
    #expect(page.contains("not by the counterfactual"))
    #expect(page.contains("zero (outside the distribution"))
    let clear = try self.page { $0.ablation = Self.ablation(artefacts: []) }
    #expect(clear.contains("No head or MLP is moved by zero ablation and not by the counterfactual"))
    #expect(!(try self.page { _ in }).contains("zero ablation"))
  }

  private static func addNamed(_ result: inout AnalysisResult) {
    result.paths = [
      .init(path: Edge(.node(nodes[0]), .logits), noising: estimate(-1.25), denoising: estimate(0.75))
    ]
    result.integratedActivations = IntegratedActivations(
      pairs: 2, steps: 8, effects: [.init(node: nodes[1], integrated: estimate(-0.375), exact: estimate(-0.4))])
    result.positions = PositionEvidence(pairs: [
      .init(
        pair: "first", first: 1, tokens: [" red", " ball"], counterfactualTokens: [" blue", " ball"],
        noising: [[0.5, -0.125], [0, 0], [0, 0]], attribution: [[0.25, -0.5], [0, 0], [0, 0]])
    ])
  }

  @Test("dossier.json holds them as the run's record does, follows the published schema and can be read again")
  func machineReadable() throws {
    let output = try output {
      Self.addNamed(&$0)
      $0.ablation = Self.ablation(artefacts: [Self.nodes[0]])
      let circuit = $0.circuit
      $0.ablation?.circuit = circuit
      $0.answerTokens = 3
    }
    let data = Data(output.text("dossier.json").utf8)
    let read = try #require(try CanonicalJSON.decode(Dossier.self, from: data).behaviours[0].numbers)
    var wanted = AnalysisResult(layers: 1, headsPerLayer: 2, nodes: Self.nodes)
    Self.addNamed(&wanted)
    #expect(read.paths == wanted.paths && read.positions == wanted.positions)
    #expect(read.integratedActivations == wanted.integratedActivations && read.answerTokens == 3)
    #expect(read.ablation?.artefacts == [Self.nodes[0]] && read.ablation?.circuit == read.circuit)
    var checker = try SchemaChecker("dossier")
    checker.check(try CanonicalJSON.parse(data))
    #expect(checker.errors == [])
  }

  @Test("Paths, positions and integrated activations stand with their values")
  func named() throws {
    let page = try page { Self.addNamed(&$0) }
    #expect(page.contains("L0H0>logits") && page.contains("−1.250") && page.contains("0.750"))
    #expect(page.contains("8 points") && page.contains("−0.375"))
    #expect(page.contains("replaced at one position alone") && page.contains("−0.125"))
  }

  @Test("Relevance patching and AtP* stand beside what is exact, and the estimate with the smallest error comes first")
  func estimates() throws {
    func entry(_ method: String, _ error: Double) -> Approximation {
      Approximation(
        method: method, assumption: "a line", verified: 6, pearson: 0.5, spearman: 0.25, largestError: error,
        largestPossiblyMissed: 0, checked: true, note: "held against exact values")
    }
    let page = try page(
      [entry(Approximation.besideRelevance, 0.75), entry(Approximation.relevance, 0.125)]
    ) {
      $0.relevance = RelevanceEvidence(
        pairs: 2,
        effects: [
          .init(
            node: Self.nodes[1], relevance: Self.estimate(-0.375), attended: Self.estimate(-0.5),
            attribution: Self.estimate(-0.625), exact: Self.estimate(-0.4))
        ])
      $0.attributionStar = AttributionStar(
        pairs: 2,
        inputs: [
          .init(
            input: .query(layer: 0, head: 1), attribution: Self.estimate(0.064), corrected: Self.estimate(0.875),
            dropped: nil, exact: Self.estimate(0.814))
        ],
        effects: [
          .init(
            node: Self.nodes[1], attribution: Self.estimate(-0.625), dropped: Self.estimate(1.375),
            exact: Self.estimate(-0.4))
        ])
    }
    for text in ["−0.375", "−0.500", "−0.625", "L0H1.q", "0.064", "0.875", "0.814", "1.375"] {
      #expect(page.contains(text), "\(text)")
    }
    let rows = page.split(separator: "\n").filter { $0.contains("0.250") && $0.contains("patching") }
    #expect(rows.first?.contains("relevance patching") == true && rows.first?.contains("0.125") == true, "\(rows)")
    #expect(!(try self.page { _ in }).contains("Relevance patching"))
  }

  @Test("Which mean stands in a part's place is said: one over all positions, or one for each")
  func means() throws {
    func page(_ kind: AnalysisPlan.Ablation) throws -> String {
      try self.page {
        $0.ablation = Self.ablation(artefacts: [])
        $0.ablation?.value = kind
      }
    }
    let (one, each) = (try page(.mean), try page(.positionMean))
    #expect(one.contains("gets one mean over all positions") && !one.contains("at each position, its mean"))
    #expect(each.contains("gets, at each position, its mean there") && each.contains("By position-mean"))
  }

  @Test("A search that found its circuit from above says so")
  func takenAway() throws {
    let stalled = try page {
      $0.forwardBackward = MechanismFixtures.stronger
      $0.forwardBackward?.selection.stop = .takenAway
    }
    #expect(stalled.contains("heads were taken away from all of them instead"))
  }

  @Test("Answers of several tokens: how they are scored is said, and what their length does")
  func forced() throws {
    let page = try page { $0.answerTokens = 3 }
    #expect(page.contains("An answer here has up to 3 tokens") && page.contains("teacher forcing"))
    #expect(page.contains("less probable for its length alone"))
    #expect(!(try self.page { _ in }).contains("teacher forcing"))
  }

  @Test("Without an interval nothing is claimed: one pair, or pairs that all agree", arguments: [1, 4])
  func noInterval(n: Int) throws {
    let page = try page { $0.totalEffect = DossierFixtures.estimate(-2, -2, -2, n: n) }
    #expect(page.contains("It is not established that changing"))
    #expect(page.contains(n == 1 ? "it rests on one pair" : "its 4 pairs all give the same number"))
    #expect(page.contains("so there is no interval"))
  }

  @Test("A circuit whose exact sufficiency lies far below the first-order one is said to be cut short")
  func cutShort() throws {
    func cutShort(_ series: [Node]?) throws -> String {
      try page {
        $0.circuit?.sufficiency = Self.estimate(0.1)
        $0.circuit?.series = series
      }
    }
    // Why is only said where it was looked for and found.
    let unknown = try cutShort(nil)
    #expect(unknown.contains("Why was not looked for") && unknown.contains("0.900"))
    #expect(try cutShort([]).contains("No heads that work one after another were found outside this set"))
    let serial = try cutShort([.head(layer: 0, head: 0), .head(layer: 0, head: 1)])
    #expect(serial.contains("work one after another: each alone") && serial.contains("L0H0, L0H1"))
    #expect(!unknown.contains("work one after another"))
    #expect(!(try self.page { _ in }).contains("one after another"))
  }
}
