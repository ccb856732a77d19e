import Evidence
import Project

// MARK: History, signatures, staleness

extension DossierAssembly {
  /// This version and those it follows.
  var versions: [Dossier.VersionEntry] {
    history.enumerated().map { index, entry in
      let older = index + 1 < history.count ? history[index + 1].status : nil
      let cited = entry.selection.cited
      return Dossier.VersionEntry(
        version: entry.model.version, date: entry.model.date, supersedes: entry.model.supersedes,
        changes: entry.model.changes, latestRun: cited.map { String($0.record.ended.prefix(10)) }.max(),
        rootSha256: cited.map(\.record.model.rootSha256).distinct, counts: Self.counts(entry.status),
        changed: older.map { changes(from: $0, to: entry.status) } ?? [])
    }
  }

  /// How many elements stand in which state.
  static func counts(_ status: DossierStatus) -> Dossier.StatusCounts {
    Dossier.StatusCounts(
      evidenced: status.count(.evidenced), declared: status.count(.declared),
      notApplicable: status.count(.notApplicable), missing: status.count(.missing),
      total: status.items.reduce(0) { $0 + $1.elements.count })
  }

  /// Elements whose state or declared text differs. The facts of 1(a) name the version and always differ: they are left out.
  private func changes(from older: DossierStatus, to newer: DossierStatus) -> [Dossier.ElementChange] {
    zip(older.items, newer.items).flatMap { before, after in
      zip(before.elements, after.elements).compactMap { old, new in
        guard old.state.kind != new.state.kind || Self.texts(old.state) != Self.texts(new.state) else { return nil }
        return Dossier.ElementChange(
          item: after.item.id, element: new.element.id, before: text.badge(old.state).text,
          after: text.badge(new.state).text)
      }
    }
  }

  private static func texts(_ state: ElementState) -> [String] {
    if case .notApplicable(let reason) = state { return [reason.reason] }
    return state.declarations.compactMap { declaration in
      if case .statement(let markdown, _, _) = declaration { markdown } else { nil }
    }
  }

  /// Statements that are older than what they speak of, each file and item once with each reason.
  var staleStatements: [Dossier.StaleStatement] {
    staleness.findings(status).flatMap { finding in
      finding.reasons.map { reason in
        Dossier.StaleStatement(
          file: finding.signature.file, item: finding.item, date: finding.signature.date.description,
          reason: text.stale(reason))
      }
    }
  }

  /// Persons' signatures on the cited runs.
  func signers(of runs: [Dossier.RunEntry]) -> [Dossier.RunSigner] {
    let cited = Set(runs.map(\.id))
    return signatures.filter { cited.contains($0.run) }
  }
}
