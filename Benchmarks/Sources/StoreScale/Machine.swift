import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the operating system says about this machine and process.
enum Machine {
  /// Processor, cores and load average now.
  static var description: String {
    let file = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let name = file.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    var loads = [Double](repeating: .nan, count: 3)
    getloadavg(&loads, 3)
    let load = loads.map { String(format: "%.2f", $0) }.joined(separator: ", ")
    return "machine:\(name ?? " unknown"), \(ProcessInfo.processInfo.activeProcessorCount) cores; load average \(load)"
  }

  /// Largest resident set of this process so far.
  static var peakBytes: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first).flatMap { Double($0) }.map { $0 * 1024 } ?? .nan
  }

  /// Runs a program to its end, its output thrown away.
  static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    (process.executableURL, process.arguments) = (URL(fileURLWithPath: program), arguments)
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    // `waitUntilExit` looks only every 50 ms.
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    ended.wait()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}
