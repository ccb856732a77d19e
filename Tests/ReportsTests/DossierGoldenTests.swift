import Foundation
import Testing

@testable import Evidence
@testable import Project
@testable import Reports

/// Whole dossiers of a committed store, whose runs have fixed identifiers and times. A person reads the golden files when they change.
/// `RECORD_SNAPSHOTS=1` rewrites them, and the run that rewrites them fails. `Tests/Reference/dossier/make` measures the store anew.
@Suite("Golden dossiers")
struct DossierGoldenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Reference/dossier")

  /// The store is copied: opening it must not write beside the committed file.
  static func inputs(_ version: String) throws -> DossierInputs {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("golden-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let copy = scratch.appendingPathComponent("evidence.sqlite")
    try FileManager.default.copyItem(at: Self.folder.appendingPathComponent("evidence.sqlite"), to: copy)
    let store = try Store.open(at: copy, mode: .readOnly)
    let verification = try store.verifyAll()
    #expect(verification.isIntact)
    let project = try ProjectLoader.load(folder: Self.folder)
    let catalogue = try StatusFixtures.catalogue.get()
    let runs = try store.allRuns()
    return DossierInputs(
      project: project, modelVersion: version, runs: runs, catalogue: catalogue,
      statements: try StatementLoader.load(folder: project.documentation, catalogue: catalogue),
      signatures: verification.signatures.map { .init(run: $0.run, statement: $0.statement, identity: $0.identity) },
      models: ModelsNow(project: project, runs: runs))
  }

  @Test("every file is, byte for byte, the one that was read and committed", arguments: ["1.0", "1.1"])
  func golden(_ version: String) throws {
    let output = try DossierBuilder().build(try Self.inputs(version))
    let golden = Self.folder.appendingPathComponent("golden/\(version)")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try? FileManager.default.removeItem(at: golden)
      try DossierWriter.write(output.files, to: golden)
      Issue.record("The golden files of version \(version) were rewritten; read what changed and run the tests again.")
      return
    }
    for (name, content) in output.files {
      let committed = try Data(contentsOf: golden.appendingPathComponent(name))
      #expect(committed == content, "\(version)/\(name): \(difference(committed, content))")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: golden.path)
    #expect(Set(names) == Set(output.files.map(\.name)))
  }

  @Test("building twice gives the same bytes")
  func deterministic() throws {
    let inputs = try Self.inputs("1.1")
    let first = try DossierBuilder().build(inputs)
    let second = try DossierBuilder().build(inputs)
    for (one, other) in zip(first.files, second.files) { #expect(one.content == other.content, "\(one.name)") }
  }

  /// How long it takes is printed; no time is asserted.
  @Test("a thousand runs give the dossier of the latest ones, and list all the others")
  func thousandRuns() throws {
    var inputs = try Self.inputs("1.1")
    let own = inputs.runs.filter { $0.record.modelVersion == "1.1" }
    inputs.runs = (0..<1000).map { number in
      var run = own[number % own.count]
      let digits = String(number)
      run.record.id = "019a0000-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
      run.record.started = "2026-11-25T10:00:00.\(String(repeating: "0", count: 3 - digits.count))\(digits)Z"
      return run
    }
    let clock = ContinuousClock()
    let start = clock.now
    let output = try DossierBuilder().build(inputs)
    print("a dossier from 1,000 runs: \(clock.now - start)")
    #expect(output.dossier.runs.count == own.count && output.dossier.runsNotCited.count == 1000 - own.count)
    #expect(
      output.dossier.runs.allSatisfy { $0.id.hasSuffix("997") || $0.id.hasSuffix("998") || $0.id.hasSuffix("999") })
  }

  @Test("without any one run of the store, exactly the elements that it evidences alone turn missing")
  func withoutOneRun() throws {
    var inputs = try Self.inputs("1.1")
    let all = inputs.runs
    func missing(_ runs: [StoredRun]) throws -> Set<String> {
      inputs.runs = runs
      let output = try DossierBuilder().build(inputs)
      return Set(output.status.gaps.map { "\($0.item.id) \($0.element.id)" })
    }
    let complete = try missing(all)
    for run in all {
      let rest = all.filter { $0.record.id != run.record.id }
      let isEvaluation = run.record.kind == .evaluation && run.record.modelVersion == "1.1"
      let turned = try missing(rest).subtracting(complete)
      #expect(turned == (isEvaluation ? ["2(g) accuracy-metrics", "3 group-accuracy"] : []), "\(run.record.id)")
      #expect(try missing(rest).isSuperset(of: complete))
    }
  }

  @Test("none of the forbidden phrasings stands in them", arguments: ["1.0", "1.1"])
  func phrases(_ version: String) throws {
    for (name, content) in try DossierBuilder().build(try Self.inputs(version)).files {
      let text = PlainText.oneLine(String(decoding: content, as: UTF8.self)).lowercased()
      #expect(ForbiddenPhraseTests.phrases.filter { text.contains($0) } == [], "\(name)")
    }
  }

  /// The first line that differs.
  private func difference(_ left: Data, _ right: Data) -> String {
    let (old, new) = (String(decoding: left, as: UTF8.self), String(decoding: right, as: UTF8.self))
    let lines = zip(old.split(separator: "\n"), new.split(separator: "\n"))
    guard let (index, pair) = lines.enumerated().first(where: { $0.element.0 != $0.element.1 }) else {
      return "one has more lines"
    }
    return "line \(index + 1): '\(pair.0.prefix(160))' against '\(pair.1.prefix(160))'"
  }
}
