public import Evidence

/// Standards under Article 40: which gives a presumption of conformity, for what, since when, and which is still to come.
public struct LawStandards: Sendable, Equatable {
  /// How far a standard has come.
  public enum Status: String, Sendable, Codable, CaseIterable {
    /// Its reference is published in the Official Journal.
    case cited
    /// It is requested and not published there, so that it gives no presumption.
    case pending
  }

  /// One standard, or the area for which one was requested.
  public struct Standard: Sendable, Equatable, Identifiable {
    /// e.g. `en-18286`.
    public var id: String
    /// Its number, or the place of the request, e.g. `EN 18286`.
    public var reference: String
    /// The edition (nil while it is pending).
    public var edition: String?
    /// Its title, or what it is to be about.
    public var title: String
    /// How far it has come.
    public var status: Status
    /// Where its reference is published (nil while it is pending).
    public var officialJournal: String?
    /// What it gives, or is to give, a presumption of conformity for.
    public var presumption: String
    /// The ids of the provisions it is about.
    public var articles: [String]
  }

  /// The day on which this was last looked up.
  public var checkedOn: CalendarDate
  /// Where it was read. Secondary sources are called so.
  public var source: String
  /// What a reader should know beside it.
  public var note: String
  /// The standards, those that are cited first.
  public var list: [Standard]
}

/// What is known of the simplified form that Article 11(1), second subparagraph, lets SMEs and SMCs use.
public struct SimplifiedForm: Sendable, Equatable {
  /// The day on which it was last looked for.
  public var checkedOn: CalendarDate
  /// What was found.
  public var says: String
  /// The ids of the provisions it rests on.
  public var provisions: [String]
}
