import Analysis
public import Evidence
public import Foundation

/// The worksheet that a person fills in: `worksheet.yaml` beside the comparison.
public struct WorksheetFile: Sendable, Equatable {
  /// Its format.
  static let schema = "vitrine.worksheet/1"
  private static let keys = [
    "schema", "system", "before", "after", "diff_sha256", "supersedes", "questions", "decision",
  ]

  /// SHA-256 of the `diff.json` that it belongs to, hex.
  public var diffSha256: String
  /// Whether a person wrote anything in it.
  public var isStarted: Bool
  private let statement: ChangeDecision.Statement?
  private let missing: [String]
  private let file: String

  /// An empty worksheet for a comparison, with the evidence as comments.
  /// - Throws: `JSONError`, `EvidenceError` if the comparison cannot be digested.
  /// - Parameter present: the decision in force about the same versions, whose place the next one takes by name.
  public static func blank(_ diff: Diff, superseding present: ChangeDecision? = nil) throws -> Data {
    let unverified = [diff.before, diff.after].compactMap { side in
      side.unverified.map { "# \(PlainText.oneLine(side.label)) is NOT VERIFIED: \(PlainText.oneLine($0))\n" }
    }
    var text =
      unverified.joined() + """
        # Is this change a substantial modification? The questions are the law's words; what the comparison has to say stands
        # below each as a comment. A person fills in every 'answer' and the decision, then signs: vitrine diff sign FILE
        # An answer that begins with yes says that the quoted words hold, one that begins with no that they do not; a decision that
        # contradicts such answers is not signed.
        schema: \(schema)
        system: \(try YAMLText.quoted(diff.system))
        before: \(try YAMLText.quoted(diff.before.modelVersion))
        after: \(try YAMLText.quoted(diff.after.modelVersion))
        diff_sha256: \(try SHA256.digest(of: CanonicalJSON.encode(diff)).hex)
        \(Self.supersedes(present))questions:

        """
    for question in diff.worksheet {
      text += "  - id: \(question.id)\n    quote: \(try YAMLText.quoted(question.quote))\n"
      text += "    # \(PlainText.oneLine(question.citation))\n"
      for line in question.evidence { text += "    # - \(PlainText.oneLine(line))\n" }
      text += "    answer:\n    reason:\n"
    }
    text += """
      decision:
        substantial_modification:    # yes or no
        reason:
        name:
        function:
        date:                        # YYYY-MM-DD

      """
    return Data(text.utf8)
  }

  /// The line that names the decision in force, for the next one to take its place.
  private static func supersedes(_ present: ChangeDecision?) -> String {
    present.map { "supersedes: \($0.id)    # the decision in force about these versions\n" } ?? ""
  }

  /// Reads a worksheet, filled in or not.
  /// - Throws: `ReportsError` that names file, line and key.
  public init(_ url: URL) throws {
    file = url.lastPathComponent
    let root = try StrictMapping(yaml: TextFile.read(url, as: file), file: file, keys: Self.keys)
    guard try root.text("schema") == Self.schema else {
      throw root.error(.badWorksheet, at: "schema", "this is not a worksheet of the format '\(Self.schema)'.")
    }
    diffSha256 = try root.text("diff_sha256")
    var missing: [String] = []
    var isStarted = false
    func filled(_ mapping: StrictMapping, _ key: String, _ name: String) throws -> String {
      guard let text = try mapping.optionalText(key) else {
        missing.append(name)
        return ""
      }
      isStarted = true
      return text
    }
    let questions = try root.mappings("questions", keys: ["id", "quote", "answer", "reason"])
    let answers = try questions.map { question in
      let id = try question.text("id")
      let reason = try question.optionalText("reason")
      isStarted = isStarted || reason != nil
      return ChangeDecision.Answer(
        id: id, quote: try question.text("quote"), answer: try filled(question, "answer", "the answer to '\(id)'"),
        reason: reason)
    }
    guard answers.map(\.quote) == Worksheet.texts.map(\.quote), answers.map(\.id) == Worksheet.texts.map(\.id) else {
      throw root.error(
        .badWorksheet, at: "questions",
        "the questions are not those of the law as this program has them; keep them as written.")
    }
    let decision = try root.mapping(
      "decision", keys: ["substantial_modification", "reason", "name", "function", "date"])
    let answer = try filled(decision, "substantial_modification", "decision.substantial_modification")
    guard ["", "yes", "no"].contains(answer) else {
      throw decision.error(.badValue, at: "substantial_modification", "write yes or no, not '\(answer)'.")
    }
    let (reason, name, function) = (
      try filled(decision, "reason", "decision.reason"), try filled(decision, "name", "decision.name"),
      try filled(decision, "function", "decision.function")
    )
    let date = try filled(decision, "date", "decision.date")
    if !date.isEmpty { _ = try decision.date("date") }
    self.missing = missing
    self.isStarted = isStarted
    statement =
      missing.isEmpty
      ? ChangeDecision.Statement(
        system: try root.text("system"), before: try root.text("before"), after: try root.text("after"),
        diffSha256: diffSha256, answers: answers, isSubstantial: answer == "yes", reason: reason, name: name,
        function: function, decided: date, supersedes: try root.optionalText("supersedes")) : nil
  }

  /// What is to be signed.
  /// - Throws: `ReportsError` `badWorksheet` that lists what is not filled in.
  public func decision() throws -> ChangeDecision.Statement {
    guard let statement else {
      throw ReportsError(
        .badWorksheet, "\(file) is not filled in: \(missing.joined(separator: ", ")). Fill it in, then sign")
    }
    return statement
  }
}
