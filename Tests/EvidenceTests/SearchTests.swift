import Analysis
import Foundation
import GRDB
import Testing

@testable import Evidence

@Suite("Finding runs")
struct SearchTests {
  private func store(_ scratch: Scratch) throws -> (Store, [RunRecord]) {
    var maker = RandomRecord(seed: 100)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    var records: [RunRecord] = []
    for (index, question) in ["Who is given the object?", "Does the café's owner decide?", "Zählt das Alter?"]
      .enumerated()
    {
      var record = maker.next(kind: .analysis, status: .finished, full: true)
      record.analysisPlan?.question = question
      record.analysisPlan?.methods = [AnalysisPlan.Method.allCases[index]]
      record.analysisPlan?.pairs[0].clean = "prompt number\(index) of Mary"
      record.system = "Screening"
      try store.append(record)
      records.append(record)
    }
    return (store, records)
  }

  @Test(
    "words are found in questions and prompts, whatever their case and accents; all of them must occur",
    arguments: [
      ("given object", [0]), ("GIVEN", [0]), ("cafe", [1]), ("café", [1]), ("zahlt alter", [2]), ("number1", [1]),
      ("mary", [0, 1, 2]), ("numb*", [0, 1, 2]), ("numb", []), ("given cafe", []), ("screening", [0, 1, 2]),
      ("object?", [0]), ("\"given\"", [0]), ("given OR cafe", []), ("who*", [0]),
    ])
  func words(text: String, expected: [Int]) throws {
    let scratch = try Scratch()
    let (store, records) = try store(scratch)
    #expect(try store.runs(matching: RunFilter(search: text)).map(\.id) == expected.map { records[$0].id })
  }

  @Test("a run is found by its identifier, and by who signed it and how")
  func identifierAndSigner() throws {
    let scratch = try Scratch()
    let (store, records) = try store(scratch)
    let run = try store.run(id: records[1].id)
    let key = try PrivateKey.generate(.ed25519)
    for name in ["Ada Example", "Zoë Other"] {
      try store.append(
        RunSignature(
          RunSignature.Statement(run: run, name: name, function: "Auditor", meaning: "approved test report"),
          ed25519: key))
    }
    func found(_ filter: RunFilter) throws -> [String] { try store.runs(matching: filter).map(\.id) }
    #expect(try found(RunFilter(search: records[2].id)) == [records[2].id])
    #expect(try found(RunFilter(search: "zoe approved")) == [records[1].id])
    #expect(try found(RunFilter(signer: "ada")) == [records[1].id])
    #expect(try found(RunFilter(signer: "nobody")).isEmpty)
    #expect(try store.runs().map(\.signers) == [[], ["Ada Example", "Zoë Other"], []])
    #expect(try found(RunFilter(method: AnalysisPlan.Method.allCases[1])) == [records[1].id])
    #expect(try found(RunFilter(search: "mary", limit: 2)) == [records[1].id, records[2].id])
    #expect(try found(RunFilter(limit: 1)) == [records[2].id])
  }

  @Test("what a forged index finds and the record does not hold is not listed; a forged index is no tampering")
  func forgedIndex() throws {
    let scratch = try Scratch()
    let (store, records) = try store(scratch)
    try store.close()
    try scratch.raw().write { database in
      let sequence = try Int.fetchOne(
        database, sql: "SELECT sequence FROM runs WHERE id = ?", arguments: [records[0].id])
      try database.execute(sql: "DELETE FROM search_docsize WHERE id = ?", arguments: [sequence])
      try database.execute(
        sql: "INSERT INTO search (rowid, text) VALUES (?, 'invented words')", arguments: [sequence])
    }
    let (verification, _) = try scratch.verification()
    #expect(verification.isIntact)
    let forged = try Store.open(at: scratch.storeFile, mode: .readOnly)
    #expect(try forged.runs(matching: RunFilter(search: "invented")).isEmpty)
  }

  @Test("a search that holds no word is refused", arguments: ["", "  ", "\"\"", "*", "?!"])
  func noWord(text: String) throws {
    let scratch = try Scratch()
    let (store, _) = try store(scratch)
    let error = #expect(throws: EvidenceError.self) { try store.runs(matching: RunFilter(search: text)) }
    #expect(error?.code == .badFilter)
  }

  @Test("the index is made anew from the records")
  func rebuild() throws {
    let scratch = try Scratch()
    let (store, records) = try store(scratch)
    try store.transaction { try $0.execute(sql: "DROP TABLE search") }
    #expect(try store.rebuildSearchIndex() == records.count + 1)  // the runs, and the entry that names the log
    #expect(try store.runs(matching: RunFilter(search: "given")).map(\.id) == [records[0].id])
  }

  @Test("endings looked up one by one are those that comparing all gives")
  func endings() throws {
    let scratch = try Scratch()
    try scratch.fill(30)
    let identifiers = try Store.open(at: scratch.storeFile, mode: .readOnly).runs().map(\.id)
    let all = ShortSuffixes(identifiers)
    try scratch.raw().read { database in
      let each = try ShortSuffixes(of: identifiers, database)
      for id in identifiers { #expect(all.suffix(of: id) == each.suffix(of: id)) }
    }
  }

  @Test("endings that several runs share are told apart, one by one as all together")
  func sharedEndings() throws {
    let scratch = try Scratch()
    var maker = RandomRecord(seed: 101)
    let store = try Store.open(at: scratch.storeFile, mode: .create)
    let identifiers = [
      "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c1c07398f",
      "017f22e2-79b0-7cc3-98c4-dc0c1d07398e",
      "07398e00-79b0-7cc3-98c4-dc0c0c0739ff",
    ]
    for id in identifiers {
      var record = maker.next()
      record.id = id
      try store.append(record)
    }
    let suffixes = try store.runs().map(\.suffix)
    let all = ShortSuffixes(identifiers)
    #expect(suffixes == identifiers.map { all.suffix(of: $0) })
    #expect(suffixes == ["0c07398f", "1c07398f", "d07398e", "0739ff"])
    for (suffix, id) in zip(suffixes, identifiers) { #expect(try store.run(id: suffix).record.id == id) }
  }
}
