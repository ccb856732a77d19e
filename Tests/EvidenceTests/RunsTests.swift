import Analysis
import Foundation
import Testing

@testable import Evidence

@Suite("What names and surrounds a run")
struct RunsTests {
  @Test("identifiers are UUIDs of version 7 that rise, also from several threads at once")
  func identifiers() {
    let all = (0..<10_000).map { _ in RunIdentifier.next() }
    #expect(all == all.sorted())
    #expect(Set(all).count == all.count)
    #expect(all.allSatisfy(RunIdentifier.isValid))
    #expect(all.allSatisfy { UUID(uuidString: $0) != nil })
  }

  @Test("the time in an identifier is that of RFC 9562's example (appendix A.6)")
  func example() {
    // 2022-02-22 14:22:22.00 GMT-05:00 is 0x017F22E279B0 in the RFC's example 017F22E2-79B0-7CC3-98C4-DC0C0C07398F.
    var generator = RunIdentifier.Generator()
    var random = SplitMix64(seed: 1)
    let id = generator.next(milliseconds: 1_645_557_742_000, random: &random)
    #expect(id.hasPrefix("017f22e2-79b0-7"))
    #expect(RunIdentifier.isValid(id))
    #expect(RunIdentifier.isValid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
  }

  @Test("identifiers rise while the clock stands still or goes back")
  func clock() {
    var generator = RunIdentifier.Generator()
    var random = SplitMix64(seed: 2)
    var times = [UInt64](repeating: 1000, count: 9000)
    times += [500, 400, 1001, 1000, 2000]
    let all = times.map { generator.next(milliseconds: $0, random: &random) }
    #expect(zip(all, all.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test(
    "what is no identifier of a run is told apart",
    arguments: [
      "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
      "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-c8c4-dc0c0c07398f",
      "017f22e2x79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
    ])
  func invalid(id: String) {
    #expect(!RunIdentifier.isValid(id))
  }

  @Test(
    "times are written in UTC with milliseconds, as GNU date writes them",
    arguments: [
      // date -u -d @SECONDS +%FT%T.%3NZ
      (0.0, "1970-01-01T00:00:00.000Z"), (1_709_210_096.5, "2024-02-29T12:34:56.500Z"),
      (951_868_800.001, "2000-03-01T00:00:00.001Z"), (4_102_444_799.999, "2099-12-31T23:59:59.999Z"),
      (-0.25, "1969-12-31T23:59:59.750Z"),
    ])
  func times(seconds: Double, text: String) {
    // A tenth of a millisecond keeps the decimal seconds from falling below their millisecond.
    #expect(Timestamp.text(Date(timeIntervalSince1970: seconds + 0.0001)) == text)
    #expect(Timestamp.isValid(text))
  }

  @Test("now lies between two readings of the system's clock")
  func now() throws {
    let before = Date()
    let text = Timestamp.now()
    let after = Date()
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    let date = try #require(formatter.date(from: text))
    #expect(date > before.addingTimeInterval(-0.002) && date < after.addingTimeInterval(0.002))
  }

  @Test(
    "times that do not exist or are written otherwise are told apart",
    arguments: [
      "2026-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z",
      "2026-04-31T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z", "2026-01-01T00:00:60.000Z",
      "2026-01-01T00:00:00Z", "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00.000+00:00", "2026-01-00T00:00:00.000Z",
      "",
    ])
  func wrongTimes(text: String) {
    #expect(!Timestamp.isValid(text))
  }

  @Test("the machine is described as the system's own tools describe it")
  func machine() throws {
    let machine = RunRecord.Machine.current(instructionSet: "avx2", threads: 3)
    #expect(machine.instructionSet == "avx2")
    #expect(machine.threads == 3)
    func printed(_ command: String) throws -> String {
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", command]
      process.standardOutput = pipe
      try process.run()
      defer { try? pipe.fileHandleForReading.close() }
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    #expect(machine.hostName == (try printed("uname -n")))
    #expect(machine.operatingSystem.hasSuffix(try printed("uname -srm")))
    #expect(machine.operatingSystem.hasPrefix(try printed(". /etc/os-release; echo $PRETTY_NAME")))
    let model = try printed("sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1")
    #expect(machine.processor == (model.isEmpty ? RunRecord.Machine.notStated : model))
    let kilobytes = try #require(Int(try printed("sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo")))
    #expect(abs(machine.memoryBytes - kilobytes * 1024) < 1 << 20)
  }

  @Test("the program is digested as sha256sum digests its file")
  func program() throws {
    let program = try RunRecord.Program.current(version: "1.2.3")
    #expect(program.name == "vitrine")
    #expect(program.version == "1.2.3")
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sha256sum", executable]
    process.standardOutput = pipe
    try process.run()
    defer { try? pipe.fileHandleForReading.close() }
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(output.hasPrefix(program.binarySha256 + " "))
  }

  @Test("the system's descriptions are read with and without quotation marks")
  func systemFiles() {
    let text = "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nmodel name\t: AMD EPYC: 9\n"
    #expect(RunRecord.Machine.value(of: "PRETTY_NAME", in: text, separator: "=") == "Debian GNU/Linux 12 (bookworm)")
    #expect(RunRecord.Machine.value(of: "model name", in: text, separator: ":") == "AMD EPYC: 9")
    #expect(RunRecord.Machine.value(of: "missing", in: text, separator: ":") == nil)
  }
}
