import Analysis
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program that is already on this machine and that is asked to convert something: found on the search path, run without a shell,
/// ended with us.
public struct ExternalProgram: Sendable {
  /// What it left behind.
  public struct Outcome: Sendable {
    /// Its exit status; nil if it was ended for its time or its output.
    public var status: Int32?
    /// What it wrote to standard output.
    public var output: Data
    /// What it wrote to standard error.
    public var messages: String

    /// How it ended, in words.
    public var ending: String { status.map { "exit \($0)" } ?? "ended for its time or the size of what it wrote" }
  }

  /// How far it may go.
  public struct Limits: Sendable {
    /// Seconds by the clock.
    public var seconds: Double
    /// Bytes of standard output.
    public var bytes: Int

    /// Limits from their parts.
    public init(seconds: Double, bytes: Int) {
      (self.seconds, self.bytes) = (seconds, bytes)
    }
  }

  /// Its file.
  public let file: URL

  /// The first program of these names on the search path; nil if there is none.
  public static func find(
    _ names: [String], path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
  ) -> (name: String, program: ExternalProgram)? {
    for name in names {
      for folder in path.split(separator: ":") {
        let file = URL(fileURLWithPath: String(folder)).appendingPathComponent(name)
        if FileManager.default.isExecutableFile(atPath: file.path) { return (name, ExternalProgram(file: file)) }
      }
    }
    return nil
  }

  /// What the program says of its version, in one line; its name if it says nothing.
  public var version: String {
    let said = try? Self.withScratch { folder in
      try run(["--version"], in: folder, limits: Limits(seconds: 30, bytes: 100_000)).output
    }
    // A script around the program may complain first.
    let line = said.flatMap { output in
      String(decoding: output, as: UTF8.self).split(separator: "\n").first {
        $0.first?.isLetter == true && $0.contains(where: \.isNumber)
      }
    }
    return line.map { String($0).trimmingCharacters(in: .whitespaces) } ?? file.lastPathComponent
  }

  /// A folder of our own that is gone when the work is done or interrupted.
  public static func withScratch<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("vitrine-\(UUID().uuidString)")
    let (unfinished, _) = try UnfinishedWork.begin(temporary: scratch) {
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    }
    defer {
      UnfinishedWork.whole {
        try? FileManager.default.removeItem(at: scratch)
        UnfinishedWork.end(unfinished)
      }
    }
    return try body(scratch)
  }

  /// Runs it.
  /// - Parameters:
  ///   - input: what it reads from standard input.
  ///   - scratch: a folder of our own for what goes in and out; the program works in it.
  ///   - environment: nil for this process's own.
  /// - Throws: if it cannot be started, or files in the folder cannot be written.
  public func run(
    _ arguments: [String], input: Data = Data(), in scratch: URL, limits: Limits, environment: [String: String]? = nil
  ) throws -> Outcome {
    let streams = ["in", "out", "err"].map { scratch.appendingPathComponent("stream-\($0)") }
    try input.write(to: streams[0])
    for stream in streams[1...] { try Data().write(to: stream) }
    let reading = try FileHandle(forReadingFrom: streams[0])
    let writing = try streams[1...].map { try FileHandle(forWritingTo: $0) }
    defer { for handle in [reading] + writing { try? handle.close() } }
    let process = Process()
    process.executableURL = file
    process.arguments = arguments
    process.currentDirectoryURL = scratch
    if let environment { process.environment = environment }
    (process.standardInput, process.standardOutput, process.standardError) = (reading, writing[0], writing[1])
    let started = Started(process)
    let (running, _) = try UnfinishedWork.begin(undo: { started.kill() }, make: { try process.run() })
    defer { UnfinishedWork.end(running) }
    let end = ContinuousClock.now + .seconds(limits.seconds)
    var isEnded = false
    while process.isRunning {
      let size = streams[1...].map { Self.size(of: $0) }.max() ?? 0
      if !isEnded, size > limits.bytes || ContinuousClock.now > end {
        isEnded = true
        started.kill()
      }
      usleep(10_000)
    }
    process.waitUntilExit()
    let isTooLong = Self.size(of: streams[1]) > limits.bytes
    return Outcome(
      status: isEnded || isTooLong ? nil : process.terminationStatus,
      output: isTooLong ? Data() : try Data(contentsOf: streams[1]),
      messages: String(decoding: (try Data(contentsOf: streams[2])).prefix(4000), as: UTF8.self))
  }

  private static func size(of file: URL) -> Int {
    var status = stat()
    return stat(file.path, &status) == 0 ? Int(status.st_size) : 0
  }

  // Unchecked: only the process's number is read.
  private final class Started: @unchecked Sendable {
    private let process: Process
    init(_ process: Process) { self.process = process }
    func kill() { if process.processIdentifier > 0 { _ = sendSignal(process.processIdentifier, SIGKILL) } }
  }
}

/// `kill(2)`, which a type's own function of that name would hide.
private func sendSignal(_ process: pid_t, _ signal: Int32) -> Int32 { kill(process, signal) }
