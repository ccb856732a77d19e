extension Dossier {
  /// One item of Annex IV.
  public struct Item: Codable, Sendable, Equatable {
    /// e.g. `2(b)`.
    public var id: String
    /// Our short title. Not the law's words.
    public var ourTitle: String
    /// The law's words.
    public var text: String
    /// Where they stand.
    public var citation: String
    /// SHA-256 of `text` in UTF-8, hex.
    public var textSha256: String
    /// Whether the wording is byte-verified and whether it was amended.
    public var standing: String
    /// The state that follows from its elements, in words.
    public var state: String
    /// What its text names.
    public var elements: [Element]
  }

  /// One element of an item.
  public struct Element: Codable, Sendable, Equatable {
    /// Unique within its item.
    public var id: String
    /// A title close to the law's words.
    public var title: String
    /// The law's words for it.
    public var quote: String
    /// The law's condition, if it sets one.
    public var condition: String?
    /// `evidenced`, `declared`, `not-applicable`, `missing`.
    public var state: String
    /// Who owes it: the person who is named for it, otherwise the role that the law implies.
    public var owner: String
    /// Where the owner is named, file and line (nil: nobody is named, and `owner` is the role).
    public var ownerSource: String?
    /// The day by which it is owed, `YYYY-MM-DD` (nil: none is named).
    public var due: String?
    /// Who reads it before it is signed (nil: nobody is named).
    public var reviewer: String?
    /// What the provider declares.
    public var declarations: [Declaration]
    /// Why it does not apply, in the provider's words.
    public var notApplicable: Exclusion?
    /// Runs that evidence it on their own.
    public var evidencedBy: [RunSupport]
    /// Runs that bear on it. Support alone declares nothing.
    public var support: [RunSupport]
    /// What is missing.
    public var gap: MissingPart?
  }

  /// The provider's word.
  public struct Declaration: Codable, Sendable, Equatable {
    /// The text, in Markdown as written (a fact of `vitrine.yaml`: its value).
    public var markdown: String
    /// The file and line, or the key of `vitrine.yaml`.
    public var source: String
    /// The program that turned the file into text, with its version (nil: it is text).
    public var converter: String?
    /// Who answers for it (nil for a fact of `vitrine.yaml`).
    public var responsible: String?
    /// In which function.
    public var function: String?
    /// The day it was made.
    public var date: String?
    /// Its sentences that claim conformity or freedom from bias, which nothing in this file shows (nil: there is none).
    public var claims: [String]?
    /// The copies of the files that it refers to (nil if there are none).
    public var files: [String]?
  }

  /// Why an element does not apply.
  public struct Exclusion: Codable, Sendable, Equatable {
    /// The provider's reason.
    public var reason: String
    /// The law's words on which it rests.
    public var basis: String
    /// File and line.
    public var source: String
    /// The program that turned the file into text, with its version (nil: it is text).
    public var converter: String?
    /// Who answers for it.
    public var responsible: String
    /// In which function.
    public var function: String
    /// The day it was made.
    public var date: String
    /// Its sentences that claim conformity or freedom from bias, which nothing in this file shows (nil: there is none).
    public var claims: [String]?
  }

  /// A run that bears on an element.
  public struct RunSupport: Codable, Sendable, Equatable {
    /// The run's full identifier.
    public var run: String
    /// `analysis`, `evaluation` or `identity`.
    public var source: String
    /// Ids of the findings that do; empty where the model's identity does.
    public var findings: [String]
  }

  /// What is owed.
  public struct MissingPart: Codable, Sendable, Equatable {
    /// Who owes it.
    public var owner: String
    /// The file to write.
    public var file: String
    /// The heading to write under.
    public var heading: String
    /// What to do.
    public var action: String
  }
}
