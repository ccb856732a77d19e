import Foundation
import Testing

/// File systems of a test's own, in a name space of its own. Rights do not bind root, who often runs tests, but a read-only or
/// full file system does.
enum SmallDisk {
  /// What keeps us from mounting; nil if we can.
  private static let obstacle: String? = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "unshare --map-root-user --mount mount -t tmpfs none /mnt"]
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus == 0 ? nil : "exit \(process.terminationStatus)"
    } catch {
      return "\(error)"
    }
  }()

  static let trait: ConditionTrait = .enabled(
    if: obstacle == nil, "'unshare --map-root-user --mount mount -t tmpfs' does not work on this machine")

  /// Runs a script in a folder with a small file system on its `folder`, which is gone when the script ends.
  static func run(_ size: String, on folder: String, _ script: String, in project: Scratch) async throws -> Finished {
    try await Program.shell(
      "exec unshare --map-root-user --mount sh -ec 'cd \"$1\"; mkdir -p \(folder); "
        + "mount -t tmpfs -o size=\(size) none \(folder); set +e; \(script)' sh \"$1\"", project.path)
  }
}
