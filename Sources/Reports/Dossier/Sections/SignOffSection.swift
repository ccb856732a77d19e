import Evidence
import Project

/// Who prepares, reviews and approves, and what was waived with which reason. No signature stands here: signing must not change
/// what is signed.
struct SignOffSection {
  let context: DossierContext

  /// The whole part.
  var section: Section {
    Section(
      id: "sign-off", heading: "Sign-off",
      blocks: [
        .paragraph([
          .text(
            "Persons sign the files of this document as they are, by their digests. Their signatures are kept beside it and "
              + "handed on with it in the signed bundle, so that signing does not change what is signed. Whether this document "
              + "is signed, and by whom, the bundle says and anybody can check.")
        ]), roles, state, waivers,
      ].compactMap { $0 })
  }

  private var roles: Block {
    .table(
      Table(
        caption: "Roles, as the project file gives them", header: ["Role", "Persons"], alignment: [.left, .left],
        rows: context.dossier.signOff.roles.map { role in
          let people = role.people.map { "\($0.name), \($0.function)" }.joined(separator: "; ")
          return [
            [.text(role.role)],
            people.isEmpty ? [.badge(.init(kind: .missing, text: "nobody"))] : [.attributed(people)],
          ]
        }))
  }

  private var state: Block {
    let counts = context.dossier.counts
    return .paragraph([
      .text(
        "Before anybody signs, the program checks that "
          + Gate.allCases.map(\.meaning).joined(separator: "; ")
          + ". It refuses a signature over what does not hold, unless a person has waived it by name with a reason; what is "
          + "damaged, not current or not the signer's to sign cannot be waived. When this document was made, "
          + "\(counts.missing) of \(counts.total) elements of Annex IV were missing.")
    ])
  }

  private var waivers: Block? {
    let waivers = context.dossier.signOff.waivers
    guard !waivers.isEmpty else { return .paragraph([.text("Nothing was waived.")]) }
    return .table(
      Table(
        caption: "What was waived, by whom and why", header: ["Gate", "What it had found", "Reason", "By", "Date"],
        alignment: [.left, .left, .left, .left, .left],
        rows: waivers.map { waiver in
          [
            [.code(waiver.gate)], [.attributed(waiver.covers.joined(separator: "; "))], [.attributed(waiver.reason)],
            [.attributed("\(waiver.name), \(waiver.function)")], [.text(String(waiver.date.prefix(10)))],
          ]
        }))
  }
}

extension DossierAssembly {
  /// Roles and waivers.
  func signOff(_ waivers: [Waiver]) -> Dossier.SignOffFacts {
    let people = project.people
    return Dossier.SignOffFacts(
      roles: ["prepared", "reviewed", "approved"].map { role in
        Dossier.Role(
          role: role,
          people: people.filter { $0.roles.contains(role) }.map {
            Dossier.RoleHolder(name: $0.name, function: $0.function)
          })
      },
      waivers: waivers.filter { $0.modelVersion == model.version }.map {
        Dossier.WaiverEntry(
          id: $0.id, gate: $0.gate, covers: $0.covers, reason: $0.reason, name: $0.name, function: $0.function,
          date: $0.date)
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
  }
}
