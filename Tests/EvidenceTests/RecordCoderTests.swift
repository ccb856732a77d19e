import Analysis
import Evidence
import Foundation
import Testing

@Suite("Run records as bytes")
struct RecordCoderTests {
  @Test("any record comes back from its bytes as it was, and has one text only", arguments: 0..<60)
  func roundTrip(seed: Int) throws {
    var maker = RandomRecord(seed: UInt64(seed))
    let record = maker.next(full: seed % 10 == 0)
    let document = try RecordCoder.encode(record)
    let back = try RecordCoder.decode(document)
    #expect(back == record)
    #expect(try RecordCoder.encode(back) == document)
    #expect(try CanonicalJSON.isCanonical(document))
  }

  @Test("every double comes back to the same bits")
  func doubles() throws {
    var random = SplitMix64(seed: 11)
    var maker = RandomRecord(seed: 1)
    var record = maker.next(kind: .analysis, status: .finished, full: true)
    let values = (0..<20_000).map { _ in Double(bitPattern: random.next()) }.filter { $0.isFinite && $0 != 0 }
    record.analysis?.pairs[0].noising = values + [.leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1 + 0.2, 1 / 3]
    let back = try RecordCoder.decode(RecordCoder.encode(record))
    #expect(back.analysis?.pairs[0].noising?.map(\.bitPattern) == record.analysis?.pairs[0].noising?.map(\.bitPattern))
  }

  @Test("seeds beyond 2^53 are strings; group names are left as they are; nodes are written L2H1 and MLP0")
  func forms() throws {
    var maker = RandomRecord(seed: 2)
    var analysis = maker.next(kind: .analysis, status: .finished, full: true)
    analysis.analysisPlan?.seed = .max
    analysis.analysis?.nodes = [.head(layer: 2, head: 1), .mlp(layer: 0)]
    let text = String(decoding: try RecordCoder.encode(analysis), as: UTF8.self)
    #expect(text.contains(#""seed":"18446744073709551615""#))
    #expect(text.contains(#""nodes":["L2H1","MLP0"]"#))
    let evaluation = maker.next(kind: .evaluation, status: .finished, full: true)
    let other = String(decoding: try RecordCoder.encode(evaluation), as: UTF8.self)
    #expect(other.contains(#""ageBand":"#))
    #expect(!other.contains("age_band"))
  }

  @Test("a negative zero is written 0, as RFC 8785 says")
  func negativeZero() throws {
    var maker = RandomRecord(seed: 3)
    var record = maker.next(kind: .analysis, status: .finished, full: true)
    record.analysis?.pairs[0].mClean = -0.0
    let back = try RecordCoder.decode(RecordCoder.encode(record))
    #expect(back.analysis?.pairs[0].mClean?.sign == .plus)
    #expect(back == record)
  }

  @Test("a record in another format is refused by name")
  func otherFormat() throws {
    var maker = RandomRecord(seed: 4)
    var record = maker.next()
    record.schema = "vitrine.run/99"
    let document = try CanonicalJSON.encode(record)
    let error = #expect(throws: EvidenceError.self) { try RecordCoder.decode(document) }
    #expect(error?.code == .unsupportedRecord)
    #expect(error?.message.contains("vitrine.run/99") == true)
    #expect(error?.message.contains(RunRecord.currentSchema) == true)
  }

  @Test("what is no record is refused", arguments: ["{}", "[]", "1", #"{"schema":"vitrine.run/1"}"#])
  func noRecord(text: String) {
    let error = #expect(throws: JSONError.self) { try RecordCoder.decode(Data(text.utf8)) }
    #expect(error?.code == .mismatch)
  }
}
