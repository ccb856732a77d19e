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

  /// How old the last check is.
  /// - Parameter today: the day to count to.
  /// - Returns: whole days; negative if the check lies in the future.
  public func daysSinceCheck(on today: CalendarDate) -> Int { checkedOn.days(until: today) }
}
