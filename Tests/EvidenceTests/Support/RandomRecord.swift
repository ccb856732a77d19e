@testable import Analysis
@testable import Evidence

/// Makes records at random, valid ones in which every field takes all its forms.
struct RandomRecord {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// A record.
  /// - Parameter full: fills every optional and every list, so that every key appears.
  mutating func next(kind: RunRecord.Kind? = nil, status: RunRecord.Status? = nil, full: Bool = false) -> RunRecord {
    let kind = kind ?? pick([.analysis, .evaluation])
    let status = status ?? pick([.finished, .refused, .failed])
    let isAnalysis = kind == .analysis
    let behaviour = word()
    var plan = analysisPlan()
    plan.behaviour = behaviour
    if full { (plan.unit, plan.threshold) = (word(), double()) }
    return RunRecord(
      id: RunIdentifier.next(), kind: kind, status: status, failure: status == .failed ? text() : nil,
      started: "2026-11-23T09:41:07.250Z", ended: "2026-11-23T09:41:08.001Z", system: word(), modelVersion: word(),
      behaviour: isAnalysis ? behaviour : nil, model: model(full), promptsSha256: digest(),
      program: .init(name: "vitrine", version: word(), binarySha256: digest()), machine: machine(),
      analysisPlan: isAnalysis ? plan : nil, evaluationPlan: isAnalysis ? nil : evaluationPlan(full),
      analysis: isAnalysis && status != .failed ? analysis(full) : nil,
      evaluation: isAnalysis || status == .failed ? nil : evaluation(full), findings: findings(full),
      approximations: list(full) { $0.approximation(full) }, selfTests: list(full) { $0.selfTest(full) },
      refusals: list(full || status == .refused) { $0.refusal(full) })
  }

  // MARK: Scalars

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &random)]
  }

  mutating func list<Value>(_ notEmpty: Bool, _ make: (inout RandomRecord) -> Value) -> [Value] {
    let count = Int.random(in: (notEmpty ? 1 : 0)...4, using: &random)
    return (0..<count).map { _ in make(&self) }
  }

  mutating func maybe<Value>(_ always: Bool, _ make: (inout RandomRecord) -> Value) -> Value? {
    always || Bool.random(using: &random) ? make(&self) : nil
  }

  /// Any finite double but −0, whose sign RFC 8785 drops.
  mutating func double() -> Double {
    let value = Double(bitPattern: random.next())
    return pick([true, false]) && value.isFinite && value != 0 ? value : Double.random(in: -10...10, using: &random)
  }

  mutating func integer() -> Int { pick([0, 1, 7, 42, 1 << 53 - 1, 1 << 53, .max, .min]) }

  mutating func word() -> String { String((0..<6).map { _ in pick(Array("abcdefXYZ019-._")) }) }

  mutating func text() -> String {
    let parts = [
      "a", " approve", "\n", "\t", "\"", "\\", "\u{0}", "\u{1F}", "\u{7F}", "ö", "o\u{308}", "€", "\u{2028}", "😀",
      "\u{FB33}", "/",
    ]
    return (0..<Int.random(in: 0...8, using: &random)).map { _ in pick(parts) }.joined()
  }

  mutating func digest() -> String { String((0..<64).map { _ in pick(Array("0123456789abcdef")) }) }

  mutating func node() -> Node {
    pick([.head(layer: pick([0, 3, 11]), head: pick([0, 12])), .mlp(layer: pick([0, 47]))])
  }

  mutating func estimate() -> Estimate {
    Estimate(value: double(), low: double(), high: double(), confidence: 0.95, n: integer(), method: text())
  }

  mutating func proportion() -> Proportion { Proportion(count: integer(), share: estimate()) }

  // MARK: Parts

  private mutating func model(_ full: Bool) -> ModelIdentity {
    ModelIdentity(
      rootSha256: digest(), files: list(full) { .init(path: $0.text(), bytes: $0.integer(), sha256: $0.digest()) },
      tensorsSha256: digest(), tokenizerSha256: maybe(full) { $0.digest() }, architecture: word(),
      head: maybe(full) { _ in .classifier }, layers: integer(), headsPerLayer: integer(), parameters: integer(),
      signature: maybe(full) { $0.signature(full) },
      remarks: maybe(full) { random in
        ModelRemark.Kind.allCases.map {
          ModelRemark(kind: $0, file: random.maybe(full) { $0.text() }, names: [random.text()])
        }
      })
  }

  private mutating func signature(_ full: Bool) -> ModelIdentity.PublishedSignature {
    .init(
      path: "model.sig", bytes: integer(), sha256: digest(), mediaType: maybe(full) { $0.text() },
      signedRootSha256: maybe(full) { $0.digest() }, document: maybe(full) { $0.text() })
  }

  private mutating func machine() -> RunRecord.Machine {
    .init(
      hostName: text(), operatingSystem: text(), processor: text(), instructionSet: "avx512", threads: integer(),
      memoryBytes: integer())
  }

  private mutating func specialIds() -> SpecialTokenIDs? {
    pick([nil, SpecialTokenIDs(before: [1], after: [2, 42])])
  }

  private mutating func analysisPlan() -> AnalysisPlan {
    var plan = AnalysisPlan(
      behaviour: word(), question: text(), construction: text(), cleanLabel: text(), counterfactualLabel: text(),
      positive: list(true) { $0.text() }, negative: list(true) { $0.text() },
      pairs: list(true) { .init(name: $0.text(), clean: $0.text(), counterfactual: $0.text()) },
      prepend: list(true) { $0.text() }, specialTokens: pick([true, false, .auto, nil]),
      methods: AnalysisPlan.Method.allCases,
      floor: double(),
      integratedGradientsSteps: integer(), tokenAttributionPairs: integer(), sufficiencyTarget: double(),
      comprehensivenessTarget: double(), bootstrapResamples: integer(), confidence: double(),
      seed: pick([0, 1, .max, 1 << 53, 1 << 53 - 1, random.next()]), detailPairs: integer(), nullDraws: integer(),
      pruningThreshold: double(), ablation: pick([.counterfactual, .mean, .zero, nil]),
      paths: paths(), standing: pick([.standard, StandingFloors(flips: double(), share: double()), nil]))
    plan.specialIds = specialIds()
    return plan
  }

  private mutating func evaluationPlan(_ full: Bool) -> EvaluationPlan {
    var plan = EvaluationPlan(
      dataset: text(), label: text(), positive: list(true) { $0.text() }, negative: list(true) { $0.text() },
      prepend: list(true) { $0.text() }, specialTokens: pick([true, false, .auto, nil]), threshold: double(),
      firstChoice: pick([true, nil]), groupings: list(true) { $0.word() },
      examples: list(true) { maker in
        .init(
          name: maker.text(), prompt: maker.text(), positive: maker.pick([true, false]),
          number: maker.maybe(full) { $0.double() },
          groups: ["sex": maker.text(), "ageBand": maker.text(), "foreign_worker": "x", "Größe": maker.text()])
      }, bootstrapResamples: integer(), confidence: double(), seed: random.next())
    plan.specialIds = specialIds()
    plan.predictions = maybe(full) { $0.predictions(full) }
    plan.unit = maybe(full) { $0.word() }
    return plan
  }

  private mutating func analysis(_ full: Bool) -> AnalysisResult {
    var result = AnalysisResult(layers: integer(), headsPerLayer: integer(), nodes: list(full) { $0.node() })
    result.pairs = list(full) { maker in
      var pair = AnalysisResult.Pair(
        name: maker.text(), tokens: maker.integer(), firstDifference: maker.maybe(full) { $0.integer() })
      pair.mClean = maker.maybe(full) { $0.double() }
      pair.mCounterfactual = maker.maybe(full) { $0.double() }
      pair.cleanChoice = maker.maybe(full) { $0.choice() }
      pair.counterfactualChoice = maker.maybe(full) { $0.choice() }
      pair.noising = maker.maybe(full) { maker in maker.list(full) { $0.double() } }
      pair.denoising = maker.maybe(full) { maker in maker.list(full) { $0.double() } }
      pair.attribution = maker.maybe(full) { maker in maker.list(full) { $0.double() } }
      return pair
    }
    result.totalEffect = maybe(full) { $0.estimate() }
    result.meanClean = maybe(full) { $0.estimate() }
    result.meanCounterfactual = maybe(full) { $0.estimate() }
    result.flips = maybe(full) { $0.proportion() }
    result.positiveOnlyClean = integer()
    result.positiveOnlyCounterfactual = integer()
    result.nodeEffects = list(full) { maker in
      var effect = AnalysisResult.NodeEffect(node: maker.node())
      effect.noising = maker.maybe(full) { $0.estimate() }
      effect.denoising = maker.maybe(full) { $0.estimate() }
      effect.attribution = maker.maybe(full) { $0.estimate() }
      effect.noisingShare = maker.maybe(full) { $0.estimate() }
      effect.denoisingShare = maker.maybe(full) { $0.estimate() }
      return effect
    }
    result.circuit = maybe(full) { $0.circuit() }
    result.standing = maybe(full) { $0.standing() }
    result.tokenAttributions = list(full) { maker in
      .init(
        pair: maker.text(), tokens: maker.list(true) { $0.text() },
        counterfactualTokens: maker.list(true) { $0.text() },
        zeroed: maker.list(true) { $0.double() },
        gradientTimesInput: maker.list(true) { $0.double() }, integratedGradients: maker.list(true) { $0.double() },
        completenessResidual: maker.double())
    }
    addDepth(to: &result, full)
    return result
  }

  private mutating func choice() -> OwnChoice {
    OwnChoice(
      id: integer(), text: text(), probability: pick([0, 0.25, 1]), side: pick([.positive, .negative, .both, .none]),
      answersProbability: pick([0, 0.5, 1]))
  }

  mutating func circuit() -> AnalysisResult.Circuit {
    var circuit = AnalysisResult.Circuit(
      heads: list(true) { $0.node() }, selected: list(true) { $0.node() }, firstOrderSufficiency: double(),
      selectedComprehensiveness: double(), mFull: double(), mEmpty: double(), mCircuit: double(), mWithout: double(),
      sufficiency: estimate(), comprehensiveness: estimate(),
      terms: .init(
        granularity: text(), components: text(), ablation: text(), positions: text(), direction: text(),
        prompts: text()))
    circuit.forward = pick([.exact, .firstOrder, nil])
    circuit.turned = pick([0, integer(), nil])
    circuit.series = pick([[], list(true) { $0.node() }, nil])
    return circuit
  }

  private mutating func standing() -> BehaviourStanding {
    BehaviourStanding(
      clean: [1, 2, pick([0.25, 3])], counterfactual: [-1, pick([1, 2.5]), 4], floors: .standard, sizeFloor: 0.05,
      confidence: 0.95, resamples: 100, seed: 1)
  }

  private mutating func evaluation(_ full: Bool) -> EvaluationResult {
    EvaluationResult(
      groups: list(full) { maker in
        .init(
          grouping: maker.maybe(full) { $0.text() }, name: maker.maybe(full) { $0.text() }, n: maker.integer(),
          accuracy: maker.proportion(), positiveRate: maker.proportion(), baseRate: maker.proportion(),
          truePositiveRate: maker.maybe(full) { $0.proportion() },
          falsePositiveRate: maker.maybe(full) { $0.proportion() },
          areaUnderCurve: maker.maybe(full) { $0.estimate() }, brier: maker.estimate(),
          calibrationInTheLarge: maker.estimate(), expectedCalibrationError: maker.estimate(),
          bins: maker.list(full) { maker in
            .init(
              from: maker.double(), to: maker.double(), n: maker.integer(),
              predicted: maker.maybe(full) { $0.double() }, observed: maker.maybe(full) { $0.double() })
          })
      }, errors: maybe(full) { maker in maker.list(full) { $0.errors(full) } },
      scores: list(full) { maker in
        .init(
          name: maker.text(), m: maker.maybe(full) { $0.double() }, choice: maker.maybe(full) { $0.choice() })
      }, rule: maybe(full) { $0.pick([.threshold, .firstChoice, .undecided]) },
      predictions: maybe(full) { $0.comparison(full) })
  }

  private mutating func errors(_ full: Bool) -> EvaluationResult.ErrorGroup {
    EvaluationResult.ErrorGroup(
      grouping: maybe(full) { $0.text() }, name: maybe(full) { $0.text() }, n: integer(), meanAbsoluteError: estimate(),
      rootMeanSquareError: estimate(), determination: maybe(full) { $0.estimate() }, meanError: estimate(),
      meanNumber: estimate(), accuracy: maybe(full) { $0.proportion() }, positiveRate: maybe(full) { $0.proportion() },
      baseRate: maybe(full) { $0.proportion() })
  }

  private mutating func predictions(_ full: Bool) -> ProviderPredictions {
    ProviderPredictions(
      file: text(), sha256: digest(), id: word(), score: maybe(full) { $0.word() },
      unit: maybe(full) { $0.pick([.probability, .fullProbability, .logit]) }, label: maybe(full) { $0.word() },
      tolerance: double(),
      unused: integer(),
      values: list(true) { maker in
        .init(
          record: maker.text(), id: maker.text(), score: maker.pick([maker.double(), nil]),
          positive: maker.pick([true, false, nil]))
      }, template: .init(literals: [text(), text()], fields: [word()]))
  }

  private mutating func predicted(_ full: Bool) -> PredictionComparison.Record {
    PredictionComparison.Record(
      record: text(), id: text(), provider: maybe(full) { $0.double() }, engine: maybe(full) { $0.double() },
      providerPositive: maybe(full) { $0.pick([true, false]) }, enginePositive: maybe(full) { $0.pick([true, false]) })
  }

  private mutating func comparison(_ full: Bool) -> PredictionComparison {
    PredictionComparison(
      verdict: pick(PredictionComparison.Verdict.allCases), compared: integer(), missing: integer(), refused: integer(),
      tolerance: double(), largest: maybe(full) { $0.predicted(full) }, beyond: integer(), disagreements: integer(),
      disagreeing: list(full) { $0.predicted(full) }, farthest: list(full) { $0.predicted(full) },
      explanations: list(full) { maker in
        .init(
          causes: maker.list(true) { maker in
            .init(
              maker.pick(PredictionComparison.Cause.Kind.allCases), detail: maker.maybe(full) { $0.text() },
              number: maker.maybe(full) { $0.double() }, low: maker.maybe(full) { $0.double() },
              high: maker.maybe(full) { $0.double() })
          }, explained: maker.integer(), of: maker.integer(), left: maker.maybe(full) { $0.double() })
      }, tried: integer())
  }

  private mutating func findings(_ full: Bool) -> [Finding] {
    list(full) { maker in maker.random.next() }.indices.map { index in
      Finding(
        id: "finding-\(index)", title: text(), standing: pick([.measured, .screened, .notEstablished]),
        estimate: maybe(full) { $0.estimate() }, unit: text(), nodes: list(full) { $0.node() },
        p: maybe(full) { $0.pValue() })
    }
  }

  private mutating func approximation(_ full: Bool) -> Approximation {
    Approximation(
      method: text(), assumption: text(), verified: integer(), pearson: maybe(full) { $0.double() },
      spearman: maybe(full) { $0.double() }, largestError: maybe(full) { $0.double() },
      largestPossiblyMissed: maybe(full) { $0.double() }, checked: pick([true, false]), note: text())
  }

  private mutating func selfTest(_ full: Bool) -> SelfTest {
    SelfTest(
      name: text(), outcome: pick([.passed, .failed, .notRun]), measured: maybe(full) { $0.double() },
      limit: maybe(full) { $0.double() }, detail: text())
  }

  private mutating func refusal(_ full: Bool) -> Refusal {
    Refusal(
      pair: maybe(full) { $0.text() },
      reason: pick([.belowFloor, .misaligned, .notFinite, .nothingToExplain, .notFound, .notDefined]),
      scope: Refusal.Scope(rawValue: text()), detail: text())
  }
}
