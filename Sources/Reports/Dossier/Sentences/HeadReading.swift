import Analysis

/// What may be said in words of one head, from measured attention and what it writes.
///
/// The names are the literature's (Elhage et al. 2021; Olsson et al. 2022; Wang et al. 2022; McDougall et al. 2023 for copy
/// suppression). A name is given only where the measured share passes the stated limits; it describes these prompts.
struct HeadReading {
  /// At least this share of the attention must go there …
  static let leastShare = 0.3
  /// … and at least this many times what even attention would give.
  static let leastRatio = 2.0
  /// A head copies if it raises at least this share of the tokens that it looks at; it suppresses if at most the rest.
  static let copyShare = 2.0 / 3

  /// What the literature calls a head.
  enum Title: CaseIterable {
    case previousToken, duplicateToken, induction, nameMover, copySuppression

    /// The literature's name.
    var name: String {
      switch self {
      case .previousToken: "previous-token head"
      case .duplicateToken: "duplicate-token head"
      case .induction: "induction head"
      case .nameMover: "name mover, it copies what it looks at"
      case .copySuppression: "copy suppression, it lowers what it looks at"
      }
    }

    /// What such a head is seen to do.
    var words: String {
      switch self {
      case .previousToken: "looks at the token before (previous-token head)"
      case .duplicateToken: "looks at earlier copies of the same token (duplicate-token head)"
      case .induction: "looks at what followed earlier copies of the same token (induction head)"
      case .nameMover: "looks back at an answer, raises it and copies (name mover)"
      case .copySuppression: "looks back at an answer, lowers it and suppresses (copy suppression)"
      }
    }
  }

  /// One thing that the head does.
  struct Role: Equatable {
    /// In plain words, without the head.
    var words: String
    /// What the literature calls it, if it has a name and the limits are passed.
    var title: Title?
    /// The measured share of attention beside even attention.
    var score: RoleScore
  }

  /// The roles whose limits are passed, the largest share first.
  let roles: [Role]
  /// Whether there was anything to measure.
  let isMeasured: Bool

  /// The limits, as the dossier states them.
  static let rule =
    "A head is said to look somewhere if, over these prompts, at least \(Numbers.fixed(leastShare, 1)) of its attention goes "
    + "there and at least \(Numbers.fixed(leastRatio, 0)) times as much as even attention would give; at an answer only if it "
    + "gets at least \(Numbers.fixed(leastRatio, 0)) times as much as the opposite answer. It is said to copy if, in at least two "
    + "thirds of the cases, looking at a token raises that token more than looking evenly does (embeddings alone, so a hint in "
    + "later layers), and to suppress if in at most one third. It is said to write towards or away from the answers counted for "
    + "if the interval of what it adds to the decision value directly excludes 0."

  /// Reads one head.
  /// - Parameter direct: what it writes towards the decision directly (nil if not measured).
  init(_ head: HeadRoles, direct: Estimate?) {
    func passes(_ score: RoleScore?, against other: RoleScore? = nil) -> RoleScore? {
      guard let score, score.value >= Self.leastShare, score.value >= Self.leastRatio * score.baseline,
        score.value >= Self.leastRatio * (other?.value ?? 0)
      else { return nil }
      return score
    }
    let writes = Self.writing(direct)
    let places: [(RoleScore?, String, Title?)] = [
      (passes(head.previousToken), "looks at the token before", .previousToken),
      (passes(head.duplicateToken), "looks at earlier copies of the same token", .duplicateToken),
      (passes(head.induction), "looks at what followed earlier copies of the same token", .induction),
      (passes(head.firstToken), "looks at the first token of the prompt", nil),
      (
        passes(head.positiveAnswer, against: head.negativeAnswer),
        "looks back from the last token at the answers counted for\(writes.words)",
        Self.title(looksFor: true, writes, head.copying)
      ),
      (
        passes(head.negativeAnswer, against: head.positiveAnswer),
        "looks back from the last token at the answers counted against\(writes.words)",
        Self.title(looksFor: false, writes, head.copying)
      ),
    ]
    let roles = places.compactMap { score, words, title in score.map { Role(words: words, title: title, score: $0) } }
    self.roles = roles.enumerated().sorted {
      ($1.element.score.value, $0.offset) < ($0.element.score.value, $1.offset)
    }.map(\.element)
    isMeasured =
      head.previousToken != nil || head.duplicateToken != nil || head.induction != nil || head.firstToken != nil
      || head.positiveAnswer != nil || head.negativeAnswer != nil
  }

  private enum Writing {
    case towards, away, unclear

    var words: String {
      switch self {
      case .towards: " and writes towards the answers counted for"
      case .away: " and writes away from the answers counted for"
      case .unclear: ""
      }
    }
  }

  private static func writing(_ direct: Estimate?) -> Writing {
    guard let direct, !direct.covers(0) else { return .unclear }
    return direct.value > 0 ? .towards : .away
  }

  /// Looking at an answer and raising it is moving a name; looking at it and lowering it, suppressing it.
  private static func title(looksFor: Bool, _ writes: Writing, _ copying: CopyScore?) -> Title? {
    guard writes != .unclear, let copying else { return nil }
    let raises = looksFor == (writes == .towards)
    if raises { return copying.raisedShare >= copyShare ? .nameMover : nil }
    return copying.raisedShare <= 1 - copyShare ? .copySuppression : nil
  }

  /// The roles as the end of a sentence about the head.
  var words: String {
    guard isMeasured else { return "where it looks was not measured" }
    guard !roles.isEmpty else { return "it passes the limits for none of the places looked for" }
    return roles.map { role in
      let name = role.title.map { "; in the literature: \($0.name)" } ?? ""
      return
        "it \(role.words) (\(Numbers.fixed(role.score.value, 2)) of its attention, even attention "
        + "\(Numbers.fixed(role.score.baseline, 2))\(name))"
    }.joined(separator: "; ")
  }
}
