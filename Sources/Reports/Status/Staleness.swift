import Evidence
import Project

/// Tells which statements are older than what they speak of. Page and gate both ask here.
struct Staleness: Sendable, Equatable {
  /// Why a statement may no longer hold.
  enum Reason: Sendable, Equatable {
    /// It was made before the model version, and does not name that version.
    case olderThanModel(version: String, date: CalendarDate)
    /// It was made before the first cited run of the model version, and does not name that version.
    case olderThanMeasurement(version: String, date: CalendarDate)
    /// It was made before the last change to the law that is taken in.
    case olderThanLaw(CalendarDate)
  }

  /// A statement with what speaks against it.
  struct Finding: Sendable, Equatable {
    /// The item.
    let item: String
    /// Who made the statement, when, and where it stands.
    let signature: Signature
    /// Why it is to be read again; never empty.
    let reasons: [Reason]
  }

  /// The model version.
  let version: String
  /// When it was made (nil: the project file does not say).
  let modelDate: CalendarDate?
  /// The day of the first cited run of this version (nil: there is none).
  let measured: CalendarDate?
  /// The day of the last change to the law.
  let lawAsOf: CalendarDate

  /// For one model version.
  /// - Parameter runs: the cited runs of any version.
  init(model: Project.ModelVersion, lawAsOf: CalendarDate, runs: [StoredRun]) {
    version = model.version
    modelDate = model.date.flatMap(CalendarDate.init)
    measured = runs.filter { $0.record.modelVersion == model.version }.compactMap {
      CalendarDate(String($0.record.started.prefix(10)))
    }.min()
    self.lawAsOf = lawAsOf
  }

  /// What speaks against a statement; empty if nothing does.
  func reasons(_ signature: Signature) -> [Reason] {
    var reasons: [Reason] = []
    if !signature.namesVersion {
      if let modelDate, signature.date < modelDate {
        reasons.append(.olderThanModel(version: version, date: modelDate))
      }
      if let measured, signature.date < measured {
        reasons.append(.olderThanMeasurement(version: version, date: measured))
      }
    }
    if signature.date < lawAsOf { reasons.append(.olderThanLaw(lawAsOf)) }
    return reasons
  }

  /// Every statement that declares something in a status and is to be read again, each file and item once.
  func findings(_ status: DossierStatus) -> [Finding] {
    var found: [Finding] = []
    for (item, signature) in Self.signatures(status) {
      let reasons = reasons(signature)
      let isKnown = found.contains { $0.item == item && $0.signature.file == signature.file }
      if !reasons.isEmpty, !isKnown { found.append(Finding(item: item, signature: signature, reasons: reasons)) }
    }
    return found
  }

  /// Who signed the statements that declare something, with their items, in the order of the law.
  static func signatures(_ status: DossierStatus) -> [(item: String, signature: Signature)] {
    status.items.flatMap { item in
      item.elements.flatMap { element -> [(item: String, signature: Signature)] in
        if case .notApplicable(let reason) = element.state { return [(item.item.id, reason.signature)] }
        return element.state.declarations.compactMap { declaration in
          if case .statement(_, let signature, _) = declaration { (item.item.id, signature) } else { nil }
        }
      }
    }
  }
}
