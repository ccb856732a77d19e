/// One point of Annex IV, `1(a)` … `9`, with the elements that its text names.
public struct LawItem: Sendable, Equatable, Identifiable {
  /// The point, e.g. `2(b)`.
  public var id: String
  /// The wording and what is known of it.
  public var passage: LawPassage
  /// Who owes it, in plain words.
  public var owner: String
  /// The words that introduce an exhaustive list of elements and ask for nothing beyond them (nil if there are none).
  public var lead: String?
  /// What the text names, in its order.
  public var elements: [LawElement]
  /// What another provision asks for beside it, where the project file declares what that provision speaks of.
  public var further: [LawElement]

  /// The main point, e.g. `2` of `2(b)`.
  public var point: String { String(id.prefix { $0 != "(" }) }

  /// An anchor for documents and file names, e.g. `2-b`.
  public var slug: String { id.replacing("(", with: "-").replacing(")", with: "") }

  /// One element by its id.
  public func element(_ id: String) -> LawElement? { (elements + further).first { $0.id == id } }
}

/// The introductory wording of a main point of Annex IV that has letters.
public struct LawPoint: Sendable, Equatable, Identifiable {
  /// `1` or `2`.
  public var id: String
  /// The wording and what is known of it.
  public var passage: LawPassage
}

/// A piece that an item's text names and that is evidenced, declared, not applicable or missing on its own.
public struct LawElement: Sendable, Equatable, Identifiable {
  /// Unique within its item, e.g. `general-logic`.
  public var id: String
  /// In words close to the law's, and the heading of the statement that declares it.
  public var title: String
  /// The law's words: a part of the item's text, or the text of `provision`.
  public var quote: String
  /// The provision whose condition it states (nil: the item names it).
  public var provision: String?
  /// The law's condition, a part of the item's text, e.g. `where applicable` (nil if the item sets none for it).
  public var condition: String?
  /// Who owes it, in plain words.
  public var owner: String
  /// Which runs bear on it (nil: none can).
  public var evidence: EvidenceRule?

  /// Whether the law's text itself makes the element conditional.
  public var isConditional: Bool { condition != nil }
}

/// Which runs bear on an element, and whether they are enough.
public struct EvidenceRule: Sendable, Equatable {
  /// What of a run bears on an element.
  public enum Source: String, Sendable, CaseIterable {
    /// The findings of an analysis run.
    case analysis
    /// The findings of an evaluation run.
    case evaluation
    /// The identity of the model that was run: its files, architecture and size.
    case identity
  }

  /// What bears on it.
  public var sources: [Source]
  /// Which findings do, as patterns: `*` is one part of an id between dots, `**` one or more to the end. Empty: all.
  public var findings: [String]
  /// Whether a run alone evidences the element, because the element asks just for what a run measures. Otherwise runs only
  /// support a statement, and the statement is still owed.
  public var isSufficient: Bool

  /// Whether a finding bears on the element.
  /// - Parameter finding: the finding's id, e.g. `accuracy.sex.female`.
  public func covers(finding: String) -> Bool {
    findings.isEmpty || findings.contains { Self.matches(finding, pattern: $0) }
  }

  private static func matches(_ id: String, pattern: String) -> Bool {
    let parts = id.split(separator: ".", omittingEmptySubsequences: false)
    let wanted = pattern.split(separator: ".", omittingEmptySubsequences: false)
    let isOpen = wanted.last == "**"
    let fixed = isOpen ? wanted.dropLast() : wanted[...]
    guard isOpen ? parts.count > fixed.count : parts.count == fixed.count else { return false }
    return zip(parts, fixed).allSatisfy { $1 == "*" || $0 == $1 }
  }
}
