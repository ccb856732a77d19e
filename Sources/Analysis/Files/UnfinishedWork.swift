public import Foundation

/// What must not stay behind if the process is asked to end in the middle of it: files and folders under temporary names, a
/// terminal without echo, programs that were started.
///
/// Whoever makes such a thing registers how it is undone, and takes that back when the thing is finished. Making and finishing
/// happen under one lock, which the one who ends the process takes and never gives back: nothing can then be made any more, nor
/// be half renamed, and what is registered is all that there is.
public enum UnfinishedWork {
  /// Stands for one registered thing.
  public struct Token: Sendable { fileprivate let number: Int }

  // Unchecked: used under the lock only.
  private final class Register: @unchecked Sendable {
    let lock = NSRecursiveLock()
    var next = 0
    var undo: [Int: @Sendable () -> Void] = [:]
  }

  private static let register = Register()

  /// Does something short that must happen whole or not at all: a request to end waits until it is over.
  public static func whole<Result>(_ body: () throws -> Result) rethrows -> Result {
    register.lock.lock()
    defer { register.lock.unlock() }
    return try body()
  }

  /// Registers how something is undone, then makes it.
  /// - Parameter make: makes it, quickly; if it throws, nothing stays registered.
  public static func begin<Result>(
    undo: @escaping @Sendable () -> Void, make: () throws -> Result
  ) rethrows -> (Token, Result) {
    try whole {
      let token = Token(number: register.next)
      register.next += 1
      register.undo[token.number] = undo
      do { return (token, try make()) } catch {
        register.undo[token.number] = nil
        throw error
      }
    }
  }

  /// Registers a file or folder under a temporary name, then makes it.
  public static func begin<Result>(temporary: URL, make: () throws -> Result) rethrows -> (Token, Result) {
    try begin(undo: { remove(temporary.path) }, make: make)
  }

  /// Takes back what was registered: the thing is finished, or was undone.
  public static func end(_ token: Token) { whole { register.undo[token.number] = nil } }

  /// Undoes everything, the newest first, and lets nobody begin or finish anything any more. For whoever ends the process.
  public static func abandon() {
    // Somebody who does not come out of something short for so long does not come out at all.
    _ = register.lock.lock(before: Date(timeIntervalSinceNow: 10))
    for (_, undo) in register.undo.sorted(by: { $0.key > $1.key }) { undo() }
  }

  /// Removes a file or a whole folder, into which others may still be writing.
  private static func remove(_ path: String) {
    for _ in 0..<100 {
      try? FileManager.default.removeItem(atPath: path)
      if (try? FileManager.default.attributesOfItem(atPath: path)) == nil { return }
    }
  }
}
