public import Project

/// What follows for the documentation from one thing that the project file declares about the system.
public struct ApplicabilityRule: Sendable, Equatable, Identifiable {
  /// What a project file can declare.
  public enum Condition: String, Sendable, CaseIterable {
    /// A point of Annex III.
    case annexIII = "annex-iii"
    /// A product, or a safety component of one, under Annex I, Section A.
    case annexI = "annex-i"
    /// A micro, small or medium-sized enterprise.
    case sme
    /// A small mid-cap enterprise.
    case smc
    /// A provider that is a financial institution.
    case financialInstitution = "financial-institution"
    /// A system that continues to learn after being placed on the market or put into service.
    case continuesToLearn = "continues-to-learn"
    /// Point 1 of Annex III.
    case annexIIIPoint1 = "annex-iii-1"
    /// One of points 2 to 8 of Annex III.
    case annexIIIOther = "annex-iii-2-to-8"

    /// Whether a system is declared so; nil if the project file does not say.
    public func holds(for system: Project.System) -> Bool? {
      switch self {
      case .annexIII: system.annexIIIPoint.map { _ in true } ?? (system.annexI ? false : nil)
      case .annexI: system.annexI ? true : (system.annexIIIPoint == nil ? nil : false)
      case .sme: system.enterprise.map { $0 == "sme" }
      case .smc: system.enterprise.map { $0 == "smc" }
      case .financialInstitution: system.financialInstitution
      case .continuesToLearn: system.continuesToLearn
      case .annexIIIPoint1: system.annexIIIPoint.map { $0.hasPrefix("1") } ?? (system.annexI ? false : nil)
      case .annexIIIOther: system.annexIIIPoint.map { !$0.hasPrefix("1") } ?? (system.annexI ? false : nil)
      }
    }

    /// The key of `vitrine.yaml` that says so.
    public var key: String {
      switch self {
      case .annexIII, .annexIIIPoint1, .annexIIIOther: "system › annex_iii_point"
      case .annexI: "system › annex_i"
      case .sme, .smc: "system › enterprise"
      case .financialInstitution: "system › financial_institution"
      case .continuesToLearn: "system › continues_to_learn"
      }
    }
  }

  /// Unique among the rules.
  public var id: String
  /// When it holds.
  public var when: Condition
  /// What follows for the documentation, in our words.
  public var says: String
  /// The questions that it turns on, in our words; empty if none is left.
  public var asks: [String]
  /// The ids of the provisions it rests on.
  public var provisions: [String]
}
