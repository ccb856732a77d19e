import Foundation

/// How the tensors of two checkpoints differ, name by name.
public struct TensorDifference: Codable, Sendable, Equatable {
  /// One tensor that both checkpoints have in the same shape.
  public struct Change: Codable, Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its shape.
    public var shape: [Int]
    /// Frobenius norm in the first checkpoint.
    public var normBefore: Double
    /// Frobenius norm in the second checkpoint.
    public var normAfter: Double
    /// Frobenius norm of the difference, second − first.
    public var normDifference: Double
  }

  /// Tensors that both have, name, shape, type and bytes being equal.
  public var equal: Int
  /// Tensors of both that differ in their values, the largest relative difference first.
  public var changed: [Change]
  /// Names of tensors that cannot be compared: another shape, or a type that the engine does not read.
  public var incomparable: [String]
  /// Names in the first checkpoint only.
  public var onlyBefore: [String]
  /// Names in the second checkpoint only.
  public var onlyAfter: [String]

  /// Compares two checkpoints.
  /// - Throws: `AnalysisError.changedWhileRead` if a file is not what it was when its checkpoint was opened; `.unreadable`.
  /// - Complexity: O(bytes of both); one tensor of each at a time in memory.
  public static func between(_ before: Checkpoint, _ after: Checkpoint) throws -> TensorDifference {
    let (a, b) = (before.tensors, after.tensors)
    var result = TensorDifference(
      equal: 0, changed: [], incomparable: [], onlyBefore: a.keys.filter { b[$0] == nil }.sorted(),
      onlyAfter: b.keys.filter { a[$0] == nil }.sorted())
    for name in a.keys.sorted() {
      guard let first = a[name], let second = b[name] else { continue }
      let (old, new) = (try first.file.part(first.range), try second.file.part(second.range))
      if first.shape == second.shape, first.dataTypeName == second.dataTypeName, old == new {
        result.equal += 1
      } else if first.shape == second.shape, first.isReadable, second.isReadable {
        result.changed.append(change(first, old, second, new))
      } else {
        result.incomparable.append(name)
      }
    }
    result.changed.sort { ($1.relative, $0.name) < ($0.relative, $1.name) }
    return result
  }

  /// Whether two checkpoints hold the same tensors, in whatever files and order: names, types, shapes and bytes.
  /// - Throws: as `between`.
  /// - Complexity: O(tensors) where a name, type or shape differs, else O(bytes) up to the first difference; a few megabytes of each at
  ///   a time in memory.
  public static func isNone(_ before: Checkpoint, _ after: Checkpoint) throws -> Bool {
    let (a, b) = (before.tensors, after.tensors)
    guard a.count == b.count,
      a.allSatisfy({ name, tensor in
        b[name].map { $0.shape == tensor.shape && $0.dataTypeName == tensor.dataTypeName } ?? false
      })
    else { return false }
    let piece = 8 << 20
    for name in a.keys.sorted() {
      guard let first = a[name], let second = b[name] else { continue }
      for start in stride(from: 0, to: first.range.count, by: piece) {
        let end = min(start + piece, first.range.count)
        func part(_ tensor: StoredTensor) throws -> Data {
          try tensor.file.part(tensor.range.lowerBound + start..<tensor.range.lowerBound + end)
        }
        guard try part(first) == part(second) else { return false }
      }
    }
    return true
  }

  private static func change(_ first: StoredTensor, _ old: Data, _ second: StoredTensor, _ new: Data) -> Change {
    let (a, b) = (old.withUnsafeBytes { first.floats(of: $0) }, new.withUnsafeBytes { second.floats(of: $0) })
    var (before, after, difference) = (0.0, 0.0, 0.0)
    for i in 0..<first.count {
      let (x, y) = (Double(a.pointer[i]), Double(b.pointer[i]))
      before += x * x
      after += y * y
      difference += (y - x) * (y - x)
    }
    return Change(
      name: first.name, shape: first.shape, normBefore: before.squareRoot(), normAfter: after.squareRoot(),
      normDifference: difference.squareRoot())
  }
}

extension TensorDifference.Change {
  /// The difference's norm as a share of the first tensor's; infinite if that is 0.
  public var relative: Double { normBefore > 0 ? normDifference / normBefore : .infinity }
}

extension StoredTensor {
  fileprivate var isReadable: Bool { DataType(rawValue: dataTypeName) != nil }
}
