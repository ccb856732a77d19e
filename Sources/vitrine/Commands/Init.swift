import ArgumentParser
import Foundation
import Project

struct Init: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a new project folder: vitrine.yaml, documentation/, data/, models/.",
    discussion:
      "Every key of vitrine.yaml is explained in the file. 'vitrine check DIR' then says what to fill in, step by step."
  )

  @Argument(help: "The folder to make; it must not exist, or be empty.") var folder: String

  func run() async throws {
    let files = try ProjectScaffold.create(at: URL(fileURLWithPath: folder, isDirectory: true))
    Console.out("Wrote a new project into \(folder):")
    for file in files { Console.out("  \(file)") }
    Console.out("Next: vitrine check \(Format.shell(folder))")
  }
}
