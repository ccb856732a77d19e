import Analysis
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension RunRecord.Program {
  /// This program.
  /// - Parameters:
  ///   - name: how it is called.
  ///   - version: its version.
  /// - Throws: `RegularFile.Failure` if the executable cannot be read; `EvidenceError`.
  public static func current(name: String = "vitrine", version: String) throws -> RunRecord.Program {
    // On Linux this link leads to the file that was started, even if it was replaced meanwhile.
    let link = URL(fileURLWithPath: "/proc/self/exe")
    let executable = try FileManager.default.fileExists(atPath: link.path) ? link : startedFile()
    return RunRecord.Program(name: name, version: version, binarySha256: try FileDigest(of: executable).digest.hex)
  }

  private static func startedFile() throws -> URL {
    guard let url = Bundle.main.executableURL else {
      throw EvidenceError(.inputOutput, "the system does not tell which executable file is running")
    }
    return url
  }
}

extension RunRecord.Machine {
  /// What a field says when the system does not tell.
  static let notStated = "not stated by the system"

  /// This machine.
  /// - Parameters:
  ///   - instructionSet: which instruction set the kernels use.
  ///   - threads: how many threads compute.
  public static func current(instructionSet: String, threads: Int) -> RunRecord.Machine {
    var kernel = utsname()
    uname(&kernel)
    let distribution = systemFile("/etc/os-release").flatMap { value(of: "PRETTY_NAME", in: $0, separator: "=") }
    let processor = systemFile("/proc/cpuinfo").flatMap { value(of: "model name", in: $0, separator: ":") }
    let system = [text(kernel.sysname), text(kernel.release), text(kernel.machine)].joined(separator: " ")
    return RunRecord.Machine(
      hostName: text(kernel.nodename), operatingSystem: distribution.map { "\($0), \(system)" } ?? system,
      processor: processor ?? notStated, instructionSet: instructionSet, threads: threads,
      memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  /// A file in which the system describes itself, or nil if this system has no such file.
  private static func systemFile(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  /// The first value of `key` in lines of `key = value`, without quotation marks.
  static func value(of key: String, in text: String, separator: Character) -> String? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key else { continue }
      return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "\"' \t"))
    }
    return nil
  }

  /// A C string in a fixed field.
  private static func text<Field>(_ field: Field) -> String {
    withUnsafeBytes(of: field) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
