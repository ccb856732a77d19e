import Analysis
import Evidence

/// The runs of one model version, ready to be asked what bears on an element.
struct EvidenceIndex {
  /// The runs that ended with something to show, oldest first.
  private let records: [RunRecord]

  /// Keeps the runs of a model version that did not fail.
  init(runs: [StoredRun], modelVersion: String) {
    records = runs.map(\.record)
      .filter { $0.modelVersion == modelVersion && $0.status != .failed }
      .sorted { ($0.started, $0.id) < ($1.started, $1.id) }
  }

  /// The distinct root digests of the models that were run, in order of the runs.
  var modelDigests: [String] { firstRunsByModel.map(\.model.rootSha256) }

  /// Every run that bears on an element.
  func support(for rule: EvidenceRule) -> [RunReference] {
    rule.sources.flatMap { source in
      switch source {
      case .identity:
        firstRunsByModel.map { RunReference(source: .identity, run: $0.id, behaviour: nil, findings: []) }
      case .analysis: references(rule, source: source, kind: .analysis) { _, _ in true }
      case .evaluation: references(rule, source: source, kind: .evaluation) { _, _ in true }
      }
    }
  }

  /// The runs that evidence an element on their own: finished, no self-test failed, and only findings that were measured.
  func sufficient(for rule: EvidenceRule) -> [RunReference] {
    guard rule.isSufficient else { return [] }
    let isSound: (RunRecord, Finding) -> Bool = { record, finding in
      record.status == .finished && !record.selfTests.contains { $0.outcome == .failed }
        && finding.standing == .measured && finding.estimate != nil
    }
    return rule.sources.flatMap { source in
      switch source {
      case .identity: [RunReference]()
      case .analysis: references(rule, source: source, kind: .analysis, where: isSound)
      case .evaluation: references(rule, source: source, kind: .evaluation, where: isSound)
      }
    }
  }

  private var firstRunsByModel: [RunRecord] {
    var seen: Set<String> = []
    return records.filter { seen.insert($0.model.rootSha256).inserted }
  }

  private func references(
    _ rule: EvidenceRule, source: EvidenceRule.Source, kind: RunRecord.Kind,
    where counts: (RunRecord, Finding) -> Bool
  ) -> [RunReference] {
    records.filter { $0.kind == kind }.compactMap { record in
      let findings = record.findings.filter { rule.covers(finding: $0.id) && counts(record, $0) }.map(\.id)
      return findings.isEmpty
        ? nil : RunReference(source: source, run: record.id, behaviour: record.behaviour, findings: findings)
    }
  }
}
