public import Foundation

/// The Merkle tree of RFC 6962 section 2.1 over the documents of a log, in the order in which they were appended.
///
/// A leaf's hash is SHA-256(0x00 ‖ document), an interior node's SHA-256(0x01 ‖ left ‖ right). The hash of a *complete*
/// subtree (2^level leaves that begin at a multiple of 2^level) never changes again, so those are kept; everything else
/// follows from O(log n) of them. `nodes(level, index)` stands for such a store of hashes: level 0 are the leaves.
public enum MerkleTree {
  /// Gives the hash of the complete subtree of 2^level leaves that begins at leaf index · 2^level.
  public typealias Nodes = (_ level: Int, _ index: Int) throws -> SHA256Digest

  /// The hash of a leaf: SHA-256(0x00 ‖ document).
  public static func leafHash(_ document: Data) throws -> SHA256Digest {
    var hash = try SHA256()
    try hash.update(Data([0]))
    try hash.update(document)
    return try hash.finish()
  }

  /// The hash of an interior node: SHA-256(0x01 ‖ left ‖ right).
  public static func nodeHash(_ left: SHA256Digest, _ right: SHA256Digest) throws -> SHA256Digest {
    try SHA256.digest(of: Data([1] + left.bytes + right.bytes))
  }

  /// The root of the tree's first `size` leaves; of no leaf the digest of nothing.
  /// - Complexity: O(log size).
  public static func root(size: Int, nodes: Nodes) throws -> SHA256Digest {
    size == 0 ? try SHA256.digest(of: Data()) : try hash(0..<size, nodes)
  }

  /// What shows that a leaf is in the tree of `size` leaves (RFC 6962 section 2.1.1), from the leaf upwards.
  /// - Precondition: 0 ≤ index < size.
  /// - Complexity: O(log² size).
  public static func inclusionProof(of index: Int, size: Int, nodes: Nodes) throws -> [SHA256Digest] {
    precondition((0..<size).contains(index), "leaf \(index) is not in a tree of \(size)")
    var range = 0..<size
    var proof: [SHA256Digest] = []
    while range.count > 1 {
      let middle = range.lowerBound + split(range.count)
      if index < middle {
        proof.append(try hash(middle..<range.upperBound, nodes))
        range = range.lowerBound..<middle
      } else {
        proof.append(try hash(range.lowerBound..<middle, nodes))
        range = middle..<range.upperBound
      }
    }
    return proof.reversed()
  }

  /// What shows that the tree of `old` leaves is the beginning of the tree of `new` leaves (RFC 6962 section 2.1.2).
  /// - Precondition: 1 ≤ old ≤ new.
  /// - Complexity: O(log² new).
  public static func consistencyProof(from old: Int, to new: Int, nodes: Nodes) throws -> [SHA256Digest] {
    precondition(old >= 1 && old <= new, "no consistency proof from \(old) to \(new)")
    var range = 0..<new
    var isWhole = true
    var proof: [SHA256Digest] = []
    while old < range.upperBound {
      let middle = range.lowerBound + split(range.count)
      if old <= middle {
        proof.append(try hash(middle..<range.upperBound, nodes))
        range = range.lowerBound..<middle
      } else {
        proof.append(try hash(range.lowerBound..<middle, nodes))
        range = middle..<range.upperBound
        isWhole = false
      }
    }
    if !isWhole { proof.append(try hash(range, nodes)) }
    return proof.reversed()
  }

  /// The subtrees that become complete when a leaf is appended: the leaf itself, then upwards.
  /// - Parameters:
  ///   - leaf: the new leaf's hash.
  ///   - index: how many leaves there were before.
  ///   - nodes: the hashes so far; asked for left neighbours only.
  /// - Complexity: O(1) amortised.
  public static func appending(_ leaf: SHA256Digest, at index: Int, nodes: Nodes) throws -> [SHA256Digest] {
    var added = [leaf]
    var place = index
    while place % 2 == 1 {
      added.append(try nodeHash(try nodes(added.count - 1, place - 1), added[added.count - 1]))
      place /= 2
    }
    return added
  }

  /// The hash of the leaves of a range that the recursion of RFC 6962 meets.
  private static func hash(_ range: Range<Int>, _ nodes: Nodes) throws -> SHA256Digest {
    guard range.count & (range.count - 1) != 0 else {
      return try nodes(range.count.trailingZeroBitCount, range.lowerBound / range.count)
    }
    let middle = range.lowerBound + split(range.count)
    return try nodeHash(try hash(range.lowerBound..<middle, nodes), try hash(middle..<range.upperBound, nodes))
  }

  /// The largest power of two below a count of at least two.
  private static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }
}

/// A Merkle tree in memory, with the hashes of all complete subtrees.
public struct MemoryTree: Sendable {
  /// The hashes of the complete subtrees by level.
  private(set) var levels: [[SHA256Digest]] = []

  /// An empty tree.
  public init() {}

  /// How many leaves it has.
  public var size: Int { levels.first?.count ?? 0 }

  /// Appends a leaf by its hash.
  /// - Complexity: O(1) amortised.
  public mutating func append(_ leaf: SHA256Digest) throws {
    let added = try MerkleTree.appending(leaf, at: size, nodes: node)
    for (level, hash) in added.enumerated() {
      if level == levels.count { levels.append([]) }
      levels[level].append(hash)
    }
  }

  /// The hash of a complete subtree.
  /// - Precondition: it is complete.
  public func node(_ level: Int, _ index: Int) -> SHA256Digest { levels[level][index] }
}
