import Evidence

/// What `vitrine law show` answers beside passages: a question that several passages answer together. The words are ours.
public struct LawTopic: Sendable, Equatable, Codable, Identifiable {
  /// The topics by their ids.
  public enum Name: String, Sendable, Codable, CaseIterable {
    /// Does one need a notified body?
    case notifiedBody = "notified-body"
    /// Which standards give a presumption of conformity?
    case standards
    /// The simplified form of Article 11(1).
    case simplifiedForm = "simplified-form"
  }

  /// One case of the question, with what it turns on.
  public struct Case: Sendable, Equatable, Codable {
    /// What a project file would declare, e.g. `annex-iii-1` (nil: the topic has no cases).
    public var condition: String?
    /// What the law says then.
    public var says: String
    /// The questions it turns on.
    public var asks: [String]
    /// The passages it rests on, by id.
    public var provisions: [String]
  }

  /// A standard.
  public struct Standard: Sendable, Equatable, Codable {
    /// Its number, or the place of the request.
    public var reference: String
    /// The edition (nil while it is pending).
    public var edition: String?
    /// Its title, or what it is to be about.
    public var title: String
    /// `cited` or `pending`.
    public var status: LawStandards.Status
    /// Where its reference is published (nil while it is pending).
    public var officialJournal: String?
    /// What it gives, or is to give, a presumption of conformity for.
    public var presumption: String
  }

  /// e.g. `notified-body`.
  public var id: String
  /// The cases; empty for a list of standards.
  public var cases: [Case]
  /// The standards; empty for all else.
  public var standards: [Standard]
  /// Where it was read, if not in the law.
  public var source: String?
  /// What a reader should know beside it.
  public var note: String?
  /// The day on which it was last looked up (nil: with the catalogue).
  public var checkedOn: String?
}

extension LawCatalogue {
  /// A topic; nil if there is none of that name.
  public func topic(_ id: String) -> LawTopic? {
    func cases(_ rules: [ApplicabilityRule]) -> [LawTopic.Case] {
      rules.map { .init(condition: $0.when.rawValue, says: $0.says, asks: $0.asks, provisions: $0.provisions) }
    }
    switch LawTopic.Name(rawValue: id) {
    case .notifiedBody: return LawTopic(id: id, cases: cases(notifiedBody), standards: [])
    case .standards:
      return LawTopic(
        id: id, cases: [],
        standards: standards.list.map {
          .init(
            reference: $0.reference, edition: $0.edition, title: $0.title, status: $0.status,
            officialJournal: $0.officialJournal, presumption: $0.presumption)
        }, source: standards.source, note: standards.note, checkedOn: standards.checkedOn.description)
    case .simplifiedForm:
      let form = LawTopic.Case(
        condition: nil, says: simplifiedForm.says, asks: [], provisions: simplifiedForm.provisions)
      return LawTopic(
        id: id, cases: [form] + cases(applicability.filter { [.sme, .smc].contains($0.when) }), standards: [],
        checkedOn: simplifiedForm.checkedOn.description)
    case nil: return nil
    }
  }
}
