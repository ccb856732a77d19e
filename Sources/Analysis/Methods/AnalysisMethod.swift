/// One part of an analysis: what it needs, what it costs, how it runs, and what can be cited of it. A part is a type without values, in a
/// file of its own together with its result; `Methods` lists them all. Whoever records, compares or prints a result finds it by its key.
protocol AnalysisStep: Sendable {
  /// What is to be measured of every head and MLP in every pair before this part runs.
  static var needs: NodeMeasurement { get }
  /// The types of its results in `AnalysisSummary`; empty if it only adds to the effects by node.
  static var results: [any MethodResult.Type] { get }
  /// Whether a plan asks for it.
  static func isAsked(by plan: AnalysisPlan) -> Bool
  /// Adds what it will compute.
  static func cost(_ sheet: inout CostSheet)
  /// Measures, where at least one pair is left after the refusals.
  static func run(_ job: inout AnalysisJob) throws
  /// Says why nothing is measured, where no pair is left.
  static func runWithoutPairs(_ job: inout AnalysisJob)
  /// What a dossier can cite of its results.
  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding]
}

extension AnalysisStep {
  static var needs: NodeMeasurement { [] }
  static var results: [any MethodResult.Type] { [] }
  static func cost(_ sheet: inout CostSheet) {}
  static func run(_ job: inout AnalysisJob) throws {}
  static func findings(of result: AnalysisResult, plan: AnalysisPlan) -> [Finding] { [] }
  static func runWithoutPairs(_ job: inout AnalysisJob) {}
}

/// A part that a plan asks for by name.
protocol AnalysisMethod: AnalysisStep {
  /// Its name in plans and projects.
  static var id: AnalysisPlan.Method { get }
  /// What it answers, for a person who chooses among methods.
  static var question: String { get }
  /// Whether it is measured only where a plan names it, since it takes very long or must be told what to measure.
  static var isNamedOnly: Bool { get }
  /// Methods whose results it goes on from.
  static var goesOnFrom: [AnalysisPlan.Method] { get }
}

extension AnalysisMethod {
  static var isNamedOnly: Bool { false }
  static var goesOnFrom: [AnalysisPlan.Method] { [] }
  static func isAsked(by plan: AnalysisPlan) -> Bool { plan.asks(id) }
}

/// Effects by node that are measured of each pair as soon as its two prompts have run.
struct NodeMeasurement: OptionSet {
  let rawValue: Int
  /// Noising and denoising of every node: the evidence, and the check of every approximation.
  static let exact = NodeMeasurement(rawValue: 1)
  /// Attribution patching of every node.
  static let attribution = NodeMeasurement(rawValue: 2)
}

/// All methods, in the order in which plans name them, findings are listed, and they run.
enum Methods {
  static let all: [any AnalysisMethod.Type] = [
    ExactPatchingMethod.self, AttributionPatchingMethod.self, TokenAttributionMethod.self, CircuitMethod.self,
    SignificanceMethod.self, CircuitChecksMethod.self, ForwardBackwardMethod.self, LensesMethod.self, EdgesMethod.self,
    EdgePruningMethod.self, PositionPatchingMethod.self, IntegratedActivationsMethod.self, PathPatchingMethod.self,
    RelevancePatchingMethod.self, AttributionStarMethod.self,
  ]

  /// The methods, and the second ablation value, which a plan asks for by a setting of its own.
  static let steps: [any AnalysisStep.Type] = all + [AblationStep.self]
}

extension AnalysisPlan {
  /// What can be asked of the engine: one of `Methods.all`, by its name.
  public struct Method: RawRepresentable, Codable, Sendable, Hashable, CaseIterable {
    /// The name in plans and projects, e.g. `exact-patching`.
    public let rawValue: String

    /// A method by its name; nil if there is none of it.
    public init?(rawValue: String) {
      guard Methods.all.contains(where: { $0.id.rawValue == rawValue }) else { return nil }
      self.rawValue = rawValue
    }

    init(_ name: String) { rawValue = name }

    /// Every method, in the order of `Methods.all`.
    public static let allCases: [Method] = Methods.all.map { $0.id }
    /// What is measured only where it is named.
    public static let named: [Method] = Methods.all.filter { $0.isNamedOnly }.map { $0.id }
    /// What is measured where nothing else is said: all but what takes very long or must be told what to measure.
    public static let standard: [Method] = Methods.all.filter { !$0.isNamedOnly }.map { $0.id }

    /// What it answers, in a few words.
    public var question: String { Methods.all.first { $0.id == self }?.question ?? "" }
  }

  /// Whether a method is named, or one that goes on from its results.
  func asks(_ method: Method) -> Bool {
    methods.contains(method)
      || Methods.all.contains { $0.goesOnFrom.contains(method) && methods.contains($0.id) }
  }

  /// What is to be measured of every head and MLP in every pair.
  var needs: NodeMeasurement {
    Methods.steps.filter { $0.isAsked(by: self) }.reduce(into: []) { $0.formUnion($1.needs) }
  }
}

/// What a method measured, kept in `AnalysisSummary` under a key of its own.
public protocol MethodResult: Codable, Sendable, Equatable {
  /// Its key in a record's `analysis` and in `numbers` of `dossier.json`, in camel case: both write it in snake case.
  static var key: String { get }
  /// The names of the tables that it can give.
  static var tableNames: [String] { get }
  /// The tables that a page and the terminal print of it; none where it has blocks of its own.
  var tables: [ResultTable] { get }
}

extension MethodResult {
  /// None.
  public static var tableNames: [String] { [] }
  /// None.
  public var tables: [ResultTable] { [] }
}

/// An element of a result that is a list.
public protocol ListedResult: Codable, Sendable, Equatable {
  /// The list's key, as `MethodResult.key`.
  static var listKey: String { get }
}

extension Array: MethodResult where Element: ListedResult {
  /// The list's key.
  public static var key: String { Element.listKey }
}

extension MethodResult {
  fileprivate func isEqual(to other: (any MethodResult)?) -> Bool { (other as? Self) == self }
}

/// The results of the methods that were run, each under its key.
struct MethodResults: Codable, Sendable, Equatable {
  private var byKey: [String: any MethodResult] = [:]

  init() {}

  subscript<Result: MethodResult>(_ type: Result.Type) -> Result? {
    get { byKey[Result.key] as? Result }
    set { byKey[Result.key] = newValue }
  }

  /// The tables of all results, in the methods' order.
  var tables: [ResultTable] { Methods.steps.flatMap { $0.results }.compactMap { byKey[$0.key] }.flatMap { $0.tables } }

  static func == (a: MethodResults, b: MethodResults) -> Bool {
    a.byKey.count == b.byKey.count && a.byKey.allSatisfy { $1.isEqual(to: b.byKey[$0]) }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads what stands under the keys of the methods' results; other keys are the summary's own.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func read<Result: MethodResult>(_ type: Result.Type) throws {
      self[type] = try container.decodeIfPresent(type, forKey: Key(stringValue: Result.key))
    }
    for type in Methods.steps.flatMap({ $0.results }) { try read(type) }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (key, result) in byKey { try container.encode(result, forKey: Key(stringValue: key)) }
  }
}
