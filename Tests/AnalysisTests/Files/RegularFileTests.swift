import Foundation
import Testing

@testable import Analysis

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("Files that are read")
struct RegularFileTests {
  private func refusal(_ url: URL, limit: Int = 100) -> RegularFile.Failure? {
    do {
      _ = try RegularFile.read(url, limit: limit)
      return nil
    } catch {
      return error
    }
  }

  @Test("A file is read whole, up to the limit")
  func whole() throws {
    let scratch = try Scratch()
    try scratch.write("0123456789", to: "digits")
    #expect(try RegularFile.read(scratch.file("digits"), limit: 10) == Data("0123456789".utf8))
    let large = try #require(refusal(scratch.file("digits"), limit: 9))
    #expect(large.code == .tooLarge && large.exitStatus == .badInput)
    #expect(large.message.contains("digits") && large.message.contains("10") && large.message.contains("9"))
    try scratch.write("", to: "empty")
    #expect(try RegularFile.read(scratch.file("empty"), limit: 0).isEmpty)
  }

  @Test("What is no regular file is refused at once and by what it is", .timeLimit(.minutes(1)))
  func kinds() throws {
    let scratch = try Scratch()
    #expect(mkfifo(scratch.file("pipe").path, 0o600) == 0)
    try scratch.write("x", to: "real")
    try FileManager.default.createSymbolicLink(at: scratch.file("link"), withDestinationURL: scratch.file("pipe"))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let socketPath = NSTemporaryDirectory() + "v\(UInt32.random(in: 0..<(.max)))"
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8.prefix(100)) }
    #if canImport(Glibc)
      let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let socket = Darwin.socket(AF_UNIX, SOCK_STREAM, 0)
    #endif
    defer {
      close(socket)
      unlink(socketPath)
    }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    let places = [
      (scratch.file("pipe"), "a FIFO"), (scratch.file("link"), "a FIFO"), (scratch.folder, "a folder"),
      (URL(fileURLWithPath: "/dev/zero"), "a device"), (URL(fileURLWithPath: socketPath), "a socket"),
    ]
    for (place, kind) in places {
      let failure = try #require(refusal(place))
      #expect(failure.code == .notRegular && failure.exitStatus == .inputOutput)
      #expect(failure.message.contains(kind) && failure.message.contains(place.path), "\(failure.message)")
    }
    #expect(refusal(scratch.file("nothing"))?.code == .notFound)
    #expect(refusal(scratch.file("real/below"))?.code == .notFound)
  }

  /// What can happen to a file after it was opened.
  static let changes: [(String, @Sendable (URL) throws -> Void)] = [
    ("grown", { try Data("0123456789abcdef".utf8).write(to: $0) }),
    ("truncated", { #expect(truncate($0.path, 3) == 0) }),
    (
      "replaced by one of the same size",
      {
        try FileManager.default.removeItem(at: $0)
        try Data("0123456789".utf8).write(to: $0)
      }
    ),
    ("removed", { try FileManager.default.removeItem(at: $0) }),
    (
      "replaced by a FIFO",
      {
        try FileManager.default.removeItem(at: $0)
        #expect(mkfifo($0.path, 0o600) == 0)
      }
    ),
    (
      "written over in place, with its old date",
      {
        let date = try FileManager.default.attributesOfItem(atPath: $0.path)[.modificationDate]
        let handle = try FileHandle(forWritingTo: $0)
        try handle.write(contentsOf: Data("987".utf8))
        try handle.close()
        try FileManager.default.setAttributes([.modificationDate: date as Any], ofItemAtPath: $0.path)
      }
    ),
  ]

  @Test("A file that changes after it was opened is an error that names it", arguments: changes.indices)
  func changed(index: Int) throws {
    let (what, change) = Self.changes[index]
    let scratch = try Scratch()
    let url = scratch.file("file")
    try scratch.write("0123456789", to: "file")
    // Older than the steps in which a file system notes times.
    usleep(50_000)
    let file = try RegularFile(url)
    let model = try ModelFile(unread: url, path: "file")
    let read = try ModelFile(url: url, path: "file")
    try change(url)
    #expect(throws: RegularFile.Failure.self, "\(what)") { try file.forEachPiece { _ in } }
    expectError(.changedWhileRead, [url.path, "changed", "start again"]) { try model.load() }
    expectError(.changedWhileRead, [url.path, "changed", "start again"]) { try read.checkUnchanged() }
    // What was read stays what it was.
    #expect(Data(read.bytes) == Data("0123456789".utf8))
  }

  @Test("A file written just before it was opened and once more after it is noticed by its bytes")
  func fresh() throws {
    let scratch = try Scratch()
    for number in 0..<20 {
      let url = scratch.file("file \(number)")
      try Data("first".utf8).write(to: url)
      let handle = try FileHandle(forWritingTo: url)
      let read = try ModelFile(url: url, path: "file")
      try handle.write(contentsOf: Data("again".utf8))
      try handle.close()
      expectError(.changedWhileRead, [url.path]) { try read.checkUnchanged() }
    }
  }

  @Test("A large file is read in pieces, side by side, to the last byte")
  func pieces() throws {
    let scratch = try Scratch()
    // 20 MB and 3 bytes: three pieces, the last one broken.
    var data = Data(count: 20 << 20 | 3)
    for place in stride(from: 0, to: data.count, by: 4099) { data[place] = UInt8(truncatingIfNeeded: place / 4099) }
    try scratch.write(data, to: "large")
    let file = try ModelFile(unread: scratch.file("large"), path: "large")
    #expect(try file.first(5) == data.prefix(5))
    try file.load()
    #expect(Data(file.bytes) == data)
    try scratch.remove("large")
    #expect(Data(file.bytes) == data)
  }
}
