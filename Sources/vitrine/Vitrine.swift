import Analysis
import ArgumentParser
import Evidence
import Foundation

@main
struct Vitrine: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "vitrine",
    abstract: "EU AI Act technical documentation from measurements made inside transformer models.",
    discussion: """
      In the order of work: 'vitrine init DIR' writes a project, 'vitrine check DIR' says what to fill in, 'vitrine analyze \
      DIR' and 'vitrine evaluate DIR' measure and store runs, 'vitrine runs list' and 'vitrine runs show ID' read them back.

      Results go to standard output, progress and messages to standard error. Exit status: 0 done; 1 the answer is no; \
      64 wrong use; 65 bad input; 70 a fault of vitrine; 74 reading or writing failed; 130 interrupted.
      """,
    version: version,
    subcommands: [
      Init.self, Check.self, Analyze.self, Evaluate.self, Runs.self, DossierCommand.self, DiffCommand.self,
      EvidenceCommand.self, StoreCommand.self, Keys.self, Sign.self, BundleCommand.self, Verify.self, LawCommand.self,
      Measure.self,
      Tokens.self,
      Doctor.self,
    ])

  static func main() async {
    Console.prepare()
    SharedMemoryGuard.install()
    Interruption.start()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      Console.exit(.done)
    } catch let error as any ReportableError {
      // What an error quotes may hold line ends: what follows them is indented, so that it cannot pass for a line of its own.
      Console.err("vitrine: " + error.description.replacing("\n", with: "\n  "))
      Console.exit(error.exitStatus)
    } catch let status as ExitCode {
      Console.exit(ExitStatus(rawValue: status.rawValue) ?? .internalError)
    } catch {
      end(with: error)
    }
  }

  /// Ends for an error that is none of ours: help and wrong use are the parser's, the rest is trouble with files or a fault.
  private static func end(with error: any Error) -> Never {
    // The parser has a message and a status for its own errors; for any other it falls back to plain failure.
    if exitCode(for: error) != .failure { say(error) }
    if [NSCocoaErrorDomain, NSPOSIXErrorDomain].contains((error as NSError).domain) {
      Console.err("vitrine: \(error.localizedDescription); check that the file is there, its rights and the disk")
      Console.exit(.inputOutput)
    }
    Console.err("vitrine: internal error: \(error). This is a fault of vitrine; please report it with your command")
    Console.exit(.internalError)
  }

  /// Help to standard output, wrong use to standard error, as the parser does itself; but what it quotes of the command goes through
  /// the console.
  private static func say(_ error: any Error) -> Never {
    let (message, status) = (fullMessage(for: error), ExitStatus(rawValue: exitCode(for: error).rawValue))
    if status == .done { Console.out(message) } else if !message.isEmpty { Console.err(message) }
    Console.exit(status ?? .internalError)
  }
}
