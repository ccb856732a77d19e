import Evidence
import Foundation
import Testing

@Suite("analyze --shard")
struct ShardTests {
  /// Three behaviours of different sizes on two model versions.
  private func project() throws -> Scratch {
    let places = ["store", "park", "office", "school", "station", "garden"]
    let yaml = Sample.project(
      behaviours: [("one", 1), ("three", 3), ("two", 2)].map { name, count in
        (name, places.prefix(count).map { Sample.pair($0) })
      })
    let folder = Sample.repositoryPath(Sample.ioi)
    return try Sample.folder(
      yaml.replacingOccurrences(
        of: "  1.0: {folder: \"\(folder)\"}", with: "  1.0: {folder: \"\(folder)\"}\n  1.1: {folder: \"\(folder)\"}"))
  }

  /// What came out of each run, by model version and behaviour: every number's text.
  private func results(_ store: URL) throws -> [String: [Data]] {
    let store = try Store.open(at: store, mode: .readOnly)
    #expect(try store.verifyAll().isIntact)
    var results: [String: [Data]] = [:]
    for run in try store.allRuns() {
      let record = run.record
      results["\(record.modelVersion) \(record.behaviour ?? "")", default: []] += [
        try CanonicalJSON.encode(record.analysis), try CanonicalJSON.encode(record.findings),
        try CanonicalJSON.encode(record.approximations), try CanonicalJSON.encode(record.selfTests),
        try CanonicalJSON.encode(record.refusals), try CanonicalJSON.encode(record.analysisPlan),
        Data((record.promptsSha256 + record.model.rootSha256).utf8),
      ]
    }
    return results
  }

  @Test("1/2 and 2/2 merged hold the same result bytes as an analysis in one piece", arguments: [2, 3])
  func merged(parts: Int) async throws {
    let whole = try project()
    #expect(try await Program.vitrine("analyze", whole.path).status == 0)
    let divided = try project()
    var ids: Set<String> = []
    for part in 1...parts {
      let result = try await Program.vitrine("analyze", divided.path, "--shard", "\(part)/\(parts)")
      #expect(result.status == 0, "\(result)")
      let lines = result.out.split(separator: "\n")
      #expect(lines.count == 6 / parts, "\(result)")
      ids.formUnion(lines.map { String($0.prefix(36)) })
      #expect(
        result.err.contains(
          "shard \(part)/\(parts): \(lines.count) of 6 runs, stored in evidence.shard-\(part)-of-\(parts).sqlite"),
        "\(result)")
    }
    #expect(
      try divided.files() == (1...parts).map { "evidence.shard-\($0)-of-\(parts).sqlite" } + ["vitrine.yaml"])
    let merge = try await Program.shell(
      "cd \"$1\" && \"$VITRINE\" store merge evidence.shard-*.sqlite && \"$VITRINE\" runs verify", divided.path)
    #expect(merge.status == 0, "\(merge)")
    let (expected, found) = try (results(whole.url("evidence.sqlite")), results(divided.url("evidence.sqlite")))
    #expect(expected.count == 6 && expected == found)
    let store = try Store.open(at: divided.url("evidence.sqlite"), mode: .readOnly)
    #expect(Set(try store.runs().map(\.id)) == ids)
  }

  @Test("A part without work ends with 0 and leaves a store that merges like the others")
  func noWork() async throws {
    let project = try project()
    let options = ["--model", "1.0", "--behaviour", "one", "--shard"]
    for part in ["1/2", "2/2"] {
      let result = try await Program.start(["analyze", project.path] + options + [part]).finished()
      #expect(result.status == 0, "\(result)")
      #expect(result.err.contains(part == "1/2" ? "1 of 1 runs" : "0 of 1 runs"), "\(result)")
    }
    let merge = try await Program.shell(
      "cd \"$1\" && \"$VITRINE\" store merge evidence.shard-*.sqlite && \"$VITRINE\" runs list", project.path)
    #expect(merge.status == 0 && merge.out.contains("  finished  "), "\(merge)")
  }

  @Test(
    "What is no part of a whole is wrong use, and nothing is made", arguments: ["0/2", "3/2", "1", "a/b", "1/2/3", ""])
  func wrongUse(text: String) async throws {
    let project = try project()
    let result = try await Program.vitrine("analyze", project.path, "--shard=\(text)")
    #expect(result.status == 64 && result.err.contains("--shard"), "\(result)")
    #expect(try project.files() == ["vitrine.yaml"])
  }
}
