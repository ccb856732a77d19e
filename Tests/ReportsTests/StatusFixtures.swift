import Foundation

@testable import Analysis
@testable import Evidence
@testable import Reports

/// Statements and runs for tests of the status.
enum StatusFixtures {
  /// The installed catalogue, read once.
  static let catalogue = Result { try LawCatalogue.load() }

  /// A statement that declares the given elements of an item, signed.
  static func statement(
    _ item: LawItem, elements: [LawElement]? = nil, notApplicable: [String: String] = [:], head: [String] = signed
  ) -> String {
    var lines = ["---", "item: \(item.id)"] + head
    if !notApplicable.isEmpty {
      lines += ["not_applicable:"] + notApplicable.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
    }
    lines.append("---")
    for element in elements ?? item.elements { lines += ["## \(element.title)", "", "Text on \(element.id).", ""] }
    return lines.joined(separator: "\n")
  }

  /// Filled-in front matter.
  static let signed = [
    "responsible: Ada Example", "function: Head of Model Risk", "date: 2026-11-23", "status: final",
  ]

  /// The status of the given files, facts and runs.
  static func status(
    _ files: [String: String], facts: [ProjectFacts.Fact] = [], runs: [StoredRun] = [], version: String = "1.0"
  ) throws -> DossierStatus {
    let catalogue = try catalogue.get()
    return try withStatements(files) { folder in
      DossierStatus.evaluate(
        catalogue: catalogue, statements: try StatementLoader.load(folder: folder, catalogue: catalogue),
        facts: ProjectFacts(modelVersion: version, facts: facts), runs: runs)
    }
  }

  /// One statement file per item that declares all its elements.
  static func complete(_ catalogue: LawCatalogue) -> [String: String] {
    Dictionary(uniqueKeysWithValues: catalogue.items.map { ("\($0.slug).md", statement($0)) })
  }

  /// An interval for findings whose number does not matter.
  static let estimate = Estimate(value: 0.8, low: 0.7, high: 0.9, confidence: 0.95, n: 200, method: "Wilson")

  /// A finding with a number.
  static func finding(_ id: String, standing: Finding.Standing = .measured, hasNumber: Bool = true) -> Finding {
    Finding(
      id: id, title: id, standing: standing, estimate: hasNumber ? estimate : nil, unit: "share")
  }

  /// A stored run.
  static func run(
    _ id: String, _ kind: RunRecord.Kind, findings: [Finding], version: String = "1.0",
    status: RunRecord.Status = .finished, started: String = "2026-11-23T10:00:00.000Z", digest: String = "aa",
    selfTests: [SelfTest] = []
  ) -> StoredRun {
    let record = RunRecord(
      schema: RunRecord.currentSchema, id: id, kind: kind, status: status, failure: nil, started: started,
      ended: started, system: "Example", modelVersion: version, behaviour: kind == .analysis ? "sex" : nil,
      model: ModelIdentity(
        rootSha256: digest, files: [], tensorsSha256: "bb", tokenizerSha256: nil, architecture: "gpt2", layers: 4,
        headsPerLayer: 4, parameters: 881_792),
      promptsSha256: "cc", program: RunRecord.Program(name: "vitrine", version: "0.1.0", binarySha256: "dd"),
      machine: RunRecord.Machine(
        hostName: "example", operatingSystem: "Linux", processor: "x", instructionSet: "avx2", threads: 2,
        memoryBytes: 1),
      findings: findings, approximations: [], selfTests: selfTests, refusals: [])
    return StoredRun(record: record, sha256: "ee")
  }
}
