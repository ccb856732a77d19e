import Foundation
import Testing

@testable import Evidence

@Suite("Descriptors of stores")
struct StoreDescriptorsTests {
  /// How many descriptors this process has on a file, as the system counts them.
  private func count(on file: URL) throws -> Int {
    let wanted = try #require(StorePlace.identity(file.path))
    return try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count { name in
      var status = stat()
      guard let descriptor = Int32(name), fstat(descriptor, &status) == 0 else { return false }
      return StorePlace.Identity(status) == wanted
    }
  }

  /// Other tests may be opening a store, in which moment nothing is closed.
  private func becomes(_ expected: Int, on file: URL) async throws -> Bool {
    for _ in 0..<2000 {
      StoreDescriptors.retire(open("/dev/null", O_RDONLY | O_CLOEXEC))
      if try count(on: file) == expected { return true }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }

  @Test("while one store stays open, another that is opened a hundred times leaves no descriptor behind")
  func others() async throws {
    let (kept, other) = (try Scratch(), try Scratch())
    try kept.fill(1)
    try other.fill(1)
    let reader = try Store.open(at: kept.storeFile, mode: .readOnly)
    for _ in 0..<100 {
      let store = try Store.open(at: other.storeFile, mode: .readOnly)
      #expect(try store.allRuns().count == 1)
      try store.close()
    }
    #expect(try await becomes(0, on: other.storeFile))
    #expect(try reader.allRuns().count == 1)
    try reader.close()
  }

  @Test("a descriptor of a store that is open waits, since closing it would give up SQLite's locks")
  func same() async throws {
    let scratch = try Scratch()
    try scratch.fill(1)
    let reader = try Store.open(at: scratch.storeFile, mode: .readOnly)
    #expect(try reader.allRuns().count == 1)
    let held = open(scratch.storeFile.path, O_RDONLY | O_CLOEXEC)
    StoreDescriptors.retire(held)
    var status = stat()
    #expect(fstat(held, &status) == 0 && StorePlace.Identity(status) == StorePlace.identity(scratch.storeFile.path))
    try reader.close()
    #expect(try await becomes(0, on: scratch.storeFile))
  }
}
