#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Floats in memory that the kernels work on, aligned to a cache line, zeroed.
///
/// Large buffers are mapped from the system by themselves: zero pages that are touched when first used, in huge pages
/// where the system has them (fewer address translations), and given back whole when the buffer goes.
///
/// Unchecked: the buffer itself does not synchronise. It is written by one thread (or by kernel tasks on disjoint parts)
/// and only read once it is shared.
final class FloatBuffer: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int
  private let storage: Storage

  fileprivate enum Storage {
    case heap
    case mapping(start: UnsafeMutableRawPointer, bytes: Int)
    /// Floats inside the memory of a file that was read; never written.
    case file(OwnMemory)
  }

  private static let hugePage = 2 << 20
  private static let pool = BufferPool()

  /// - Parameter zeroed: whether every float is 0; otherwise it may hold anything, for buffers that are written whole before
  ///   they are read.
  /// - Precondition: count ≥ 0.
  init(_ count: Int, zeroed: Bool = true) {
    precondition(count >= 0, "a buffer cannot have \(count) floats")
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    if let used = Self.pool.take(count) {
      (pointer, storage) = (used.pointer, used.storage)
      if zeroed { pointer.update(repeating: 0, count: count) }
    } else if bytes >= Self.hugePage, let (start, mapped) = Self.map(bytes) {
      pointer = start.bindMemory(to: Float.self, capacity: count)
      storage = .mapping(start: mapped.start, bytes: mapped.bytes)
    } else {
      pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        .bindMemory(to: Float.self, capacity: max(count, 1))
      if zeroed { pointer.initialize(repeating: 0, count: max(count, 1)) }
      storage = .heap
    }
    // What is read before it is written shows up in tests.
    assert(zeroed || poison())
  }

  private func poison() -> Bool {
    pointer.update(repeating: .nan, count: count)
    return true
  }

  /// Floats where they stand in the memory of a file that was read, not copied; nil if they are not aligned there.
  init?(in memory: OwnMemory, _ bytes: UnsafeMutableRawBufferPointer) {
    let size = MemoryLayout<Float>.stride
    guard let start = bytes.baseAddress, bytes.count % size == 0, bytes.count > 0,
      Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0
    else { return nil }
    count = bytes.count / size
    pointer = start.bindMemory(to: Float.self, capacity: count)
    storage = .file(memory)
  }

  /// Zero pages of the system's, beginning at a huge page's boundary; nil if there are none to be had that way.
  private static func map(_ bytes: Int) -> (UnsafeMutableRawPointer, (start: UnsafeMutableRawPointer, bytes: Int))? {
    let reserved = bytes + hugePage
    guard let start = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { return nil }
    let offset = (hugePage - Int(bitPattern: start) % hugePage) % hugePage
    #if os(Linux)
      // Advice only. The tail that fills no huge page stays in small ones, so that no memory is taken for nothing.
      _ = madvise(start + offset, bytes / hugePage * hugePage, MADV_HUGEPAGE)
    #endif
    return (start + offset, (start, reserved))
  }

  deinit {
    if case .file = storage { return }
    let memory = BufferPool.Memory(pointer: pointer, count: count, storage: storage)
    if !Self.pool.keep(memory) { memory.free() }
  }

  /// The first `n` floats as an array.
  func array(_ range: Range<Int>) -> [Float] {
    precondition(range.upperBound <= count, "range \(range) of \(count) floats")
    return Array(UnsafeBufferPointer(start: pointer + range.lowerBound, count: range.count))
  }
}

/// Memory of buffers that are gone, for the next ones of the same size: passes over one prompt after another ask for the same
/// sizes again and again, and fresh pages from the system cost more than what is computed in them.
private final class BufferPool: @unchecked Sendable {
  // Unchecked: all state is guarded by the lock.

  struct Memory {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int
    let storage: FloatBuffer.Storage

    func free() {
      switch storage {
      case .heap: pointer.deallocate()
      case .mapping(let start, let bytes): munmap(start, bytes)
      case .file: break
      }
    }
  }

  /// Floats that a buffer must have to be worth keeping.
  private static let least = 4096
  /// Floats that are kept in all: 64 MB.
  private static let most = 16 << 20

  private let lock = Lock()
  private var kept: [Int: [Memory]] = [:]
  private var floats = 0

  func take(_ count: Int) -> Memory? {
    guard count >= Self.least else { return nil }
    return lock.withLock {
      guard let memory = kept[count]?.popLast() else { return nil }
      floats -= count
      return memory
    }
  }

  /// False if the memory is not worth keeping or there is no room left.
  func keep(_ memory: Memory) -> Bool {
    guard memory.count >= Self.least, memory.count <= Self.most else { return false }
    return lock.withLock {
      if floats + memory.count > Self.most {
        // Sizes that were asked for once fill the pool in the long run: start again.
        for old in kept.values.joined() { old.free() }
        kept = [:]
        floats = 0
      }
      kept[memory.count, default: []].append(memory)
      floats += memory.count
      return true
    }
  }
}

/// A matrix of rows in one buffer, row-major without gaps: `[rows, columns]`.
struct Matrix: Sendable {
  let buffer: FloatBuffer
  let rows: Int
  let columns: Int

  /// - Parameter zeroed: whether every value is 0; otherwise it may hold anything until it is written.
  init(rows: Int, columns: Int, zeroed: Bool = true) {
    buffer = FloatBuffer(rows * columns, zeroed: zeroed)
    self.rows = rows
    self.columns = columns
  }

  /// The first float of a row.
  func row(_ index: Int) -> UnsafeMutablePointer<Float> {
    precondition(index >= 0 && index <= rows, "row \(index) of \(rows)")
    return buffer.pointer + index * columns
  }

  var pointer: UnsafeMutablePointer<Float> { buffer.pointer }

  /// Copies rows of another matrix of the same width.
  func copy(rows count: Int, from source: UnsafePointer<Float>, to row: Int) {
    precondition(row + count <= rows, "rows \(row)..<\(row + count) of \(rows)")
    self.row(row).update(from: source, count: count * columns)
  }

  /// Whether every value is neither NaN nor infinite.
  var isFinite: Bool {
    UnsafeBufferPointer(start: pointer, count: rows * columns).allSatisfy(\.isFinite)
  }
}
