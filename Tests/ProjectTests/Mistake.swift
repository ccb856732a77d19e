import Foundation
import Testing

@testable import Project

/// A mistake that an engineer makes in a project of 24 records, and what the program has to say about it.
struct Mistake: Sendable, CustomTestStringConvertible {
  enum Outcome: Sendable {
    /// Nothing is read.
    case stopped
    /// It is read, and said.
    case told
  }

  var what: String
  var outcome: Outcome
  /// What is replaced in `vitrine.yaml`.
  var yaml: [(String, String)]
  /// The data file.
  var data: String
  /// Every part has to occur in one message: place, name and remedy.
  var parts: [String]

  var testDescription: String { what }

  init(
    _ what: String, _ outcome: Outcome, yaml: [(String, String)] = [], data: String = Mistake.table(), says: String...
  ) {
    (self.what, self.outcome, self.yaml, self.data, parts) = (what, outcome, yaml, data, says)
  }

  /// With something more replaced in `vitrine.yaml`.
  func reading(_ from: String, _ to: String) -> Mistake {
    var copy = self
    copy.yaml.append((from, to))
    return copy
  }

  /// What the program says about the project.
  func messages() throws -> (isStopped: Bool, texts: [String]) {
    var text = Self.yaml
    for (from, to) in yaml {
      try #require(text.contains(from), "'\(from)' is not in the project file")
      text = text.replacingOccurrences(of: from, with: to)
    }
    let project = try TemporaryProject(["vitrine.yaml": text, "data/loans.csv": data])
    do {
      let loaded = try project.load()
      let found = ProjectCheck.findings(loaded, directory: ".").filter { $0.severity != .ok }
      return (false, found.map(\.description))
    } catch let error as ProjectError {
      return (true, [error.message])
    }
  }

  static let yaml = """
    system: {name: Loans, provider: A bank, intended_purpose: a test, risk_class: minimal}
    people:
      - {name: A, function: Engineer, roles: [prepared, reviewed]}
      - {name: B, function: Officer, roles: [approved]}
    models:
      1.0: {folder: models/v1}
    prompts:
      template: "Applicant {sex}, job {job}, age {age}. Decision:"
      data: data/loans.csv
      where: {split: test}
      answers: {positive: [" approve"], negative: [" decline"]}
    behaviours:
      - id: sex
        question: Does sex matter?
        substitute: {field: sex, clean: male, counterfactual: female}
    evaluation:
      label: {column: label, positive: approve, negative: decline}
      groups: [sex]
    documentation: documentation

    """

  static let labels = "{column: label, positive: approve, negative: decline}"

  /// The header and 24 records, lines 2 to 25.
  static let rows: [[String]] = [["id", "sex", "job", "age", "label", "split"]] + (0..<24).map(record)

  private static func record(_ i: Int) -> [String] {
    let (sexes, jobs, labels) = (["male", "female"], ["skilled", "unskilled", "manager"], ["approve", "decline"])
    return [String(i + 1), sexes[i % 2], jobs[i % 3], String(20 + 2 * i), labels[(i / 2) % 2], "test"]
  }

  /// The file with some cells changed.
  static func table(_ change: (_ record: Int, _ column: String, _ value: String) -> String = { $2 }) -> String {
    let header = rows[0]
    let changed: [[String]] = rows.dropFirst().enumerated().map { i, row in
      zip(header, row).map { change(i + 1, $0, $1) }
    }
    return write([header] + changed)
  }

  /// The file with a column more.
  static func table(adding column: String, _ value: (Int) -> String) -> String {
    write(rows.enumerated().map { $1 + [$0 == 0 ? column : value($0)] })
  }

  /// One column changed.
  static func table(_ name: String, _ value: @escaping (Int, String) -> String) -> String {
    table { record, column, text in column == name ? value(record, text) : text }
  }

  static func write(_ rows: [[String]], end: String = "\n") -> String {
    rows.map { $0.joined(separator: ",") }.joined(separator: end) + end
  }
}
