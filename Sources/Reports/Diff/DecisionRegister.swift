public import Evidence
import Foundation

/// Decisions about changes, each with what became of it. Of several about the same two versions the last of the log is in force.
public struct DecisionRegister: Sendable {
  /// A decision.
  public struct Entry: Sendable, Equatable {
    /// What was decided.
    public var decision: ChangeDecision
    /// The later decision that took its place; nil if it is in force.
    public var by: String?
  }

  /// The decisions about a system, in the order of the log.
  public let entries: [Entry]

  /// Judges decisions in the order of the log; those about another system are left out.
  public init(_ decisions: [ChangeDecision], system: String) {
    var entries: [Entry] = []
    for decision in decisions where decision.statement.system == system {
      let statement = decision.statement
      for index in entries.indices where entries[index].by == nil {
        let other = entries[index].decision.statement
        if other.before == statement.before, other.after == statement.after { entries[index].by = decision.id }
      }
      entries.append(Entry(decision: decision, by: nil))
    }
    self.entries = entries
  }

  /// The decision in force about two versions.
  public func inForce(before: String, after: String) -> ChangeDecision? {
    entries.first { $0.by == nil && $0.decision.statement.before == before && $0.decision.statement.after == after }?
      .decision
  }
}

/// Whether a decision may be taken into the log: that it does not contradict itself, is of a day that can be, and names the decision
/// that it takes the place of. It decides nothing.
public struct DecisionCheck: Sendable {
  /// What is to be signed.
  public let statement: ChangeDecision.Statement
  /// The file, for messages.
  public let file: String

  /// A check of one decision.
  public init(_ statement: ChangeDecision.Statement, file: String) {
    self.statement = statement
    self.file = file
  }

  /// A plain answer at the beginning of a text: yes or no; nil if it begins with other words.
  static func plain(_ answer: String) -> Bool? {
    switch answer.lowercased().split(whereSeparator: { !$0.isLetter }).first.map(String.init) ?? "" {
    case "yes", "y", "true": true
    case "no", "n", "not", "false": false
    default: nil
    }
  }

  /// Refuses a decision that contradicts the answers above it.
  ///
  /// Article 3, point (23): a change after placing on the market, not foreseen or planned, as a result of which compliance is
  /// affected or the intended purpose modified. Article 43(4), second subparagraph: what was pre-determined for a system that continues
  /// to learn shall not constitute one.
  /// - Throws: `ReportsError` `badWorksheet` that names the answers.
  public func consistency() throws {
    func answer(_ id: String) -> Bool? {
      statement.answers.first { $0.id == id }.flatMap { Self.plain($0.answer) }
    }
    let isPredetermined = answer("continues-to-learn") == true && answer("pre-determined") == true
    let alternatives = [answer("compliance"), answer("purpose")]
    func refuse(_ what: String) -> ReportsError {
      ReportsError(
        .badWorksheet,
        "\(file): the decision contradicts the answers: \(what). Change the answer or the decision, whichever is not meant; "
          + "nothing was signed")
    }
    if statement.isSubstantial {
      if isPredetermined {
        throw refuse(
          "'continues-to-learn' and 'pre-determined' are answered with yes, and what Article 43(4) says of such changes is that "
            + "they shall not constitute a substantial modification; decision.substantial_modification is yes")
      }
      for id in ["after-placing", "foreseen"] where answer(id) == false {
        throw refuse(
          "'\(id)' is answered with no, so the words of Article 3, point (23), do not hold; decision.substantial_modification is yes"
        )
      }
      if alternatives.allSatisfy({ $0 == false }) {
        throw refuse(
          "'compliance' and 'purpose' are both answered with no, so the words of Article 3, point (23), do not hold; "
            + "decision.substantial_modification is yes")
      }
    } else if answer("after-placing") == true, answer("foreseen") == true, alternatives.contains(true), !isPredetermined
    {
      let limb = alternatives[0] == true ? "compliance" : "purpose"
      throw refuse(
        "'after-placing', 'foreseen' and '\(limb)' are answered with yes, which is all that Article 3, point (23), names; "
          + "decision.substantial_modification is no. The law's exception is what was pre-determined for a system that continues "
          + "to learn (Article 43(4)): both 'continues-to-learn' and 'pre-determined' would have to be answered with yes"
      )
    }
  }

  /// Refuses a day before what is decided on existed, or one that has not come.
  /// - Parameters:
  ///   - diff: the comparison.
  ///   - now: UTC, RFC 3339 with milliseconds.
  /// - Throws: `ReportsError` `badWorksheet`.
  public func dates(_ diff: Diff, now: String = Timestamp.now()) throws {
    func refuse(_ what: String) -> ReportsError { ReportsError(.badWorksheet, "\(file): \(what); nothing was signed") }
    let runs = (diff.before.runs + diff.after.runs).compactMap { id in RunIdentifier.time(id).map { (id: id, time: $0) }
    }
    for (key, text) in [
      ("decision.date", "\(statement.decided)T23:59:59.999Z"), ("the date of the signature", statement.date),
    ] {
      guard let date = Timestamp.date(text), let today = Timestamp.date(now) else {
        throw refuse("\(key) is no day")
      }
      // The day of the decision is counted to its end.
      let ahead = date.timeIntervalSince(today) - (key == "decision.date" ? 86_400 : 0)
      if ahead > BundleExamination.clockTolerance {
        throw refuse(
          "\(key) is \(String(text.prefix(10))), which has not come yet by this machine's clock (\(now.prefix(10)))")
      }
      if let newest = runs.max(by: { $0.time < $1.time }),
        let made = Timestamp.date(newest.time), made.timeIntervalSince(date) > BundleExamination.clockTolerance
      {
        throw refuse(
          "\(key) is \(String(text.prefix(10))), before what is decided on existed: run \(newest.id) was made on "
            + "\(newest.time.prefix(10)). Give the day on which the decision was made")
      }
    }
  }

  /// Refuses a second decision about the same two versions that does not name the one in force.
  /// - Throws: `ReportsError` `badWorksheet`.
  public func supersession(_ register: DecisionRegister) throws {
    let present = register.inForce(before: statement.before, after: statement.after)
    guard present?.id != statement.supersedes else { return }
    let pair = "\(statement.before) to \(statement.after)"
    guard let present else {
      throw ReportsError(
        .badWorksheet,
        "\(file): 'supersedes' names \(statement.supersedes ?? ""), and there is no decision in force about \(pair) in this store; "
          + "leave the key out")
    }
    throw ReportsError(
      .badWorksheet,
      "\(file): a decision about \(pair) is in force already: \(present.id), \(present.statement.name), "
        + "\(present.statement.decided), \(present.statement.isSubstantial ? "" : "not ")a substantial modification. A second one "
        + "takes its place only by name: write 'supersedes: \(present.id)' at the top of the worksheet, where 'vitrine diff' "
        + "writes it too")
  }
}
