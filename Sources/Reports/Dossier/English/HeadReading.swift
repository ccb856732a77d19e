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

  /// One thing that the head does.
  struct Role: Equatable {
    /// In plain words, without the head.
    var words: String
    /// What the literature calls it, if it has a name and the limits are passed.
    var name: String?
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
    + "there and at least \(Numbers.fixed(leastRatio, 0)) times as much as even attention would give. It is said to copy if, in at least two thirds "
    + "of the cases, looking at a token raises that token more than looking evenly does (embeddings alone, so a hint in later "
    + "layers), and to suppress if in at most one third. It is said to write towards or away from the answers counted for if the "
    + "interval of what it adds to the decision value directly excludes 0."

  /// Reads one head.
  /// - Parameter direct: what it writes towards the decision directly (nil if not measured).
  init(_ head: HeadRoles, direct: Estimate?) {
    func passes(_ score: RoleScore?) -> RoleScore? {
      guard let score, score.value >= Self.leastShare, score.value >= Self.leastRatio * score.baseline else {
        return nil
      }
      return score
    }
    let general: [(RoleScore?, String, String?)] = [
      (head.previousToken, "looks at the token before", "previous-token head"),
      (head.duplicateToken, "looks at earlier copies of the same token", "duplicate-token head"),
      (head.induction, "looks at what followed earlier copies of the same token", "induction head"),
      (head.firstToken, "looks at the first token of the prompt", nil),
    ]
    var roles = general.compactMap { score, words, name in
      passes(score).map { Role(words: words, name: name, score: $0) }
    }
    let writes = Self.writing(direct)
    if let score = passes(head.positiveAnswer) {
      let name = Self.name(looksFor: true, writes, head.copying)
      roles.append(
        Role(
          words: "looks back from the last token at the answers counted for\(writes.words)", name: name, score: score))
    }
    if let score = passes(head.negativeAnswer) {
      let name = Self.name(looksFor: false, writes, head.copying)
      roles.append(
        Role(
          words: "looks back from the last token at the answers counted against\(writes.words)", name: name,
          score: score))
    }
    self.roles = roles.enumerated().sorted { ($1.element.score.value, $0.offset) < ($0.element.score.value, $1.offset) }
      .map(\.element)
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
  private static func name(looksFor: Bool, _ writes: Writing, _ copying: CopyScore?) -> String? {
    guard writes != .unclear, let copying else { return nil }
    let raises = looksFor == (writes == .towards)
    if raises { return copying.raisedShare >= copyShare ? "name mover, it copies what it looks at" : nil }
    return copying.raisedShare <= 1 - copyShare ? "copy suppression, it lowers what it looks at" : nil
  }

  /// The roles as the end of a sentence about the head.
  var words: String {
    guard isMeasured else { return "where it looks was not measured" }
    guard !roles.isEmpty else { return "it passes the limits for none of the places looked for" }
    return roles.map { role in
      let name = role.name.map { "; in the literature: \($0)" } ?? ""
      return
        "it \(role.words) (\(Numbers.fixed(role.score.value, 2)) of its attention, even attention "
        + "\(Numbers.fixed(role.score.baseline, 2))\(name))"
    }.joined(separator: "; ")
  }
}
