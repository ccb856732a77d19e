/// Checks Merkle proofs with nothing but the hashes given.
public enum MerkleProof {
  /// Whether a leaf is at `index` of the tree with this size and root (RFC 9162 section 2.1.3.2, which spells out the check
  /// of RFC 6962's proofs).
  public static func verifyInclusion(
    leaf: SHA256Digest, index: Int, size: Int, proof: [SHA256Digest], root: SHA256Digest
  ) throws -> Bool {
    guard index >= 0, index < size else { return false }
    var (place, last) = (index, size - 1)
    var hash = leaf
    for sibling in proof {
      guard last > 0 else { return false }
      if place % 2 == 1 || place == last {
        hash = try MerkleTree.nodeHash(sibling, hash)
        while place % 2 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
      } else {
        hash = try MerkleTree.nodeHash(hash, sibling)
      }
      (place, last) = (place >> 1, last >> 1)
    }
    return last == 0 && hash == root
  }

  /// Whether the tree of `old` leaves is the beginning of the tree of `new` leaves (RFC 9162 section 2.1.4.2).
  public static func verifyConsistency(
    old: Int, oldRoot: SHA256Digest, new: Int, newRoot: SHA256Digest, proof: [SHA256Digest]
  ) throws -> Bool {
    guard old >= 1, old <= new else { return false }
    guard old < new else { return proof.isEmpty && oldRoot == newRoot }
    // If the old tree is a complete subtree of the new one, its root is not repeated in the proof.
    let path = old & (old - 1) == 0 ? [oldRoot] + proof : proof
    guard let first = path.first else { return false }
    var (place, last) = (old - 1, new - 1)
    while place % 2 == 1 { (place, last) = (place >> 1, last >> 1) }
    var (oldHash, newHash) = (first, first)
    for sibling in path.dropFirst() {
      guard last > 0 else { return false }
      if place % 2 == 1 || place == last {
        oldHash = try MerkleTree.nodeHash(sibling, oldHash)
        newHash = try MerkleTree.nodeHash(sibling, newHash)
        while place % 2 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
      } else {
        newHash = try MerkleTree.nodeHash(newHash, sibling)
      }
      (place, last) = (place >> 1, last >> 1)
    }
    return last == 0 && oldHash == oldRoot && newHash == newRoot
  }
}
