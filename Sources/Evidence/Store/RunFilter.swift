public import Analysis

/// Which runs to list. Every condition that is given must hold.
public struct RunFilter: Sendable, Equatable {
  /// The model version in the project file.
  public var modelVersion: String?
  /// The behaviour's id; evaluations have none.
  public var behaviour: String?
  /// What was run.
  public var kind: RunRecord.Kind?
  /// How it ended.
  public var status: RunRecord.Status?
  /// Started at this time or later: a UTC time, or its beginning such as `2026-11` or `2026-11-23T09`.
  public var since: String?
  /// Started at this time or earlier. `2026-11-23` includes that whole day.
  public var until: String?
  /// The plan asked for this method.
  public var method: AnalysisPlan.Method?
  /// A person whose name holds this text signed the run.
  public var signer: String?
  /// Every one of these words occurs in the question, the prompts, the answers, labels, names or identifiers of the run, or in
  /// a signature on it, whatever its case and accents; a word that ends in `*` is the beginning of one.
  public var search: String?
  /// At most so many runs, the last that fit.
  public var limit: Int?

  /// A filter; without conditions it lets every run through.
  public init(
    modelVersion: String? = nil, behaviour: String? = nil, kind: RunRecord.Kind? = nil,
    status: RunRecord.Status? = nil, since: String? = nil, until: String? = nil,
    method: AnalysisPlan.Method? = nil, signer: String? = nil, search: String? = nil, limit: Int? = nil
  ) {
    self.modelVersion = modelVersion
    self.behaviour = behaviour
    self.kind = kind
    self.status = status
    self.since = since
    self.until = until
    self.method = method
    self.signer = signer
    self.search = search
    self.limit = limit
  }

  /// The condition in SQL with its arguments.
  /// - Throws: `EvidenceError.badFilter` if a time cannot be read.
  func condition() throws -> (sql: String, arguments: [String]) {
    var conditions: [(String, String)] = []
    if let modelVersion { conditions.append(("model_version = ?", modelVersion)) }
    if let behaviour { conditions.append(("behaviour = ?", behaviour)) }
    if let kind { conditions.append(("kind = ?", kind.rawValue)) }
    if let status { conditions.append(("status = ?", status.rawValue)) }
    // Times compare as texts, over as many characters as the filter gives.
    if let since = try Self.time(since, "since") {
      conditions.append(("substr(started, 1, \(since.utf8.count)) >= ?", since))
    }
    if let until = try Self.time(until, "until") {
      conditions.append(("substr(started, 1, \(until.utf8.count)) <= ?", until))
    }
    if let method { conditions.append(("instr(',' || methods || ',', ',' || ? || ',') > 0", method.rawValue)) }
    if let signer {
      conditions.append(("id IN (SELECT run FROM signatures WHERE instr(lower(name), lower(?)) > 0)", signer))
    }
    guard !conditions.isEmpty else { return ("TRUE", []) }
    return (conditions.map(\.0).joined(separator: " AND "), conditions.map(\.1))
  }

  private static func time(_ text: String?, _ name: String) throws -> String? {
    guard let text else { return nil }
    let time = text.hasSuffix("Z") ? String(text.dropLast()) : text
    guard Timestamp.isPrefix(time) else {
      throw EvidenceError(
        .badFilter,
        "\(name): '\(text)' is not a UTC time; write it as 2026-11-23 or 2026-11-23T09:41, as far as you want to say it"
      )
    }
    return time
  }
}
