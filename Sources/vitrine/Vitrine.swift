import ArgumentParser

@main
struct Vitrine: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "vitrine")
}
