import Analysis
import Evidence
import Foundation
import Testing

@Suite("runs reproduce")
struct ReproduceTests {
  /// A project with its own copy of a small model, and one run in its store.
  private func project(_ analysis: [String] = []) async throws -> (project: Scratch, id: String) {
    let yaml =
      Sample.project(model: "model", behaviours: [("names", [Sample.pair(), Sample.pair("park")])], analysis: analysis)
        + """
        evaluation:
          template: "{text}"
          data: data.csv
          label: {column: label, positive: John}

        """
    let project = try Sample.folder(yaml)
    try project.copy(Sample.ioi, to: "model")
    try project.write("text,label\nWhen Mary gave it to,John\nWhen John gave it to,Mary\n", to: "data.csv")
    let result = try await Program.vitrine("analyze", project.path)
    try #require(result.status == 0, "\(result)")
    return (project, String(result.out.prefix(36)))
  }

  private func reproduce(_ id: String, _ project: Scratch, _ options: String...) async throws -> Finished {
    try await Program.start(["runs", "reproduce", id, "--project", project.path] + options).finished()
  }

  /// Adds a run that the engine would not give: the record of another with a change.
  private func addRun(like id: String, _ project: Scratch, _ change: (inout RunRecord) throws -> Void) throws -> String
  {
    let store = try Store.open(at: project.url("evidence.sqlite"), mode: .readWrite)
    var record = try store.run(id: id).record
    record.id = RunIdentifier.next()
    try change(&record)
    try store.append(record)
    try store.close()
    return record.id
  }

  /// `Tests/Reference/dossier/evidence.sqlite` was measured by version 0.1.0, on 25 November 2026.
  @Test("Runs of 0.1.0 verify, are shown, come out again, and are compared")
  func firstVersion() async throws {
    let scratch = try Scratch()
    for path in ["Tests/Reference/dossier", "examples/ioi"] {
      let place = scratch.url(path)
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: Program.repository.appendingPathComponent(path), to: place)
    }
    let project = scratch.url("Tests/Reference/dossier").path
    func vitrine(_ arguments: String...) async throws -> Finished {
      try await Program.start(arguments + ["--project", project]).finished()
    }
    let verified = try await vitrine("runs", "verify")
    #expect(verified.status == 0, "\(verified)")
    let runs = try await vitrine("runs", "list", "--json").json().array ?? []
    #expect(runs.count == 6)
    for run in runs {
      let id = try #require(run["id"]?.string)
      let shown = try await vitrine("runs", "show", id)
      #expect(shown.status == 0 && shown.said.contains("vitrine 0.1.0"), "\(shown)")
      let again = try await vitrine("runs", "reproduce", id, "--no-record")
      #expect(again.status == 0, "\(again)")
    }
    let compared = try await vitrine("diff", "1.0", "1.1")
    #expect(compared.status == 0, "\(compared)")
  }

  @Test(
    "An analysis and an evaluation come out byte-equal, also with three threads; show and list say so; verify passes")
  func byteEqual() async throws {
    let (project, analysis) = try await project()
    let evaluation = String(try await Program.vitrine("evaluate", project.path).out.prefix(36))
    for id in [analysis, evaluation] {
      let result = try await reproduce(id, project, "--json")
      #expect(result.status == 0, "\(result)")
      let json = try result.json()
      #expect(try Schema("runs-reproduce").problems(of: json) == [])
      #expect(json["record"]?["outcome"] == .string("byte-equal"))
      #expect(json["differences"] == .array([]) && json["changes"] == .array([]))
      #expect(json["record"]?["comparison"]?["numbers"]?["equal"]?.number ?? 0 > 50)
    }
    let threads = try await Program.shell(
      "VITRINE_THREADS=3 \"$VITRINE\" runs reproduce \"$1\" --project \"$2\"", analysis, project.path)
    #expect(threads.status == 0 && threads.out.hasPrefix("BYTE-EQUAL: all "), "\(threads)")
    #expect(threads.out.contains("\nCircumstances\n") && threads.out.contains("threads"), "\(threads)")

    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    #expect(try Schema("runs-list").problems(of: list) == [])
    #expect(
      list.array?.map { $0["reproductions"]?.array?.count } == [2, 1], "the reproductions are no runs of their own")
    let show = try await Program.vitrine("runs", "show", analysis, "--project", project.path)
    #expect(show.out.contains("\nReproductions of this run\n") && show.out.contains("BYTE-EQUAL"), "\(show)")
    let shown = try #require(show.out.firstMatch(of: /vitrine runs show ([0-9a-f-]{36})\n/)?.1)
    let reproduction = try await Program.vitrine("runs", "show", String(shown), "--project", project.path, "--json")
    #expect(try Schema("reproduction").problems(of: reproduction.json()) == [])
    #expect(try reproduction.json()["run"] == .string(analysis))
    let verify = try await Program.vitrine("runs", "verify", "--project", project.path)
    #expect(verify.status == 0 && verify.said.contains("3 reproductions"), "\(verify)")
  }

  /// The instruction set that the program uses when nobody asks for another.
  private static let instructionSet: String? = {
    let process = Process()
    let pipe = Pipe()
    guard case .success(let program) = Program.executable else { return nil }
    (process.executableURL, process.arguments, process.standardOutput) = (program, ["doctor", "--json"], pipe)
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
      defer { try? pipe.fileHandleForReading.close() }
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return try JSON(String(decoding: output, as: UTF8.self))["machine"]?["instruction_set"]?.string
    } catch {
      return nil
    }
  }()

  @Test(
    "A run recorded on AVX-512 comes out byte-equal on AVX2, and the other way round",
    .enabled(if: instructionSet == "avx512", "this machine has no AVX-512, so nothing can be recorded on it"))
  func acrossInstructionSets() async throws {
    let (project, wide) = try await project()
    let narrow = try await Program.shell("VITRINE_ISA=avx2 \"$VITRINE\" analyze \"$1\"", project.path)
    for (id, set, other) in [(wide, "avx2", "avx512"), (String(narrow.out.prefix(36)), "avx512", "avx2")] {
      let result = try await Program.shell(
        "VITRINE_ISA=$1 \"$VITRINE\" runs reproduce \"$2\" --project \"$3\" --json", set, id, project.path)
      #expect(result.status == 0, "\(result)")
      let record = try #require(try result.json()["record"])
      #expect(record["outcome"] == .string("byte-equal"))
      let circumstance = record["circumstances"]?.array?.first { $0["what"] == .string("instruction set") }
      #expect(circumstance?["recorded"] == .string(other) && circumstance?["now"] == .string(set))
    }
  }

  @Test(
    "A changed weight byte is another model, with both digests, and no difference in numbers; the right folder is found"
  )
  func anotherModel() async throws {
    let (project, id) = try await project()
    let before = try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json()
    let recorded = try #require(before["model"]?["root_sha256"]?.string)
    let weights = project.url("model/model.safetensors")
    var bytes = try Data(contentsOf: weights)
    bytes[bytes.count - 1] ^= 1
    try bytes.write(to: weights)

    let result = try await reproduce(id, project)
    #expect(result.status == 1, "\(result)")
    #expect(result.out.hasPrefix("ANOTHER MODEL: ") && !result.out.contains("\nNumbers\n"), "\(result)")
    let json = try await reproduce(id, project, "--json").json()
    #expect(try Schema("runs-reproduce").problems(of: json) == [])
    let found = try #require(json["record"]?["models"]?[0]?["root_sha256"]?.string)
    #expect(found == (try ModelIdentity.rootDigest(folder: project.url("model"))) && found != recorded)
    #expect(result.out.contains(recorded) && result.out.contains(found), "\(result)")
    #expect(json["record"]?["comparison"] == nil && json["differences"] == .array([]))

    // The bytes decide, not the version's name.
    let given = try await reproduce(id, project, "--model-folder", Sample.repositoryPath(Sample.ioi))
    #expect(given.status == 0 && given.out.hasPrefix("BYTE-EQUAL"), "\(given)")
    let yaml = try String(contentsOf: project.url("vitrine.yaml"), encoding: .utf8)
    try project.write(
      yaml.replacingOccurrences(
        of: "models:\n", with: "models:\n  kept: {folder: \"\(Sample.repositoryPath(Sample.ioi))\"}\n"),
      to: "vitrine.yaml")
    let kept = try await reproduce(id, project)
    #expect(kept.status == 0 && kept.out.contains("Version kept"), "\(kept)")
    #expect(kept.out.contains("another model"), "\(kept)")
    let list = try await Program.vitrine("runs", "list", "--project", project.path, "--json").json()
    #expect(
      list[0]?["reproductions"]
        == .array(["another-model", "another-model", "byte-equal", "byte-equal"].map { .string($0) }))
  }

  @Test("A number beyond the tolerance: 1, and it is named with its path, both values and the difference")
  func different() async throws {
    let (project, id) = try await project()
    let other = try addRun(like: id, project) { record in
      record.analysis?.pairs[0].noising?[2] += 0.5
      record.analysis?.meanClean?.value += 5e-5
    }
    let result = try await reproduce(other, project)
    #expect(result.status == 1 && result.out.hasPrefix("DIFFERENT: "), "\(result)")
    let json = try await reproduce(other, project, "--json").json()
    #expect(try Schema("runs-reproduce").problems(of: json) == [])
    let differences = try #require(json["differences"]?.array)
    #expect(
      differences.map { $0["path"] } == [.string("analysis.pairs[0].noising[2]"), .string("analysis.mean_clean.value")])
    #expect(abs((differences[0]["difference"]?.number ?? 0) + 0.5) < 1e-9)
    #expect(json["record"]?["comparison"]?["numbers"]?["beyond"] == .number(1))
    #expect(json["record"]?["comparison"]?["numbers"]?["within"] == .number(1))
    let numbers = try #require(json["record"]?["reproduced"]?["analysis"]?["pairs"]?[0]?["noising"]?.numbers)
    let recorded = try await Program.vitrine("runs", "show", id, "--project", project.path, "--json").json()
    #expect(numbers == recorded["analysis"]?["pairs"]?[0]?["noising"]?.numbers, "every new number is kept")
    #expect(try await Program.vitrine("runs", "verify", "--project", project.path).status == 0)
  }

  @Test("A number within the tolerance: 0; with a stricter one 1, which the record states")
  func tolerance() async throws {
    let (project, id) = try await project()
    let other = try addRun(like: id, project) { $0.analysis?.meanClean?.value += 5e-5 }
    let within = try await reproduce(other, project)
    #expect(within.status == 0 && within.out.hasPrefix("WITHIN TOLERANCE"), "\(within)")
    let strict = try await reproduce(other, project, "--tolerance", "1e-6", "--json")
    #expect(strict.status == 1, "\(strict)")
    #expect(try strict.json()["record"]?["tolerance"]?["relative"] == .number(1e-6))
    for wrong in ["-1", "nan", "much"] {
      #expect(try await reproduce(other, project, "--tolerance=\(wrong)").status == 64)
    }
  }

  @Test("--no-record compares and leaves every byte of the project as it is")
  func noRecord() async throws {
    let (project, id) = try await project()
    let before = try Data(contentsOf: project.url("evidence.sqlite"))
    let files = try project.files()
    let result = try await reproduce(id, project, "--no-record", "--json")
    #expect(result.status == 0, "\(result)")
    #expect(try result.json()["is_stored"] == .bool(false))
    #expect(try Data(contentsOf: project.url("evidence.sqlite")) == before)
    #expect(try project.files() == files)
  }

  @Test("What cannot be reproduced is refused with the reason, and nothing is stored")
  func refused() async throws {
    let (project, id) = try await project()
    let failed = try addRun(like: id, project) { record in
      record.status = .failed
      record.failure = "the disk was full"
      record.analysis = nil
    }
    let result = try await reproduce(failed, project)
    #expect(result.status == 1 && result.err.contains("the disk was full"), "\(result)")
    #expect(try await reproduce("zzzzzzzz", project).status == 1)
    try FileManager.default.removeItem(at: project.url("model"))
    let absent = try await reproduce(id, project)
    #expect(absent.status == 65 && absent.err.contains("--model-folder"), "\(absent)")
    let stored = try Store.open(at: project.url("evidence.sqlite"), mode: .readOnly)
    #expect(try stored.entries(kind: "reproduction").isEmpty)
  }
}
