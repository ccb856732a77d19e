import Evidence
import Project

// MARK: Binding

extension DossierAssembly {
  /// What the version's folder held; nil if the store has no run of it to hold against the folder.
  var folder: Dossier.FolderFacts? {
    guard !selection.bindings.isEmpty else { return nil }
    switch models[model.version] {
    case .measured(let now):
      return Dossier.FolderFacts(
        isMeasured: true, notHeld: nil, rootSha256: now.rootSha256, tokenizerSha256: now.tokenizerSha256)
    case .notHeld(let reason):
      return Dossier.FolderFacts(isMeasured: false, notHeld: reason.rawValue, rootSha256: nil, tokenizerSha256: nil)
    }
  }

  /// How a cited run stood.
  func binding(_ record: RunRecord) -> Dossier.BindingFacts? {
    guard let binding = selection.bindings[record.id] ?? superseded?.bindings[record.id] else { return nil }
    var facts = Dossier.BindingFacts(
      weights: "held", notHeld: nil, plan: "current", planSha256: PlanDigest.digest(of: record), planDiffers: nil,
      waiver: nil)
    if case .notHeld(let reason) = binding.weights {
      facts.weights = "not-held"
      facts.notHeld = reason.rawValue
    }
    if case .other(let fields) = binding.plan {
      facts.plan = "other"
      facts.planDiffers = fields
      facts.waiver = waivers.waiver(of: .staleRuns, about: GateKey.run(record.id).text)?.id
    }
    return facts
  }
}
