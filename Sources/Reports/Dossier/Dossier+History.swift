extension Dossier {
  /// A model version and how its documentation stands today.
  public struct VersionEntry: Codable, Sendable, Equatable {
    /// The version.
    public var version: String
    /// When it was made, as declared (nil: not said).
    public var date: String?
    /// The version it replaces.
    public var supersedes: String?
    /// What changed, in the provider's words.
    public var changes: String?
    /// The day of its latest cited run (nil: none).
    public var latestRun: String?
    /// Root digests of the models of its cited runs.
    public var rootSha256: [String]
    /// How many elements stand in which state.
    public var counts: StatusCounts
    /// Elements that stand otherwise than in the version before.
    public var changed: [ElementChange]
  }

  /// An element whose state or text differs from the version before.
  public struct ElementChange: Codable, Sendable, Equatable {
    /// The item, e.g. `2(b)`.
    public var item: String
    /// The element's id.
    public var element: String
    /// Its state in the version before.
    public var before: String
    /// Its state now; the same if only the text differs.
    public var after: String
  }

  /// A statement that is older than what it speaks of.
  public struct StaleStatement: Codable, Sendable, Equatable {
    /// The file.
    public var file: String
    /// The item.
    public var item: String
    /// The day it was made.
    public var date: String
    /// Why it is to be read again.
    public var reason: String
  }

  /// A person's signature on a cited run.
  public struct RunSigner: Codable, Sendable, Equatable {
    /// The run's full identifier.
    public var run: String
    /// Name, function, meaning and date.
    public var statement: String
    /// What the signature establishes about the person.
    public var identity: String

    /// A signature from its parts.
    public init(run: String, statement: String, identity: String) {
      self.run = run
      self.statement = statement
      self.identity = identity
    }
  }
}
