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

  /// What one gate finds, for a waiver. The gate on approving is asked of the roles in `vitrine.yaml`, since nobody has signed
  /// when it is waived.
  public func findings(of gate: Gate) -> [GateFinding] {
    guard gate == .approverIsPreparer else {
      return (missingItems + runs + statements + law).filter { $0.gate == gate }
    }
    return inputs.project.people.filter { $0.roles.contains("prepared") && $0.roles.contains("approved") }.map {
      GateFinding(.approverIsPreparer, $0.name, "\($0.name) may prepare and approve")
    }
  }

  private var missingItems: [GateFinding] {
    built.status.gaps.map { item, element, gap in
      GateFinding(
        .missingItems, "\(item.id) \(element.id)", "\(item.id) \(element.title) is missing: \(built.text.action(gap))")
    }
  }

  private var runs: [GateFinding] {
    var found = verification.problems.map { GateFinding(.runsNotVerified, "store", "the store: \($0.detail)") }
    for entry in verification.entries {
      found += entry.problems.map {
        GateFinding(.runsNotVerified, entry.id, "\(entry.kind) \(entry.id): \($0.detail)")
      }
    }
    let cited = built.dossier.runs
    for run in cited where !verification.signatures.contains(where: { $0.run == run.id }) {
      found.append(
        GateFinding(
          .runsUnsigned, run.id,
          "run \(run.id) (\(run.behaviour ?? run.kind)) carries no person's signature: "
            + "'vitrine runs sign \(run.id.suffix(8)) --meaning performed'"))
    }
    for behaviour in built.dossier.behaviours where behaviour.planIsCurrent == false {
      found.append(
        GateFinding(
          .staleRuns, behaviour.run ?? behaviour.id,
          "the run of '\(behaviour.id)' was made with another plan than vitrine.yaml gives now: 'vitrine analyze' again"
        ))
    }
    return found
  }

  /// The day of the first cited run of this model version.
  private var measured: CalendarDate? {
    let version = inputs.modelVersion
    return built.dossier.runs.filter { $0.modelVersion == version }.compactMap {
      CalendarDate(String($0.started.prefix(10)))
    }.min()
  }

  private var statements: [GateFinding] {
    let declaring = Set(
      built.status.items.flatMap(\.elements).flatMap { element -> [String] in
        if case .notApplicable(let reason) = element.state { return [reason.signature.file] }
        return element.state.declarations.compactMap {
          if case .statement(_, let signature) = $0 { signature.file } else { nil }
        }
      })
    return inputs.statements.statements.filter { declaring.contains($0.file) }.compactMap { statement in
      guard let date = statement.date else { return nil }
      let key = "\(statement.file) of \(date)"
      if today < date {
        return GateFinding(.staleStatements, key, "\(statement.file) is dated \(date), which has not come yet")
      }
      guard statement.modelVersions == nil, let measured, date < measured else { return nil }
      return GateFinding(
        .staleStatements, key,
        "\(statement.file) is dated \(date), before model version \(inputs.modelVersion) was measured (\(measured)), and does "
          + "not name the version: read it again and renew its date, or list the version under 'model_versions'")
    }
  }

  private var law: [GateFinding] {
    let checked = inputs.catalogue.checkedOn
    let days = inputs.catalogue.daysSinceCheck(on: today)
    guard days < 0 || days > lawAge else { return [] }
    let what = days < 0 ? "which has not come yet" : "\(days) days ago, more than \(lawAge)"
    return [
      GateFinding(
        .staleLaw, "checked on \(checked)",
        "a person last checked on \(checked) whether the law has changed, \(what): see 'law_as_of' and 'checked_on' in the law "
          + "catalogue")
    ]
  }

  private func dossier(_ folder: URL) -> [GateFinding] {
    built.files.compactMap { name, content in
      let url = folder.appendingPathComponent(name)
      guard let found = DossierFolder.content(of: url) else {
        return GateFinding(.dossierChanged, name, "\(url.path) is missing or no plain file: 'vitrine dossier build'")
      }
      guard found != content else { return nil }
      return GateFinding(
        .dossierChanged, name,
        "\(url.path) is not what a build gives now (edited, or runs, statements, waivers or the law have changed since): "
          + "'vitrine dossier build', then read it again")
    }
  }
}

/// What the gates say about one person's signature.
public struct GateDecision: Sendable, Equatable {
  /// What stops it.
  public var refusals: [GateFinding]
  /// What would stop it, but was waived.
  public var waived: [(finding: GateFinding, waiver: Waiver)]

  /// Sorts findings by the waivers in force.
  public init(_ findings: [GateFinding], waivers: [Waiver]) {
    refusals = []
    waived = []
    for finding in findings {
      let waiver = waivers.first { $0.gate == finding.gate.rawValue && $0.covers.contains(finding.key) }
      if let waiver, finding.gate.isWaivable { waived.append((finding, waiver)) } else { refusals.append(finding) }
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
  /// What stands against a person signing in a role.
  /// - Parameters:
  ///   - name: who signs.
  ///   - fingerprint: SHA-256 of the signer's certificate; nil while it is not known.
  ///   - role: `prepared`, `reviewed`, `approved`.
  ///   - people: the persons of `vitrine.yaml`.
  ///   - earlier: who has signed the same files already.
  public static func findings(
    name: String, fingerprint: String?, role: String, people: [Project.Person],
    earlier: [(role: String, name: String, fingerprint: String)]
  ) -> [GateFinding] {
    var found: [GateFinding] = []
    if people.first(where: { $0.name == name })?.roles.contains(role) != true {
      found.append(
        GateFinding(
          .roleNotHeld, "\(name) \(role)",
          "\(name) does not hold the role '\(role)': vitrine.yaml lists who does under 'people'"))
    }
    let other = role == "approved" ? "prepared" : role == "prepared" ? "approved" : nil
    let same = earlier.first { $0.role == other && ($0.name == name || $0.fingerprint == fingerprint) }
    if same != nil {
      found.append(
        GateFinding(
          .approverIsPreparer, name,
          "\(name) has signed as '\(other ?? "")' already: another person must sign as '\(role)'"
        ))
    }
    return found
  }
}
