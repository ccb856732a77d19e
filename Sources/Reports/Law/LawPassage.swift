public import Evidence

/// A passage of the law with what is known about its wording: where it stands, its digest, how far its source was checked, whether
/// the Act of 2026 changed it, and by which rule it applies.
public struct LawPassage: Sendable, Equatable {
  /// How far the wording is checked.
  public enum Verification: String, Sendable, CaseIterable {
    /// Copied from the Official Journal text whose digest is known.
    case byteVerified = "byte-verified"
    /// Taken from secondary carriers. Never to be called verbatim.
    case notByteVerified = "not-byte-verified"
  }

  /// Where it stands, e.g. `Annex IV, point 2(b), Regulation (EU) 2024/1689`.
  public var citation: String
  /// A short title in *our* words. Never print it as the law's.
  public var ourTitle: String
  /// The law's words. A line break separates paragraphs and points.
  public var text: String
  /// SHA-256 of `text` in UTF-8, hex.
  public var sha256: String
  /// How far the wording is checked.
  public var verification: Verification
  /// What Regulation (EU) 2026/1744 did to it.
  public var amendment: Amendment
  /// The id of the rule that says from when it applies (nil for the rule's own provisions).
  public var application: String?
  /// The only systems it speaks of: those that are high-risk this way (nil: it speaks of no such systems alone).
  public var systems: ApplicationRule.Scope?

  /// The wording's standing in a few words, to be printed beside a quotation.
  public var standing: String {
    switch verification {
    case .byteVerified: "Official Journal text; \(amendment)"
    case .notByteVerified: "not byte-verified; \(amendment)"
    }
  }
}

/// What a later act did to a passage.
public struct Amendment: Sendable, Equatable, CustomStringConvertible {
  /// What is known about it.
  public enum Status: String, Sendable, CaseIterable {
    /// The sources state that the passage, or its whole Article or Annex, is not amended.
    case unamended
    /// The Article is amended elsewhere; no change to this passage is named in the sources held.
    case noChangeNamed = "no-change-named"
    /// The text given is the new wording.
    case replaced
    /// The text given is new law.
    case inserted
    /// The act touches the passage, or its Article; the present wording is not held, the text given is the one of 2024.
    case wordingNotHeld = "wording-not-held"
  }

  /// What is known.
  public var status: Status
  /// The amending act, e.g. `Regulation (EU) 2026/1744`.
  public var act: String
  /// What a reader should know beside it.
  public var note: String?

  /// In words, e.g. `not amended by Regulation (EU) 2026/1744`.
  public var description: String {
    switch status {
    case .unamended: "not amended by \(act)"
    case .noChangeNamed: "no change by \(act) is named in the sources held"
    case .replaced: "wording as replaced by \(act)"
    case .inserted: "inserted by \(act)"
    case .wordingNotHeld: "as enacted in 2024; amended by \(act); present wording not held"
    }
  }
}

/// A provision that a dossier cites beside Annex IV.
public struct Provision: Sendable, Equatable, Identifiable {
  /// e.g. `article-13-3-b-iv`.
  public var id: String
  /// The wording and what is known of it.
  public var passage: LawPassage
  /// The pinned file it was copied from, e.g. `article-013.txt`.
  public var file: String
  /// Who carries a wording that is not byte-verified.
  public var carriers: [String]
}

/// From when a group of provisions applies.
public struct ApplicationRule: Sendable, Equatable, Identifiable {
  /// For which systems a date holds.
  public enum Scope: String, Sendable, CaseIterable {
    /// High-risk pursuant to Article 6(2) and Annex III.
    case annexIII = "annex-iii"
    /// High-risk pursuant to Article 6(1) and Annex I.
    case annexI = "annex-i"
    /// High-risk either way.
    case highRisk = "high-risk"
    /// Whatever the system.
    case any
  }

  /// One date.
  public struct Date: Sendable, Equatable {
    /// For which systems.
    public var scope: Scope
    /// The first day.
    public var from: CalendarDate
    /// The citation it rests on.
    public var basis: String
  }

  /// e.g. `general`.
  public var id: String
  /// What it covers, in words.
  public var covers: String
  /// How far the wording of its basis is checked.
  public var verification: LawPassage.Verification
  /// The id of the provision that sets it.
  public var provision: String
  /// The id of the rule for the provisions that these refer to, without which they have nothing to apply to. Its dates are printed
  /// wherever these are (nil: they stand alone).
  public var readWith: String?
  /// The dates.
  public var dates: [Date]

  /// The dates that hold for high-risk systems.
  /// - Parameters:
  ///   - annexIII: the system falls under a point of Annex III.
  ///   - annexI: the system is a product, or a safety component of a product, under Annex I.
  public func dates(annexIII: Bool, annexI: Bool) -> [Date] {
    dates.filter { date in
      switch date.scope {
      case .annexIII: annexIII
      case .annexI: annexI
      case .highRisk: true
      case .any: false
      }
    }
  }
}

/// A document of the law that the catalogue rests on.
public struct LawSource: Sendable, Equatable, Identifiable {
  /// e.g. `regulation`.
  public var id: String
  /// Its name.
  public var title: String
  /// Where it was published.
  public var published: String
  /// Its CELEX number.
  public var celex: String
  /// Its address by the European Legislation Identifier.
  public var eli: String
  /// SHA-256 of the Publications Office XHTML file, hex.
  public var sha256: String
  /// Whether the texts here were copied from that file.
  public var held: Bool
  /// What a reader should know beside it.
  public var note: String
}
