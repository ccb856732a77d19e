import Foundation

/// Progress on standard error: one line that is rewritten on a terminal, one line per step elsewhere.
final class ProgressLine {
  private let label: String
  private var lastStep = ""
  private var lastDrawn = ContinuousClock.now

  init(_ label: String) { self.label = label }

  /// Tells that `done` of `total` parts of a step are done.
  func update(_ step: String, done: Int, total: Int) {
    guard Console.isInteractive else {
      if step != lastStep { Console.err("\(label): \(step) …") }
      lastStep = step
      return
    }
    let now = ContinuousClock.now
    guard step != lastStep || now - lastDrawn > .milliseconds(80) else { return }
    lastStep = step
    lastDrawn = now
    let share = total > 0 ? done * 24 / total : 0
    let bar = String(repeating: "█", count: share) + String(repeating: "░", count: 24 - share)
    Console.errInPlace("\(label)  \(bar)  \(step) \(done)/\(total)")
  }

  /// Removes the line; once is enough.
  func finish() {
    guard Console.isInteractive, !lastStep.isEmpty else { return }
    Console.errInPlace("")
    lastStep = ""
  }
}
