import Analysis
import Evidence
import Project

/// Every group beside its reference and beside itself in the version before, worst first.
struct WhoFaresWorse {
  /// One group.
  struct Group {
    /// The grouping or groupings, and the group's values.
    let groupings: [String]
    let values: [String]
    /// It beside its reference; nil where only the version before is at hand, e.g. of the reference group itself.
    let row: GroupComparison.Row?
    /// Right and positive decisions since the version before; empty without one.
    let changes: [Diff.Row]

    /// The change that is worst, of a regression that of the error; nil if no direction is.
    var worstChange: Diff.Row? {
      let directed = changes.filter { $0.loss != nil }
      // An error in its unit and a share have no common order.
      let errors = directed.filter { $0.measure == .absoluteError }
      return (errors.isEmpty ? directed : errors).min { GroupComparison.Order($0) < GroupComparison.Order($1) }
    }

    /// Whether it is worse off than its reference on these records.
    var isBehind: Bool { row?.worst.map { $0.loss != GroupComparison.Loss.none } ?? false }

    /// Whether it lost since the version before on these records.
    var hasLost: Bool { worstChange.map { $0.loss != GroupComparison.Loss.none } ?? false }

    fileprivate var order: GroupComparison.Order {
      [row?.worst.map(GroupComparison.Order.init), worstChange.map(GroupComparison.Order.init)].compactMap { $0 }.min()
        ?? GroupComparison.Order(nil, size: -.infinity)
    }
  }

  /// The groups, worst first.
  let groups: [Group]

  /// Groups of a comparison between groups, and of rows between versions.
  init(_ comparison: GroupComparison?, changes: [Diff.Row]) {
    let changes = changes.filter {
      $0.isGroup && $0.behaviour == nil && ($0.measure.isShare || $0.measure == .absoluteError)
    }
    var groups = (comparison?.rows ?? []).map { row in
      Group(
        groupings: row.groupings, values: row.group, row: row,
        changes: changes.filter { $0.grouping == row.grouping && $0.group == row.name })
    }
    for change in changes {
      guard let grouping = change.grouping, let group = change.group,
        !groups.contains(where: {
          GroupComparison.grouping($0.groupings) == grouping && GroupComparison.group($0.values) == group
        })
      else { continue }
      groups.append(
        Group(
          groupings: [grouping], values: [group], row: nil,
          changes: changes.filter { $0.grouping == grouping && $0.group == group }))
    }
    self.groups = groups.enumerated().sorted {
      $0.element.order < $1.element.order || !($1.element.order < $0.element.order) && $0.offset < $1.offset
    }.map(\.element)
  }

  /// The groups of a dossier's cited evaluation, and how they fare since the superseded version's.
  init(_ context: DossierContext) {
    self.init(context.dossier.evaluation?.comparison, changes: context.since?.rows ?? [])
  }
}

extension GroupComparison.Order {
  /// The place of a change between versions.
  init(_ row: Diff.Row) {
    let size = abs(row.difference?.value ?? 0)
    self.init(row.loss, size: row.loss == GroupComparison.Loss.none ? -size : size)
  }
}
