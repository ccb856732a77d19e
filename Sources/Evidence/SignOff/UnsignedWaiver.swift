import Foundation

/// A waiver as version 0.1.0 wrote it, which nobody signed: kept, read and printed as what it is. It opens no gate; `Waiver` does.
public struct UnsignedWaiver: LedgerDocument {
  /// `vitrine.waiver/1`.
  public static let format = "vitrine.waiver/1"

  /// The document's format.
  public var schema: String
  /// The entry's identifier.
  public var id: String
  /// The model version whose dossier it is about.
  public var modelVersion: String
  /// The gate.
  public var gate: String
  /// What the gate found that is waived, each by a name that stays the same from day to day.
  public var covers: [String]
  /// Why.
  public var reason: String
  /// Who waives it.
  public var name: String
  /// In which function.
  public var function: String
  /// When: UTC, RFC 3339 with milliseconds.
  public var date: String

  /// A waiver.
  public init(
    modelVersion: String, gate: String, covers: [String], reason: String, name: String, function: String,
    date: String = Timestamp.now()
  ) {
    schema = Self.format
    id = RunIdentifier.next()
    self.modelVersion = modelVersion
    self.gate = gate
    self.covers = covers
    self.reason = reason
    self.name = name
    self.function = function
    self.date = date
  }

  /// It is about no run.
  public var subject: String? { nil }
  /// Who, what and why.
  public var summary: String {
    "\(name), \(function), waived \(gate) for model version \(modelVersion), signed by nobody: \(reason)"
  }
  /// Nothing may be empty, and the date must be a time.
  public var problems: [String] {
    let texts = [
      ("model_version", modelVersion), ("gate", gate), ("reason", reason), ("name", name), ("function", function),
    ]
    return texts.filter { $0.1.allSatisfy(\.isWhitespace) }.map { "\($0.0) is empty" }
      + (covers.isEmpty || covers.contains("") ? ["it covers nothing"] : [])
      + (Timestamp.isValid(date) ? [] : ["date '\(date)' is no time"])
  }
}
