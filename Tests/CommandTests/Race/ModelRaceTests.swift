import Analysis
import Evidence
import Foundation
import Testing

@Suite("A model that changes while it runs")
struct ModelRaceTests {
  private static let names = ["config.json", "model.safetensors", "tokenizer.json"]

  /// The files of two versions: another weight, another configuration, the same tokenizer in other bytes.
  private struct Versions: Sendable {
    let first: [String: Data]
    let second: [String: Data]

    init() throws {
      let folder = Program.repository.appendingPathComponent(Sample.ioi)
      var first: [String: Data] = [:]
      for name in ModelRaceTests.names { first[name] = try Data(contentsOf: folder.appendingPathComponent(name)) }
      var second = first
      // The sign of every 97th float of the last part, where the weights are.
      var weights = try #require(second["model.safetensors"])
      for place in stride(from: weights.count - 400_001, to: weights.count, by: 4 * 97) { weights[place] ^= 0x80 }
      second["model.safetensors"] = weights
      let config = String(decoding: try #require(first["config.json"]), as: UTF8.self)
      let changed = config.replacingOccurrences(
        of: "\"layer_norm_epsilon\": 1e-05", with: "\"layer_norm_epsilon\": 1e-01")
      #expect(changed != config)
      second["config.json"] = Data(changed.utf8)
      second["tokenizer.json"] = try #require(first["tokenizer.json"]) + Data("\n".utf8)
      (self.first, self.second) = (first, second)
    }

    /// A project whose model has these files.
    static func project(_ files: [String: Data]) throws -> Scratch {
      let project = try Sample.folder(
        Sample.project(model: "model", analysis: ["methods: [exact-patching]"]))
      try project.copy(Sample.ioi, to: "model")
      for (name, data) in files { try data.write(to: project.url("model/\(name)")) }
      return project
    }
  }

  /// What an undisturbed run of files with these digests gives, by the digests.
  private actor References {
    private let versions: Versions
    private var known: [[String]: Data] = [:]

    init(_ versions: Versions) { self.versions = versions }

    /// Nil for files that stand in no version.
    func result(of digests: [String]) async throws -> Data? {
      if let known = known[digests] { return known }
      var files: [String: Data] = [:]
      for (name, digest) in zip(ModelRaceTests.names, digests) {
        let candidates = [versions.first[name], versions.second[name]].compactMap { $0 }
        guard let data = try candidates.first(where: { try SHA256.digest(of: $0).hex == digest }) else { return nil }
        files[name] = data
      }
      let project = try Versions.project(files)
      let run = try await Program.vitrine("analyze", project.path)
      #expect(run.status == 0, "\(run)")
      let result = try ModelRaceTests.result(in: project).numbers
      known[digests] = result
      return result
    }
  }

  /// The digests and the numbers of the only run in a project's store.
  private static func result(in project: Scratch) throws -> (digests: [String], numbers: Data) {
    struct Numbers: Encodable {
      let analysis: AnalysisResult?
      let findings: [Finding]
      let approximations: [Approximation]
      let refusals: [Refusal]
    }
    let store = try Store.open(at: project.url("evidence.sqlite"), mode: .readOnly)
    defer { try? store.close() }
    let runs = try store.runs()
    #expect(runs.count == 1)
    let record = try store.run(id: try #require(runs.first).id).record
    let digests = names.map { name in record.model.files.first { $0.path == name }?.sha256 ?? "" }
    let numbers = Numbers(
      analysis: record.analysis, findings: record.findings, approximations: record.approximations,
      refusals: record.refusals)
    return (digests, try CanonicalJSON.encode(numbers))
  }

  @Test("analyze ends with the numbers of the files that its record names, or with an error that names a file")
  func campaign() async throws {
    let versions = try Versions()
    let references = References(versions)
    var disturbances: [RaceCampaign.Disturbance] = []
    for name in Self.names {
      let path = "model/\(name)"
      let other = try #require(versions.second[name])
      disturbances += [
        .overwrite(path, by: other), .replace(path, by: other), .truncate(path), .remove(path), .touch(path),
      ]
      if other.count == versions.first[name]?.count { disturbances.append(.patch(path, by: other)) }
    }
    let campaign = RaceCampaign(
      arguments: ["analyze"], prepare: { try Versions.project(versions.first) }, disturbances: disturbances,
      refusals: [65, 74], names: Self.names,
      judge: { project, _, what in
        let made = try Self.result(in: project)
        let wanted = try await references.result(of: made.digests)
        #expect(wanted != nil, "\(what): the record names files that never stood there: \(made.digests)")
        #expect(wanted == made.numbers, "\(what): not the numbers of the files that the record names")
      })
    let seed = UInt64.random(in: 0..<1_000_000)
    let tally = try await campaign.run(RaceCampaign.attempts(disturbances.count), seed: seed)
    #expect(tally.done > 0, "no run was finished, so nothing was compared (seed \(seed))")
    // The two versions differ, or the comparison would say nothing.
    let first = try Self.names.map { try SHA256.digest(of: try #require(versions.first[$0])).hex }
    let second = try Self.names.map { try SHA256.digest(of: try #require(versions.second[$0])).hex }
    let (one, weights, configuration) = (
      try await references.result(of: first),
      try await references.result(of: [first[0], second[1], first[2]]),
      try await references.result(of: [second[0], first[1], first[2]])
    )
    #expect(one != weights && one != configuration)
  }

  @Test(
    "What is written over the weights after they were read does not matter: the numbers are those of the bytes digested"
  )
  func overwrittenAfterwards() async throws {
    let versions = try Versions()
    let project = try Versions.project(versions.first)
    let child = try await Program.start(["analyze", project.path])
    try await child.wait { try $0.err.contains("prompt pairs") }
    try RaceCampaign.Disturbance.overwrite(
      "model/model.safetensors", by: try #require(versions.second["model.safetensors"])
    ).apply(project)
    let result = try await child.finished()
    #expect(result.status == 0, "\(result)")
    let made = try Self.result(in: project)
    // Digest of the file in the repository, as sha256sum prints it.
    let sum = try await Program.shell(
      "sha256sum \"$1\"", Sample.repositoryPath(Sample.ioi + "/model.safetensors"))
    #expect(sum.out.hasPrefix(made.digests[1]))
    #expect(try await References(versions).result(of: made.digests) == made.numbers)
    let again = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(again.status == 1 && again.said.contains("is another model"), "\(again)")
  }
}
