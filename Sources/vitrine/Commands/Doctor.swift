import Analysis
import ArgumentParser
import Evidence
import Foundation
import Reports
import Templates

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what this machine can do: instruction set, speed, memory, libraries.",
    discussion: """
      The speeds are a 512 × 512 matrix multiply in float32 and reading 256 MB, each the best of about a third of a second. Run records name the \
      instruction set and the threads, since both are needed to repeat a run bit for bit. If the program's own files are \
      missing, the command says which and exits with 1.
      """)

  @OptionGroup var output: OutputOptions

  private struct Report: Encodable {
    let program: RunRecord.Program
    let machine: RunRecord.Machine
    let gigaflops: Double
    let bandwidth: Double
    let templates: Bool
    /// Version by name.
    let libraries: [String: String]
  }

  func run() async throws {
    let report = Report(
      program: try RunRecord.Program.current(version: Vitrine.version),
      machine: RunRecord.Machine.current(
        instructionSet: ComputeMachine.instructionSet, threads: ComputeMachine.threads),
      gigaflops: (ComputeMachine.measureGigaflops() * 10).rounded() / 10,
      bandwidth: (ComputeMachine.measureBandwidth() * 10).rounded() / 10,
      templates: FileManager.default.fileExists(atPath: Templates.url("dossier").path),
      libraries: [
        "sqlite": try LinkedLibraries.sqlite(), "openssl": LinkedLibraries.openSSL,
        "cmark-gfm": MarkdownLibrary.version,
      ])
    if output.json { return Console.out(try CanonicalJSON.encode(report)) }
    Console.out(
      Format.table([
        ["program", "\(report.program.name) \(report.program.version), sha256 \(report.program.binarySha256)"],
        ["system", report.machine.operatingSystem], ["processor", report.machine.processor],
        ["instruction set", "\(report.machine.instructionSet) (VITRINE_ISA=avx512|avx2|baseline forces one)"],
        ["threads", "\(report.machine.threads) (VITRINE_THREADS changes it)"],
        ["matrix multiply", "\(report.gigaflops) GFLOP/s"],
        ["memory", "\(report.machine.memoryBytes / 1_048_576) MiB, read at \(report.bandwidth) GB/s"],
        [
          "libraries",
          report.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "; "),
        ],
        ["templates", report.templates ? "found" : "MISSING: keep Vitrine_Templates.resources beside the program"],
      ]))
    if !report.templates { throw ExitCode(ExitStatus.answerIsNo.rawValue) }
  }
}
