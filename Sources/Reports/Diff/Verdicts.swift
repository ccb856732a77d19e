import Analysis
import Project

/// Turns rows with their own p-values into verdicts: adjusts for the family of tests, then holds changes against the
/// envelope.
///
/// There are three families, the rows over all records, the behaviours by group and the labelled records by group, so that asking
/// about groups does not blunt the answers about the whole, and asking about more behaviours not those about what groups lose. In
/// each, the tests for a difference are adjusted together, and so are the tests for equivalence.
struct Verdicts {
  let settings: ChangeSettings
  /// Which answer is the better one for the person decided about.
  var favourable = GroupComparison.Declaration.Side.positive

  /// The rows with verdicts, power and envelope. A detectable difference is given at the level that the first of so
  /// many tests has under Holm's rule: what is found there is found whatever the others say.
  func applied(to tested: [RowDraft.Tested]) -> [Diff.Row] {
    var rows = tested.map(\.row)
    let families: [(Diff.Row) -> Bool] = [
      { !$0.isGroup }, { $0.isGroup && $0.behaviour != nil }, { $0.isGroup && $0.behaviour == nil },
    ]
    for isMember in families {
      let family = rows.indices.filter { isMember(rows[$0]) && rows[$0].verdict == .unsettled }
      let tests = family.filter { rows[$0].p != nil }
      for (place, p) in zip(tests, adjusted(tests.map { rows[$0].p ?? 1 })) { rows[place].adjustedP = p }
      let margins = family.filter { rows[$0].equivalenceP != nil }
      for (place, p) in zip(margins, adjusted(margins.map { rows[$0].equivalenceP ?? 1 })) {
        rows[place].adjustedEquivalenceP = p
      }
      for place in family {
        rows[place].verdict = verdict(rows[place].adjustedP, rows[place].adjustedEquivalenceP)
        rows[place].smallestDetectable = tested[place].means?.smallestDetectable(
          level: level / Double(max(1, tests.count)), power: settings.power)
      }
    }
    for place in rows.indices {
      rows[place].loss = loss(rows[place])
      rows[place].needed = needed(rows[place])
      rows[place].envelope = envelope(rows[place])
    }
    return rows
  }

  /// How far a loss is established: of right decisions, or of the better answer.
  private func loss(_ row: Diff.Row) -> GroupComparison.Loss? {
    guard let worse = row.measure.worse(favourable), let difference = row.difference else { return nil }
    return switch row.verdict {
    case .identical, .unchanged, .unchangedWithinMargin: GroupComparison.Loss.none
    case .changed, .unsettled: .init(difference, worse: worse, isSettled: row.verdict == .changed)
    case .notTested: nil
    }
  }

  /// Records that would show a loss of the declared limit, or as large as the observed one where none is declared.
  private func needed(_ row: Diff.Row) -> Int? {
    guard row.measure.isShare, row.loss == .likely || row.loss == .open, let difference = row.difference?.value else {
      return nil
    }
    let size = limit(row).flatMap { $0.largestLoss(favourable) } ?? abs(difference)
    guard row.pairing == .paired, let counts = row.discordant else {
      let later = min(1, max(0, row.before + (difference < 0 ? -size : size)))
      return SampleSize.independent(share: later, reference: row.before, level: level, power: settings.power)
    }
    return SampleSize.paired(
      discordant: Double(counts.onlyBefore + counts.onlyAfter) / Double(row.n), difference: size, level: level,
      power: settings.power)
  }

  private func limit(_ row: Diff.Row) -> ChangeSettings.Limit? {
    settings.limit(row.measure, behaviour: row.behaviour, grouping: row.grouping, group: row.group)
  }

  /// Adjusted p-values of one family.
  func adjusted(_ p: [Double]) -> [Double] {
    settings.correction == .holm ? MultipleTesting.holm(p) : MultipleTesting.benjaminiHochberg(p)
  }

  /// What follows from the two tests. A difference that is established and smaller than the margin is no change.
  func verdict(_ difference: Double?, _ equivalence: Double?) -> Diff.Verdict {
    let level = self.level
    switch (difference.map { $0 <= level } ?? false, equivalence.map { $0 <= level } ?? false) {
    case (true, true): return .unchangedWithinMargin
    case (true, false): return .changed
    case (false, true): return .unchanged
    case (false, false): return difference == nil ? .notTested : .unsettled
    }
  }

  private var level: Double { PValue.level(settings.confidence) }

  /// The place of a change, or of a loss that is likely and not settled: that is never said to lie beyond, but it is not shown to be
  /// within either.
  private func envelope(_ row: Diff.Row) -> Diff.Envelope {
    let limit = limit(row)
    let isSettled = row.verdict == .changed
    guard isSettled || row.loss == .likely, let difference = row.difference else {
      return Diff.Envelope(state: .notNeeded, limit: limit)
    }
    guard let limit else { return Diff.Envelope(state: isSettled ? .beyond : .notShownInside, limit: nil) }
    if limit.from <= difference.low, difference.high <= limit.to { return Diff.Envelope(state: .inside, limit: limit) }
    let isOutside = isSettled && (difference.high < limit.from || difference.low > limit.to)
    return Diff.Envelope(state: isOutside ? .beyond : .notShownInside, limit: limit)
  }
}
