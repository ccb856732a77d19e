/// From where on an effect counts as established. A plan records them; a plan without them, of before version 0.2, goes
/// by the interval of the signed mean alone.
public struct StandingFloors: Codable, Sendable, Equatable {
  /// The share of decisions that a change must be shown to turn.
  public var flips: Double
  /// The share of the decision's change that a head, MLP or edge must be shown to carry; at least 2/K for K of them in any case.
  public var share: Double

  /// One decision in a hundred; 2/K.
  public static let standard = StandingFloors(flips: 0.01, share: 0)

  /// The floor of shares where `parts` parts could each have their own: each is a part of the change, so that parts of pure noise have
  /// 1/K each, and 0 is not the null.
  public func leastShare(of parts: Int) -> Double { max(share, 2 / Double(max(1, parts))) }
}

/// Whether a change moves a model's decision, asked in three ways, each at a third of the level: pairs may pull in different directions,
/// so that their mean says little.
public struct BehaviourStanding: Codable, Sendable, Equatable {
  /// What can be shown.
  public enum Ground: String, Codable, Sendable, CaseIterable {
    /// More decisions turn than the floor of flips.
    case flips
    /// The decision value moves by more than the floor, whichever way.
    case size
    /// It moves one way on average.
    case direction
  }

  /// Pairs whose decision differs, with Wilson's interval at a third of the level; nil where nothing is decided.
  public var flips: Proportion?
  /// Mean |m_counterfactual − m_clean| at a third of the level.
  public var size: Estimate
  /// Mean m_counterfactual − m_clean at a third of the level.
  public var direction: Estimate
  /// What the lower end of `flips` must exceed.
  public var flipFloor: Double
  /// What the lower end of `size` must exceed, in the decision value's unit.
  public var sizeFloor: Double
  /// What is shown; none: not established.
  public var grounds: [Ground]

  /// Measured if one of the three is shown.
  public var standing: Finding.Standing { grounds.isEmpty ? .notEstablished : .measured }

  /// Asks of decision values on both sides.
  /// - Parameters:
  ///   - clean: m of the clean prompts, at least one.
  ///   - counterfactual: m of the counterfactual prompts, as many.
  ///   - threshold: above which a decision is positive; nil: nothing is decided.
  ///   - confidence: 1 − the level of which each question gets a third.
  public init(
    clean: [Double], counterfactual: [Double], threshold: Double? = 0, floors: StandingFloors, sizeFloor: Double,
    confidence: Double,
    resamples: Int, seed: UInt64
  ) {
    precondition(!clean.isEmpty && clean.count == counterfactual.count, "no pairs, or pairs of one side")
    let third = Self.third(of: confidence)
    let bootstrap = Bootstrap(n: clean.count, resamples: resamples, confidence: third, seed: seed)
    let changes = zip(clean, counterfactual).map { $1 - $0 }
    flips = threshold.map { threshold in
      .wilson(
        zip(clean, counterfactual).count { ($0 > threshold) != ($1 > threshold) }, of: clean.count, confidence: third)
    }
    size = bootstrap.mean(changes.map(abs))
    direction = bootstrap.mean(changes)
    flipFloor = floors.flips
    self.sizeFloor = sizeFloor
    grounds = []
    if let flips, flips.share.low > flipFloor { grounds.append(.flips) }
    if size.hasInterval, size.low > sizeFloor { grounds.append(.size) }
    if !direction.covers(0) { grounds.append(.direction) }
  }

  /// The confidence of each question: a third of the level is left.
  static func third(of confidence: Double) -> Double { 1 - PValue.level(confidence) / 3 }
}

extension AnalysisResult {
  /// What the recorded decision values say of the behaviour: as the run recorded it or, of a run of before version 0.2, by the same rule
  /// on its pairs. Nil if no pair was measured.
  public func behaviourStanding(_ plan: AnalysisPlan) -> BehaviourStanding? {
    if let standing = self.standing { return standing }
    let measured = pairs.compactMap { pair in
      pair.mClean.flatMap { clean in pair.mCounterfactual.map { (clean, $0) } }
    }
    guard !measured.isEmpty else { return nil }
    return BehaviourStanding(
      clean: measured.map(\.0), counterfactual: measured.map(\.1), threshold: plan.decisionThreshold,
      floors: plan.standing ?? .standard,
      sizeFloor: plan.floor, confidence: plan.confidence, resamples: plan.bootstrapResamples, seed: plan.seed)
  }
}

extension AnalysisPlan {
  /// Whether two plans ask the same. One of before there were floors asks the same as one with the usual ones: only what is made of the
  /// answers differs.
  public func asks(as other: AnalysisPlan) -> Bool {
    var (one, two) = (self, other)
    if one.standing == nil || two.standing == nil {
      one.standing = one.standing ?? .standard
      two.standing = two.standing ?? .standard
    }
    return one == two
  }
}

extension AnalysisResult {
  /// Heads and MLPs whose share of the change is above the floor, whichever way they pull; nil where shares were not measured.
  public func carrying(_ plan: AnalysisPlan) -> [Node]? {
    guard let floor = shareFloor(plan), self.nodeEffects.contains(where: { $0.noisingShare != nil }) else { return nil }
    return self.nodeEffects.filter { $0.noisingShare?.isAbove(floor) == true }.map(\.node)
  }

  /// What the share of a head's, MLP's or path's effect must exceed; nil where a plan of before version 0.2 knows no shares.
  public func shareFloor(_ plan: AnalysisPlan) -> Double? { plan.standing?.leastShare(of: nodes.count) }
}

/// Which way each pair's decision moves, and how far.
struct ChangeDirections {
  /// By pair: 1 if it moves as most of the change does, −1 if the other way, 0 if not at all. Counted so, pairs do not cancel; where all
  /// move one way, every sign is 1 and nothing is another number than without.
  let signs: [Double]
  /// By pair: |m_clean − m_counterfactual|.
  let sizes: [Double]
  /// By pair: the sign of m_counterfactual − m_clean.
  private let towards: [Double]

  /// - Parameters:
  ///   - changes: m_counterfactual − m_clean by pair.
  ///   - total: their sum, or that of more pairs, which says which way most of the change goes.
  init(_ changes: [Double], total: Double) {
    func sign(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
    towards = changes.map(sign)
    let all = sign(total)
    signs = towards.map { $0 * (all == 0 ? 1 : all) }
    sizes = changes.map(abs)
  }

  /// Σ sᵢ·eᵢ / Σ |dᵢ| with its interval: what share of the change a part's effects carry.
  /// - Parameter effects: by pair, in the direction *counterfactual − clean*.
  func share(_ effects: [Double], _ bootstrap: Bootstrap) -> Estimate? {
    guard sizes.contains(where: { $0 > 0 }) else { return nil }
    return bootstrap.ratio(zip(towards, effects).map { $0 * $1 }, sizes)
  }

  /// Mean of sᵢ·xᵢ.
  func mean(_ values: [Double]) -> Double { zip(signs, values).map { $0 * $1 }.mean }
}

extension Estimate {
  /// Whether a part's effect is established: its signed interval excludes 0, or its share lies above the floor.
  public func isEstablished(share: Estimate?, floor: Double?) -> Bool {
    if !covers(0) { return true }
    guard let share, let floor else { return false }
    return share.isAbove(floor)
  }

  /// Whether the interval lies above a floor; a value without an interval does not.
  public func isAbove(_ floor: Double) -> Bool { hasInterval && low > floor }
}
