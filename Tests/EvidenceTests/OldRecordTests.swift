import Analysis
import Evidence
import Foundation
import SchemaSupport
import Testing

@Suite("Records from before a field existed")
struct OldRecordTests {
  /// A record that the program wrote when it had its first four methods.
  private func document() throws -> Data {
    try Data(contentsOf: Golden.repository.appendingPathComponent("Tests/EvidenceTests/Golden/run-first-methods.json"))
  }

  @Test("a record of the first methods reads, has none of the later fields, and keeps every byte")
  func firstMethods() throws {
    let document = try document()
    let record = try RecordCoder.decode(document)
    let result = try #require(record.analysis)
    #expect(result.significance == nil && result.spread == nil && result.circuitEvidence == nil)
    #expect(result.forwardBackward == nil && result.lenses == nil && result.edges == nil)
    let plan = try #require(record.analysisPlan)
    #expect(plan.detailPairs == nil && plan.nullDraws == nil && plan.pruningThreshold == nil)
    #expect(record.findings.count > 40 && record.findings.allSatisfy { $0.p == nil })
    #expect(try RecordCoder.encode(record) == document)
  }

  @Test("today's schema still describes it")
  func schema() throws {
    var checker = try SchemaChecker("run")
    checker.check(try CanonicalJSON.parse(document()))
    #expect(checker.errors == [])
  }
}
