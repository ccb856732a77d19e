import Project

/// Tells which statements are older than what they speak of.
struct Staleness: Sendable, Equatable {
  /// Why a statement may no longer hold.
  enum Reason: Sendable, Equatable {
    /// It was made before the model version, and does not name that version.
    case olderThanModel(version: String, date: CalendarDate)
    /// It was made before the last change to the law that is taken in.
    case olderThanLaw(CalendarDate)
  }

  /// The model version.
  let version: String
  /// When it was made (nil: the project file does not say).
  let modelDate: CalendarDate?
  /// The day of the last change to the law.
  let lawAsOf: CalendarDate

  /// For one model version.
  init(model: Project.ModelVersion, lawAsOf: CalendarDate) {
    version = model.version
    modelDate = model.date.flatMap(CalendarDate.init)
    self.lawAsOf = lawAsOf
  }

  /// What speaks against a statement; empty if nothing does.
  func reasons(_ signature: Signature) -> [Reason] {
    var reasons: [Reason] = []
    if let modelDate, signature.date < modelDate, !signature.namesVersion {
      reasons.append(.olderThanModel(version: version, date: modelDate))
    }
    if signature.date < lawAsOf { reasons.append(.olderThanLaw(lawAsOf)) }
    return reasons
  }
}
