import Evidence

/// One passage of the catalogue with all that is known about it: what `vitrine law list` and `show` print.
public struct LawEntry: Sendable, Equatable, Codable, Identifiable {
  /// Which part of the catalogue it belongs to.
  public enum Kind: String, Sendable, Codable {
    /// The introductory wording of Annex IV.
    case annex
    /// The introductory wording of point 1 or 2.
    case point
    /// An item, `1(a)` to `9`.
    case item
    /// What a dossier cites beside Annex IV.
    case provision
  }

  /// One date of application.
  public struct Application: Sendable, Equatable, Codable {
    /// `annex-iii`, `annex-i`, `high-risk` or `any`.
    public var scope: String
    /// The first day.
    public var from: String
    /// The citation it rests on.
    public var basis: String
    /// What the passage refers to and from when that applies (nil: nothing that applies at another time).
    public var refersTo: [Other]?

    /// When something else applies.
    public struct Other: Sendable, Equatable, Codable {
      /// What.
      public var covers: String
      /// `annex-iii` or `annex-i`.
      public var scope: String
      /// The first day.
      public var from: String
      /// The citation it rests on.
      public var basis: String
    }

    init(_ application: LawCatalogue.Application) {
      let date = application.date
      (scope, from, basis) = (date.scope.rawValue, date.from.description, date.basis)
      let others = application.refersTo.map {
        Other(
          covers: $0.rule.covers, scope: $0.date.scope.rawValue, from: $0.date.from.description, basis: $0.date.basis)
      }
      refersTo = others.isEmpty ? nil : others
    }
  }

  /// What an item's text names.
  public struct Element: Sendable, Equatable, Codable {
    /// Unique within its item.
    public var id: String
    /// The heading of the statement that declares it.
    public var title: String
    /// The law's words.
    public var quote: String
    /// The law's condition, if it sets one.
    public var condition: String?
    /// The provision whose condition it states, asked for only where the project file declares what that provision speaks of (nil: the
    /// item names it).
    public var provision: String?
    /// Who owes it.
    public var owner: String
    /// Whether a run alone evidences it.
    public var runsSuffice: Bool
  }

  /// e.g. `2(b)` or `article-13-3-b-iv`.
  public var id: String
  /// Which part of the catalogue.
  public var kind: Kind
  /// Where it stands.
  public var citation: String
  /// Our short title.
  public var ourTitle: String
  /// The law's words, or the wording of carriers (see `verification`).
  public var text: String
  /// SHA-256 of `text` in UTF-8, hex.
  public var sha256: String
  /// `byte-verified` or `not-byte-verified`.
  public var verification: String
  /// `unamended`, `no-change-named`, `replaced`, `inserted` or `wording-not-held`.
  public var amendment: String
  /// The standing in words, with what a reader should know beside it.
  public var standing: String
  /// The pinned file it was copied from.
  public var file: String
  /// Who carries a wording that is not byte-verified.
  public var carriers: [String]
  /// From when it applies.
  public var application: [Application]
  /// An item's elements; empty for all else.
  public var elements: [Element]
}

extension LawCatalogue {
  /// The pinned file that Annex IV was copied from.
  public static let annexFile = "annex-04-IV.txt"

  /// Every passage: Annex IV first, then the provisions, in the law's order.
  public var entries: [LawEntry] {
    var entries = [entry("annex-iv", .annex, annex, file: Self.annexFile)]
    for item in items {
      if let point = introduction(of: item), !entries.contains(where: { $0.id == point.id }) {
        entries.append(entry(point.id, .point, point.passage, file: Self.annexFile))
      }
      var entry = entry(item.id, .item, item.passage, file: Self.annexFile)
      entry.elements = (item.elements + item.further).map { element in
        LawEntry.Element(
          id: element.id, title: element.title, quote: element.quote, condition: element.condition,
          provision: element.provision,
          owner: element.owner, runsSuffice: element.evidence?.isSufficient ?? false)
      }
      entries.append(entry)
    }
    return entries
      + provisions.map { provision in
        var entry = entry(provision.id, .provision, provision.passage, file: provision.file)
        entry.carriers = provision.carriers
        return entry
      }
  }

  /// One passage by its id; an item also by its file name, e.g. `2-b`.
  /// - Throws: `ReportsError` `unknownItem` with the nearest id.
  public func entry(_ id: String) throws -> LawEntry {
    let entries = entries
    let slugs = Dictionary(items.map { ($0.slug, $0.id) }, uniquingKeysWith: { first, _ in first })
    if let entry = entries.first(where: { $0.id == id || $0.id == slugs[id] }) { return entry }
    throw ReportsError(
      .unknownPassage,
      "the catalogue has no passage '\(id)'\(Nearest.hint(id, among: entries.map(\.id) + LawTopic.Name.allCases.map(\.rawValue))) 'vitrine law list' prints them all."
    )
  }

  private func entry(_ id: String, _ kind: LawEntry.Kind, _ passage: LawPassage, file: String) -> LawEntry {
    LawEntry(
      id: id, kind: kind, citation: passage.citation, ourTitle: passage.ourTitle, text: passage.text,
      sha256: passage.sha256, verification: passage.verification.rawValue,
      amendment: passage.amendment.status.rawValue,
      standing: passage.amendment.note.map { "\(passage.standing). \($0)" } ?? passage.standing, file: file,
      carriers: [],
      application: application(of: passage).map(LawEntry.Application.init), elements: [])
  }
}
