import Evidence
import Foundation
import Reports

/// The runs that one command stores: each is written when it is done and told to the user, as a line at once or as JSON at
/// the end. An error later on does not take back what is stored.
final class RunLog {
  private let file: URL
  private let json: Bool
  private var store: Store?
  private(set) var outcomes: [RunOutcome] = []

  /// - Parameters:
  ///   - file: the store; made by `open()` if it is not there.
  ///   - json: whether the outcomes are printed together as JSON.
  init(_ file: URL, json: Bool) {
    self.file = file
    self.json = json
  }

  /// Opens the store. Called when the first model is open, so that bad input leaves no empty store behind, and before any
  /// computing, so that a folder that cannot be written is told at once.
  func open() throws -> Store {
    if let store { return store }
    let store = try Store.open(at: file, mode: .create)
    if let warning = try store.clockWarning() { Console.err("warning: \(warning)") }
    self.store = store
    return store
  }

  /// Stores a run and tells the user.
  func append(_ record: RunRecord) throws {
    let outcome = RunOutcome(try open().append(record))
    if !json { Console.out(Format.harmless(outcome.line)) }
    for warning in [RunText.reversedWarning(record), RunText.ownChoiceWarning(record)].compactMap({ $0 }) {
      Console.err(Format.harmless("vitrine: \(warning)"))
    }
    if let (lines, agrees) = try PredictionText.sentences(record) {
      let warning = agrees ? "" : "warning: "
      Console.err(Format.harmless("vitrine: \(warning)\(record.modelVersion): \(lines.joined(separator: " "))"))
    }
    outcomes.append(outcome)
  }

  /// Whether all that was stored is in the store still: somebody may have put another in its place since.
  private func confirm() throws {
    guard let store, !outcomes.isEmpty else { return }
    let gone = try store.missing(outcomes.map { ($0.id, $0.sha256) })
    guard gone.isEmpty else {
      throw EvidenceError(
        .storeMoved,
        "\(file.path): another store was put in the place of the one that the runs were stored in; not in it: "
          + "\(gone.joined(separator: ", ")). Put the store back that was moved away, or run again")
    }
  }

  /// Does the work, then prints what is still to be printed, also when the work ended with an error.
  func collect(_ work: (RunLog) throws -> Void) throws {
    do {
      try work(self)
      try confirm()
    } catch {
      if !outcomes.isEmpty {
        try printJSON()
        Console.err("vitrine: stopped; stored before that: \(outcomes.map(\.id).joined(separator: ", "))")
      }
      throw error
    }
    try printJSON()
  }

  private func printJSON() throws {
    if json { Console.out(try CanonicalJSON.encode(outcomes)) }
  }
}

/// What a finished run tells the user.
struct RunOutcome: Encodable {
  let id: String
  let kind: RunRecord.Kind
  let status: RunRecord.Status
  let modelVersion: String
  let behaviour: String?
  let sha256: String
  let refusals: Int
  private let text: String

  private enum CodingKeys: String, CodingKey { case id, kind, status, modelVersion, behaviour, sha256, refusals }

  init(_ stored: StoredRun) {
    let record = stored.record
    id = record.id
    kind = record.kind
    status = record.status
    modelVersion = record.modelVersion
    behaviour = record.behaviour
    sha256 = stored.sha256
    refusals = record.refusals.count
    text = RunText.headline(record)
  }

  var line: String { "\(id)  \(text)" }
}
