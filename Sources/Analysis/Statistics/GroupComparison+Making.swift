extension GroupComparison {
  /// One scored record.
  private struct Record {
    let groups: [String: String]
    let label: Bool
    let isPositive: Bool
    let isRight: Bool
    let probability: Double
    /// |number − label| of a regression.
    let error: Double
  }

  /// Holds every group of an evaluation against its reference.
  /// - Parameters:
  ///   - plan: what was asked.
  ///   - result: what came out of it.
  ///   - declaration: reference groups, intersections, and which answer is the better one.
  ///   - confidence: level of the intervals; 1 − it is the level of the tests.
  ///   - power: of the needed records.
  /// - Complexity: O(records × groups).
  public init(
    _ plan: EvaluationPlan, _ result: EvaluationResult, _ declaration: Declaration, confidence: Double, power: Double
  ) {
    let records = zip(plan.examples, result.scores).compactMap { example, score -> Record? in
      guard let m = score.m else { return nil }
      let decision = plan.decision(example, m: m, choice: score.choice, rule: result.rule)
      return Record(
        groups: example.groups, label: example.positive, isPositive: decision.isPositive, isRight: decision.isRight,
        probability: sigmoid(m), error: abs(m - (example.number ?? m)))
    }
    let making = Making(
      declaration: declaration, confidence: confidence, power: power, measures: Self.measures(of: plan))
    let rows = (plan.groupings.map { [$0] } + declaration.intersections).flatMap { making.rows($0, records) }
    self.init(
      declaration: declaration, confidence: confidence, power: power,
      rows: making.settled(rows).sorted { Self.precedes($0, $1) },
      fourFifths: declaration.favourable == .positive && plan.threshold != nil
        ? plan.groupings.compactMap { making.fourFifths($0, records) } : nil)
  }

  /// What can be compared: shares of decisions, or errors with those shares that a threshold makes of numbers.
  private static func measures(of plan: EvaluationPlan) -> [Measure] {
    guard plan.unit != nil else { return Measure.allCases.filter { $0 != .absoluteError } }
    return plan.threshold == nil
      ? [.absoluteError] : [.absoluteError, .positiveRate, .accuracy, .truePositiveRate, .falsePositiveRate]
  }

  private static func precedes(_ left: Row, _ right: Row) -> Bool {
    guard let first = left.worst, let second = right.worst else { return left.worst != nil && right.worst == nil }
    return Order(first) < Order(second)
  }

  /// Makes rows of records.
  private struct Making {
    let declaration: Declaration
    let confidence: Double
    let power: Double
    let measures: [Measure]

    private var level: Double { PValue.level(confidence) }

    /// The groups of some groupings, in alphabetical order, but the reference group itself.
    func rows(_ groupings: [String], _ records: [Record]) -> [Row] {
      var members: [[String]: [Record]] = [:]
      for record in records { members[groupings.map { record.groups[$0] ?? "" }, default: []].append(record) }
      let declared = groupings.map { declaration.references[$0] }
      let reference: [String]? = declared.contains(nil) ? nil : declared.map { $0 ?? "" }
      return members.keys.sorted { $0.lexicographicallyPrecedes($1) }.compactMap { group in
        guard group != reference, let own = members[group] else { return nil }
        let others =
          reference.map { members[$0] ?? [] } ?? members.filter { $0.key != group }.flatMap(\.value)
        return Row(
          groupings: groupings, group: group, reference: reference, n: own.count, nReference: others.count,
          isSmall: own.count < GroupComparison.few,
          comparisons: measures.compactMap { comparison($0, own, others) })
      }
    }

    private func comparison(_ measure: Measure, _ own: [Record], _ others: [Record]) -> Comparison? {
      func share(_ counts: (Record) -> Bool, among: (Record) -> Bool = { _ in true }) -> Comparison? {
        let (first, second) = (own.filter(among), others.filter(among))
        guard !first.isEmpty, !second.isEmpty else { return nil }
        return shares(measure, first.count(where: counts), first.count, second.count(where: counts), second.count)
      }
      return switch measure {
      case .positiveRate: share(\.isPositive)
      case .accuracy: share(\.isRight)
      case .truePositiveRate: share(\.isPositive, among: \.label)
      case .falsePositiveRate: share(\.isPositive, among: { !$0.label })
      case .calibration: means(measure, own, others) { $0.probability - ($0.label ? 1 : 0) }
      case .absoluteError: means(measure, own, others, \.error)
      }
    }

    private func shares(_ measure: Measure, _ count: Int, _ n: Int, _ countReference: Int, _ nReference: Int)
      -> Comparison
    {
      let test = IndependentShares(
        countBefore: countReference, nBefore: nReference, countAfter: count, nAfter: n)
      let interval = test.interval(confidence: confidence)
      let (value, reference) = (Double(count) / Double(n), Double(countReference) / Double(nReference))
      let shareRatio = ShareRatio(count: count, n: n, countReference: countReference, nReference: nReference)
      let ratio = shareRatio.interval(confidence: confidence).flatMap { ends in
        shareRatio.value.map { Ratio(value: $0, low: ends.low, high: ends.high) }
      }
      return Comparison(
        measure: measure, count: count, n: n, countReference: countReference, nReference: nReference, value: value,
        valueReference: reference,
        difference: Estimate(
          value: test.difference, low: interval.low, high: interval.high, confidence: confidence, n: n + nReference,
          method: "Newcombe's interval of two samples"),
        ratio: ratio, p: test.p, adjustedP: nil, loss: nil,
        needed: SampleSize.independent(
          share: value, reference: reference, ratio: Double(nReference) / Double(n), level: level, power: power))
    }

    private func means(_ measure: Measure, _ own: [Record], _ others: [Record], _ value: (Record) -> Double)
      -> Comparison?
    {
      guard !own.isEmpty, !others.isEmpty else { return nil }
      func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
      let (first, second) = (own.map(value), others.map(value))
      let test = MeanDifference.independent(second, first)
      let difference =
        test.interval(confidence: confidence).map {
          Estimate(
            value: test.value, low: $0.low, high: $0.high, confidence: confidence, n: first.count + second.count,
            method: "Welch's t of two samples")
        }
        ?? .withoutInterval(
          test.value, n: first.count + second.count, confidence: confidence, why: "one side has a single record")
      return Comparison(
        measure: measure, count: nil, n: first.count, countReference: nil, nReference: second.count,
        value: mean(first), valueReference: mean(second), difference: difference, ratio: nil, p: test.p, adjustedP: nil,
        loss: nil, needed: nil)
    }

    /// The rows with p-values adjusted for the number of groups, measure by measure, and what follows from them.
    func settled(_ rows: [Row]) -> [Row] {
      var rows = rows
      for measure in Measure.allCases {
        let places = rows.indices.compactMap { row in
          rows[row].comparisons.firstIndex { $0.measure == measure && $0.p != nil }.map { (row, $0) }
        }
        let adjusted = MultipleTesting.holm(places.map { rows[$0.0].comparisons[$0.1].p ?? 1 })
        for ((row, place), p) in zip(places, adjusted) { rows[row].comparisons[place].adjustedP = p }
      }
      for row in rows.indices {
        for place in rows[row].comparisons.indices {
          let comparison = rows[row].comparisons[place]
          let isSettled = comparison.adjustedP.map { $0 <= level } ?? false
          rows[row].comparisons[place].loss = comparison.measure.worse(declaration.favourable).map {
            Loss(comparison.difference, worse: $0, isSettled: isSettled)
          }
          if isSettled { rows[row].comparisons[place].needed = nil }
        }
      }
      return rows
    }

    /// The groups of a grouping below four fifths of the largest share of positive decisions; nil if there are none.
    func fourFifths(_ grouping: String, _ records: [Record]) -> FourFifths? {
      let shares = Dictionary(grouping: records) { $0.groups[grouping] ?? "" }.map { group, members in
        (group: group, share: Double(members.count(where: \.isPositive)) / Double(members.count))
      }.sorted { ($1.share, $0.group) < ($0.share, $1.group) }
      guard let highest = shares.first, highest.share > 0 else { return nil }
      // 4/5 exactly is not below; the quotient of two roundings may be.
      let below = shares.filter { $0.share < 0.8 * highest.share * (1 - 1e-12) }.reversed().map {
        FourFifths.Below(group: $0.group, ratio: $0.share / highest.share)
      }
      return below.isEmpty ? nil : FourFifths(grouping: grouping, highest: highest.group, below: below)
    }
  }
}
