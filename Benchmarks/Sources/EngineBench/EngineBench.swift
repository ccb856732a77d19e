import ArgumentParser

@main
struct EngineBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine-bench", abstract: "Time Vitrine's engine inside one process.",
    subcommands: [Job.self, Shape.self, Cost.self, Prune.self])
}
