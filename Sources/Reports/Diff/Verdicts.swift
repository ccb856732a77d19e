import Analysis
import Project

/// Turns rows with their own p-values into verdicts: adjusts for the family of tests, then holds changes against the
/// envelope.
///
/// There are two families, the rows over all records and the rows by group, so that asking about groups does not blunt
/// the answers about the whole. In each, the tests for a difference are adjusted together, and so are the tests for
/// equivalence.
struct Verdicts {
  let settings: ChangeSettings

  /// The rows with verdicts, power and envelope. A detectable difference is given at the level that the first of so
  /// many tests has under Holm's rule: what is found there is found whatever the others say.
  func applied(to tested: [RowDraft.Tested]) -> [Diff.Row] {
    var rows = tested.map(\.row)
    for isGroup in [false, true] {
      let family = rows.indices.filter { rows[$0].isGroup == isGroup && rows[$0].verdict == .unsettled }
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
    for place in rows.indices { rows[place].envelope = envelope(rows[place]) }
    return rows
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

  /// 1 − confidence without the rounding of binary fractions.
  private var level: Double { ((1 - settings.confidence) * 1e12).rounded() / 1e12 }

  private func envelope(_ row: Diff.Row) -> Diff.Envelope {
    let limit = settings.limit(row.measure, behaviour: row.behaviour, grouping: row.grouping, group: row.group)
    guard row.verdict == .changed, let difference = row.difference else {
      return Diff.Envelope(state: .notNeeded, limit: limit)
    }
    guard let limit else { return Diff.Envelope(state: .beyond, limit: nil) }
    if limit.from <= difference.low, difference.high <= limit.to { return Diff.Envelope(state: .inside, limit: limit) }
    let isOutside = difference.high < limit.from || difference.low > limit.to
    return Diff.Envelope(state: isOutside ? .beyond : .notShownInside, limit: limit)
  }
}
