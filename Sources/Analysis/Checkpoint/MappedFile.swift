public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file mapped read-only into memory. What is computed with and what is hashed are the same bytes.
///
/// Unchecked: the mapping is private, read-only and lives as long as the object.
public final class MappedFile: @unchecked Sendable {
  /// Where the file is.
  public let url: URL
  /// Path relative to the model's folder, with `/`.
  public let path: String
  /// The file's bytes; valid while this object lives.
  public let bytes: UnsafeRawBufferPointer

  /// Maps a file.
  /// - Parameters:
  ///   - url: the file.
  ///   - path: how it is called in records, relative to the model's folder.
  /// - Throws: `AnalysisError.unreadable` with the system's reason.
  public init(url: URL, path: String) throws {
    func failure(_ what: String) -> AnalysisError {
      AnalysisError(.unreadable, "\(url.path): \(what): \(String(cString: strerror(errno)))")
    }
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot open") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot read its size") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw AnalysisError(
        .unreadable, "\(url.path): not a regular file; point the project to a model folder with real files")
    }
    let count = Int(status.st_size)
    self.url = url
    self.path = path
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw failure("cannot map")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Tells the system that a part of the file's pages is not needed now; they are read again when it is.
  func giveBack(_ range: Range<Int>) {
    guard let start = bytes.baseAddress else { return }
    let page = Int(getpagesize())
    let (first, last) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    guard last > first else { return }
    // Advice only: nothing is lost if the system does not take it.
    _ = madvise(UnsafeMutableRawPointer(mutating: start + first), last - first, MADV_DONTNEED)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }
}
