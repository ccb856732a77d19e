import Analysis
import Evidence
import Foundation

/// Makes records of the size and form of real ones, no two alike.
struct RecordMaker {
  private let templates: [RunRecord]
  /// How many were made.
  private(set) var made = 0
  /// The identifier of a record in the middle of those made.
  private(set) var someIdentifier = ""

  /// A word that every thousandth record has.
  static let rare = "quetzal"
  /// A word that every record has.
  static let common = "marmot"
  private static let behaviours = 40

  init(_ templates: [RunRecord]) { self.templates = templates }

  /// Bytes of each template's record.
  var sizes: [Int] { templates.compactMap { try? RecordCoder.encode($0).count } }

  /// A behaviour that every fortieth record is of.
  var someBehaviour: String { "behaviour-7" }

  /// An hour in which 30 of the records were made.
  var someHour: String { String(Self.time(made / 2).prefix(13)) }

  /// One record every two minutes, from 2026 on.
  private static func time(_ number: Int) -> String {
    Timestamp.text(Date(timeIntervalSince1970: 1_767_225_600 + 120 * Double(number)))
  }

  /// Takes the records of an earlier call as made.
  mutating func skip(_ identifiers: [String]) {
    made = identifiers.count
    someIdentifier = identifiers.isEmpty ? "" : identifiers[identifiers.count / 2]
  }

  mutating func next() -> RunRecord {
    var record = templates[made % templates.count]
    record.id = RunIdentifier.next()
    (record.started, record.ended) = (Self.time(made), Self.time(made + 1))
    record.modelVersion = "1.\(made / 500)"
    let words = "Vary \(made) \(Self.common)\(made % 1000 == 17 ? " \(Self.rare)" : "")"
    if record.analysisPlan != nil {
      let behaviour = "behaviour-\(made % Self.behaviours)"
      record.behaviour = behaviour
      record.analysisPlan?.behaviour = behaviour
      record.analysisPlan?.question += " " + words
      record.analysisPlan?.seed = UInt64(made)
    } else {
      record.evaluationPlan?.dataset += " " + words
      record.evaluationPlan?.seed = UInt64(made)
    }
    // A number that no other record has, so that no two documents are alike.
    record.analysis?.totalEffect?.value += Double(made) * 1e-9
    made += 1
    if made.nonzeroBitCount == 1 { someIdentifier = record.id }
    return record
  }
}
