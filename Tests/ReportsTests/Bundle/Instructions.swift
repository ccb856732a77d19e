import Foundation
import Templates

/// Follows VERIFY.md to the letter: everything that is to be pasted, pasted into plain `sh`.
enum Instructions {
  struct Result: CustomStringConvertible {
    let status: Int32
    let text: String
    var description: String { "status \(status): \(text.suffix(2000))" }
    var isTraced: Bool { text.contains("Traceback") }
  }

  /// What stands between ```` ```sh ```` and ```` ``` ````.
  static func commands(_ text: String) -> String {
    var lines: [Substring] = []
    var isCode = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { isCode = line == "```sh" } else if isCode { lines.append(line) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The installed VERIFY.md, which stands in every bundle.
  static func installed() throws -> String {
    try String(contentsOf: Templates.url("bundle/VERIFY.md"), encoding: .utf8)
  }

  /// Pastes it in an empty folder with the bundle.
  static func follow(_ bundle: Data, environment: [String: String] = [:], files: [String: Data] = [:]) throws -> Result
  {
    let folder = try DossierFixtures.Folder([:])
    try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    try bundle.write(to: folder.url.appendingPathComponent("bundle.asice"))
    for (name, data) in files { try data.write(to: folder.url.appendingPathComponent(name)) }
    return try paste(in: folder.url, environment: environment)
  }

  /// Pastes it in a folder: `sh` reads the lines from its standard input, one after the other.
  static func paste(in folder: URL, environment: [String: String] = [:]) throws -> Result {
    let lines = folder.appendingPathComponent(".pasted")
    try Data(commands(installed()).utf8).write(to: lines)
    defer { try? FileManager.default.removeItem(at: lines) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: lines)
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    defer { try? pipe.fileHandleForReading.close() }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(status: process.terminationStatus, text: String(decoding: data, as: UTF8.self))
  }

  /// What the machine lacks is said once.
  static let canBeFollowed = OpenSSLProgram.isThere && UnpackingPrograms.areThere
}
