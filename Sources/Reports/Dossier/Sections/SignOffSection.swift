import Evidence
import Project

/// Who prepares, reviews and approves, and what was waived with which reason. No signature stands here: signing must not change
/// what is signed.
struct SignOffSection {
  let context: DossierContext

  private var text: InterfaceText { context.text }

  /// The whole part.
  var section: Section {
    Section(
      id: "sign-off", heading: text.words("sign-off.heading"),
      blocks: [.paragraph(text.inlines("sign-off.lead")), roles, state] + binding + [waivers])
  }

  private var roles: Block {
    .table(
      Table(
        caption: text.words("sign-off.roles-caption"), header: text.columns("sign-off.roles-columns"),
        alignment: [.left, .left],
        rows: context.dossier.signOff.roles.map { role in
          let people = role.people.map { "\($0.name), \($0.function)" }.joined(separator: "; ")
          return [
            [.text(text.role(role.role))],
            people.isEmpty
              ? [.badge(.init(kind: .missing, text: text.words("sign-off.nobody")))] : [.attributed(people)],
          ]
        }))
  }

  private var state: Block {
    let counts = context.dossier.counts
    let gates = Gate.allCases.map(text.meaning).joined(separator: "; ")
    return .paragraph(
      text.inlines(
        "sign-off.gates",
        [
          "gates": .text(gates), "missing": .text(String(counts.missing)), "total": .text(String(counts.total)),
        ]))
  }

  private var waivers: Block {
    let waivers = context.dossier.signOff.waivers
    guard !waivers.isEmpty else { return .paragraph(text.inlines("sign-off.no-waivers")) }
    return .table(
      Table(
        caption: text.words("sign-off.waivers-caption"), header: text.columns("sign-off.waivers-columns"),
        alignment: [.left, .left, .left, .left, .left, .left, .left],
        rows: waivers.map { waiver in
          [
            [.code(waiver.gate)],
            waiver.covers.isEmpty
              ? [.code((waiver.supersedes ?? []).joined(separator: "; "))]
              : [.attributed(waiver.covers.joined(separator: "; "))],
            [.attributed(waiver.reason)], [.attributed("\(waiver.name), \(waiver.function)")],
            [.text(text.day(waiver.date))], [.text(text.waiverState(waiver.state))], [.code(waiver.id)],
          ]
        }))
  }

  /// What was so when the document was made, each sentence only where it was.
  private var binding: [Block] {
    let runs = context.dossier.runs.filter { $0.binding != nil }
    guard !runs.isEmpty else { return [] }
    var blocks: [Block] = []
    let otherPlan = runs.filter { $0.binding?.plan != "current" }
    if otherPlan.isEmpty {
      blocks.append(.paragraph(text.inlines("binding.plans-current")))
    } else {
      let links = Array(otherPlan.map { [context.names.link($0.id)] }.joined(separator: [.text(", ")]))
      blocks.append(.notice(kind: .note, text.inlines("binding.plans-other", ["runs": .inlines(links)])))
    }
    if runs.allSatisfy({ $0.binding?.weights == "held" }) {
      blocks.append(.paragraph(text.inlines("binding.weights-held")))
    } else {
      blocks += BindingBlocks(context: context).notHeld
    }
    return blocks
  }
}

extension DossierAssembly {
  /// Roles and waivers.
  var signOff: Dossier.SignOffFacts {
    let people = project.people
    return Dossier.SignOffFacts(
      roles: ["prepared", "reviewed", "approved"].map { role in
        Dossier.Role(
          role: role,
          people: people.filter { $0.roles.contains(role) }.map {
            Dossier.RoleHolder(name: $0.name, function: $0.function)
          })
      },
      waivers: waivers.entries.map { entry in
        let waiver = entry.waiver
        return Dossier.WaiverEntry(
          id: waiver.id, gate: waiver.gate, covers: waiver.covers, reason: waiver.reason, name: waiver.name,
          function: waiver.function, date: waiver.date, recordSha256: waiver.sha256, state: entry.state.rawValue,
          supersedes: waiver.supersedes.isEmpty ? nil : waiver.supersedes, by: entry.by)
      })
  }
}

extension Dossier {
  /// Who may sign, and what was waived. Signatures are not in here: they are made over this file.
  public struct SignOffFacts: Codable, Sendable, Equatable {
    /// The roles, in the order of signing.
    public var roles: [Role]
    /// What was waived for this model version.
    public var waivers: [WaiverEntry]
  }

  /// One role.
  public struct Role: Codable, Sendable, Equatable {
    /// `prepared`, `reviewed` or `approved`.
    public var role: String
    /// Who holds it.
    public var people: [RoleHolder]
  }

  /// A person with a role.
  public struct RoleHolder: Codable, Sendable, Equatable {
    /// First and last name.
    public var name: String
    /// The function in the organisation.
    public var function: String
  }

  /// A waiver: its record in the log has the same identifier.
  public struct WaiverEntry: Codable, Sendable, Equatable {
    /// The record's identifier.
    public var id: String
    /// The gate.
    public var gate: String
    /// What the gate had found.
    public var covers: [String]
    /// Why.
    public var reason: String
    /// By whom.
    public var name: String
    /// In which function.
    public var function: String
    /// When.
    public var date: String
    /// SHA-256 of the record's canonical JSON, hex (nil: an older program did not say).
    public var recordSha256: String?
    /// What became of it: `in-force`, `superseded`, `withdrawn`, `withdrawal`, `unsigned`, `void` (nil: unsigned).
    public var state: String?
    /// The waivers that it takes the place of or takes back.
    public var supersedes: [String]?
    /// The waiver that took its place or took it back.
    public var by: String?
  }
}
