import Foundation

/// A mutual exclusion for values that are computed once and shared afterwards.
final class Lock: Sendable {
  private let mutex = NSLock()

  func withLock<Value>(_ body: () throws -> Value) rethrows -> Value {
    mutex.lock()
    defer { mutex.unlock() }
    return try body()
  }
}
