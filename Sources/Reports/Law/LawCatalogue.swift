public import Evidence
public import Foundation
import Templates

/// The law as data: Annex IV item by item, the provisions that a dossier cites, where the texts come from and when they apply.
///
/// Every text carries its digest, and reading the catalogue checks them all: a changed quotation is refused, not printed.
public struct LawCatalogue: Sendable, Equatable {
  /// The day of the last change to the law that is taken in.
  public var lawAsOf: CalendarDate
  /// The day on which a person last checked that nothing newer exists.
  public var checkedOn: CalendarDate
  /// The acknowledgement that reuse of the texts asks for.
  public var notice: String
  /// The documents of the law that the texts come from.
  public var sources: [LawSource]
  /// From when provisions apply.
  public var application: [ApplicationRule]
  /// What follows from what a project file declares about the system.
  public var applicability: [ApplicabilityRule]
  /// Whether the conformity assessment involves a notified body: by case, with the questions that the case turns on.
  public var notifiedBody: [ApplicabilityRule]
  /// Standards that give, or are to give, a presumption of conformity.
  public var standards: LawStandards
  /// What is known of the simplified form of Article 11(1).
  public var simplifiedForm: SimplifiedForm
  /// The introductory wording of Annex IV.
  public var annex: LawPassage
  /// The annex's own heading, in the law's words.
  public var annexHeading: String
  /// The introductory wording of points 1 and 2.
  public var points: [LawPoint]
  /// Items 1(a) to 9, in the law's order.
  public var items: [LawItem]
  /// What a dossier cites beside Annex IV.
  public var provisions: [Provision]

  /// The words of the annex on which a provider relies who declares an element not applicable that its item does not make
  /// conditional.
  public static let generalCondition = "as applicable to the relevant AI system"

  /// Reads the catalogue and checks every digest, quotation and reference in it.
  /// - Parameter folder: holds `catalogue.yaml`, `annex-iv.yaml` and `provisions.yaml`; nil for the installed ones.
  /// - Throws: `ReportsError`, e.g. `badQuotation` if a text differs from its digest.
  public static func load(from folder: URL? = nil) throws -> LawCatalogue {
    try LawCatalogueReader(folder: folder ?? Templates.url("law")).read()
  }

  /// One item by its point, e.g. `2(b)`.
  public func item(_ id: String) -> LawItem? { items.first { $0.id == id } }

  /// The introductory wording that an item stands under (nil for points without letters).
  public func introduction(of item: LawItem) -> LawPoint? {
    item.id == item.point ? nil : points.first { $0.id == item.point }
  }

  /// One provision by its id, e.g. `article-13-3-b-iv`.
  public func provision(_ id: String) -> Provision? { provisions.first { $0.id == id } }

  /// The rule by which a passage applies.
  public func applicationRule(of passage: LawPassage) -> ApplicationRule? {
    passage.application.flatMap { id in application.first { $0.id == id } }
  }

  /// The dates by which a passage applies, and those of what it refers to.
  public func application(of passage: LawPassage) -> [Application] {
    guard let rule = applicationRule(of: passage) else { return [] }
    return application(
      by: rule, annexIII: passage.systems != .annexI, annexI: passage.systems != .annexIII, withAny: true)
  }

  /// The dates of a rule for systems of a kind, each with the dates of what its provisions refer to.
  func application(by rule: ApplicationRule, annexIII: Bool, annexI: Bool, withAny: Bool = false) -> [Application] {
    let dates = rule.dates(annexIII: annexIII, annexI: annexI) + (withAny ? rule.dates.filter { $0.scope == .any } : [])
    let other = rule.readWith.flatMap { id in application.first { $0.id == id } }
    let later = other.map { application(by: $0, annexIII: annexIII, annexI: annexI) } ?? []
    return dates.map { Application(rule: rule, date: $0, refersTo: later) }
  }

  /// One date of application, never without the dates of what the provisions refer to.
  public struct Application: Sendable, Equatable {
    /// What applies.
    public var rule: ApplicationRule
    /// From when.
    public var date: ApplicationRule.Date
    /// From when what they refer to applies; empty if they refer to nothing that applies at another time.
    public var refersTo: [Application]
  }

  /// How old the last check is.
  /// - Parameter today: the day to count to.
  /// - Returns: whole days; negative if the check lies in the future.
  public func daysSinceCheck(on today: CalendarDate) -> Int { checkedOn.days(until: today) }
}
