import Foundation

/// Reads some of the records that differ in other ways, one after another, and says which gives the serving system's predictions.
struct PredictionSearch {
  typealias Cause = PredictionComparison.Cause
  typealias Explanation = PredictionComparison.Explanation

  /// Another model of the project, opened when its turn comes and closed again; nil if it cannot be.
  struct Other {
    let version: String
    let open: () -> PromptScorer?
  }

  /// One way of reading a record.
  private struct Reading {
    let cause: Cause
    /// What the model reads, and by how many places positions are moved; nil where that is not possible.
    let input: (Probe) -> PromptScorer.Input?
    /// The model that reads; nil for the one that is evaluated.
    var scorer: PromptScorer?
  }

  /// A record that is looked at.
  private struct Probe {
    let pair: HeldPredictions.Pair
    let prompt: String
    let plain: [Int]
    let isWrong: Bool
  }

  private let held: HeldPredictions
  private let scorer: PromptScorer
  private let others: [Other]
  private let isCancelled: () -> Bool
  private let rounding: Rounding?
  private let probes: [Probe]
  /// The token count of every compared record, special tokens included, in the order of the file.
  private let lengths: [Int]
  private let readings: [ScoreReading]
  private let fits: ScoreFit

  /// How many records are looked at.
  static let probed = 16
  /// Telling records of which not all need fit.
  private static let least = 4
  /// Work that a search may take: multiplications, about two minutes of two cores.
  static let work = 3e13

  init(
    _ held: HeldPredictions, _ scorer: PromptScorer, tokens: [[Int]], others: [Other],
    isCancelled: @escaping () -> Bool
  ) {
    self.held = held
    self.scorer = scorer
    self.others = others
    self.isCancelled = isCancelled
    rounding = Rounding(held.pairs.compactMap(\.value.score))
    let around = scorer.around
    func probe(_ pair: HeldPredictions.Pair, isWrong: Bool) -> Probe {
      let ids = tokens[pair.place]
      let plain = Array(ids.dropFirst(around.before.count).dropLast(around.after.count))
      return Probe(pair: pair, prompt: held.plan.examples[pair.place].prompt, plain: plain, isWrong: isWrong)
    }
    let differing = held.pairs.filter(held.differs)
    let telling = differing.filter(held.isTelling)
    let wrong = telling.isEmpty ? differing : telling
    let right = held.pairs.filter { !held.differs($0) }
    let hasScores = held.predictions.unit != nil
    probes =
      Self.spread(wrong, Self.probed, held).map { probe($0, isWrong: true) }
      + Self.spread(right, hasScores ? 4 : Self.probed, held).map { probe($0, isWrong: false) }
    lengths = held.pairs.map { tokens[$0.place].count }
    readings =
      held.predictions.unit.map { ScoreReading.all($0, isClassifier: scorer.isClassifier) } ?? []
    fits = ScoreFit(
      held.predictions, half: rounding?.half ?? 0, limit: max(held.predictions.tolerance, rounding?.limit ?? 0))
  }

  /// Some records, evenly over the file, the farthest one first.
  private static func spread(
    _ pairs: [HeldPredictions.Pair], _ count: Int, _ held: HeldPredictions
  ) -> [HeldPredictions.Pair] {
    func size(_ pair: HeldPredictions.Pair) -> Double {
      guard let said = pair.value.score, let engine = held.engine(pair.engine) else { return abs(pair.engine.m) }
      return abs(said - engine)
    }
    guard let farthest = pairs.indices.max(by: { size(pairs[$0]) < size(pairs[$1]) }) else { return [] }
    var places = [farthest]
    let wanted = min(count, pairs.count)
    for index in 0..<wanted where places.count < count {
      let place = index * pairs.count / wanted
      if place != farthest { places.append(place) }
    }
    return places.map { pairs[$0] }
  }

  // MARK: The search

  /// What explains, best first; how many ways were tried, and how many of them fit but tell nothing, since many others would fit too.
  /// - Throws: `AnalysisError` `.interrupted`.
  func run() throws -> (explanations: [Explanation], tried: Int, fitting: Int) {
    var found: [(explanation: Explanation, contradicted: Int)] = []
    var (tried, fitting) = (0, 0)
    var work = 0.0
    /// Whether everything is found. Decisions alone are given by many things, so that there the search goes on.
    func isDone(_ reading: Reading, isDeclared: Bool = false) throws -> Bool {
      if isCancelled() { throw AnalysisError(.interrupted, "interrupted; nothing of this run was stored") }
      tried += 1
      guard let outcome = judge(reading, isDeclared: isDeclared, &work, &fitting) else { return false }
      found.append(outcome)
      let isWhole = outcome.explanation.explained == outcome.explanation.of && outcome.contradicted == 0
      return isWhole && held.predictions.unit != nil
    }
    var isFound = try isDone(
      Reading(cause: Cause(.unknown), input: { scorer.input($0.plain) }), isDeclared: true)
    for other in others where !isFound && work < Self.work {
      guard let model = other.open() else { continue }
      isFound = try isDone(
        Reading(
          cause: Cause(.weights, detail: other.version), input: { model.input(prompt: $0.prompt) }, scorer: model))
    }
    for reading in specialTokens + texts + truncated + padded where !isFound && work < Self.work {
      isFound = try isDone(reading)
    }
    let order = found.indices.sorted {
      let (left, right) = (found[$0], found[$1])
      let (a, b) = (left.explanation.explained - left.contradicted, right.explanation.explained - right.contradicted)
      return a == b ? $0 < $1 : a > b
    }
    return (order.prefix(3).map { found[$0].explanation }, tried, fitting)
  }

  /// Whether a reading gives what the system said.
  private func judge(
    _ reading: Reading, isDeclared: Bool, _ work: inout Double, _ fitting: inout Int
  ) -> (explanation: Explanation, contradicted: Int)? {
    let wrong = probes.filter(\.isWrong)
    var scores: [EngineScore?] = []
    for (index, probe) in wrong.enumerated() {
      scores.append(score(probe, reading, isDeclared: isDeclared, &work))
      // Two records, looked at first, spare the rest where neither fits.
      if index == 1 || wrong.count == 1, !fitsAny(scores, wrong) { return nil }
    }
    var match: (causes: [Cause], explained: Int, left: Double)?
    var bestReading: ScoreReading?
    for candidate in readings where !(isDeclared && candidate.cause == nil) {
      let differences = zip(wrong, scores).compactMap { probe, score in
        difference(probe, score, candidate)
      }
      guard differences.count > match?.explained ?? 0 else { continue }
      match = ([candidate.cause].compactMap { $0 }, differences.count, differences.max() ?? 0)
      bestReading = candidate
    }
    if readings.isEmpty {
      let count = zip(wrong, scores).count { decides($0, $1) }
      if count > 0 { match = ([], count, 0) }
    }
    guard var best = match, best.explained * 2 >= wrong.count, best.explained >= min(2, wrong.count) else { return nil }
    // Scores next to 0 or 1 are given by many things, and so are decisions that are nearly all alike.
    let telling = wrong.filter { held.isTelling($0.pair) }
    var tells = !telling.isEmpty && (telling.count >= Self.least || best.explained == wrong.count)
    if readings.isEmpty {
      let positives = probes.count { $0.pair.value.positive == true }
      tells = telling.count >= Self.least && min(positives, probes.count - positives) >= 2
    }
    guard tells else {
      if !isDeclared, best.explained == wrong.count { fitting += 1 }
      return nil
    }
    // Of one record nearly anything may be said: what explains it must leave the declared unit alone.
    if wrong.count == 1, !best.causes.isEmpty { return nil }
    if !isDeclared { best.causes.insert(reading.cause, at: 0) }
    if let rounding, rounding.half > held.predictions.tolerance, best.left > held.predictions.tolerance {
      best.causes.append(rounding.cause)
    }
    guard !best.causes.isEmpty else { return nil }
    var contradicted = 0
    for probe in probes where !probe.isWrong {
      let again = score(probe, reading, isDeclared: isDeclared, &work)
      let holds =
        bestReading.map { candidate in
          again == nil || difference(probe, again, candidate) != nil
        } ?? decides(probe, again)
      if !holds { contradicted += 1 }
    }
    if readings.isEmpty, contradicted > 0 { return nil }
    return (
      Explanation(
        causes: best.causes, explained: best.explained, of: wrong.count, left: readings.isEmpty ? nil : best.left),
      contradicted
    )
  }

  /// How far what a reading gives is from what the system said; nil if that is too far.
  private func difference(_ probe: Probe, _ score: EngineScore?, _ reading: ScoreReading) -> Double? {
    guard let said = probe.pair.value.score, let value = score.flatMap(reading.value), fits(said, value) else {
      return nil
    }
    return abs(said - value)
  }

  private func fitsAny(_ scores: [EngineScore?], _ wrong: [Probe]) -> Bool {
    zip(wrong, scores).contains { probe, score in
      guard let score else { return false }
      guard !readings.isEmpty else { return decides(probe, score) }
      return readings.contains { difference(probe, score, $0) != nil }
    }
  }

  /// Whether a score gives the decision that the system says it took.
  private func decides(_ probe: Probe, _ score: EngineScore?) -> Bool {
    guard let score, let said = probe.pair.value.positive else { return false }
    return (score.m > held.threshold) == said
  }

  /// The score of a record read in another way; nil where that is not possible, or is the same as before.
  private func score(_ probe: Probe, _ reading: Reading, isDeclared: Bool, _ work: inout Double) -> EngineScore? {
    guard let input = reading.input(probe) else { return nil }
    // What the model reads anyway gives what it gave.
    if reading.scorer == nil, !isDeclared, input == scorer.input(probe.plain) {
      return probe.isWrong ? nil : probe.pair.engine
    }
    let scorer = reading.scorer ?? scorer
    work += scorer.cost(input)
    return scorer.score(input)
  }

  // MARK: Ways of reading

  private var specialTokens: [Reading] {
    scorer.otherSpecialTokens.map { around in
      Reading(
        cause: Cause(.specialTokens, detail: scorer.shown(around)),
        input: { PromptScorer.Input(ids: around.before + $0.plain + around.after) })
    }
  }

  private var texts: [Reading] {
    PromptVariants(held.predictions.template).all.map { variant in
      Reading(
        cause: variant.cause,
        input: { probe in
          guard let text = variant.rewrite(probe.prompt), text != probe.prompt else { return nil }
          return scorer.input(prompt: text)
        })
    }
  }

  /// Cut at either end to a length that every record that differs exceeds and no other does.
  private var truncated: [Reading] {
    let wrong = zip(held.pairs, lengths).filter { held.differs($0.0) }.map(\.1)
    // What is next to 0 or 1 may agree although it was cut.
    let right = zip(held.pairs, lengths).filter {
      let score = $0.0.value.score ?? 0.5
      let isPlain = held.predictions.unit == .logit || (0.02...0.98).contains(score)
      return isPlain && !held.differs($0.0)
    }.map(\.1)
    // Where only decisions are known, a record that is cut may well be decided alike.
    let longest = held.predictions.unit == nil ? 0 : right.max() ?? 0
    guard let shortest = wrong.min(), longest < shortest else { return [] }
    let around = scorer.around.before.count + scorer.around.after.count
    let candidates = (max(longest, around + 1)..<max(shortest, around + 2)).reversed()
    return candidates.prefix(128).flatMap { count -> [Reading] in
      let keep = count - around
      guard keep > 0 else { return [] }
      return [
        Reading(
          cause: Cause(.truncated, detail: "end", number: Double(count)),
          input: { scorer.input(Array($0.plain.prefix(keep))) }),
        Reading(
          cause: Cause(.truncated, detail: "beginning", number: Double(count)),
          input: { scorer.input(Array($0.plain.suffix(keep))) }),
      ]
    }
  }

  /// Padding to a common length: of all records, of batches in the order of the file, or a fixed one.
  private var padded: [Reading] {
    var lengthsByRecord: [(name: String, of: [String: Int])] = []
    func batches(_ size: Int) -> [String: Int] {
      var targets: [String: Int] = [:]
      for start in stride(from: 0, to: lengths.count, by: size) {
        let batch = start..<min(lengths.count, start + size)
        let longest = batch.map { lengths[$0] }.max() ?? 0
        for place in batch { targets[held.pairs[place].value.record] = longest }
      }
      return targets
    }
    lengthsByRecord.append(("to the longest record", batches(max(1, lengths.count))))
    for size in [2, 4, 8, 16, 32, 64, 128, 256, 10, 20, 50, 100] where size < lengths.count {
      lengthsByRecord.append(("in batches of \(size)", batches(size)))
    }
    for length in [16, 32, 64, 128, 256, 512, 1024, 2048]
    where length > lengths.max() ?? 0 && length <= scorer.longest {
      let targets = Dictionary(held.pairs.map { ($0.value.record, length) }) { first, _ in first }
      lengthsByRecord.append(("to \(length) tokens", targets))
    }
    return lengthsByRecord.flatMap { padding -> [Reading] in
      /// - Parameter pad: what is read of a record's tokens to which so many are missing.
      func reading(_ how: String, _ pad: @escaping (_ ids: [Int], _ count: Int) -> PromptScorer.Input?) -> Reading {
        Reading(
          cause: Cause(.padding, detail: how),
          input: { probe in
            let ids = scorer.input(probe.plain).ids
            let count = (padding.of[probe.pair.value.record] ?? 0) - ids.count
            return count >= 0 ? pad(ids, count) : nil
          })
      }
      let moved = reading("left, \(padding.name), positions counted from the padding") { ids, count in
        scorer.hasPositions ? PromptScorer.Input(ids: ids, offset: count) : nil
      }
      return [moved]
        + scorer.padding.flatMap { token in
          [
            reading("left, \(padding.name), padding read as text") { ids, count in
              PromptScorer.Input(ids: Array(repeating: token, count: count) + ids)
            },
            reading("right, \(padding.name), the decision read at the padding") { ids, count in
              PromptScorer.Input(ids: ids + Array(repeating: token, count: count))
            },
          ]
        }
    }
  }
}
