public import Evidence

/// A reproduction as a document, the answer first.
public struct ReproductionDocument {
  private let record: ReproductionRecord
  private let comparison: ResultComparison?
  private let isStored: Bool
  private let text: InterfaceText

  /// The document of a reproduction.
  /// - Parameter comparison: with all differences, if at hand; otherwise what the record lists of it.
  /// - Throws: `ReportsError` if the program's own words are damaged.
  public init(_ record: ReproductionRecord, comparison: ResultComparison? = nil, isStored: Bool = true) throws {
    self.init(record, comparison: comparison, isStored: isStored, text: try .english())
  }

  init(_ record: ReproductionRecord, comparison: ResultComparison?, isStored: Bool, text: InterfaceText) {
    self.record = record
    self.comparison = comparison ?? record.comparison
    self.isStored = isStored
    self.text = text
  }

  /// How many differences and changes are printed.
  private static let shown = 20

  /// The outcome in a word or two.
  var verdict: String { answer[0] }

  /// The outcome and what it means.
  private var answer: [String] {
    switch record.outcome {
    case .byteEqual:
      text.columns(
        "terminal.byte-equal",
        [
          "numbers": .text(String(comparison?.numbers.equal ?? 0)), "texts": .text(String(comparison?.textsEqual ?? 0)),
        ])
    case .withinTolerance: text.columns("terminal.within-tolerance")
    case .different: text.columns("terminal.different")
    case .anotherModel: text.columns("terminal.another-model")
    }
  }

  /// The program and the machine.
  var with: String {
    text.words(
      "terminal.with",
      [
        "program": .text("\(record.program.name) \(record.program.version)"),
        "instructions": .text(record.machine.instructionSet), "threads": .count(record.machine.threads),
      ])
  }

  /// How the numbers came out, or which models were found instead.
  var numbers: [Definition] {
    guard let comparison else { return models }
    let numbers = comparison.numbers
    return text.columns(
      "terminal.numbers",
      [
        "equal": .text(String(numbers.equal)), "within": .text(String(numbers.within)),
        "beyond": .text(String(numbers.beyond)), "unmatched": .text(String(numbers.unmatched)),
        "recorded": .text(comparison.recordedSha256), "now": .text(comparison.reproducedSha256),
      ]
    ).definitions
  }

  private var models: [Definition] {
    record.models.flatMap { model in
      let (version, root) = (TextValue.text(model.version), TextValue.text(model.rootSha256))
      return
        (model.rootSha256 == record.modelSha256
        ? text.columns("terminal.same-model", ["version": version, "root": root])
        : text.columns("terminal.other-model", ["version": version, "root": root])).definitions
    }
  }

  /// The whole document.
  public var document: Document {
    let isExecuted = record.outcome != .anotherModel
    let about = text.columns(
      "terminal.reproduction",
      [
        "run": .text(record.run), "digest": .text(record.recordSha256),
        "id": .text(isStored ? record.id : text.words("terminal.not-stored")), "started": .text(record.started),
        "ended": .text(record.ended), "with": .text(with),
        "tolerance": .text(isExecuted ? record.tolerance.rule : "–"), "root": .text(record.modelSha256),
      ])
    return Document(
      title: answer.joined(separator: ": "), subtitle: "",
      sections: [
        Section(
          id: "reproduction", heading: text.words("terminal.about-reproduction"),
          blocks: [.definitions(about.definitions + models)]
            + (isExecuted ? [] : [.paragraph(text.inlines("terminal.find-model"))])),
        Section(
          id: "numbers", heading: text.words("terminal.numbers-heading"),
          blocks: comparison == nil ? [] : [.definitions(numbers)]),
        Section(id: "differences", heading: text.words("terminal.differences"), blocks: differences),
        Section(id: "changes", heading: text.words("terminal.changes"), blocks: changes),
        Section(id: "circumstances", heading: text.words("terminal.circumstances"), blocks: circumstances),
      ].filter { !$0.blocks.isEmpty })
  }

  private var differences: [Block] {
    guard let comparison, !comparison.differences.isEmpty else { return [] }
    let rows = comparison.differences.prefix(Self.shown).map { difference in
      [
        difference.isWithin ? text.words("terminal.within") : text.words("terminal.beyond"), difference.path,
        "\(difference.recorded)", "\(difference.reproduced)", text.precise(difference.difference),
        text.precise(difference.allowed),
      ]
    }
    let total = comparison.numbers.within + comparison.numbers.beyond
    return [
      .table(.plain(caption(rows.count, total), text.columns("terminal.differences-columns"), numbers: 4, rows))
    ]
  }

  private var changes: [Block] {
    guard let comparison, !comparison.changes.isEmpty else { return [] }
    let rows = comparison.changes.prefix(Self.shown).map {
      [$0.kind.rawValue, $0.path, $0.recorded ?? "–", $0.reproduced ?? "–"]
    }
    let all = comparison.changes.count
    return [.table(.plain(caption(rows.count, all), text.columns("terminal.changes-columns"), rows))]
  }

  private func caption(_ shown: Int, _ total: Int) -> String {
    text.words("terminal.shown", ["shown": .text(String(shown)), "total": .text(String(total))])
  }

  private var circumstances: [Block] {
    record.circumstances.isEmpty
      ? []
      : [
        .table(
          .plain(
            text.words("terminal.circumstances-caption"), text.columns("terminal.circumstances-columns"),
            record.circumstances.map { [$0.what, $0.recorded, $0.now] }))
      ]
  }
}
