public import Evidence
import Foundation

/// The waivers about one model version, each with what became of it. The one place that says which open a gate.
public struct WaiverRegister: Sendable {
  /// What became of a waiver.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// It opens its gate about what it names.
    case inForce = "in-force"
    /// A later one took its place, by name.
    case superseded
    /// A later one took it back, by name.
    case withdrawn
    /// It takes others back and waives nothing.
    case withdrawal
    /// Nobody signed it, so it opens no gate.
    case unsigned
    /// It is signed, and opens no gate all the same.
    case void
  }

  /// Why a signed waiver opens no gate.
  public enum Fault: String, Codable, Sendable, CaseIterable {
    /// It names another system.
    case otherSystem = "other-system"
    /// There is no such gate, or it cannot be waived.
    case notWaivable = "not-waivable"
    /// The person who signed it holds no role.
    case noRole = "no-role"
    /// It lets the person pass who signed it.
    case ownBenefit = "own-benefit"
    /// It is dated before the run that it is about existed.
    case tooEarly = "too-early"
  }

  /// A waiver.
  public struct Entry: Sendable, Equatable {
    /// What it says.
    public var waiver: WaiverReading
    /// What became of it.
    public var state: State
    /// The waiver that superseded or withdrew it.
    public var by: String?
    /// Why it is void.
    public var fault: Fault?
  }

  /// Every waiver about the model version, in the order of the log.
  public let entries: [Entry]

  /// Judges waivers.
  /// - Parameters:
  ///   - waivers: of any model version, in the order of the log.
  ///   - holders: the names of the persons who hold a role.
  ///   - ended: when runs ended, by identifier.
  public init(
    _ waivers: [WaiverReading], system: String, modelVersion: String, holders: Set<String>, ended: [String: String]
  ) {
    var entries: [Entry] = []
    for waiver in waivers where waiver.modelVersion == modelVersion {
      let fault = Self.fault(waiver, system: system, holders: holders, ended: ended)
      let isSigned = waiver.person != nil
      if isSigned, fault == nil {
        for index in entries.indices where waiver.supersedes.contains(entries[index].waiver.id) {
          guard entries[index].state == .inForce, entries[index].waiver.gate == waiver.gate else { continue }
          entries[index].state = waiver.covers.isEmpty ? .withdrawn : .superseded
          entries[index].by = waiver.id
        }
      }
      let state: State =
        !isSigned ? .unsigned : fault != nil ? .void : waiver.covers.isEmpty ? .withdrawal : .inForce
      entries.append(Entry(waiver: waiver, state: state, by: nil, fault: isSigned ? fault : nil))
    }
    self.entries = entries
  }

  /// Those that open a gate.
  public var inForce: [WaiverReading] { entries.filter { $0.state == .inForce }.map(\.waiver) }

  /// The runs that waivers of a gate name.
  func runs(waivedAt gate: Gate) -> Set<String> {
    Set(inForce.filter { $0.gate == gate.rawValue }.flatMap(\.covers))
  }

  /// The waiver in force that opens a gate about a finding.
  public func waiver(of gate: Gate, about key: String) -> WaiverReading? {
    guard gate.isWaivable else { return nil }
    return inForce.first { $0.gate == gate.rawValue && $0.covers.contains(key) }
  }

  private static func fault(
    _ waiver: WaiverReading, system: String, holders: Set<String>, ended: [String: String]
  ) -> Fault? {
    guard let gate = Gate(rawValue: waiver.gate), gate.isWaivable else { return .notWaivable }
    if waiver.system != system { return .otherSystem }
    guard holders.contains(waiver.name) else { return .noRole }
    if gate.isAboutOnePerson, waiver.covers.contains(where: { PersonName.isSame($0, waiver.name) }) {
      return .ownBenefit
    }
    let isEarly = waiver.covers.contains { key in
      guard let run = ended[key].flatMap(Timestamp.date), let date = Timestamp.date(waiver.date) else { return false }
      return run.timeIntervalSince(date) > BundleExamination.clockTolerance
    }
    return isEarly ? .tooEarly : nil
  }
}

/// Names of persons as two of them are compared.
enum PersonName {
  /// Whether two names are one but for case and spaces.
  static func isSame(_ one: String, _ other: String) -> Bool { folded(one) == folded(other) }

  private static func folded(_ name: String) -> String {
    name.precomposedStringWithCompatibilityMapping.lowercased().split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
  }
}
