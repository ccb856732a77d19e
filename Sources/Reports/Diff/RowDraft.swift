import Analysis
import Project

/// A measure's values on both sides, before anything is tested.
struct RowDraft {
  /// What is compared.
  struct Subject {
    var measure: ChangeSettings.Measure
    var behaviour: String?
    var grouping: String?
    var group: String?
    var runBefore: String
    var runAfter: String
  }

  /// Values by prompt; shares are 0 and 1. Partners have the same place if paired.
  var subject: Subject
  var names: [String]
  var before: [Double]
  var after: [Double]
  var isPaired: Bool
  var leftOut: Int
  /// Whether the measurements behind the values are the same bits on both sides.
  var isIdentical: Bool

  /// A row with its own tests; of decision values also the test that knows its power.
  struct Tested {
    var row: Diff.Row
    var means: MeanDifference?
  }

  /// The row with its own tests; families and envelope come afterwards.
  func tested(_ settings: ChangeSettings) -> Tested {
    subject.measure.isShare ? Tested(row: shareRow(settings), means: nil) : valueRow(settings)
  }

  private var means: (Double, Double) {
    (before.reduce(0, +) / Double(before.count), after.reduce(0, +) / Double(after.count))
  }

  private func shell(_ settings: ChangeSettings, n: Int) -> Diff.Row {
    Diff.Row(
      measure: subject.measure, behaviour: subject.behaviour, grouping: subject.grouping, group: subject.group, n: n,
      pairing: isPaired ? .paired : .independent, leftOut: leftOut, before: means.0, after: means.1, discordant: nil,
      difference: nil, p: nil, adjustedP: nil, equivalenceP: nil, adjustedEquivalenceP: nil,
      margin: settings.margin(subject.measure), smallestDetectable: nil, smallestP: nil,
      verdict: isIdentical ? .identical : .unsettled, loss: nil, needed: nil,
      envelope: Diff.Envelope(state: .notNeeded, limit: nil), worst: worst, runBefore: subject.runBefore,
      runAfter: subject.runAfter)
  }

  private func valueRow(_ settings: ChangeSettings) -> Tested {
    let test = isPaired ? MeanDifference.paired(zip(before, after).map { $1 - $0 }) : .independent(before, after)
    var row = shell(settings, n: test.n)
    row.difference = test.interval(confidence: settings.confidence).map {
      Estimate(
        value: test.value, low: $0.low, high: $0.high, confidence: settings.confidence, n: test.n,
        method: isPaired ? "Student's t of the paired differences" : "Welch's t of two samples")
    }
    row.p = test.p
    row.equivalenceP = test.equivalenceP(margin: row.margin)
    return Tested(row: row, means: test)
  }

  private func shareRow(_ settings: ChangeSettings) -> Diff.Row {
    let counts = (before.count { $0 == 1 }, after.count { $0 == 1 })
    guard isPaired else {
      let test = IndependentShares(
        countBefore: counts.0, nBefore: before.count, countAfter: counts.1, nAfter: after.count)
      var row = shell(settings, n: before.count + after.count)
      row.discordant = Diff.Discordant(onlyBefore: 0, onlyAfter: 0, countBefore: counts.0, countAfter: counts.1)
      row.p = test.p
      row.difference = estimate(test.difference, test.interval(confidence: settings.confidence), row.n, settings)
      return row
    }
    let test = PairedShares(
      n: before.count, onlyBefore: zip(before, after).count { $0 == 1 && $1 == 0 },
      onlyAfter: zip(before, after).count { $0 == 0 && $1 == 1 })
    var row = shell(settings, n: test.n)
    row.discordant = Diff.Discordant(
      onlyBefore: test.onlyBefore, onlyAfter: test.onlyAfter, countBefore: counts.0, countAfter: counts.1)
    row.p = test.p
    row.smallestP = test.smallestP
    row.equivalenceP = test.equivalenceP(margin: row.margin)
    row.difference = estimate(test.difference, test.interval(confidence: settings.confidence), row.n, settings)
    return row
  }

  private func estimate(
    _ value: Double, _ interval: (low: Double, high: Double), _ n: Int, _ settings: ChangeSettings
  ) -> Estimate {
    Estimate(
      value: value, low: interval.low, high: interval.high, confidence: settings.confidence, n: n,
      method: isPaired ? "Tango's score interval" : "Newcombe's interval of two samples")
  }

  /// The five prompts whose values differ most; of shares all that differ, at most a hundred.
  private var worst: [Diff.PromptChange] {
    guard isPaired else { return [] }
    let changes = names.indices.map { Diff.PromptChange(name: names[$0], before: before[$0], after: after[$0]) }
    if subject.measure.isShare { return Array(changes.filter { $0.before != $0.after }.prefix(100)) }
    return changes.enumerated().filter { $0.element.before != $0.element.after }.sorted {
      (-abs($0.element.after - $0.element.before), $0.offset) < (-abs($1.element.after - $1.element.before), $1.offset)
    }.prefix(5).map(\.element)
  }
}

extension RowDraft {
  /// The draft of some of the prompts.
  func part(_ grouping: String, _ group: String, _ places: [Int]) -> RowDraft {
    var part = self
    part.subject.grouping = grouping
    part.subject.group = group
    part.names = places.map { names[$0] }
    part.before = places.map { before[$0] }
    part.after = places.map { after[$0] }
    part.leftOut = 0
    return part
  }

  /// This draft, then one for each group of each grouping. Only of paired prompts.
  func withGroups(_ groups: PromptGroups?) -> [RowDraft] {
    guard let groups, isPaired else { return [self] }
    return [self]
      + groups.groupings.flatMap { grouping in
        groups.members(grouping, of: names).map { part(grouping, $0.group, $0.places) }
      }
  }
}
