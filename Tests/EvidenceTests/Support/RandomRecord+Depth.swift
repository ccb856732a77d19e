@testable import Analysis

/// Random values of what the methods measure beyond effects and circuit.
extension RandomRecord {
  /// Fills the fields that records from before these methods do not have.
  mutating func addDepth(to result: inout AnalysisResult, _ full: Bool) {
    result.significance = maybe(full) { $0.significance(full) }
    result.spread = maybe(full) { $0.spread() }
    result.circuitEvidence = maybe(full) { $0.circuitEvidence(full) }
    result.forwardBackward = maybe(full) { $0.forwardBackward(full) }
    result.lenses = maybe(full) { $0.lenses(full) }
    result.edges = maybe(full) { $0.edges(full) }
    result.answerTokens = maybe(full) { $0.integer() }
    result.ablation = maybe(full) { $0.ablation(full) }
    result.positions = maybe(full) { $0.positions(full) }
    result.integratedActivations = maybe(full) { $0.integratedActivations(full) }
    result.relevance = maybe(full) { $0.relevance(full) }
    result.attributionStar = maybe(full) { $0.attributionStar(full) }
    result.paths = maybe(full) { maker in
      maker.list(full) {
        .init(
          path: $0.edge(), noising: $0.estimate(), denoising: $0.estimate(), noisingShare: $0.estimate(),
          denoisingShare: $0.estimate())
      }
    }
  }

  mutating func paths() -> [Edge]? { maybe(true) { maker in maker.list(true) { $0.edge() } } }

  private mutating func ablation(_ full: Bool) -> AblationEvidence {
    AblationEvidence(
      value: pick(AnalysisPlan.Ablation.allCases),
      effects: list(full) { .init(node: $0.node(), effect: $0.estimate(), isArtefact: $0.pick([true, false])) },
      circuit: maybe(full) { $0.circuit() })
  }

  private mutating func numbers(_ full: Bool) -> [[Double]] {
    list(full) { maker in maker.list(full) { $0.double() } }
  }

  private mutating func positions(_ full: Bool) -> PositionEvidence {
    PositionEvidence(
      pairs: list(full) { maker in
        .init(
          pair: maker.text(), first: maker.integer(), tokens: maker.list(full) { $0.text() },
          counterfactualTokens: maker.list(full) { $0.text() }, noising: maker.numbers(full),
          attribution: maker.numbers(full))
      })
  }

  private mutating func integratedActivations(_ full: Bool) -> IntegratedActivations {
    IntegratedActivations(
      pairs: integer(), steps: integer(),
      effects: list(full) { .init(node: $0.node(), integrated: $0.estimate(), exact: $0.estimate()) })
  }

  private mutating func relevance(_ full: Bool) -> RelevanceEvidence {
    RelevanceEvidence(
      pairs: integer(),
      effects: list(full) {
        .init(
          node: $0.node(), relevance: $0.estimate(), attended: $0.estimate(), attribution: $0.estimate(),
          exact: $0.estimate())
      })
  }

  private mutating func attributionStar(_ full: Bool) -> AttributionStar {
    AttributionStar(
      pairs: integer(),
      inputs: list(full) { maker in
        .init(
          input: maker.pick(["L0H1.q", "L3H12.k", "L47H0.v"].compactMap { Receiver($0) }),
          attribution: maker.estimate(), corrected: maker.estimate(), dropped: maker.maybe(full) { $0.estimate() },
          exact: maker.estimate(), share: maker.estimate())
      },
      effects: list(full) { maker in
        .init(
          node: maker.node(), attribution: maker.estimate(), dropped: maker.maybe(full) { $0.estimate() },
          exact: maker.estimate())
      })
  }

  private mutating func nodes() -> [Node] { list(true) { $0.node() } }

  private mutating func edge() -> Edge {
    pick(["embed>logits", "L0H1>L3H12.q", "MLP0>L3H0.k", "L11H0>MLP47", "embed>L0H0.v"].compactMap { Edge($0) })
  }

  mutating func pValue() -> PValue {
    var p = PValue(exceedances: 0, draws: 7, exact: pick([true, false]), null: text())
    (p.value, p.exceedances, p.draws, p.smallest) = (double(), integer(), integer(), double())
    return p
  }

  private mutating func points() -> [PromptSpread.Point] { list(true) { .init(q: $0.double(), value: $0.double()) } }

  private mutating func significance(_ full: Bool) -> NodeSignificance {
    NodeSignificance(
      n: integer(),
      entries: list(full) { .init(node: $0.node(), p: $0.pValue(), benjaminiHochberg: $0.double(), holm: $0.double()) })
  }

  private mutating func spread() -> PromptSpread {
    var spread = PromptSpread([1], names: ["one"], worst: pick([.lowest, .highest]))
    (spread.n, spread.mean, spread.quantiles) = (integer(), double(), points())
    spread.worst = list(true) { .init(name: $0.text(), value: $0.double()) }
    return spread
  }

  // MARK: Circuits

  private mutating func null(_ full: Bool) -> RandomCircuitNull {
    RandomCircuitNull(
      kind: pick(RandomCircuitNull.Kind.allCases), observed: double(), reachable: maybe(full) { $0.integer() },
      log10Reachable: double(), p: pValue(), mean: maybe(full) { $0.double() }, deviation: maybe(full) { $0.double() },
      quantiles: points())
  }

  private mutating func stability(_ full: Bool) -> CircuitStability {
    CircuitStability(
      n: integer(), resamples: integer(),
      inclusions: list(full) {
        .init(node: $0.node(), count: $0.integer(), frequency: $0.double(), inCircuit: $0.pick([true, false]))
      }, meanPairwiseJaccard: maybe(full) { $0.double() }, meanJaccardWithCircuit: double(), empty: integer(),
      meanSize: double())
  }

  private mutating func checks(_ full: Bool) -> CircuitChecks {
    CircuitChecks(
      full: double(), empty: double(),
      completeness: list(full) {
        .init(
          origin: $0.pick([.empty, .single, .random, .greedy]), removed: $0.nodes(), circuit: $0.double(),
          model: $0.double(), incompleteness: $0.double())
      }, worstIncompleteness: double(),
      minimality: list(full) {
        .init(node: $0.node(), largestChange: $0.double(), removed: $0.nodes(), share: $0.double())
      })
  }

  private mutating func curve(_ full: Bool) -> FaithfulnessCurve {
    FaithfulnessCurve(
      ranking: pick(FaithfulnessCurve.Ranking.allCases),
      points: list(full) { .init(share: $0.double(), size: $0.integer(), faithfulness: $0.double()) },
      areaUnder: double(), areaFromOne: double())
  }

  private mutating func circuitEvidence(_ full: Bool) -> CircuitEvidence {
    CircuitEvidence(
      pairs: integer(), nulls: list(full) { $0.null(full) }, stability: stability(full), checks: checks(full),
      curves: list(full) { $0.curve(full) },
      backups: BackupNodes(
        conditioning: nodes(), conditioningEffect: double(),
        entries: list(full) {
          .init(node: $0.node(), marginal: $0.double(), conditional: $0.double(), interaction: $0.double())
        }),
      rival: maybe(full) {
        RivalCircuit(
          nodes: $0.nodes(), loss: $0.double(), circuitLoss: $0.double(), isRival: $0.pick([true, false]),
          shared: $0.nodes(), jaccard: $0.double(), evaluations: $0.integer())
      })
  }

  private mutating func forwardBackward(_ full: Bool) -> ForwardBackwardCircuit {
    let selection = ForwardBackwardSelection(
      nodes: nodes(), loss: double(), emptyLoss: double(),
      steps: list(full) {
        .init(added: $0.pick([true, false]), node: $0.node(), loss: $0.double(), size: $0.integer())
      }, stop: pick([.target, .exhausted, .size, .noPromise, .noGain]), evaluations: integer(),
      submodularity: SubmodularityRatio(
        upperBound: maybe(full) { $0.double() }, base: nodes(), added: nodes(), comparisons: integer()))
    return ForwardBackwardCircuit(
      pairs: integer(), selection: selection, sufficiency: estimate(), comprehensiveness: estimate(),
      nulls: list(full) { $0.null(full) })
  }

  // MARK: Lenses and edges

  private mutating func roleScore() -> RoleScore {
    RoleScore(value: double(), baseline: double(), prompts: integer(), positions: integer())
  }

  private mutating func headRoles(_ full: Bool) -> HeadRoles {
    var roles = HeadRoles(head: node())
    roles.previousToken = maybe(full) { $0.roleScore() }
    roles.nextToken = maybe(full) { $0.roleScore() }
    roles.delimiter = maybe(full) { $0.roleScore() }
    roles.duplicateToken = maybe(full) { $0.roleScore() }
    roles.induction = maybe(full) { $0.roleScore() }
    roles.firstToken = maybe(full) { $0.roleScore() }
    roles.positiveAnswer = maybe(full) { $0.roleScore() }
    roles.negativeAnswer = maybe(full) { $0.roleScore() }
    roles.copying = maybe(full) {
      CopyScore(
        attended: $0.double(), baseline: $0.double(), raisedShare: $0.double(), prompts: $0.integer(),
        tokens: $0.integer())
    }
    return roles
  }

  private mutating func composition(_ full: Bool) -> LensSummary.Composition {
    let scores = HeadComposition(
      baseline: double(), dimension: integer(), isCentred: pick([true, false]), distance: maybe(full) { $0.integer() },
      scores: list(full) { maker in
        .init(
          earlier: maker.node(), later: maker.node(), input: maker.pick(HeadComposition.Input.allCases),
          value: maker.maybe(full) { $0.double() }, deviations: maker.maybe(full) { $0.double() })
      })
    return LensSummary.Composition(scores, strongest: 4)
  }

  private mutating func lenses(_ full: Bool) -> LensSummary {
    LensSummary(
      depths: list(full) {
        .init(depth: $0.integer(), value: $0.estimate(), divergence: $0.estimate(), agreement: $0.proportion())
      },
      firstPrompt: list(full) { maker in
        .init(
          depth: maker.integer(), position: maker.integer(), value: maker.double(), divergence: maker.double(),
          top: maker.list(full) { .init(id: $0.integer(), probability: $0.double()) })
      },
      direct: .init(
        nodes: list(full) { .init(node: $0.node(), value: $0.estimate()) }, embedding: estimate(), biases: estimate(),
        largestResidual: double(), isComplete: pick([true, false])),
      roles: list(full) { $0.headRoles(full) }, composition: maybe(full) { $0.composition(full) })
  }

  private mutating func edges(_ full: Bool) -> EdgeEvidence {
    EdgeEvidence(
      pairs: integer(), graphEdges: integer(), steps: integer(),
      strongest: list(full) {
        .init(
          edge: $0.edge(), attribution: $0.double(), pathAttribution: $0.double(), exact: $0.estimate(),
          share: $0.estimate(), attributionShare: $0.double(), pathShare: $0.double())
      }, grown: list(full) { .init(size: $0.integer(), mCircuit: $0.double(), sufficiency: $0.estimate()) },
      circuit: maybe(full) { maker in maker.list(true) { $0.edge() } },
      pruned: maybe(full) { maker in
        .init(
          threshold: maker.double(), pairs: maker.integer(), edges: maker.list(full) { $0.edge() },
          loss: maker.double(), runs: maker.integer())
      })
  }
}
