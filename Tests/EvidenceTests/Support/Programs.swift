import Foundation

/// Programs of other makers that tests compare with.
enum OtherProgram {
  /// What a program printed and how it ended.
  struct Result {
    let status: Int32
    let out: String
  }

  /// Why a program cannot be used; nil if it can. Tests that need it are skipped with this reason printed.
  static func missing(_ name: String) -> Bool {
    let found = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
    if !found { print("SKIPPED: the program '\(name)' is not installed, so nothing is compared with it") }
    return !found
  }

  static let hasOpenSSL = !missing("openssl")
  static let hasPython = !missing("python3")

  /// Runs a shell script in a folder; `$1` and so on are the arguments.
  static func shell(_ script: String, _ arguments: String..., in folder: URL) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, "sh"] + arguments
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    defer { try? pipe.fileHandleForReading.close() }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(status: process.terminationStatus, out: String(decoding: data, as: UTF8.self))
  }
}
