import Analysis
import ArgumentParser
import Foundation

@main
struct Vitrine: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "vitrine",
    abstract: "EU AI Act technical documentation from measurements made inside transformer models.",
    version: version,
    subcommands: [
      Init.self, Check.self, Analyze.self, Evaluate.self, Runs.self, DossierCommand.self, Measure.self, Doctor.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as any ReportableError {
      Console.err("vitrine: \(error.description)")
      Foundation.exit(error.exitStatus.rawValue)
    } catch {
      exit(withError: error)
    }
  }
}
