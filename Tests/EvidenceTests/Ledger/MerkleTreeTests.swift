import Foundation
import Testing

@testable import Evidence

@Suite("Merkle trees and their proofs")
struct MerkleTreeTests {
  /// The tree of eight leaves of the Certificate Transparency reference implementation (google/certificate-transparency,
  /// `merkle_tree_test.cc`; the same in transparency-dev/merkle, `testonly/constants.go`).
  static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  ]
  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  /// One tree of `Golden/merkle.json`, made by Python from the definitions.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var size: Int
    var root: String
    var inclusion: [[String]]
    var consistency: [[String]]
    var testDescription: String { "\(size) leaves" }
  }

  static let cases: [Case] = {
    do { return try Golden.read("merkle.json") } catch { preconditionFailure("merkle.json: \(error)") }
  }()

  private func bytes(_ hex: String) -> Data {
    Data(stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) })
  }

  private func digest(_ hex: String) throws -> SHA256Digest { try #require(SHA256Digest(hex: hex)) }

  private func tree(_ leaves: [Data]) throws -> MemoryTree {
    var tree = MemoryTree()
    for leaf in leaves { try tree.append(MerkleTree.leafHash(leaf)) }
    return tree
  }

  @Test("every root of the reference tree is the published one", arguments: 0...8)
  func referenceRoots(size: Int) throws {
    let tree = try tree(Self.leaves.map(bytes))
    #expect(try MerkleTree.root(size: size, nodes: tree.node).hex == Self.roots[size])
  }

  @Test(
    "inclusion proofs of the reference tree are the published ones",
    arguments: [
      (
        0, 8,
        [
          "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
      ),
      (
        5, 8,
        [
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
      ),
      (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ])
  func referenceInclusion(index: Int, size: Int, proof: [String]) throws {
    let tree = try tree(Self.leaves.map(bytes))
    #expect(try MerkleTree.inclusionProof(of: index, size: size, nodes: tree.node).map(\.hex) == proof)
    #expect(
      try MerkleProof.verifyInclusion(
        leaf: MerkleTree.leafHash(bytes(Self.leaves[index])), index: index, size: size, proof: proof.map(digest),
        root: digest(Self.roots[size])))
  }

  @Test(
    "consistency proofs of the reference tree are the published ones",
    arguments: [
      (1, 1, []),
      (
        1, 8,
        [
          "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
      ),
      (
        6, 8,
        [
          "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
      ),
      (
        2, 5,
        [
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ]
      ),
    ] as [(Int, Int, [String])])
  func referenceConsistency(old: Int, new: Int, proof: [String]) throws {
    let tree = try tree(Self.leaves.map(bytes))
    #expect(try MerkleTree.consistencyProof(from: old, to: new, nodes: tree.node).map(\.hex) == proof)
    #expect(
      try MerkleProof.verifyConsistency(
        old: old, oldRoot: digest(Self.roots[old]), new: new, newRoot: digest(Self.roots[new]),
        proof: proof.map(digest)))
  }

  @Test("roots and all proofs are those that Python makes from the definitions, and hold", arguments: cases)
  func python(one: Case) throws {
    let leaves = (0..<33).map { Data("leaf \($0)".utf8) }
    let tree = try tree(leaves)
    let root = try MerkleTree.root(size: one.size, nodes: tree.node)
    #expect(root.hex == one.root)
    for index in 0..<one.size {
      let proof = try MerkleTree.inclusionProof(of: index, size: one.size, nodes: tree.node)
      #expect(proof.map(\.hex) == one.inclusion[index])
      let leaf = try MerkleTree.leafHash(leaves[index])
      #expect(try MerkleProof.verifyInclusion(leaf: leaf, index: index, size: one.size, proof: proof, root: root))
    }
    for old in 1...one.size {
      let proof = try MerkleTree.consistencyProof(from: old, to: one.size, nodes: tree.node)
      #expect(proof.map(\.hex) == one.consistency[old - 1])
      let oldRoot = try MerkleTree.root(size: old, nodes: tree.node)
      #expect(
        try MerkleProof.verifyConsistency(old: old, oldRoot: oldRoot, new: one.size, newRoot: root, proof: proof))
    }
  }

  @Test(
    "no proof holds for another leaf, place, size or root, or with a hash changed, missing or added", arguments: cases)
  func forged(one: Case) throws {
    let tree = try tree((0..<33).map { Data("leaf \($0)".utf8) })
    let root = try digest(one.root)
    let other = try SHA256.digest(of: Data("other".utf8))
    for index in 0..<one.size {
      let proof = try one.inclusion[index].map(digest)
      let leaf = tree.node(0, index)
      func holds(
        _ leaf: SHA256Digest, _ index: Int, _ size: Int, _ proof: [SHA256Digest], _ root: SHA256Digest
      ) throws -> Bool {
        try MerkleProof.verifyInclusion(leaf: leaf, index: index, size: size, proof: proof, root: root)
      }
      #expect(try !holds(other, index, one.size, proof, root))
      #expect(try !holds(leaf, index, one.size, proof, other))
      #expect(try !holds(leaf, index, one.size, proof + [other], root))
      #expect(try !holds(leaf, -1, one.size, proof, root) && !holds(leaf, one.size, one.size, proof, root))
      for place in 0..<one.size where place != index { #expect(try !holds(leaf, place, one.size, proof, root)) }
      for place in proof.indices {
        var changed = proof
        changed[place] = other
        #expect(try !holds(leaf, index, one.size, changed, root))
        changed.remove(at: place)
        #expect(try !holds(leaf, index, one.size, changed, root))
      }
    }
    for old in 1..<max(2, one.size) where old < one.size {
      let proof = try one.consistency[old - 1].map(digest)
      let oldRoot = try MerkleTree.root(size: old, nodes: tree.node)
      func holds(_ oldRoot: SHA256Digest, _ newRoot: SHA256Digest, _ proof: [SHA256Digest]) throws -> Bool {
        try MerkleProof.verifyConsistency(old: old, oldRoot: oldRoot, new: one.size, newRoot: newRoot, proof: proof)
      }
      #expect(try !holds(other, root, proof) && !holds(oldRoot, other, proof) && !holds(oldRoot, root, proof + [other]))
      for place in proof.indices {
        var changed = proof
        changed[place] = other
        #expect(try !holds(oldRoot, root, changed))
        changed.remove(at: place)
        #expect(try !holds(oldRoot, root, changed))
      }
    }
  }
}
