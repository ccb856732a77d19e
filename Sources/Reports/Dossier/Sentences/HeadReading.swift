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
    func name(_ text: InterfaceText) -> String {
      switch self {
      case .previousToken: text.words("reading.name-previous-token")
      case .duplicateToken: text.words("reading.name-duplicate-token")
      case .induction: text.words("reading.name-induction")
      case .nameMover: text.words("reading.name-name-mover")
      case .copySuppression: text.words("reading.name-copy-suppression")
      }
    }

    /// What such a head is seen to do.
    func words(_ text: InterfaceText) -> String {
      switch self {
      case .previousToken: text.words("reading.title-previous-token")
      case .duplicateToken: text.words("reading.title-duplicate-token")
      case .induction: text.words("reading.title-induction")
      case .nameMover: text.words("reading.title-name-mover")
      case .copySuppression: text.words("reading.title-copy-suppression")
      }
    }
  }

  /// Where a head looks.
  enum Place {
    case tokenBefore, earlierCopies, afterCopies, firstToken, answersFor, answersAgainst
  }

  /// One thing that the head does.
  struct Role: Equatable {
    /// Where it looks.
    var place: Place
    /// What it writes towards the decision directly.
    var writing: Writing
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
  static func rule(_ text: InterfaceText) -> String {
    text.words(
      "reading.rule",
      ["share": .text(text.fixed(leastShare, 1)), "ratio": .text(text.fixed(leastRatio, 0))])
  }

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
    let places: [(RoleScore?, Place, Title?)] = [
      (passes(head.previousToken), .tokenBefore, .previousToken),
      (passes(head.duplicateToken), .earlierCopies, .duplicateToken),
      (passes(head.induction), .afterCopies, .induction), (passes(head.firstToken), .firstToken, nil),
      (
        passes(head.positiveAnswer, against: head.negativeAnswer), .answersFor,
        Self.title(looksFor: true, writes, head.copying)
      ),
      (
        passes(head.negativeAnswer, against: head.positiveAnswer), .answersAgainst,
        Self.title(looksFor: false, writes, head.copying)
      ),
    ]
    let roles = places.compactMap { score, place, title in
      score.map { Role(place: place, writing: writes, title: title, score: $0) }
    }
    self.roles = roles.enumerated().sorted {
      ($1.element.score.value, $0.offset) < ($0.element.score.value, $1.offset)
    }.map(\.element)
    isMeasured =
      head.previousToken != nil || head.duplicateToken != nil || head.induction != nil || head.firstToken != nil
      || head.positiveAnswer != nil || head.negativeAnswer != nil
  }

  /// What a head writes towards the decision directly.
  enum Writing {
    case towards, away, unclear
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
  func words(_ text: InterfaceText) -> String {
    guard isMeasured else { return text.words("reading.not-measured") }
    guard !roles.isEmpty else { return text.words("reading.no-role") }
    return roles.map { role in
      let name = role.title.map { text.words("reading.in-the-literature", ["name": .text($0.name(text))]) } ?? ""
      return text.words(
        "reading.role",
        [
          "role": .text(Self.words(role, text)), "share": .text(text.fixed(role.score.value, 2)),
          "even": .text(text.fixed(role.score.baseline, 2)), "name": .text(name),
        ])
    }.joined(separator: "; ")
  }

  private static func words(_ role: Role, _ text: InterfaceText) -> String {
    switch (role.place, role.writing) {
    case (.tokenBefore, _): text.words("reading.token-before")
    case (.earlierCopies, _): text.words("reading.earlier-copies")
    case (.afterCopies, _): text.words("reading.after-copies")
    case (.firstToken, _): text.words("reading.first-token")
    case (.answersFor, .towards): text.words("reading.for-towards")
    case (.answersFor, .away): text.words("reading.for-away")
    case (.answersFor, .unclear): text.words("reading.for")
    case (.answersAgainst, .towards): text.words("reading.against-towards")
    case (.answersAgainst, .away): text.words("reading.against-away")
    case (.answersAgainst, .unclear): text.words("reading.against")
    }
  }
}
