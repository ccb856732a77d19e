extension Diff {
  /// Annex IV, compared.
  public struct Documentation: Codable, Sendable, Equatable {
    /// What happened to a statement.
    public enum State: String, Codable, Sendable, CaseIterable {
      /// The same words.
      case same
      /// Other words.
      case reworded
      /// Only on the later side.
      case added
      /// Only on the earlier side.
      case removed
    }

    /// One element of an item.
    public struct Element: Codable, Sendable, Equatable {
      /// The item, e.g. `2(b)`.
      public var item: String
      /// The element's id.
      public var element: String
      /// Its title.
      public var title: String
      /// The earlier state, e.g. `declared` (nil if the earlier catalogue has not got it).
      public var before: String?
      /// The later state.
      public var after: String?
      /// Its statements.
      public var statements: [Statement]
      /// Findings that bear on it and changed, e.g. `effect of sex`.
      public var changedEvidence: [String]
      /// Whether a statement stands as it stood while evidence that bears on it changed.
      public var isStale: Bool
    }

    /// One statement.
    public struct Statement: Codable, Sendable, Equatable {
      /// What happened to it.
      public var state: State
      /// The earlier words.
      public var before: String?
      /// The later words.
      public var after: String?
      /// Where it stands, and when it was made.
      public var source: String
      /// The day it was made on the later side, else the earlier one.
      public var date: String?
    }

    /// Elements in which something changed or is stale.
    public var elements: [Element]
    /// Elements in which nothing did.
    public var unchanged: Int
  }

  /// What changed in the law that the dossiers go by.
  public struct LawChange: Codable, Sendable, Equatable {
    /// The day of the law, before and after.
    public var asOf: [String]
    /// The day of the last check, before and after.
    public var checkedOn: [String]
    /// Items whose wording or standing differs.
    public var items: [Item]
    /// Dates of application that differ, in words.
    public var application: [String]

    /// One item of Annex IV.
    public struct Item: Codable, Sendable, Equatable {
      /// The item.
      public var item: String
      /// What differs, in words.
      public var change: String
    }
  }

  /// A signature on the earlier side.
  public struct ApprovalState: Codable, Sendable, Equatable {
    /// The signature.
    public var approval: DiffSource.Approval
    /// Whether what it was given for still is what the later side rests on.
    public var holds: Bool
    /// Why, in words.
    public var reason: String
  }

  /// A question of the law, with the evidence for an answer and no answer.
  public struct Question: Codable, Sendable, Equatable {
    /// e.g. `foreseen`.
    public var id: String
    /// The law's words.
    public var quote: String
    /// Where they stand, and how far their wording is checked.
    public var citation: String
    /// What this comparison has to say about it.
    public var evidence: [String]
  }
}
