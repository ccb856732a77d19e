import Analysis
public import Evidence
public import Foundation
public import Project

/// Asks every gate that does not depend on who signs.
public struct GateCheck: Sendable {
  /// What the dossier is made of now.
  public var inputs: DossierInputs
  /// What a build gives now.
  public var built: DossierBuilder.Output
  /// What the check of the whole store found.
  public var verification: StoreVerification
  /// Today.
  public var today: CalendarDate
  /// After how many days the check of the law counts as stale.
  public var lawAge: Int

  /// The default of `lawAge`.
  public static let defaultLawAge = 90

  /// A check from its parts.
  public init(
    inputs: DossierInputs, built: DossierBuilder.Output, verification: StoreVerification, today: CalendarDate,
    lawAge: Int = defaultLawAge
  ) {
    self.inputs = inputs
    self.built = built
    self.verification = verification
    self.today = today
    self.lawAge = lawAge
  }

  /// Everything that the gates find, in the order of the gates.
  /// - Parameter folder: the dossier's folder, whose files must be those of the build.
  public func findings(folder: URL) -> [GateFinding] {
    missingItems + runs + statements + law + dossier(folder)
  }

  /// What one gate finds, for a waiver. The gates on one person in two roles are asked of the roles in `vitrine.yaml`, since nobody
  /// has signed when they are waived.
  public func findings(of gate: Gate) -> [GateFinding] {
    let second: String
    switch gate {
    case .approverIsPreparer: second = "approved"
    case .reviewerIsPreparer: second = "reviewed"
    default: return (missingItems + runs + statements + law).filter { $0.gate == gate }
    }
    return inputs.project.people.filter { $0.roles.contains("prepared") && $0.roles.contains(second) }.map {
      GateFinding(gate, .person($0.name), "\($0.name) may sign as 'prepared' and as '\(second)'")
    }
  }

  /// What a person who signs must be told although no gate stops it: what could not be held against its source, and runs that count
  /// for nothing.
  public var notes: [String] {
    var notes = inputs.models.failures.map {
      "NOT HELD AGAINST THE MODEL: \($0). The dossier says so, and so does 'verify'"
    }
    let version = inputs.modelVersion
    if case .notHeld(.notMeasured) = inputs.models[version], !built.selection.bindings.isEmpty {
      notes.append("NOT HELD AGAINST THE MODEL: model version \(version) was not looked at")
    }
    for (run, reason) in built.selection.others {
      switch reason {
      case .otherSystem, .otherWeights: notes.append("run \(run.record.id) is not cited: \(built.text.why(reason))")
      default: continue
      }
    }
    return notes
  }

  private var missingItems: [GateFinding] {
    built.status.gaps.map { owed in
      GateFinding(
        .missingItems, .element(item: owed.item.id, owed.element.id),
        "\(owed.item.id) \(owed.element.title) is missing: \(built.text.action(owed.gap))")
    }
  }

  private var runs: [GateFinding] {
    var found = verification.problems.map { GateFinding(.runsNotVerified, .store, "the store: \($0.detail)") }
    for entry in verification.entries {
      found += entry.problems.map {
        GateFinding(.runsNotVerified, .record(entry.id), "\(entry.kind) \(entry.id): \($0.detail)")
      }
    }
    for run in built.dossier.runs where !verification.signatures.contains(where: { $0.run == run.id }) {
      found.append(
        GateFinding(
          .runsUnsigned, .run(run.id),
          "run \(run.id) (\(run.behaviour ?? run.kind)) carries no person's signature: "
            + "'vitrine runs sign \(run.id.suffix(8)) --meaning performed'"))
    }
    return found + built.selection.stale.map(stale) + predictions
  }

  /// What the serving system itself said, where that is something else.
  private var predictions: [GateFinding] {
    guard let run = built.selection.evaluation,
      let sentences = PredictionSentences(run.record, link: .text(run.record.id), text: built.text),
      sentences.isDoubtful
    else { return [] }
    return [
      GateFinding(
        .predictionsDiffer, .run(run.record.id),
        sentences.all.map(\.inlines.plainText).joined(separator: " ")
          + " Correct the project or the serving system and evaluate again, or waive it with the reason")
    ]
  }

  private func stale(_ stale: RunSelection.Stale) -> GateFinding {
    let (what, command) =
      stale.behaviour.map { ("'\($0)'", "vitrine analyze --behaviour \($0)") } ?? ("the evaluation", "vitrine evaluate")
    let fields = stale.fields.isEmpty ? "" : " (\(stale.fields.joined(separator: ", ")))"
    return GateFinding(
      .staleRuns, .run(stale.run.record.id),
      "run \(stale.run.record.id) of \(what) was made with another plan than vitrine.yaml gives now\(fields)"
        + "\(stale.isCited ? "" : "; it is not cited and evidences nothing"): '\(command) --model \(inputs.modelVersion)' again"
    )
  }

  private var statements: [GateFinding] {
    let old = built.staleness.findings(built.status).map { finding in
      let signature = finding.signature
      return GateFinding(
        .staleStatements, .statement(file: signature.file, date: signature.date.description),
        "\(signature.file) is dated \(signature.date): "
          + finding.reasons.map(built.text.stale).joined(separator: " "))
    }
    var ahead: [GateFinding] = []
    for (_, signature) in Staleness.signatures(built.status) where today < signature.date {
      let finding = GateFinding(
        .staleStatements, .statement(file: signature.file, date: signature.date.description),
        "\(signature.file) is dated \(signature.date), which has not come yet")
      if !ahead.contains(finding) { ahead.append(finding) }
    }
    return old + ahead
  }

  private var law: [GateFinding] {
    let checked = inputs.catalogue.checkedOn
    let days = inputs.catalogue.daysSinceCheck(on: today)
    guard days < 0 || days > lawAge else { return [] }
    let what = days < 0 ? "which has not come yet" : "\(days) days ago, more than \(lawAge)"
    return [
      GateFinding(
        .staleLaw, .law(checkedOn: checked.description),
        "a person last checked on \(checked) whether the law has changed, \(what): see 'law_as_of' and 'checked_on' in the law "
          + "catalogue")
    ]
  }

  private func dossier(_ folder: URL) -> [GateFinding] {
    built.files.compactMap { name, content in
      let url = folder.appendingPathComponent(name)
      guard let found = DossierFolder.content(of: url) else {
        return GateFinding(
          .dossierChanged, .file(name), "\(url.path) is missing or no plain file: 'vitrine dossier build'")
      }
      guard found != content else { return nil }
      return GateFinding(
        .dossierChanged, .file(name),
        "\(url.path) is not what a build gives now (edited, or runs, statements, waivers, the model's folder or the law have changed "
          + "since): "
          + "'vitrine dossier build', then read it again")
    }
  }
}

/// What the gates say about one person's signature.
public struct GateDecision: Sendable, Equatable {
  /// What stops it.
  public var refusals: [GateFinding]
  /// What would stop it, but was waived.
  public var waived: [(finding: GateFinding, waiver: WaiverReading)]

  /// Sorts findings by the waivers in force.
  /// - Parameter isUsable: whether a waiver may open a gate for the person who signs.
  public init(
    _ findings: [GateFinding], waivers: WaiverRegister,
    isUsable: (WaiverReading, GateFinding) -> Bool = { _, _ in true }
  ) {
    refusals = []
    waived = []
    for finding in findings {
      if let waiver = waivers.waiver(of: finding.gate, about: finding.key.text), isUsable(waiver, finding) {
        waived.append((finding, waiver))
      } else {
        refusals.append(finding)
      }
    }
  }

  /// Whether both say the same.
  public static func == (left: GateDecision, right: GateDecision) -> Bool {
    left.refusals == right.refusals && left.waived.map(\.finding) == right.waived.map(\.finding)
      && left.waived.map(\.waiver) == right.waived.map(\.waiver)
  }
}

/// Asks the gates that depend on who signs.
public enum RoleCheck {
  /// Who has signed the same files already.
  public struct Earlier: Sendable {
    /// The role.
    public var role: String
    /// The name, as signed.
    public var name: String
    /// The certificate.
    public var certificate: Certificate?
  }

  /// The gate on one who has prepared and signs in another role; nil if the role may be held by the same person.
  public static func gate(of role: String) -> Gate? {
    switch role {
    case "reviewed": .reviewerIsPreparer
    case "approved": .approverIsPreparer
    default: nil
    }
  }

  /// What stands against a person signing in a role. Whoever prepared neither reviews nor approves, by name, certificate or key,
  /// whoever signs first; who reviewed may approve.
  /// - Parameters:
  ///   - name: who signs.
  ///   - certificate: the signer's; nil while it is not known.
  ///   - role: `prepared`, `reviewed`, `approved`.
  ///   - people: the persons of `vitrine.yaml`.
  ///   - earlier: who has signed the same files already.
  public static func findings(
    name: String, certificate: Certificate?, role: String, people: [Project.Person], earlier: [Earlier]
  ) -> [GateFinding] {
    var found: [GateFinding] = []
    if people.first(where: { $0.name == name })?.roles.contains(role) != true {
      found.append(
        GateFinding(
          .roleNotHeld, .person(name),
          "\(name) does not hold the role '\(role)': vitrine.yaml lists who does under 'people'"))
    }
    for other in earlier where role == "prepared" ? other.role != "prepared" : other.role == "prepared" {
      guard let gate = gate(of: role == "prepared" ? other.role : role) else { continue }
      let hasKey = certificate.flatMap { own in other.certificate.map(own.hasSameKey) } ?? false
      guard PersonName.isSame(other.name, name) || hasKey else { continue }
      // The finding is about the one who would review or approve what the same person prepared.
      let about = role == "prepared" ? other.name : name
      let how = PersonName.isSame(other.name, name) ? "" : " with the same key, as \(other.name),"
      let finding = GateFinding(
        gate, .person(about),
        "\(name) has signed\(how) as '\(other.role)' already: another person must sign as '\(role)'")
      if !found.contains(finding) { found.append(finding) }
    }
    for other in earlier where role != "prepared" && other.role != "prepared" && !PersonName.isSame(other.name, name) {
      guard let certificate, let theirs = other.certificate, certificate.hasSameKey(as: theirs) else { continue }
      found.append(
        GateFinding(
          .roleNotHeld, .person(name),
          "\(name) signs with the key with which \(other.name) has signed as '\(other.role)': one key is one person's"))
    }
    return found
  }
}
