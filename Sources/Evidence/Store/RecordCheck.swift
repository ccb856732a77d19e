import Analysis

/// What a record must fulfil before it is stored. A record that does not is a fault of the program that made it.
enum RecordCheck {
  /// What is wrong with a record, in words.
  static func problems(of record: RunRecord) -> [String] {
    var problems: [String] = []
    func demand(_ condition: Bool, _ problem: @autoclosure () -> String) {
      if !condition { problems.append(problem()) }
    }
    demand(record.schema == RunRecord.currentSchema, "schema is '\(record.schema)', not '\(RunRecord.currentSchema)'")
    demand(RunIdentifier.isValid(record.id), "id is not a UUID of version 7 in lower case")
    for (name, time) in [("started", record.started), ("ended", record.ended)] {
      demand(Timestamp.isValid(time), "\(name) '\(time)' is not a time such as 2026-11-23T09:41:07.250Z")
    }
    // That it ended after it started is not demanded: a clock that is set back must not cost a finished run.
    demand(!record.system.isEmpty, "system is empty")
    demand(!record.modelVersion.isEmpty, "model_version is empty")
    problems += outcome(record)
    problems += digests(record)
    let findings = Dictionary(grouping: record.findings, by: \.id).filter { $0.value.count > 1 }.keys.sorted()
    demand(findings.isEmpty, "several findings are called '\(findings.joined(separator: "', '"))'")
    return problems
  }

  /// Kind, status, plan and result must belong together.
  private static func outcome(_ record: RunRecord) -> [String] {
    var problems: [String] = []
    let isAnalysis = record.kind == .analysis
    let (plan, result) =
      isAnalysis
      ? (record.analysisPlan != nil, record.analysis != nil) : (record.evaluationPlan != nil, record.evaluation != nil)
    if isAnalysis == (record.behaviour == nil) {
      problems.append("an analysis names its behaviour, an evaluation has none")
    }
    if isAnalysis
      ? record.evaluationPlan != nil || record.evaluation != nil : record.analysisPlan != nil || record.analysis != nil
    {
      problems.append("it holds a plan or result of another kind than \(record.kind.rawValue)")
    }
    if !plan { problems.append("its plan is missing") }
    if let plan = record.analysisPlan, let behaviour = record.behaviour, plan.behaviour != behaviour {
      problems.append("its plan is for the behaviour '\(plan.behaviour)', not '\(behaviour)'")
    }
    if (record.status == .failed) != (record.failure != nil) {
      problems.append("a failure is given if and only if the status is failed")
    }
    if record.status == .finished, !result { problems.append("it finished, but its result is missing") }
    if record.status == .refused, record.refusals.isEmpty { problems.append("it is refused, but no refusal says why") }
    return problems
  }

  private static func digests(_ record: RunRecord) -> [String] {
    var digests = [
      ("model.root_sha256", record.model.rootSha256), ("model.tensors_sha256", record.model.tensorsSha256),
      ("program.binary_sha256", record.program.binarySha256),
    ]
    // A run that failed before its prompts were read has no digest of them.
    if record.status != .failed || !record.promptsSha256.isEmpty {
      digests.append(("prompts_sha256", record.promptsSha256))
    }
    if let tokenizer = record.model.tokenizerSha256 { digests.append(("model.tokenizer_sha256", tokenizer)) }
    if let signature = record.model.signature { digests.append(("model.signature.sha256", signature.sha256)) }
    digests += record.model.files.map { ("model.files '\($0.path)'", $0.sha256) }
    return digests.filter { !SHA256Digest.isHex($0.1) }.map { "\($0.0) is not a SHA-256 digest: '\($0.1)'" }
  }
}
