#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory of the program's own for the bytes of a file. If it is large: pages of the system's, huge ones where it has them, of
/// which parts can be given back.
///
/// Unchecked: it is written by whoever fills it, on disjoint parts, and only read once it is shared.
final class OwnMemory: @unchecked Sendable {
  let bytes: UnsafeMutableRawBufferPointer
  /// Nil for memory of the heap.
  private let mapping: (start: UnsafeMutableRawPointer, count: Int)?

  private static let hugePage = 2 << 20

  /// Nil if the system has no such memory.
  init?(count: Int) {
    guard count >= Self.hugePage else {
      bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
      mapping = nil
      return
    }
    let reserved = count + Self.hugePage
    guard let start = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { return nil }
    let first = start + (Self.hugePage - Int(bitPattern: start) % Self.hugePage) % Self.hugePage
    #if os(Linux)
      // Advice only.
      _ = madvise(first, count / Self.hugePage * Self.hugePage, MADV_HUGEPAGE)
    #endif
    bytes = UnsafeMutableRawBufferPointer(start: first, count: count)
    mapping = (start, reserved)
  }

  /// Gives the pages that lie within a range back to the system; their bytes are lost.
  func giveBack(_ range: Range<Int>) {
    guard mapping != nil, let start = bytes.baseAddress else { return }
    let page = Int(getpagesize())
    let (first, last) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    guard last > first else { return }
    // Advice only: where the system does not take it, the memory goes with the object.
    _ = madvise(start + first, last - first, MADV_DONTNEED)
  }

  deinit {
    if let mapping { munmap(mapping.start, mapping.count) } else { bytes.deallocate() }
  }
}
