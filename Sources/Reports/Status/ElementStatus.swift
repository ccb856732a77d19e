public import Evidence

/// How one element of an item stands for one model version.
public struct ElementStatus: Sendable, Equatable {
  /// The element.
  public var element: LawElement
  /// How it stands.
  public var state: ElementState
  /// Who is to supply it, by when, and who reads it.
  public var assignment: Assignment
  /// Every run that bears on it, whatever its state. Support alone declares nothing.
  public var support: [RunReference]
}

/// How an element stands.
public enum ElementState: Sendable, Equatable {
  /// The element asks just for what these runs measured. What the provider declares beside it is kept.
  case evidenced(runs: [RunReference], declarations: [Declaration])
  /// The provider declares it.
  case declared([Declaration])
  /// The provider says why it does not apply.
  case notApplicable(NotApplicable)
  /// Neither. The gap says who owes what.
  case missing(Gap)

  /// The state without its content.
  public enum Kind: String, Sendable, CaseIterable {
    /// By runs.
    case evidenced
    /// By the provider.
    case declared
    /// By the provider, with a reason.
    case notApplicable = "not-applicable"
    /// Owed.
    case missing
  }

  /// The state without its content.
  public var kind: Kind {
    switch self {
    case .evidenced: .evidenced
    case .declared: .declared
    case .notApplicable: .notApplicable
    case .missing: .missing
    }
  }

  /// What the provider declares, in any state.
  public var declarations: [Declaration] {
    switch self {
    case .evidenced(_, let declarations), .declared(let declarations): declarations
    case .notApplicable, .missing: []
    }
  }
}

/// A run that bears on an element, with its findings that do.
public struct RunReference: Sendable, Equatable {
  /// What of the run bears on it.
  public var source: EvidenceRule.Source
  /// The run's id.
  public var run: String
  /// The behaviour it analysed (nil for an evaluation).
  public var behaviour: String?
  /// The ids of the findings, in the run's order; empty where the model's identity is what bears on it.
  public var findings: [String]
}

/// The provider's word on an element.
public enum Declaration: Sendable, Equatable {
  /// A signed and dated part of a statement file, in the provider's Markdown as written, and the project's files it refers to.
  case statement(markdown: String, signature: Signature, files: [FileReference] = [])
  /// A fact of `vitrine.yaml`, which names no person and no date.
  case fact(ProjectFacts.Fact)
}

extension Declaration {
  /// File and line of a statement, or the key of `vitrine.yaml`.
  public var place: String {
    switch self {
    case .statement(_, let signature, _): signature.place
    case .fact(let fact): fact.key
    }
  }

  /// Its sentences that claim conformity or freedom from bias, which nothing in the file shows.
  public var claims: [String] {
    switch self {
    case .statement(let markdown, _, _): ProviderClaims.sentences(in: markdown)
    case .fact(let fact): ProviderClaims.sentences(in: fact.text)
    }
  }
}

/// Who made a statement, when, and where it stands.
public struct Signature: Sendable, Equatable {
  /// Who answers for it.
  public var responsible: String
  /// In which function.
  public var function: String
  /// The day it was made.
  public var date: CalendarDate
  /// The file, e.g. `documentation/2-b.md`.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// Whether the statement names the model version it is used for.
  public var namesVersion: Bool
  /// The program that turned the file into text, with its version (nil: it is text).
  public var converter: String?

  /// File and line, e.g. `documentation/2-b.md:12`. The lines of a converted file are those of its text.
  public var place: String { "\(file):\(line)" }
}

/// The provider's reason why an element does not apply.
public struct NotApplicable: Sendable, Equatable {
  /// The reason.
  public var reason: String
  /// The law's words on which it rests: the element's own condition, or the annex's general one.
  public var basis: String
  /// Who gave it and where.
  public var signature: Signature

  /// Sentences of the reason that claim conformity or freedom from bias, which nothing in the file shows.
  public var claims: [String] { ProviderClaims.sentences(in: reason) }
}

/// What is missing for an element, who owes it and how to supply it.
public struct Gap: Sendable, Equatable {
  /// Why the element is not declared.
  public enum Reason: Sendable, Equatable {
    /// No file states the item.
    case noFile
    /// A file states the item, but for other model versions only.
    case otherVersions([String])
    /// The file has no heading for the element.
    case noHeading
    /// There is a heading with nothing visible under it.
    case emptyText
    /// There is text, but under no heading, and the item has several elements.
    case unassignedText(line: Int)
    /// There is a text or a reason, but these keys of the front matter are open.
    case open(keys: [String])
  }

  /// Why.
  public var reason: Reason
  /// Who owes it: the person who is named for it, otherwise the role that the law implies, in plain words.
  public var owner: String
  /// The file to write.
  public var file: String
  /// The heading to write under.
  public var heading: String
  /// What a sentence about what to do needs besides (`InterfaceText.action`).
  public var remedy: Remedy

  /// What to do, without words.
  public struct Remedy: Sendable, Equatable {
    /// The item, e.g. `2(b)`.
    public var item: String
    /// The element's id.
    public var element: String
    /// The headings of the item's elements, in order.
    public var headings: [String]
    /// Whether the element may be declared not applicable.
    public var isConditional: Bool
    /// The keys of the front matter that are to be filled in.
    public var openKeys: [String]
    /// The key of `vitrine.yaml` that would declare it too.
    public var projectKey: String?
    /// The model version.
    public var modelVersion: String
  }
}
