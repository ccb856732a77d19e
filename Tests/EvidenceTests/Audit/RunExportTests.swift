import Foundation
import Testing

@testable import Evidence

@Suite("Exported runs")
struct RunExportTests {
  private func exported() throws -> (export: RunExport, verifier: String) {
    let scratch = try Scratch()
    let (runs, _) = try scratch.fillWithEverything()
    let store = try Store.open(at: scratch.storeFile, mode: .readOnly)
    let export = try store.export(id: runs[0].record.id)
    return (export, try #require(export.heads[0].key))
  }

  @Test("the file holds the run, what was said about it and a signed checkpoint, and is intact without the store")
  func intact() throws {
    let (export, verifier) = try exported()
    #expect(export.entries.map(\.kind) == ["run", "signature", "signature"])
    let read = try RunExport.read(try CanonicalJSON.encode(export))
    #expect(read == export)
    let report = try read.audit(keys: [])
    #expect(report.isIntact, "\(report)")
    #expect(report.notChecked.contains { $0.what.contains("whose key") })
    let trusted = try read.audit(keys: [VerifierKey(verifier)])
    #expect(trusted.isIntact && !trusted.notChecked.contains { $0.what.contains("whose key") })
  }

  @Test(
    "Python with its standard library and openssl find the same file intact, and not another",
    .enabled(if: OtherProgram.hasOpenSSL && OtherProgram.hasPython))
  func python() throws {
    let (export, verifier) = try exported()
    let folder = try Scratch()
    let script = Golden.repository.appendingPathComponent("Tests/EvidenceTests/Golden/check_export.py").path
    func check(_ export: RunExport) throws -> OtherProgram.Result {
      try CanonicalJSON.encode(export).write(to: folder("run.json"))
      return try OtherProgram.shell("python3 \"$1\" run.json \"$2\"", script, verifier, in: folder.folder)
    }
    let good = try check(export)
    #expect(good.status == 0 && good.out.components(separatedBy: "ok: ").count == 4, "\(good.out)")
    var changed = export
    changed.entries[0].document = changed.entries[0].document.replacingOccurrences(of: "\"seed\":", with: "\"seed\":1")
    changed.entries[0].sha256 = try SHA256.digest(of: Data(changed.entries[0].document.utf8)).hex
    #expect(try check(changed).out.contains("WRONG"))
    changed = export
    changed.entries[2].proof.swapAt(0, 1)
    #expect(try check(changed).status == 1)
  }

  @Test("any change of the file is found", arguments: 0..<12)
  func changed(number: Int) throws {
    var (export, _) = try exported()
    switch number {
    case 0: export.entries[0].document.append(" ")
    case 1: export.entries[0].sha256 = String(repeating: "0", count: 64)
    case 2: export.entries[0].position += 1
    case 3: export.entries[0].proof.removeLast()
    case 4: export.entries[0].id = RunIdentifier.next()
    case 5: export.heads[0].rootSha256 = String(repeating: "0", count: 64)
    case 6: export.heads[0].size += 1
    case 7: export.heads[0].checkpoint = export.heads[0].checkpoint?.replacingOccurrences(of: "—", with: "-")
    case 8:
      export.heads[0].key = try VerifierKey(
        name: export.heads[0].origin, key: PrivateKey.generate(.ed25519).publicKey()
      ).text
    case 9: export.entries.swapAt(0, 1)
    case 10: export.entries = []
    default: export.entries[1].head = 7
    }
    #expect(try !export.audit(keys: []).isIntact)
  }

  @Test("a run without a checkpoint says that its place is not signed")
  func unsigned() throws {
    let scratch = try Scratch()
    let runs = try scratch.fill(3)
    let export = try Store.open(at: scratch.storeFile, mode: .readOnly).export(id: runs[1].record.id)
    let report = try export.audit(keys: [])
    #expect(report.isIntact)
    #expect(report.checks.first { $0.name == "checkpoints" }?.count == 0)
    #expect(report.notChecked.contains { $0.what.contains("against a signed checkpoint") })
  }

  @Test("what is no exported run is refused", arguments: ["", "{}", "[1]", "{\"schema\":\"vitrine.run-export/1\"}"])
  func notAnExport(text: String) {
    let error = #expect(throws: EvidenceError.self) { try RunExport.read(Data(text.utf8)) }
    #expect(error?.code == .badExport)
  }
}
