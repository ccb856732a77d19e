package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads files that somebody named or put somewhere: a pipe, a device or a socket in a file's place must not stop the program for
/// ever, nor a huge file take all memory.
package enum PlainFile {
  /// Why a file cannot be read: which file, what it is instead, and what to do.
  package struct Problem: ReportableError {
    /// The message.
    package let description: String
    /// Bad input if it is something else than a file or too large, else input or output failed.
    package let exitStatus: ExitStatus
  }

  /// The size up to which a file of a project is read unless its reader says otherwise: 64 MB.
  package static let usualLimit = 64_000_000

  /// The whole content.
  /// - Parameters:
  ///   - name: what the file is called in messages; nil for its path.
  ///   - limit: how many bytes it may have.
  /// - Throws: `Problem`.
  package static func read(_ url: URL, as name: String? = nil, limit: Int = usualLimit) throws -> Data {
    try readWithMode(url, as: name, limit: limit).content
  }

  /// The whole content, and who may read it.
  /// - Returns: the content, and the file's mode as `stat` has it.
  /// - Throws: `Problem`.
  package static func readWithMode(
    _ url: URL, as name: String? = nil, limit: Int = usualLimit
  ) throws -> (content: Data, mode: mode_t) {
    let name = name ?? url.path
    // Without O_NONBLOCK the opening of a pipe waits until somebody writes into it.
    let descriptor = open(url.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw failed(name) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failed(name) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Problem(
        description: "\(name): this is \(kind(status.st_mode)), not a file; put a regular file in its place",
        exitStatus: .badInput)
    }
    let tooLarge = Problem(
      description:
        "\(name): this file has more than \(limit) bytes, the most that is read here; give the right file, or a "
        + "smaller one", exitStatus: .badInput)
    guard status.st_size <= limit else { throw tooLarge }
    var content = Data(capacity: Int(status.st_size) + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failed(name) }
      guard count > 0 else { return (content, status.st_mode) }
      content.append(contentsOf: buffer[..<count])
      guard content.count <= limit else { throw tooLarge }
    }
  }

  private static func failed(_ name: String) -> Problem {
    let number = errno
    // Opening a socket fails with this number.
    guard number != ENXIO else {
      return Problem(
        description: "\(name): this is a socket or a device, not a file; put a regular file in its place",
        exitStatus: .badInput)
    }
    return Problem(
      description:
        "\(name): cannot be read: \(String(cString: strerror(number))); check that the file is there and its rights",
      exitStatus: .inputOutput)
  }

  private static func kind(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a named pipe"
    case S_IFCHR, S_IFBLK: "a device"
    case S_IFSOCK: "a socket"
    default: "something else"
    }
  }
}
