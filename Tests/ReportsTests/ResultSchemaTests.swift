import Foundation
import SchemaSupport
import Templates
import Testing

@testable import Analysis
@testable import Evidence
@testable import Reports

/// One result, in a run's record and in `dossier.json`.
@Suite("One schema of results")
struct ResultSchemaTests {
  private func members(_ value: JSONValue?) throws -> [String: JSONValue] {
    guard case .object(let members) = try #require(value) else { return [:] }
    return members
  }

  private func properties(_ schema: String, _ definition: String) throws -> [String: JSONValue] {
    let root = try CanonicalJSON.parse(Data(contentsOf: Templates.url("schemas/\(schema).schema.json")))
    return try members(root["$defs"]?[definition]?["properties"])
  }

  /// Fields of the single pairs: the record's alone.
  private static let ofPairs: Set<String> = ["layers", "heads_per_layer", "nodes", "pairs"]
  /// Counts of them: the dossier's alone.
  private static let counts: Set<String> = ["pairs", "measured_pairs", "mechanism_pairs", "positive_share_change"]

  @Test(
    "Both schemas have the same fields of a result, the dossier's by reference to the record's, and one for every method's result"
  )
  func schemas() throws {
    let record = try properties("run", "analysis_result")
    let dossier = try properties("dossier", "behaviour_numbers")
    #expect(Set(record.keys).subtracting(Self.ofPairs) == Set(dossier.keys).subtracting(Self.counts))
    for (name, rule) in dossier where !Self.counts.contains(name) {
      #expect(
        rule == .object(["$ref": .string("run.schema.json#/$defs/analysis_result/properties/\(name)")]), "\(name)")
    }
    for result in Methods.steps.flatMap({ $0.results }) {
      let key = CanonicalJSON.KeyStyle.snakeCase.key(of: result.key)
      #expect(record[key] != nil, "\(key) has no entry in run.schema.json")
    }
    #expect(
      Set(Methods.steps.flatMap { $0.results.map { $0.key } }).count == Methods.steps.flatMap { $0.results }.count)
  }

  @Test("A field of a result is in the record and in dossier.json, with the same value, or in neither")
  func values() throws {
    var result = AnalysisResult(layers: 1, headsPerLayer: 1, nodes: [.head(layer: 0, head: 0), .mlp(layer: 0)])
    result.answerTokens = 2
    result.positiveOnlyClean = 3
    result.tokenAttributions = []
    result.positions = PositionEvidence(pairs: [])
    result.relevance = RelevanceEvidence(pairs: 1, effects: [])
    result.attributionStar = AttributionStar(pairs: 1, inputs: [], effects: [])
    let numbers = Dossier.BehaviourNumbers(result, plan: nil)
    var record = try members(CanonicalJSON.parse(CanonicalJSON.encode(result)))
    var dossier = try members(CanonicalJSON.parse(CanonicalJSON.encode(numbers)))
    for key in Self.ofPairs { record[key] = nil }
    for key in Self.counts { dossier[key] = nil }
    #expect(record == dossier && record.keys.contains("attribution_star") && record.keys.contains("relevance"))
    #expect(try CanonicalJSON.decode(Dossier.BehaviourNumbers.self, from: CanonicalJSON.encode(numbers)) == numbers)
    #expect(try CanonicalJSON.decode(AnalysisResult.self, from: CanonicalJSON.encode(result)) == result)
  }
}
